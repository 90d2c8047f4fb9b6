create or replace function forge.has_rows_left(p_version_id bigint)
returns boolean
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  with origin as (
    select l.relation, l.kind, l.source
    from forge.lineage as l
    where l.owner_id = (select ops.current_owner()) and l.version_id = p_version_id
  )
  select not exists (
    select from origin as o where o.relation in ('lake.item', 'lake.position', 'lake.measurement')
  ) or exists (
    select
    from origin as o
    where case o.relation
      when 'lake.item' then exists (
        select
        from lake.item as i
        where i.owner_id = (select ops.current_owner())
          and (o.kind is null or i.kind = o.kind) and (o.source is null or i.source = o.source)
      )
      when 'lake.position' then exists (
        select
        from lake.position as p
        where p.owner_id = (select ops.current_owner()) and (o.source is null or p.source = o.source)
      )
      when 'lake.measurement' then exists (
        select
        from lake.measurement as m
        where m.owner_id = (select ops.current_owner()) and (o.source is null or m.source = o.source)
      )
      -- What is derived from items goes with them.
      else o.relation not like 'lake.%' and o.relation not like 'cortex.%'
    end
  )
$$;

comment on function forge.has_rows_left(bigint) is
'Whether there may be rows of the kinds and sources that a version learned from; true where these are not known.';
