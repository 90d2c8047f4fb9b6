create or replace function forge.argument_expressions(p_features jsonb, p_types jsonb, p_wanted text[])
returns text[]
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select array_agg(
  case
    when a.wanted = 'double precision' then forge.number_expression(format('q.%I', a.name), a.type)
    when a.wanted = 'text' then forge.text_expression(format('q.%I', a.name), a.type)
    -- What has no zone is UTC.
    when a.type = 'date' and a.wanted like 'timestamp with %' then format('(q.%I::timestamp at time zone ''UTC'')', a.name)
    when a.type like 'timestamp with%' and a.wanted like 'timestamp with%' and a.type <> a.wanted
      then format('(q.%I at time zone ''UTC'')', a.name)
    when a.type = a.wanted then format('q.%I', a.name)
    else format('(q.%I)::%s', a.name, a.wanted)
  end order by a.ordinality
)
from (
  select f.ordinality, f.value ->> 'name' as name, p_types ->> (f.value ->> 'name') as type, p_wanted[f.ordinality] as wanted
  from jsonb_array_elements(p_features) with ordinality as f
) as a;
$$;

comment on function forge.argument_expressions(jsonb, jsonb, text[]) is
'SQL expressions of the features of a query q, each in the type that is wanted of it; from the features of a signature
and the types of the query''s columns by name.';
