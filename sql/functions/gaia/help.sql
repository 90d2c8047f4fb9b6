create or replace function gaia.help(p_parameters jsonb)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select jsonb_build_object(
  'data', jsonb_build_object(
    'subroutines', coalesce(jsonb_agg(jsonb_build_object(
      'name', s.name, 'description', s.description, 'example', (
        select e.text from gaia.example as e
        where e.owner_id in ((select ops.current_owner()), 'system') and e.subroutine = s.name
        order by e.language <> coalesce(p_parameters ->> 'language', 'en'), e.owner_id = 'system', e.id
        limit 1
      )
    ) order by s.name), '[]'::jsonb)
  ),
  'citations', '[]'::jsonb
)
from gaia.subroutine as s
where s.owner_id in ((select ops.current_owner()), 'system')
  and (p_parameters ->> 'subroutine' is null or s.name = p_parameters ->> 'subroutine');
$$;

comment on function gaia.help(jsonb) is
'Subroutine help: what can be asked. data: subroutines, rows of name, description and an example.';
