create or replace function forge.write_schedule(
  p_model text, p_recipe text, p_dataset text, p_query text, p_options jsonb, p_role text
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_owner constant text := ops.current_owner();
  v_new boolean;
begin
  insert into forge.schedule as s (model, recipe, dataset, query, options, role_name, rows, every_s, item_id)
  values (
    p_model, p_recipe, p_dataset, p_query, p_options, p_role, (p_options #>> '{retrain,rows}')::integer,
    extract(epoch from (p_options #>> '{retrain,every}')::interval)::integer,
    (select g.newest from forge.rows_since(p_recipe, 0, 0) as g)
  )
  on conflict on constraint schedule_pk do update
    set recipe = excluded.recipe, dataset = excluded.dataset, query = excluded.query, options = excluded.options,
      role_name = excluded.role_name, rows = excluded.rows, every_s = excluded.every_s, item_id = excluded.item_id,
      row_count = null, last_at = excluded.last_at
  returning s.xmax = 0 into v_new;
  -- One that was there has its message in the queue already.
  if v_new then
    perform stream.send('training', jsonb_build_object('schedule', p_model, 'owner_id', v_owner));
  end if;
end
$$;

comment on function forge.write_schedule(text, text, text, text, jsonb, text) is
'Keeps how a model is trained again: after so many new rows of what it learns from, after a time, or when what it is
asked has drifted. For functions that run as datapunk_owner only.';
