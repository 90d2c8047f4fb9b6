-- All rights are reset here at each load. People reach tables only through the functions and views of api (PostgREST
-- exposes no other schema) and through datasets that run with their rights; row-level security holds in each case.
do $$
declare
  v_schema text;
  v_role text;
begin
  foreach v_schema in array array['ops', 'lake', 'stream', 'cortex', 'gaia', 'forge', 'api'] loop
    execute format('revoke all on all routines in schema %I from public', v_schema);
    foreach v_role in array array['datapunk_user', 'datapunk_anonymous', 'datapunk_importer', 'datapunk_worker'] loop
      execute format('revoke all on schema %I from %I', v_schema, v_role);
      execute format('revoke all on all tables in schema %I from %I', v_schema, v_role);
      execute format('revoke all on all sequences in schema %I from %I', v_schema, v_role);
      execute format('revoke all on all routines in schema %I from %I', v_schema, v_role);
    end loop;
    execute format('grant usage on schema %I to datapunk_user, datapunk_worker', v_schema);
    execute format('grant select on all tables in schema %I to datapunk_user', v_schema);
    execute format('grant execute on all functions in schema %I to datapunk_user', v_schema);
  end loop;
end
$$;

-- What forge_compile makes; each function is granted when it is made.
grant usage on schema model_sql to datapunk_user;

-- It names other owners.
revoke select on table stream.turn from datapunk_user;

grant insert, update, delete on all tables in schema lake, cortex, gaia to datapunk_user;
grant usage on all sequences in schema lake, cortex, gaia to datapunk_user;

-- Anonymous requests reach PostgREST's root and the health function, nothing else.
grant usage on schema api, ops to datapunk_anonymous;
grant execute on function
ops.check_request(), ops.current_owner(), ops.fail(text, text, text, text), ops.http_status(text),
api.ops_health(), ops.database_health(), ops.host_health()
to datapunk_anonymous;

-- Workers act through functions alone; these are theirs and nobody else's.
do $$
declare
  v_function regprocedure;
  v_name text;
begin
  foreach v_name in array array[
    'cortex.claim_texts',
    'cortex.compact',
    'cortex.fail_text',
    'cortex.next_retry_s',
    'cortex.release_texts',
    'cortex.store_embeddings',
    'forge.cache_features',
    'forge.cached_features',
    'forge.claim_job',
    'forge.fail_job',
    'forge.finish_job',
    'forge.heartbeat_job',
    'forge.hold_job',
    'forge.report_log',
    'forge.report_progress',
    'forge.run_schedule',
    'forge.write_artifact',
    'forge.write_forecasts',
    'forge.write_interactions',
    'forge.write_items',
    'forge.write_neighbours',
    'forge.write_version',
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

-- Only functions that run as datapunk_owner may call these.
revoke execute on function stream.send(text, jsonb), stream.fan_out(text, jsonb), forge.send_job(forge.job),
forge.add_job(text, text, text, text, jsonb, text, text),
forge.write_schedule(text, text, text, text, jsonb, text),
forge.raise_alert(bigint, text, text, double precision, double precision, text),
cortex.create_generation(text, integer), cortex.activate_generation(bigint) from datapunk_user;

-- Workers also use what every function leans on.
grant execute on function ops.current_owner(), ops.now(), cortex.enqueue_embedding() to datapunk_worker;

-- Workers hand models on to the model host; row-level security leaves the owner's and the installation's.
grant select on forge.model, forge.deployment, forge.version, forge.artifact to datapunk_worker;

-- Files of the server are read for the role that may import them, and for nobody else.
revoke execute on function api.lake_import_path(text, jsonb) from datapunk_user;
grant execute on function api.lake_import_path(text, jsonb) to datapunk_importer;
grant execute on procedure api.lake_import_in_steps(text, jsonb) to datapunk_importer;
