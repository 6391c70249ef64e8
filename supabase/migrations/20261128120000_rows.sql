-- The rows that a new database starts with, for one that was there before.
insert into platform.rate_limit_rules (system, name, allowed, period, description) values
  ('auth', 'export_account', 20, '1 hour', 'Exports de données personnelles (RGPD), par compte qui les demande')
on conflict do nothing;

insert into platform.retention_rules (relation, since, term, condition) values
  ('platform.rate_limit_attempts', 'expires_at', '1 day', 'true'),
  ('platform.idempotency_keys', 'created_at', '30 days', 'true'),
  ('platform.deliveries', 'delivered_at', '30 days', 'true'),
  ('platform.deliveries', 'failed_at', '30 days', 'true'),
  ('platform.outbox', 'delivered_at', '30 days', 'true'),
  ('leads.payment_events', 'received_at', '400 days', $$order_id is not null and outcome <> 'waiting'$$)
on conflict do nothing;

-- Whoever registered himself has proven his mailbox by the link that was mailed to him.
update platform.profiles p set proven_at = r.applied_at from platform.registrations r
where r.user_id = p.id and r.applied_at is not null and p.proven_at is null;
