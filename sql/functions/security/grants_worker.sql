-- What workers may do, after grants.sql has taken everything from them.
-- They act through functions alone; these are theirs and nobody else's.
do $$
declare
  v_function regprocedure;
  v_name text;
begin
  foreach v_name in array array[
    'cortex.activate_generation',
    'cortex.claim_texts',
    'cortex.compact',
    'cortex.create_partition',
    'cortex.defer_index',
    'cortex.drop_backlog',
    'cortex.drop_generation',
    'cortex.fail_text',
    'cortex.fill_pending',
    'cortex.generation_state',
    'cortex.holders',
    'cortex.index_plan',
    'cortex.index_recall',
    'cortex.judgments',
    'cortex.nearest_items',
    'cortex.nearest_texts',
    'cortex.newer_message',
    'cortex.next_retry_s',
    'cortex.owner_backlog',
    'cortex.pause_provider',
    'cortex.provider_of',
    'cortex.recall_due',
    'cortex.release_texts',
    'cortex.report_generation',
    'cortex.sample_texts',
    'cortex.store_embeddings',
    'cortex.store_model',
    'forge.cache_features',
    'forge.cached_features',
    'forge.claim_job',
    'forge.counted_query',
    'forge.fail_job',
    'forge.finish_job',
    'forge.heartbeat_job',
    'forge.hold_job',
    'forge.report_log',
    'forge.report_progress',
    'forge.reseal_artifact',
    'forge.run_schedule',
    'forge.write_artifact',
    'forge.write_forecasts',
    'forge.write_interactions',
    'forge.write_items',
    'forge.write_neighbours',
    'forge.write_version',
    'gaia.claim_task',
    'gaia.finish_task',
    'gaia.heartbeat_task',
    'gaia.recent_questions',
    'gaia.reserve_usage',
    'gaia.settle_usage',
    'lake.claim_pii',
    'lake.fail_pii',
    'lake.release_pii',
    'lake.store_pii',
    'ops.process_report',
    'ops.schema_revision',
    'stream.bury',
    'stream.claim_delivery',
    'stream.done',
    'stream.extend',
    'stream.fail_delivery',
    'stream.finish_delivery',
    'stream.receive',
    'stream.receive_fairly'
  ] loop
    for v_function in
      select p.oid::regprocedure
      from pg_catalog.pg_proc as p
      join pg_catalog.pg_namespace as n on n.oid = p.pronamespace
      where n.nspname || '.' || p.proname = v_name
    loop
      execute format('revoke execute on function %s from datapunk_user', v_function);
      execute format('grant execute on function %s to datapunk_worker', v_function);
    end loop;
  end loop;
end
$$;

-- They also use what every function leans on.
grant execute on function ops.current_owner(), ops.now(), cortex.enqueue_embedding(), cortex.index_effort(bigint)
to datapunk_worker;
grant execute on function lake.expire_uploads() to datapunk_worker;
grant execute on function lake.pii_settings(), lake.enqueue_pii() to datapunk_worker;
grant execute on function forge.key_of(bytea) to datapunk_worker;

grant execute on function cortex.enqueue_maintenance(text, text) to datapunk_worker;
-- Owners index what they wrote themselves, too.
grant execute on function cortex.index_batch(boolean), gaia.take_names() to datapunk_worker;

-- They hand models on to the model host; row-level security leaves the owner's and the installation's.
grant select on forge.model, forge.deployment, forge.version, forge.artifact, cortex.provider to datapunk_worker;
-- A training compares what it learned with the version that answers now.
grant select on forge.popularity, forge.neighbour, forge.interaction, forge.forecast to datapunk_worker;
