-- The whole address alone: a@b.fr is not named by ana@b.fr, nor by a@b.fr.com. An apostrophe, a slash or an equals sign stands
-- before an address more often than in one, and a full stop may end the sentence. JSON writes a line break as two characters.
create function platform.names_address(said text, email text)
returns boolean
language plpgsql
immutable
set search_path = ''
as $$
begin
  if strpos(lower(said), lower(nullif(email, ''))) > 0 then
    return lower(said) ~ ('(^|[^[:alnum:]._%+-]|\\[bfnrt]|\\u[0-9a-f]{4})'
      || regexp_replace(lower(email), '([].*+?^${}()|\\[])', '\\\1', 'g') || '($|[^[:alnum:].-]|[.-]+($|[^[:alnum:].-]))');
  end if;
  return false;
end;
$$;
comment on function platform.names_address is 'True if a text, JSON too, names this e-mail address; never for none.';
