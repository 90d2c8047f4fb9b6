create or replace function cortex.activate_generation(p_generation_id bigint)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '10s'
as $$
begin
  -- Answers in progress that have embedded their question by the old model go first; see cortex.held_model.
  perform pg_advisory_xact_lock(hashtextextended('cortex.generation', 0));
  update cortex.generation
  set state = 'retired', retired_at = clock_timestamp()
  where state = 'active' and id <> p_generation_id;
  update cortex.generation
  set state = 'active', activated_at = clock_timestamp(), retired_at = null, stage = 'done', error = null
  where id = p_generation_id and state <> 'active';
end
$$;

comment on function cortex.activate_generation(bigint) is
'Makes a generation the one that searches read; the one before is retired and kept. Waits for answers that are being
made, SQLSTATE 55P03 when they take longer than ten seconds. For functions that switch, and for datapunk_worker.';
