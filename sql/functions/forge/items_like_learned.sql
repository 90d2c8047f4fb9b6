create or replace function forge.items_like_learned(p_model text, p_after bigint, p_limit integer)
returns bigint
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
with learned as (
  select l.relation, l.kind
  from forge.lineage as l
  where l.owner_id = (select ops.current_owner()) and l.version_id = (
    select max(v.id)
    from forge.model as m
    join forge.version as v on v.owner_id = m.owner_id and v.model_id = m.id
    where m.owner_id = (select ops.current_owner()) and m.name = p_model
  )
)
select case
  when (select bool_and(l.relation = 'lake.item' and l.kind is not null) from learned as l) then (
    select count(*)
    from (
      select from lake.item as i
      where i.owner_id = (select ops.current_owner()) and i.id > p_after and i.kind in (select l.kind from learned as l)
      limit p_limit
    ) as n
  )
end;
$$;

comment on function forge.items_like_learned(text, bigint, integer) is
'How many items of the owner came after an item, p_limit at most, of the kinds that the newest version of a model
learned from; null where there is no version, or it learned from something else than items.';
