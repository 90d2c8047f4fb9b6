create or replace function forge.linear_terms(p_native jsonb, p_output integer)
returns table (input jsonb, weight double precision, fixed double precision, missing double precision, is_quick boolean)
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select
  t.input, t.coefficient * t.slope, t.coefficient * t.shift, t.coefficient * (t.missing - t.shift),
  -- The mean of numbers that were scaled is so many of their spreads from 0: beyond, float4's rounding of a number shows.
  jsonb_typeof(t.input -> 'table') <> 'array' and abs(t.shift) <= 4
from (
  select
    i.value as input, c.value::double precision as coefficient, (i.value ->> 'slope')::double precision as slope,
    (i.value ->> 'offset')::double precision as shift, (i.value ->> 'missing')::double precision as missing, i.ordinality
  from jsonb_array_elements(p_native -> 'inputs') with ordinality as i
  join jsonb_array_elements_text(p_native -> 'coefficients' -> p_output) with ordinality as c
    on c.ordinality = i.ordinality
) as t
where t.coefficient <> 0
order by t.ordinality;
$$;

comment on function forge.linear_terms(jsonb, integer) is
'The terms of one raw output of a linear model in native form: weight times number or table plus what is fixed, or plus
what a missing one gives; and whether the number may be taken as it is, without rounding it to float4.';
