create or replace function lake.pii_settings()
returns table (enabled boolean, model text, least_score double precision, private_types text[])
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_switch constant text := coalesce(nullif(current_setting('datapunk.pii', true), ''), 'off');
  v_score constant text := coalesce(nullif(current_setting('datapunk.pii_score', true), ''), '0.4');
  v_private constant text := coalesce(
    nullif(current_setting('datapunk.pii_private', true), ''), 'CREDIT_CARD,IBAN_CODE'
  );
begin
  if v_switch not in ('on', 'off') then
    perform ops.fail('22023', format('datapunk.pii is %L', v_switch), 'Allowed: on, off.');
  end if;
  if v_score !~ '^(0(\.[0-9]{1,6})?|1(\.0{1,6})?)$' then
    perform ops.fail('22023', format('datapunk.pii_score is %L', v_score), 'Give a number from 0 to 1, as in 0.4.');
  end if;
  return query
    select
      v_switch = 'on',
      coalesce(nullif(current_setting('datapunk.pii_model', true), ''), 'auto'),
      v_score::double precision,
      case when v_private = 'none' then '{}' else regexp_split_to_array(btrim(v_private), '\s*,\s*') end;
end
$$;

comment on function lake.pii_settings() is
'The settings datapunk.pii* as they are in this session. SQLSTATE 22023 where one cannot be read.';
