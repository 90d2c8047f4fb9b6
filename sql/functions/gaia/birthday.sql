create or replace function gaia.birthday(p_birthday jsonb)
returns jsonb
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
select jsonb_build_object(
  'data', jsonb_build_object(
    'date', p_birthday -> 'next', 'at', p_birthday -> 'next', 'days', p_birthday -> 'days', 'whole_day', true,
    'title', p_birthday -> 'name', 'born', p_birthday -> 'born', 'own', coalesce(p_birthday -> 'own', 'false'),
    'kind', i.kind, 'times', 1, 'order', case when p_birthday -> 'entry' = 'true' then 'next' else 'birthday' end
  ),
  'citations', coalesce(jsonb_agg(jsonb_build_object('item_id', i.id)) filter (where i.id is not null), '[]'::jsonb)
)
from (select) as one
left join lake.item as i on i.owner_id = (select ops.current_owner()) and i.id = (p_birthday ->> 'item_id')::bigint
group by i.kind;
$$;

comment on function gaia.birthday(jsonb) is
'A birthday as the result of the subroutine when: date of the next one, born (as vCard has it: 1990-03-05, or --03-05
without a year), title (whose it is, or an entry of the calendar), own. p_birthday: next, name, born, own, entry and
item_id, which is cited; without next nothing is known.';
