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
  v_type text;
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
    v_type := p_allowed ->> v_name;
    if jsonb_typeof(v_value) <> replace(v_type, 'integer', 'number')
      or (v_type = 'integer' and (v_value)::numeric not between 1 and 9223372036854775807)
      or (v_type = 'integer' and (v_value)::numeric <> trunc((v_value)::numeric)) then
      raise exception 'option "%" must be of type %', v_name, v_type
        using errcode = '22023', hint = 'Options: ' || v_allowed || '.';
    end if;
  end loop;
  return p_options;
end
$$;

comment on function forge.checked_options(jsonb, jsonb) is
'Returns the options, checked against names and JSON types as in {"exclude_seen": "boolean"}; an integer is a number
from 1 on. SQLSTATE 22023.';
