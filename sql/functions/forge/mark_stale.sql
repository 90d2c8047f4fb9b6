create or replace function forge.mark_stale(p_reason text, p_gone jsonb default null)
returns integer
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant text := ops.current_owner();
  v_on_forget text := coalesce((select p.on_forget from forge.policy as p where p.owner_id = v_owner), 'mark');
  -- Those that an earlier deletion has marked, too: each deletion does what the policy says.
  v_touched constant bigint[] := array(
    select v.id
    from forge.version as v
    where v.owner_id = v_owner and v.job_id is not null and (p_gone is null or forge.learned_from(v.id, p_gone))
  );
  v_marked integer;
  v_job record;
begin
  -- Rows that were read before the deletion must not train another version.
  delete from forge.feature_cache as c where c.owner_id = v_owner;
  update forge.version as v
  set stale_reason = p_reason
  where v.owner_id = v_owner and v.id = any(v_touched) and v.stale_reason is null;
  get diagnostics v_marked = row_count;
  if v_on_forget = 'retire' then
    perform forge.retire_versions(v_touched);
  elsif v_on_forget = 'retrain' then
    -- Nothing could be learned where nothing is left.
    perform forge.retire_versions(array(
      select t.id from unnest(v_touched) as t (id) where not forge.has_rows_left(t.id)
    ));
    -- As it was asked for last; what it learns replaces the marked one, better or not.
    for v_job in
      select distinct on (j.model) j.model, j.recipe, j.dataset, j.query, j.options
      from forge.version as v
      join forge.deployment as d
        on d.owner_id = v.owner_id and d.version_id = v.id and d.retired_at is null and d.traffic = 1 and not d.shadow
      join forge.job as j on j.owner_id = v.owner_id and j.id = v.job_id
      where v.owner_id = v_owner and v.id = any(v_touched)
      order by j.model, j.id desc
    loop
      -- One that runs may have read its rows before the deletion.
      if not exists (
        select
        from forge.job as q
        where q.owner_id = v_owner and q.model = v_job.model and q.status = 'queued' and q.trigger = 'forget'
      ) then
        -- Not by enqueue_job: forgetting must not fail for a quota.
        perform forge.add_job(
          v_job.model, v_job.recipe, v_job.dataset, v_job.query, v_job.options || '{"deploy": "always"}',
          ops.lent_role(), 'forget'
        );
      end if;
    end loop;
  end if;
  return v_marked;
end
$$;

comment on function forge.mark_stale(text, jsonb) is
'Marks the versions that the owner trained on what was deleted, or all of them where that is not told; returns how many
were not marked before. p_gone: an array of {relation, kind, source, since, until}, each but the first null for any. By
the owner''s policy they then go on answering, are trained again on what is left (one job a model waits at a time; where
nothing is left they are retired), or are retired and answer no more. Kept rows of feature views go.';
