create or replace function forge.define_feature_view(
  p_name text, p_description text, p_spec jsonb, p_query text, p_ttl_s integer
)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into forge.feature_view as f (name, description, spec, query, ttl_s)
  values (p_name, p_description, p_spec, p_query, p_ttl_s)
  on conflict on constraint feature_view_pk do update
    set description = excluded.description, spec = excluded.spec, query = excluded.query, ttl_s = excluded.ttl_s,
      updated_at = now();
  delete from forge.feature_cache as c where c.owner_id = ops.current_owner() and c.name = p_name;
  return p_name;
end
$$;

comment on function forge.define_feature_view(text, text, jsonb, text, integer) is
'Writes a feature view whose spec was checked, instead of one of the same name; returns the name.';
