-- A counter that every transaction updates would make them wait for its row lock. Such a row is split into slots, and
-- a transaction uses a slot that no other transaction is using: writers never wait for each other, in whatever order
-- they write. Slots are tried from the first one, so the number in use is the largest number of concurrent writers
-- there has been.
create function platform.take_slot()
returns smallint
language plpgsql
volatile
set search_path = ''
as $$
begin
  for v_slot in 0..63 loop
    if pg_try_advisory_xact_lock(hashtext('platform.slots'), v_slot) then return v_slot; end if;
  end loop;
  perform pg_advisory_xact_lock(hashtext('platform.slots'), 0);
  return 0;
end;
$$;
comment on function platform.take_slot is
  'A slot of the split counters that belongs to this transaction until it ends.';
