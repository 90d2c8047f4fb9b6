create or replace function forge.run_schedule(
  p_model text, p_rows bigint default null, p_counted_s double precision default 0
)
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
  v_added bigint;
begin
  select * into v_schedule from forge.schedule as s where s.owner_id = v_owner and s.model = p_model for update;
  if not found then
    return null;
  end if;
  select g.newest, g.added, r.growth = 'lake.items_since' as of_lake into strict v_growth
  from forge.recipe as r
  cross join lateral forge.rows_since(r.name, v_schedule.item_id, coalesce(v_schedule.rows, 0)) as g
  where r.name = v_schedule.recipe;
  v_added := case
    when not v_growth.of_lake then v_growth.added
    when p_rows is not null then p_rows - coalesce(v_schedule.row_count, p_rows)
    else forge.items_like_learned(p_model, v_schedule.item_id, coalesce(v_schedule.rows, 0))
  end;
  if v_schedule.last_at + make_interval(secs => v_schedule.every_s) <= clock_timestamp() then
    v_trigger := 'time';
  elsif v_schedule.rows <= v_added then
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
    set last_at = clock_timestamp(), item_id = v_growth.newest, row_count = p_rows
    where s.owner_id = v_owner and s.model = p_model;
  elsif p_rows is not null then
    -- What comes after rows have gone is new, however many there were.
    update forge.schedule as s
    set row_count = least(s.row_count, p_rows)
    where s.owner_id = v_owner and s.model = p_model and coalesce(s.row_count > p_rows, true);
  end if;
  -- Looks again in a while; a message of its own, since one that is handed out often would be taken for a bad one.
  perform pgmq.send(
    'training', jsonb_build_object('schedule', p_model, 'owner_id', v_owner),
    -- Counting takes a hundredth of the time at most.
    least(greatest(least(coalesce(v_schedule.every_s, 60), 60), 100 * p_counted_s), 3600)::integer
  );
  return v_job_id;
end
$$;

comment on function forge.run_schedule(text, bigint, double precision) is
'Trains a model again where that is due, by rows, time or drift, and looks again within a minute, or a hundred times
what counting took (p_counted_s), an hour at most; returns the job''s id, or null. p_rows: how many its query gives now, where
what it learns from is not items of the lake alone. A model whose schedule is gone is left alone, and one that is due
waits while a quota is used up.';
