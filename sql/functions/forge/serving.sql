create or replace function forge.serving(p_model text, p_key text, p_version integer)
returns table (owner_id text, version_id bigint, log real, shadow_id bigint)
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_version forge.version := forge.version_of(p_model, p_version);
  v_beside record;
  v_place double precision;
begin
  owner_id := v_version.owner_id;
  version_id := v_version.id;
  select coalesce((d.guard ->> 'log')::real, 0) into log
  from forge.deployment as d
  where d.owner_id = v_version.owner_id and d.version_id = v_version.id and d.retired_at is null;
  if p_version is null and v_version.owner_id <> 'system' then
    for v_beside in
      select d.version_id, d.traffic, d.shadow
      from forge.deployment as d
      where d.owner_id = v_version.owner_id and d.model_id = v_version.model_id and d.retired_at is null
        and (d.shadow or d.traffic < 1)
    loop
      -- Both sides are logged, or nothing could be compared.
      log := 1;
      if v_beside.shadow then
        shadow_id := v_beside.version_id;
      else
        -- The same key meets the same version, and another share of keys for each model.
        v_place := case
          when p_key is null then random()
          else (hashtextextended(p_key, v_version.model_id) & 2147483647) / 2147483648.0
        end;
        if v_place < v_beside.traffic then
          version_id := v_beside.version_id;
        end if;
      end if;
    end loop;
  end if;
  return next;
end
$$;

comment on function forge.serving(text, text, integer) is
'Which version answers for a key now, how large a share of its predictions is kept, and which one predicts unseen.
The same key meets the same version. SQLSTATE DP020.';
