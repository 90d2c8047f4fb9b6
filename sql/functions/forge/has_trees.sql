create or replace function forge.has_trees(p_native jsonb)
returns boolean
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select exists (select from forge.native_models(p_native) as m (model) where m.model ->> 'kind' = 'trees');
$$;

comment on function forge.has_trees(jsonb) is
'Whether a native form, or that of one of its groups, is trees, which compare the same number again and again.';
