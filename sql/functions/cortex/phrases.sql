create or replace function cortex.phrases(p_query text)
returns table (phrase text, pattern text)
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select translate(m[1], './-@+', '     '),
    -- Words alone are left of the phrase, so that nothing in it is taken for a part of the pattern.
    '\m' || array_to_string(
      array(select w.word from regexp_split_to_table(m[1], '\W+') as w (word) where w.word <> ''), '[\W_]+'
    ) || '\M'
  from regexp_matches(p_query, '"([^"]*\w[^"]*)"', 'g') as m
  -- Quotation marks in a whole text are quotations, not wishes.
  where (select count(*) from regexp_matches(regexp_replace(p_query, '"[^"]*"', ' ', 'g'), '\w+', 'g')) <= 8;
$$;

comment on function cortex.phrases(text) is
'The phrases that a query has in quotation marks: as text to tokenise, and as a pattern of its words as they are, one
next to the other. None when the query says more than eight words beside them: it is a text with quotations then.';
