create or replace function gaia.first_or_last(p_parameters jsonb, p_kind text, p_order text)
returns table (id bigint, times bigint)
language plpgsql
stable
security invoker
rows 1
set search_path = pg_catalog, pg_temp
as $$
begin
  return query
  with matching as materialized (
    select m.id, m.occurred_at
    from gaia.matching_items(p_parameters || jsonb_build_object('kind', p_kind)) as m
    where m.occurred_at is not null
      and case when p_order = 'next' then m.occurred_at >= (select ops.now())
        else p_kind = 'event' or m.occurred_at <= (select ops.now()) end
  )
  select m.id, (select count(*) from matching)
  from matching as m
  order by
    case when p_order = 'last' then m.occurred_at end desc, case when p_order <> 'last' then m.occurred_at end, m.id
  limit 1;
end
$$;

comment on function gaia.first_or_last(jsonb, text, text) is
'The first, last or next of the items of a kind that a question is about, and how many there are. p_parameters as for
gaia.matching_items; p_order: first, last or next (from now on).';
