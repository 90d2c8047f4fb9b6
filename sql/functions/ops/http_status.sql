create or replace function ops.http_status(p_sqlstate text)
returns integer
language sql
stable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
  select case
    -- PostgREST sets it for each request; in other sessions it is unset or empty.
    when coalesce(current_setting('request.method', true), '') = '' then null
    when p_sqlstate in ('P0002', 'DP020', 'DP030') then 404
    when p_sqlstate = '42501' then 403
    when p_sqlstate = '23505' then 409
    when p_sqlstate = '53400' then 429
    when p_sqlstate in ('DP011', '54000') then 413
    when p_sqlstate in ('DP001', 'DP002', '57014') then 503
    when p_sqlstate like '22%' or p_sqlstate like '23%' or p_sqlstate like 'DP%' then 400
    -- A statement of the caller's own, as in a dataset, that does not parse or names what is not there.
    when p_sqlstate in ('42601', '42703', '42P01', '42883', '42804', '0A000', '25006', '2BP01') then 400
  end;
$$;

comment on function ops.http_status(text) is
'The status that an SQLSTATE has over HTTP; null outside of a request, or where PostgREST''s own status serves.';
