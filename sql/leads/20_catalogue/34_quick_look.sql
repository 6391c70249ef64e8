-- Of nearly all leads one look at their texts tells what looking closely (leads.look_closely_at_fields) would say: they are made of letters,
-- or of signs and figures too few for a number, and the letters of the name are in none of them, or in the company's alone.
-- A file asks for a million of these, and looking closely costs fifty times as much. Whatever is not as plain as that is left to
-- it, so that both always say the same.

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
    -- The letters of each text, as leads.letters_of has them.
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

    -- No number is told in words without one of these.
    exit quick_look
      when v_said like any (
      '{%x%,%z%,%q%,%trois%,%sept%,%huit%,%neuf%,%vingt%,%ante%,%trent%,%two%,%three%,%four%,%five%,%seven%,%eight%,%nine%,%one%one%one%,%arobas%,%www.%}')
      and (v_said ~ 'arobas|www\.' or leads.has_number_words(v_said));

    -- Of a name in several words each may be told.
    v_part := split_part(v_said, e'\n', 1);
    if length(v_part) > length(v_name) then
      exit quick_look when v_part ~ '[^a-z ''-]';
      foreach v_part in array string_to_array(translate(v_part, 'l''-', 'i  '), ' ') loop
        exit quick_look when length(v_part) > 3
          and (strpos(v_letters, v_part) > 0 or strpos(v_letters, reverse(v_part)) > 0);
      end loop;
    end if;

    -- The first letters of the mailbox do, if they are letters.
    v_part := left(replace(replace(replace(split_part(email, '@', 1), '.', ''), '-', ''), '_', ''), 5);
    if v_part ~ '[^a-z]' then v_part := leads.letters_of(leads.plain_text(split_part(email, '@', 1))); end if;
    v_part := case when length(v_part) > 4 then replace(v_part, 'l', 'i') end;

    if length(v_name) > 1 and strpos(v_letters, v_name) > 0 then
      -- Then the others are to say nothing.
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
      -- A name that is cut in two ends a text and begins another.
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
comment on function leads.fields_to_hide is 'Which texts of a lead the catalogue does not show, since they name the person; null if it shows all.';
