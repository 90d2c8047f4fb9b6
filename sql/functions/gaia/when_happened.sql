create or replace function gaia.when_happened(p_parameters jsonb)
returns jsonb
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_asked constant text := p_parameters ->> 'kind';
  v_about constant boolean := p_parameters ?| array['topic', 'channel', 'site', 'person', 'place'];
  v_order constant text := coalesce(p_parameters ->> 'order', 'last');
  v_logged constant text[] := array['watch', 'visit', 'search', 'listen', 'app_use'];
  -- What the question does not name it may still find, unless that is secret.
  v_unasked constant text[] := array(
    select k.kind
    from unnest(array['event', 'mail']) with ordinality as k (kind, place)
    where k.kind is distinct from v_asked and k.kind <> all (lake.secret_kinds())
    order by k.place
  );
  v_kind text;
  v_id bigint;
  v_times bigint;
begin
  if p_parameters ? 'birthday' then
    return gaia.birthday(p_parameters -> 'birthday');
  end if;
  -- A calendar's one entry that both words and meaning put first is what the question names: "First day at the lab".
  if 'event' = any (v_unasked) and (v_asked is null or v_asked <> 'mail' and not v_asked = any (v_logged)) then
    select s.item_id into v_id
    from api.cortex_search(p_parameters ->> 'question', 1, '{"kinds": ["event"]}') as s
    where s.lexical_rank = 1 and s.semantic_rank = 1 and s.repeats = 1;
    if v_id is not null then
      return gaia.moment_of(v_id, 1, v_order);
    end if;
  end if;
  -- What the question names counts first; else what happened to a person stands in the calendar, then in the mail.
  foreach v_kind in array array_remove(v_asked || v_unasked, null) loop
    exit when v_asked is null and not v_about;
    select g.id, g.times into v_id, v_times from gaia.first_or_last(p_parameters, v_kind, v_order) as g;
    if v_id is not null then
      return gaia.moment_of(v_id, v_times, v_order);
    end if;
    -- An entry of the calendar is worded otherwise than the question, so its nearest one may do.
    if p_parameters ? 'topic' and v_kind in ('event', 'mail') then
      v_id := gaia.nearest_item(p_parameters, v_kind);
      if v_id is not null then
        return gaia.moment_of(v_id, 1, 'nearest');
      end if;
    end if;
    -- That a log holds no such thing is an answer.
    exit when v_kind = any (v_logged);
  end loop;
  return jsonb_build_object('data', jsonb_build_object('date', null, 'kind', v_asked), 'citations', '[]'::jsonb);
end
$$;

comment on function gaia.when_happened(jsonb) is
'Subroutine when: the first, last or next time of something, or the date of an event; data: date, last_date, at,
until, title, kind, times and order (nearest when an entry was found that is worded otherwise). Cites the item.';
