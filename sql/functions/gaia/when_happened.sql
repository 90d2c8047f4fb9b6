create or replace function gaia.when_happened(p_parameters jsonb)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_kind text;
  v_about constant boolean := p_parameters ?| array['topic', 'channel', 'site', 'person'];
  v_order constant text := coalesce(p_parameters ->> 'order', 'last');
  v_parameters jsonb := p_parameters;
  v_found record;
begin
  -- What the question names counts first; what happened to a person stands in the calendar, else in the mail.
  foreach v_kind in array array_remove(array[p_parameters ->> 'kind', 'event', 'mail'], null) loop
    exit when not v_about and p_parameters ->> 'kind' is null;
    v_parameters := p_parameters || jsonb_build_object('kind', v_kind);
    with matching as materialized (
      select m.id, m.occurred_at from gaia.matching_items(v_parameters) as m
      where m.occurred_at is not null
        and case when v_order = 'next' then m.occurred_at >= ops.now() else v_kind = 'event' or m.occurred_at <= ops.now() end
    )
    select
      case when v_order = 'last' then (select m.id from matching as m order by m.occurred_at desc, m.id limit 1)
        else (select m.id from matching as m order by m.occurred_at, m.id limit 1) end as id,
      (select count(*) from matching) as number
    into v_found;
    if v_found.id is not null then
      return gaia.moment_of(v_found.id, v_found.number, v_order);
    end if;
    -- A name without a match in the kind asked for is no reason to guess from other kinds.
    exit when v_kind in ('watch', 'visit', 'search');
  end loop;
  select s.item_id as id, 1 as number into v_found
  from api.cortex_search(p_parameters ->> 'question', 1, jsonb_build_object('kinds', jsonb_build_array('event', 'mail'))) as s;
  if v_found.id is null or p_parameters ->> 'kind' in ('watch', 'visit', 'search') or p_parameters ->> 'topic' is null then
    return jsonb_build_object('data', jsonb_build_object('date', null, 'kind', p_parameters ->> 'kind'), 'citations', '[]'::jsonb);
  end if;
  return gaia.moment_of(v_found.id, v_found.number, 'guess');
end
$$;

comment on function gaia.when_happened(jsonb) is
'Subroutine when: the first, last or next time of something, or the date of an event; data: date, at, until, title,
order (guess when only the nearest passage was found) and the number of times. Cites the item.';
