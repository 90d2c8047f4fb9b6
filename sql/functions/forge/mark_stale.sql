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
  v_marked bigint[];
  v_job record;
begin
  -- Rows that were read before the deletion must not train another version.
  delete from forge.feature_cache as c where c.owner_id = v_owner;
  with marked as (
    update forge.version as v
    set stale_reason = p_reason
    where v.owner_id = v_owner and v.job_id is not null and v.stale_reason is null
      and (p_gone is null or forge.learned_from(v.id, p_gone))
    returning v.id
  )
  select coalesce(array_agg(m.id), '{}') into v_marked from marked as m;
  if v_on_forget = 'retire' then
    update forge.deployment as d
    set retired_at = clock_timestamp()
    where d.owner_id = v_owner and d.version_id = any(v_marked) and d.retired_at is null;
  elsif v_on_forget = 'retrain' then
    -- As it was asked for last; what it learns replaces the marked one, better or not.
    for v_job in
      select distinct on (j.model) j.model, j.recipe, j.dataset, j.query, j.options
      from forge.version as v
      join forge.deployment as d
        on d.owner_id = v.owner_id and d.version_id = v.id and d.retired_at is null and d.traffic = 1 and not d.shadow
      join forge.job as j on j.owner_id = v.owner_id and j.id = v.job_id
      where v.owner_id = v_owner and v.id = any(v_marked)
      order by j.model, j.id desc
    loop
      if not exists (
        select from forge.job as q where q.owner_id = v_owner and q.model = v_job.model and q.status = 'queued'
      ) then
        -- Not by enqueue_job: forgetting must not fail for a quota.
        perform forge.add_job(
          v_job.model, v_job.recipe, v_job.dataset, v_job.query, v_job.options || '{"deploy": "always"}',
          ops.lent_role(), 'forget'
        );
      end if;
    end loop;
  end if;
  return cardinality(v_marked);
end
$$;

comment on function forge.mark_stale(text, jsonb) is
'Marks the versions that the owner trained on what was deleted, or all of them where that is not told; returns how many.
p_gone: an array of {relation, kind, source, since, until}, each but the first null for any. By the owner''s policy they
then go on answering, are trained again on what is left, or answer no more. Kept rows of feature views go.';
