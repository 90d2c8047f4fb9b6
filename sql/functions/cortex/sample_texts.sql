create or replace function cortex.sample_texts(p_limit integer)
returns setof text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  select s.words
  from (
    select array_to_string((regexp_split_to_array(btrim(t.body), '\s+'))[1:8], ' ') as words
    from (
      select t.body
      from cortex.text as t
      where t.owner_id = (select ops.current_owner())
      order by t.hash
      limit p_limit
    ) as t
  ) as s
  where s.words <> '';
$$;

comment on function cortex.sample_texts(integer) is
'The first words of some of the current owner''s texts, which stand in for questions where few were asked; by their
hash, so that they are the same each time. For datapunk_worker only.';
