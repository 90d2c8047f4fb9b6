create or replace function forge.checked_options(p_options jsonb, p_allowed jsonb)
returns jsonb
language plpgsql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_name text;
  v_value jsonb;
  v_allowed text := coalesce(
    (select string_agg(format('%s (%s)', key, value), ', ' order by key) from jsonb_each_text(p_allowed)), 'none'
  );
begin
  if jsonb_typeof(coalesce(p_options, 'null')) <> 'object' then
    raise exception 'options must be a JSON object' using errcode = '22023', hint = 'Options: ' || v_allowed || '.';
  end if;
  for v_name, v_value in select * from jsonb_each(p_options) loop
    if not p_allowed ? v_name then
      raise exception 'unknown option "%"', v_name using errcode = '22023', hint = 'Options: ' || v_allowed || '.';
    end if;
    if jsonb_typeof(v_value) <> p_allowed ->> v_name then
      raise exception 'option "%" must be a %', v_name, p_allowed ->> v_name
        using errcode = '22023', hint = 'Options: ' || v_allowed || '.';
    end if;
  end loop;
  return p_options;
end
$$;

comment on function forge.checked_options(jsonb, jsonb) is
'Returns the options, checked against names and JSON types as in {"exclude_seen": "boolean"}. SQLSTATE 22023.';
