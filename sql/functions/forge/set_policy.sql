create or replace function forge.set_policy(p_options jsonb)
returns jsonb
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_name text;
  v_policy forge.policy;
  v_kinds constant text[] := array(select s.kind from lake.sensitivities() as s order by s.kind);
begin
  foreach v_name in array array['kinds', 'sources'] loop
    if jsonb_typeof(p_options -> v_name) not in ('array', 'null') or exists (
      select
      from jsonb_array_elements(case when jsonb_typeof(p_options -> v_name) = 'array' then p_options -> v_name end) as e
      where jsonb_typeof(e.value) <> 'string'
    ) then
      perform ops.fail('22023', format('%s is no list of texts', v_name), 'Give as in {"kinds": ["watch"]}, or null for all.');
    end if;
  end loop;
  select min(e.value #>> '{}') into v_name
  from jsonb_array_elements(case when jsonb_typeof(p_options -> 'kinds') = 'array' then p_options -> 'kinds' end) as e
  where not e.value #>> '{}' = any(v_kinds);
  if v_name is not null then
    perform ops.fail('22023', format('there is no kind "%s"', v_name), 'Kinds: ' || array_to_string(v_kinds, ', ') || '.');
  end if;
  if exists (
    select
    from jsonb_each(p_options) as o
    where o.key in ('max_models', 'max_jobs_a_day') and o.value <> 'null'
      and (
        jsonb_typeof(o.value) <> 'number' or (o.value)::numeric not between 0 and 1000000
        or (o.value)::numeric <> trunc((o.value)::numeric)
      )
  ) then
    perform ops.fail('22023', 'a quota is no whole number', 'Give 0 to 1000000, or null for any number.');
  end if;
  if coalesce(p_options ->> 'on_forget', 'mark') not in ('mark', 'retrain', 'retire') then
    perform ops.fail('22023', format('on_forget is "%s"', p_options ->> 'on_forget'), 'Allowed: mark, retrain, retire.');
  end if;
  begin
    perform (p_options ->> 'since')::timestamptz;
  exception when invalid_datetime_format or datetime_field_overflow then
    perform ops.fail('22023', format('since is "%s"', p_options ->> 'since'), 'Give an instant, as in 2024-01-01.');
  end;
  insert into forge.policy as p (owner_id) values (ops.current_owner())
  on conflict on constraint policy_pk do nothing;
  update forge.policy as p
  set
    kinds = case
      when not p_options ? 'kinds' then p.kinds
      when p_options -> 'kinds' = 'null' then null
      else array(select jsonb_array_elements_text(p_options -> 'kinds'))
    end,
    sources = case
      when not p_options ? 'sources' then p.sources
      when p_options -> 'sources' = 'null' then null
      else array(select jsonb_array_elements_text(p_options -> 'sources'))
    end,
    since = case when p_options ? 'since' then (p_options ->> 'since')::timestamptz else p.since end,
    max_models = case when p_options ? 'max_models' then (p_options ->> 'max_models')::bigint else p.max_models end,
    max_jobs_a_day = case
      when p_options ? 'max_jobs_a_day' then (p_options ->> 'max_jobs_a_day')::bigint else p.max_jobs_a_day
    end,
    on_forget = coalesce(p_options ->> 'on_forget', p.on_forget),
    changed_at = case when p_options = '{}' then p.changed_at else clock_timestamp() end
  where p.owner_id = ops.current_owner()
  returning p.* into v_policy;
  if p_options <> '{}' then
    -- Rows that were read under the policy before.
    delete from forge.feature_cache as c where c.owner_id = v_policy.owner_id;
  end if;
  return to_jsonb(v_policy) - 'owner_id';
end
$$;

comment on function forge.set_policy(jsonb) is
'Changes what the options name in the owner''s policy, and returns all of it. SQLSTATE 22023.';
