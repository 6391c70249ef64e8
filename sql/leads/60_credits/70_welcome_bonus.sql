-- Bonus credits for a new buyer, if the rule grants them. They are granted once per person (the transfer's key is the
-- user's id), as soon as the user is a buyer with a confirmed e-mail address.

create function leads.welcome_buyer(user_id uuid)
returns void
language plpgsql
security definer
set search_path = ''
as $$
declare
  v_credits integer := leads.rule('welcome_bonus');
begin
  if v_credits = 0 then return; end if;
  -- The lock keeps two concurrent calls from granting the bonus twice.
  perform from leads.buyers b join auth.users u on u.id = b.user_id
    where b.user_id = welcome_buyer.user_id and u.email_confirmed_at is not null for no key update of b;
  if not found or exists (select from platform.ledger_transfers t where t.system = 'leads' and t.kind = 'welcome_bonus'
    and t.key = user_id::text) then
    return;
  end if;
  perform platform.post_transfer('leads', 'welcome_bonus', user_id::text,
    array[('credits_issued', null, -v_credits), ('buyer_bonus', user_id, v_credits)]::platform.ledger_line[]);
  perform leads.record_transaction('bonus', user_id, 'acheteur', 0, v_credits, 'Crédits offerts — bienvenue', null);
  perform platform.notify(user_id, 'leads', 'success', 'Bienvenue',
    format('%s crédits vous sont offerts.', v_credits));
end;
$$;
comment on function leads.welcome_buyer is 'Grants a new buyer the bonus credits of the rule, once.';

create function leads.welcome()
returns trigger
language plpgsql
security definer
set search_path = ''
as $$
begin
  perform leads.welcome_buyer(coalesce(to_jsonb(new) ->> 'user_id', to_jsonb(new) ->> 'id')::uuid);
  return null;
end;
$$;
comment on function leads.welcome is
  'Trigger: grants the welcome bonus when a user becomes a buyer or confirms the e-mail address.';
create trigger welcome after insert on leads.buyers for each row execute function leads.welcome();
create trigger welcome_buyer after update of email_confirmed_at on auth.users
  for each row when (old.email_confirmed_at is null and new.email_confirmed_at is not null)
    execute function leads.welcome();
