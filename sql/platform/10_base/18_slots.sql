-- A figure that every transaction adds to would make them queue for its row. Such a row is split into slots, and a
-- transaction adds to one that no other is adding to: writers never wait for each other, in whatever order they write.
-- The first slots are tried first: there are as many in use as there ever were writers at once.
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
comment on function platform.take_slot is 'A slot of the split figures that is this transaction''s alone until it ends.';
