create or replace function forge.rows_since(p_recipe text, p_after bigint, p_limit integer)
returns table (newest bigint, added bigint)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
  v_growth text := (select r.growth from forge.recipe as r where r.name = p_recipe);
begin
  return query execute format(
    'select g.newest, g.added from %I.%I($1, $2) as g', split_part(v_growth, '.', 1), split_part(v_growth, '.', 2)
  ) using p_after, p_limit;
end
$$;

comment on function forge.rows_since(text, bigint, integer) is
'The newest row of the owner that a recipe learns from, and how many came after a row, p_limit at most, as the function
says that the recipe names. For functions that run as datapunk_owner only.';
