-- After the rows that every database starts with: the log is about what people change.
select platform.audit('leads.work_rules');
