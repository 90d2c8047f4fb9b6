create or replace function lake.product_folder(
  p_member text
)
returns text
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select substring(p_member from '(?:^|/)Takeout/([^/]+)/')
$$;

comment on function lake.product_folder(text) is
'The folder of a product that a file of a Takeout lies in; null elsewhere.';
