create or replace function forge.comparisons(p_native jsonb)
returns integer
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select greatest(100, max(c.comparisons)::integer)
from forge.native_models(p_native) as m (model)
cross join lateral (
  select sum(log(2.0, 1 + jsonb_array_length(t.value -> 'left'))) as comparisons
  from jsonb_array_elements(m.model -> 'trees') as t
) as c;
$$;

comment on function forge.comparisons(jsonb) is
'What a row costs by a native form, in operators as the planner counts them: the comparisons of balanced trees, at least
100, which is what it takes functions for that do not say.';
