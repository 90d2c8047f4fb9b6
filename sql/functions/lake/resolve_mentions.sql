create or replace function lake.resolve_mentions(p_items bigint[])
returns bigint[]
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_custom_plan
set enable_nestloop = off
set work_mem = '64MB'
as $$
declare
  v_owner constant text := ops.current_owner();
  v_touched bigint[];
begin
  with mention as materialized (
    -- Longer ones are no addresses and no names, and more than an index holds.
    select m.item_id, m.part, m.hint, case when length(m.address) <= 320 then m.address else '' end collate "C" as address,
      lake.short_key(m.chat) collate "C" as chat, left(m.name, 300) collate "C" as name, m.card
    from lake.mentions(p_items) as m
  ), said as materialized (
    select m.hint, m.address, m.chat, m.name, m.card,
      -- What has no address but a name that is one; WhatsApp puts invisible marks around numbers.
      case when m.address = '' and m.name ~ '^\S+@\S+$' then m.name
        when m.address = '' and m.chat = '' and m.name !~ '[[:alpha:]@]' and lake.plain_number(m.name) ~ '^[+0(]'
          then lake.plain_number(m.name)
        when m.address = '' or m.address ~ '^\S+@\S+$' then m.address
        else coalesce(nullif(lake.plain_number(m.address), ''), btrim(m.address))
      end as at,
      -- Case and width of letters are the language's matter.
      left(
        lower(btrim(regexp_replace(normalize(m.name, nfkc), '[[:space:]"]+', ' ', 'g') collate "default", ' ''')), 300
      ) collate "C" as name_norm
    from mention as m
    group by m.hint, m.address, m.chat, m.name, m.card
  ), typed as materialized (
    select s.*,
      case
        when s.hint <> '' then s.hint
        when s.at ~ '^\S+@\S+$' then 'email'
        when s.at ~ '^[+0-9 ()./-]+$' and length(regexp_replace(s.at, '[^0-9]', '', 'g')) >= 7 then 'phone'
        when s.chat <> '' then 'chat'
        else 'name'
      end as type
    from said as s
  ), number as materialized (
    select n.at, n.digits collate "C" as digits
    from (select array_agg(distinct t.at) as all_of_them from typed as t where t.type = 'phone') as p
    cross join lateral unnest(p.all_of_them, lake.phone_digits(p.all_of_them)) as n (at, digits)
  ), known as materialized (
    select t.hint, t.address, t.chat, t.name, t.card, t.type,
      case t.type
        when 'self' then 'me'
        when 'email' then lower(t.at collate "default") collate "C"
        when 'phone' then n.digits
        when 'name' then coalesce(nullif(t.name_norm, ''), lower(t.at collate "default") collate "C")
        else regexp_replace(t.chat, '^telegram:user(?=[0-9])', 'telegram:')
      end as value_norm,
      case
        when t.type = 'self' or t.name ~ '^\S+@\S+$' or t.chat = split_part(t.chat, ':', 1) || ':' || t.name then ''
        when t.type = 'phone' and t.name !~ '[[:alpha:]]' then ''
        when t.type = 'name' and t.name_norm = '' then t.at
        else btrim(t.name)
      end as alias,
      t.name_norm
    from typed as t
    left join number as n on n.at = t.at and t.type = 'phone'
    -- Of a card, only what others can share: no number of three digits.
    where not (t.type = 'name' and (t.card or t.name_norm || t.at = ''))
  ), wanted as materialized (
    select distinct k.type, k.value_norm from known as k
  ), added as (
    insert into lake.person_identifier as i (owner_id, type, value_norm)
    select v_owner, w.type, w.value_norm
    from wanted as w
    order by w.type, w.value_norm
    on conflict on constraint person_identifier_uq do nothing
    returning i.id, i.type, i.value_norm
  ), identifier as materialized (
    select a.id, a.type, a.value_norm from added as a
    union all
    select i.id, i.type, i.value_norm
    from wanted as w
    join lake.person_identifier as i
      on i.owner_id = v_owner and i.type = w.type and i.value_norm = w.value_norm
  ), identified as materialized (
    select k.hint, k.address, k.chat, k.name, k.card, k.alias, i.id,
      case when k.alias <> '' then k.name_norm else '' end as name_norm
    from known as k
    join identifier as i on i.type = k.type and i.value_norm = k.value_norm
  ), named as materialized (
    select distinct i.id, i.alias, i.name_norm, i.card from identified as i
  ), fresh as (
    insert into lake.person_alias as a (owner_id, identifier_id, name, name_norm, card)
    select v_owner, n.id, n.alias, n.name_norm, n.card
    from named as n
    on conflict on constraint person_alias_uq do nothing
    returning a.id, a.identifier_id, a.name, a.card
  ), alias as materialized (
    select f.id, f.identifier_id, f.name, f.card from fresh as f
    union all
    select a.id, a.identifier_id, a.name, a.card
    from named as n
    join lake.person_alias as a
      on a.owner_id = v_owner and a.identifier_id = n.id and a.name = n.alias and a.card = n.card
  ), target as materialized (
    select i.hint, i.address, i.chat, i.name, i.card, a.id
    from identified as i
    join alias as a on a.identifier_id = i.id and a.name = i.alias and a.card = i.card
  ), placed as (
    insert into lake.person_item (owner_id, alias_id, part, first_item, item_ids)
    select v_owner, t.id, m.part, min(m.item_id), array_agg(distinct m.item_id)
    from mention as m
    join target as t
      on t.hint = m.hint and t.address = m.address and t.chat = m.chat and t.name = m.name and t.card = m.card
    group by t.id, m.part
  )
  -- A card joins what it holds even where each of it was known before.
  select array_agg(distinct t.id) into v_touched
  from (
    select f.identifier_id from fresh as f
    union all
    select a.identifier_id from alias as a where a.card
  ) as t (id);
  return v_touched;
end
$$;

comment on function lake.resolve_mentions(bigint[]) is
'Takes in whom these items of the owner, none of which was taken in before, tell of: identifiers, the names with which
they are seen, and who has a part in which item. Returns the identifiers about which that says something new.';
