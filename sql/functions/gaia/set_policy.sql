create or replace function gaia.set_policy(p_options jsonb)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_bounds constant jsonb := '{"sql_max_cost": [1, 10000000], "sql_max_rows": [1, 1000], "max_rounds": [1, 10]}';
  v_name text;
  v_policy gaia.policy;
begin
  if p_options ->> 'model' is not null and not exists (
    select from cortex.provider as p where p.name = p_options ->> 'model' and p.kind = 'chat'
  ) then
    perform ops.fail(
      'DP020', format('no language model %s', p_options ->> 'model'),
      'The view providers lists those of the kind chat; cortex_provider_add adds one.'
    );
  end if;
  if p_options ? 'tools' and (jsonb_typeof(p_options -> 'tools') <> 'array' or exists (
    select from jsonb_array_elements(case when jsonb_typeof(p_options -> 'tools') = 'array' then p_options -> 'tools' end) as e
    where jsonb_typeof(e.value) <> 'string'
  )) then
    perform ops.fail('22023', 'tools is no list of texts', 'Give names of subroutines, as in {"tools": ["count", "top"]}.');
  end if;
  if p_options ? 'tools' then
    select e.value into v_name
    from jsonb_array_elements_text(p_options -> 'tools') as e
    where e.value in ('remember', 'forget', 'sql') or not exists (select from gaia.subroutine as s where s.name = e.value)
    limit 1;
    if v_name is not null then
      perform ops.fail(
        '22023', format('%s is no subroutine that a language model may run', v_name),
        'Name subroutines that only read; the view subroutines lists them. Queries are allowed by sql.'
      );
    end if;
  end if;
  foreach v_name in array array['plans', 'sql'] loop
    if p_options ? v_name and jsonb_typeof(p_options -> v_name) <> 'boolean' then
      perform ops.fail('22023', format('%s is %s', v_name, p_options -> v_name), 'Allowed: true, false.');
    end if;
  end loop;
  if coalesce(p_options ->> 'unsupported', 'mark') not in ('mark', 'remove') then
    perform ops.fail('22023', format('unsupported is "%s"', p_options ->> 'unsupported'), 'Allowed: mark, remove.');
  end if;
  for v_name in select jsonb_object_keys(v_bounds) loop
    if p_options ? v_name and (
      jsonb_typeof(p_options -> v_name) <> 'number'
      or (p_options ->> v_name)::numeric not between (v_bounds -> v_name ->> 0)::numeric and (v_bounds -> v_name ->> 1)::numeric
    ) then
      perform ops.fail(
        '22023', format('%s is %s', v_name, p_options -> v_name),
        format('Allowed: %s to %s.', v_bounds -> v_name ->> 0, v_bounds -> v_name ->> 1)
      );
    end if;
  end loop;
  insert into gaia.policy (owner_id) values (ops.current_owner()) on conflict on constraint policy_pk do nothing;
  update gaia.policy as p
  set
    model = case when p_options ? 'model' then p_options ->> 'model' else p.model end,
    tools = case
      when p_options ? 'tools' then array(select distinct jsonb_array_elements_text(p_options -> 'tools') order by 1)
      else p.tools
    end,
    plans = coalesce((p_options ->> 'plans')::boolean, p.plans),
    sql = coalesce((p_options ->> 'sql')::boolean, p.sql),
    sql_max_cost = coalesce((p_options ->> 'sql_max_cost')::double precision, p.sql_max_cost),
    sql_max_rows = coalesce((p_options ->> 'sql_max_rows')::numeric::bigint, p.sql_max_rows),
    max_rounds = coalesce((p_options ->> 'max_rounds')::numeric::bigint, p.max_rounds),
    unsupported = coalesce(p_options ->> 'unsupported', p.unsupported),
    changed_at = case when p_options = '{}' then p.changed_at else clock_timestamp() end
  where p.owner_id = ops.current_owner()
  returning p.* into v_policy;
  return to_jsonb(v_policy) - 'owner_id';
end
$$;

comment on function gaia.set_policy(jsonb) is
'The part of api.gaia_policy that checks and writes; the names come checked. SQLSTATE 22023, DP020.';
