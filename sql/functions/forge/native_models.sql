create or replace function forge.native_models(p_native jsonb)
returns setof jsonb
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select m.model
from (
  select p_native as model where p_native ->> 'kind' <> 'parts'
  union all
  select p.value from jsonb_array_elements(p_native -> 'parts') as p
  union all
  select p_native -> 'other' where p_native ->> 'kind' = 'parts'
) as m;
$$;

comment on function forge.native_models(jsonb) is
'The models of a native form: itself, or those of its groups and the one for all others.';
