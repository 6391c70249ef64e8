-- Auditing starts after the default rows are inserted: the log records changes by people.
select platform.audit('leads.work_rules');
