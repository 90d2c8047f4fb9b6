create or replace function cortex.unindex_all()
returns trigger
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  truncate cortex.chunk, cortex.text, cortex.posting, cortex.removal, cortex.corpus_delta, cortex.embedding,
    cortex.pending, cortex.recall, cortex.unindexed;
  update cortex.generation as g
  set report = (
    select coalesce(jsonb_object_agg(r.key, r.value), '{}')
    from jsonb_each(g.report) as r
    where r.key not like 'recall %'
  )
  where g.report::text like '%"recall %';
  return null;
end
$$;

comment on function cortex.unindex_all() is
'Trigger of lake.item: a TRUNCATE empties the index of all owners with it. SECURITY DEFINER because TRUNCATE is no right
of people; nobody can truncate lake.item but its owner.';
