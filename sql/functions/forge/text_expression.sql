create or replace function forge.text_expression(p_value text, p_type text)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select case
  when p_type = 'text' then p_value
  -- As jsonb has it, which is what forge_predict gets of it.
  when p_type = 'json' then p_value || '::pg_catalog.jsonb::pg_catalog.text'
  when p_type in (
    'character varying', 'character', '"char"', 'name', 'boolean', 'smallint', 'integer', 'bigint', 'numeric', 'uuid',
    'jsonb', 'inet', 'cidr', 'macaddr', 'macaddr8', 'bit', 'bit varying', 'oid', 'time without time zone'
  ) then p_value || '::pg_catalog.text'
  else format('forge.text_of(%s)', p_value)
end;
$$;

comment on function forge.text_expression(text, text) is
'The SQL expression of the text form of an expression of that SQL type, in which it is learned and served; see
forge.text_of.';
