-- name: policy ()
select to_jsonb(p)::text as policy
from (values (true)) as one (row)
left join lateral (
  select
    coalesce(o.tools, '{}') as tools, coalesce(o.sql, false) as sql, coalesce(o.sql_max_cost, 100000) as sql_max_cost,
    coalesce(o.sql_max_rows, 200) as sql_max_rows, coalesce(o.max_rounds, 3) as max_rounds,
    coalesce(o.unsupported, 'mark') as unsupported, coalesce(o.plans, true) as plans
  from (select) as n
  left join gaia.policy as o on o.owner_id = (select ops.current_owner())
) as p on true

-- name: tools (text[])
select distinct on (s.name) s.name, s.description, s.input_schema::text as schema,
  quote_ident(split_part(s.handler, '.', 1)) || '.' || quote_ident(split_part(s.handler, '.', 2)) as handler
from gaia.subroutine as s
where s.name = any ($1) and s.name not in ('remember', 'forget')
  and pg_get_function_result(to_regprocedure(s.handler || '(jsonb)')) = 'jsonb'
order by s.name, s.owner_id = 'system'

-- name: readable_views ()
select v.view, v.columns from gaia.readable_views() as v
