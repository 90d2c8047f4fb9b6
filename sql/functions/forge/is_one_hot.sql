create or replace function forge.is_one_hot(p_input jsonb)
returns boolean
language sql
immutable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select jsonb_typeof(p_input -> 'table') = 'array' and jsonb_array_length(p_input -> 'table') = 1
  and coalesce(
    (p_input ->> 'missing')::double precision
    = (p_input ->> 'slope')::double precision * (p_input ->> 'default')::double precision
    + (p_input ->> 'offset')::double precision,
    false
  );
$$;

comment on function forge.is_one_hot(jsonb) is
'Whether an input of a native form only tells one code of a column from all else.';
