create or replace function lake.raised_sensitivity(p_sensitivity text, p_raised boolean)
returns text
language sql
immutable
parallel safe
security invoker
set search_path = pg_catalog, pg_temp
as $$
select case when p_raised and p_sensitivity in ('public', 'personal') then 'private' else p_sensitivity end;
$$;

comment on function lake.raised_sensitivity(text, boolean) is
'The sensitivity of an item: that of its kind, but at least private where it holds something private (p_raised).';
