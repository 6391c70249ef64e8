-- Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): a call's answer is stored in the call's own
-- transaction, and another call with the same key gets the same answer. A concurrent call waits for the first one's
-- result; if the first one fails, its key is rolled back. A key is kept for 30 days.
create table platform.idempotency_keys (
  user_id uuid not null,
  operation text not null,
  key text not null check (length(key) between 1 and 255),
  body_hash text not null,
  answer jsonb,
  created_at timestamptz not null default now(),
  primary key (user_id, operation, key)
);
alter table platform.idempotency_keys enable row level security;
create index idempotency_keys_created on platform.idempotency_keys (created_at);
select platform.retain('platform.idempotency_keys', 'created_at', '30 days');
comment on table platform.idempotency_keys is 'Requests with an Idempotency-Key and their answers, by caller.';
comment on column platform.idempotency_keys.user_id is 'The nil uuid stands for the operators'' key.';
create policy select_nobody on platform.idempotency_keys for select to anon, authenticated using (false);

create function platform.caller_id()
returns uuid
language sql
stable
set search_path = ''
as $$ select coalesce(auth.uid(), '00000000-0000-0000-0000-000000000000'); $$;
comment on function platform.caller_id is 'The id of the caller; the nil uuid for the operators.';

create function platform.claim_idempotency_key(operation text, key text, body jsonb)
returns jsonb
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_hash text := md5(body::text);
  v_kept platform.idempotency_keys;
begin
  if coalesce(length(key), 0) not between 1 and 255 then
    perform platform.fail(400, 'idempotency_key_invalid', 'L''en-tête Idempotency-Key compte de 1 à 255 caractères.');
  end if;
  insert into platform.idempotency_keys (user_id, operation, key, body_hash)
    values (platform.caller_id(), operation, key, v_hash) on conflict do nothing;
  if found then return null; end if;
  select k.* into v_kept from platform.idempotency_keys k
    where k.user_id = platform.caller_id() and k.operation = claim_idempotency_key.operation
      and k.key = claim_idempotency_key.key;
  if v_kept.body_hash <> v_hash then
    perform platform.fail(409, 'idempotency_key_reused', 'Cette clé d''idempotence a déjà servi à une autre demande.',
      'Utilisez une nouvelle clé pour une nouvelle demande.');
  end if;
  return v_kept.answer;
end;
$$;
comment on function platform.claim_idempotency_key is
  'Null if the key is new, otherwise the answer of the first call; 409 if the first call was another request. For '
  'use inside security definer functions.';

create function platform.keep_answer(operation text, key text, answer jsonb)
returns jsonb
language sql
security definer
set search_path = ''
as $$
  update platform.idempotency_keys k set answer = keep_answer.answer
  where k.user_id = platform.caller_id() and k.operation = keep_answer.operation and k.key = keep_answer.key
  returning k.answer;
$$;
comment on function platform.keep_answer is 'Stores the answer of the call that claimed the key.';
