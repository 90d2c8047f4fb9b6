-- All rights are reset here at each load. People reach tables only through the functions and views of api (PostgREST
-- exposes no other schema) and through datasets that run with their rights; row-level security holds in each case.
do $$
declare
  v_schema text;
  v_role text;
begin
  foreach v_schema in array array['ops', 'lake', 'stream', 'cortex', 'gaia', 'forge', 'api'] loop
    execute format('revoke all on all routines in schema %I from public', v_schema);
    foreach v_role in array array['datapunk_user', 'datapunk_anonymous', 'datapunk_importer', 'datapunk_worker', 'datapunk'] loop
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

grant execute on procedure api.cortex_wait(bigint, interval, text, text, text) to datapunk_user;

-- What forge_compile makes; each function is granted when it is made.
grant usage on schema model_sql to datapunk_user;

-- It names other owners.
revoke select on table stream.turn from datapunk_user;

grant insert, update, delete on all tables in schema lake, cortex, gaia to datapunk_user;
grant usage on all sequences in schema lake, cortex, gaia to datapunk_user;
-- A task tells with whose rights a worker acts.
revoke insert, update, delete on gaia.task from datapunk_user;
-- What was used, what may be, and what a language model may do is written by functions alone.
revoke insert, update, delete on gaia.usage, gaia.budget, gaia.policy from datapunk_user;

-- What Gaia remembers, its owner may correct and delete.
grant update (text), delete on table api.notes_to_gaia, api.conversation_summaries to datapunk_user;
grant update (title), delete on table api.conversations to datapunk_user;

-- Anonymous requests reach PostgREST's root and the health function, nothing else.
grant usage on schema api, ops to datapunk_anonymous;
grant execute on function
ops.check_request(), ops.current_owner(), ops.fail(text, text, text, text), ops.http_status(text),
api.ops_health(), ops.database_health(), ops.host_health()
to datapunk_anonymous;

-- Only functions that run as datapunk_owner may call these.
revoke execute on function stream.send(text, jsonb), stream.fan_out(text, jsonb), forge.send_job(forge.job),
forge.add_job(text, text, text, text, jsonb, text, text),
forge.retire_versions(bigint[]), forge.rows_since(text, bigint, integer),
forge.items_like_learned(text, bigint, integer),
forge.write_schedule(text, text, text, text, jsonb, text),
forge.raise_alert(bigint, text, text, double precision, double precision, text),
cortex.create_generation(text, integer) from datapunk_user;

-- Which models there are, and which one all owners search with, is up to the person whose server it is: a provider is
-- sent everybody's texts.
revoke execute on function
cortex.start_generation(text, text, interval, boolean), cortex.roll_back(), cortex.drop_generation(bigint),
cortex.write_provider(text, text, text, text, text, jsonb), cortex.remove_provider(text),
cortex.write_secret(text, text), cortex.enqueue_maintenance(text, text),
gaia.set_budget(text, numeric, bigint), api.gaia_budget(text, numeric, bigint),
api.cortex_switch(text, jsonb), api.cortex_rollback(), api.cortex_generation_drop(bigint),
api.cortex_provider_add(text, text, jsonb), api.cortex_provider_remove(text), api.cortex_secret_set(text, text)
from datapunk_user;
grant execute on function
cortex.start_generation(text, text, interval, boolean), cortex.roll_back(), cortex.drop_generation(bigint),
cortex.write_provider(text, text, text, text, text, jsonb), cortex.remove_provider(text),
cortex.write_secret(text, text),
gaia.set_budget(text, numeric, bigint), api.gaia_budget(text, numeric, bigint),
api.cortex_switch(text, jsonb), api.cortex_rollback(), api.cortex_generation_drop(bigint),
api.cortex_provider_add(text, text, jsonb), api.cortex_provider_remove(text), api.cortex_secret_set(text, text)
to datapunk;
revoke all on cortex.secret, cortex.holder from datapunk_user;
-- Generations and providers are written by functions alone.
revoke insert, update, delete on cortex.generation, cortex.provider from datapunk_user;

-- Files of the server are read for the role that may import them, and for nobody else.
revoke execute on function api.lake_import_path(text, jsonb) from datapunk_user;
grant execute on function api.lake_import_path(text, jsonb) to datapunk_importer;
grant execute on procedure api.lake_import_in_steps(text, jsonb) to datapunk_importer;
