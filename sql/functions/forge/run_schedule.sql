create or replace function forge.run_schedule(p_model text)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant text := ops.current_owner();
  v_schedule forge.schedule;
  v_growth record;
  v_job_id bigint;
  v_trigger text;
begin
  select * into v_schedule from forge.schedule as s where s.owner_id = v_owner and s.model = p_model for update;
  if not found then
    return null;
  end if;
  select g.newest, g.added into strict v_growth
  from forge.rows_since(v_schedule.recipe, v_schedule.item_id, coalesce(v_schedule.rows, 0)) as g;
  if v_schedule.last_at + make_interval(secs => v_schedule.every_s) <= clock_timestamp() then
    v_trigger := 'time';
  elsif v_schedule.rows <= v_growth.added then
    v_trigger := 'rows';
  elsif forge.has_drifted(p_model, (v_schedule.options #>> '{retrain,drift}')::double precision, v_schedule.last_at) then
    v_trigger := 'drift';
  end if;
  if v_trigger is not null then
    begin
      perform forge.check_quota(p_model);
    exception when configuration_limit_exceeded then
      -- Another day.
      v_trigger := null;
    end;
  end if;
  if v_trigger is not null and not exists (
    select from forge.job as j where j.owner_id = v_owner and j.model = p_model and j.status in ('queued', 'running')
  ) then
    v_job_id := forge.add_job(
      p_model, v_schedule.recipe, v_schedule.dataset, v_schedule.query, v_schedule.options, v_schedule.role_name,
      v_trigger
    );
    update forge.schedule as s
    set last_at = clock_timestamp(), item_id = v_growth.newest
    where s.owner_id = v_owner and s.model = p_model;
  end if;
  -- Looks again in a while; a message of its own, since one that is handed out often would be taken for a bad one.
  perform pgmq.send(
    'training', jsonb_build_object('schedule', p_model, 'owner_id', v_owner),
    least(coalesce(v_schedule.every_s, 60), 60)
  );
  return v_job_id;
end
$$;

comment on function forge.run_schedule(text) is
'Trains a model again where that is due, by rows, time or drift, and looks again within a minute; returns the job''s
id, or null. A model whose schedule is gone is left alone, and one that is due waits while a quota is used up.';
