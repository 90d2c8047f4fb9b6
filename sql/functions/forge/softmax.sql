create or replace function forge.softmax(p_raw double precision[])
returns double precision[]
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
select array_agg(p.power / p.total order by p.ordinality)
from (
  select r.ordinality, exp(greatest(r.value - m.most, -700)) as power,
    sum(exp(greatest(r.value - m.most, -700))) over () as total
  from unnest(p_raw) with ordinality as r (value, ordinality)
  cross join (select max(u.value) as most from unnest(p_raw) as u (value)) as m
) as p;
$$;

comment on function forge.softmax(double precision[]) is
'Probabilities from raw outputs: their exponentials over the sum of these.';
