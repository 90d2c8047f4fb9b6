create or replace function forge.argument_types(p_features jsonb)
returns text[]
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select array_agg(
  case f.value ->> 'kind'
    when 'boolean' then 'boolean'
    when 'category' then case when f.value ->> 'type' in ('float4', 'float8', 'numeric') then 'double precision' else 'text' end
    when 'time' then
      case when f.value ->> 'type' = 'timestamptz' then 'timestamp with time zone' else 'timestamp without time zone' end
    else 'double precision'
  end order by f.ordinality
)
from jsonb_array_elements(p_features) with ordinality as f;
$$;

comment on function forge.argument_types(jsonb) is
'The SQL types in which a model''s expression takes its features, in their order; from the features of a signature.';
