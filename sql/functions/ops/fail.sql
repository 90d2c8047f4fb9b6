create or replace function ops.fail(p_sqlstate text, p_message text, p_hint text, p_detail text default null)
returns void
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_status integer := ops.http_status(p_sqlstate);
begin
  if v_status is null and p_detail is null then
    raise exception using errcode = p_sqlstate, message = p_message, hint = p_hint;
  elsif v_status is null then
    raise exception using errcode = p_sqlstate, message = p_message, hint = p_hint, detail = p_detail;
  end if;
  raise sqlstate 'PGRST' using
    message = json_build_object('code', p_sqlstate, 'message', p_message, 'details', p_detail, 'hint', p_hint),
    detail = json_build_object('status', v_status, 'headers', json_build_object());
end
$$;

comment on function ops.fail(text, text, text, text) is
'Raises an error with that SQLSTATE, message, hint and detail; over HTTP so that PostgREST answers with ops.http_status.
For SQL and plpgsql functions of api; what is written in Python raises a DatapunkError.';
