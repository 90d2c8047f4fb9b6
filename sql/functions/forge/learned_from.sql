create or replace function forge.learned_from(p_version_id bigint, p_gone jsonb)
returns boolean
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
  -- Whose lineage is not known, or leads to what was made of other rows, may have learned from anything.
  select not exists (
    select from forge.lineage as l where l.owner_id = (select ops.current_owner()) and l.version_id = p_version_id
  ) or exists (
    select
    from forge.lineage as l
    left join jsonb_to_recordset(p_gone) as g (
      relation text, kind text, source text, since timestamptz, until timestamptz
    ) on l.relation = g.relation
      and (l.kind = g.kind or l.kind is null or g.kind is null)
      and (l.source = g.source or l.source is null or g.source is null)
      and (l.since <= g.until or l.since is null or g.until is null)
      and (l.until >= g.since or l.until is null or g.since is null)
    where l.owner_id = (select ops.current_owner()) and l.version_id = p_version_id
      and (g.relation is not null or l.relation not in ('lake.item', 'lake.position', 'lake.measurement'))
  )
$$;

comment on function forge.learned_from(bigint, jsonb) is
'Whether a version may have learned from rows that are told by relation, kind, source and time, null for any.';
