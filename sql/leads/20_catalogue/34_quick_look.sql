-- A fast path for almost all leads: one look at their texts gives the same answer as the full search
-- (leads.look_closely_at_fields). It applies if the texts consist of letters, or of punctuation and too few digits for
-- a number, and the name's letters occur in none of them, or in the company only. A large file needs a million of
-- these checks, and the full search takes fifty times as long. Any other text is passed to the full search, so that
-- both always agree.

create function leads.fields_to_hide(
  first_name text, company text, city text, source text, channel text, last_name text, email text, phones text[]
)
returns text[]
language plpgsql
immutable
parallel safe
set search_path = ''
as $$
declare
  v_said text := lower(extensions.unaccent('extensions.unaccent'::regdictionary,
    concat_ws(e'\n', coalesce(last_name, ''), company, first_name, city, source, channel)));
  v_texts text;
  v_name text;
  v_letters text;
  v_part text;
begin
  <<quick_look>>
  begin
    exit quick_look when strpos(concat(last_name, company, first_name, city, source, channel), e'\n') > 0;
    -- The letters of each text, as in leads.letters_of.
    if v_said !~ '[^a-z \n''.-]' then
      v_texts := replace(replace(replace(replace(replace(v_said, ' ', ''), '-', ''), '''', ''), '.', ''), 'l', 'i');
    else
      exit quick_look when v_said ~ '[^a-z0-9 \n''.,;:/&-]|[a-z][0-9]|[0-9][a-z]|([0-9][^0-9]*){6}'
        or leads.tells_place(replace(v_said, e'\n', ' '));
      v_texts := regexp_replace(translate(v_said, '013457l8', 'oieastib'), '[^a-z\n]', '', 'g');
    end if;
    v_name := split_part(v_texts, e'\n', 1);
    v_texts := substr(v_texts, length(v_name) + 1);
    v_letters := replace(v_texts, e'\n', '');

    -- No number in words can be written without one of these letter groups.
    exit quick_look
      when v_said like any (
      '{%x%,%z%,%q%,%trois%,%sept%,%huit%,%neuf%,%vingt%,%ante%,%trent%,%two%,%three%,%four%,%five%,%seven%,%eight%,%nine%,%one%one%one%,%arobas%,%www.%}')
      and (v_said ~ 'arobas|www\.' or leads.has_number_words(v_said));

    -- Each word of a name may occur by itself.
    v_part := split_part(v_said, e'\n', 1);
    if length(v_part) > length(v_name) then
      exit quick_look when v_part ~ '[^a-z ''-]';
      foreach v_part in array string_to_array(translate(v_part, 'l''-', 'i  '), ' ') loop
        exit quick_look when length(v_part) > 3
          and (strpos(v_letters, v_part) > 0 or strpos(v_letters, reverse(v_part)) > 0);
      end loop;
    end if;

    -- The first letters of the mailbox are enough, if they are letters.
    v_part := left(replace(replace(replace(split_part(email, '@', 1), '.', ''), '-', ''), '_', ''), 5);
    if v_part ~ '[^a-z]' then v_part := leads.letters_of(leads.plain_text(split_part(email, '@', 1))); end if;
    v_part := case when length(v_part) > 4 then replace(v_part, 'l', 'i') end;

    if length(v_name) > 1 and strpos(v_letters, v_name) > 0 then
      -- In that case the other fields must not contain the name.
      v_letters := split_part(v_texts, e'\n', 2);
      exit quick_look when length(v_name) < 5 or company is null or strpos(v_letters, v_name) = 0;
      v_letters := replace(substr(v_texts, length(v_letters) + 2), e'\n', '');
      exit quick_look when strpos(v_letters, v_name) > 0 or strpos(v_letters, reverse(v_name)) > 0
        or strpos(v_letters, v_part) > 0;
      return '{company}';
    end if;
    exit quick_look when strpos(v_letters, v_part) > 0;

    if length(v_name) > 4 then
      exit quick_look when strpos(v_letters, reverse(v_name)) > 0;
      -- A name split in two is at the end of one text and the beginning of another.
      if strpos(v_letters, left(v_name, 2)) > 0 and strpos(v_letters, right(v_name, 2)) > 0 then
        v_texts := v_texts || e'\n';
        for i in 2 .. length(v_name) - 2 loop
          exit quick_look when strpos(v_texts, left(v_name, i) || e'\n') > 0
            and strpos(v_texts, e'\n' || substr(v_name, i + 1)) > 0;
        end loop;
      end if;
    end if;
    return null;
  end quick_look;
  return leads.look_closely_at_fields(first_name, company, city, source, channel, last_name, email, phones);
end;
$$;
comment on function leads.fields_to_hide is
  'The texts of a lead that the catalogue hides because they name the person; null if it shows all.';
