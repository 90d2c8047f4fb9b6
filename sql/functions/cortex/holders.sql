create or replace function cortex.holders()
returns setof text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select distinct h.name from cortex.holder as h order by h.name;
$$;

comment on function cortex.holders() is
'The owners who have, or had, texts. SECURITY DEFINER because nobody else may list them. For datapunk_worker only.';
