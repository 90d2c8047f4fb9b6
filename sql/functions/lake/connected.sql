create or replace function lake.connected(p_nodes bigint[], p_left bigint[], p_right bigint[])
returns table (node bigint, component bigint)
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
-- FastSV (Zhang, Azad and Hu, 2020): each node points to a smaller one of its component, and by doubling what it points
-- to, a chain of n nodes takes about log n rounds.
declare
  v_nodes bigint[];
  v_parents bigint[];
  v_next bigint[];
begin
  select array_agg(n.node order by n.node) into v_nodes from (select distinct unnest(p_nodes)) as n (node);
  v_parents := v_nodes;
  loop
    with parent as materialized (
      select p.node, p.parent
      from unnest(v_nodes, v_parents) as p (node, parent)
    ), grand as materialized (
      select p.node, p.parent, g.parent as grandparent
      from parent as p
      join parent as g on g.node = p.parent
    ), edge as (
      select e.l, e.r from unnest(p_left, p_right) as e (l, r)
      union all
      select e.r, e.l from unnest(p_left, p_right) as e (l, r)
    ), met as materialized (
      select l.node, l.parent, r.grandparent
      from edge as e
      join grand as l on l.node = e.l
      join grand as r on r.node = e.r
    ), offer as (
      select m.parent as node, m.grandparent as parent from met as m
      union all
      select m.node, m.grandparent from met as m
      union all
      select g.node, g.grandparent from grand as g
    ), least as (
      select o.node, min(o.parent) as parent
      from offer as o
      group by o.node
    )
    select array_agg(n.parent order by n.node) into v_next from least as n;
    exit when v_next is not distinct from v_parents;
    v_parents := v_next;
  end loop;
  return query select p.node, p.parent from unnest(v_nodes, v_parents) as p (node, parent);
end
$$;

comment on function lake.connected(bigint[], bigint[], bigint[]) is
'The connected components of a graph of nodes and edges (left and right in step, both among the nodes): each node with
the least node of its component.';
