create or replace function forge.drift(p_version_id bigint)
returns table (
  feature text,
  predictions bigint,
  psi double precision,
  missing double precision,
  missing_in_training double precision
)
language sql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
with asked as materialized (
  select p.features, coalesce(p.output -> 'label', p.output -> 'value', p.output -> 'score') as predicted
  from forge.prediction as p
  where p.owner_id = (select ops.current_owner()) and p.version_id = p_version_id
    and p.at >= (select forge.deployed_since(p_version_id))
  order by p.id desc
  limit 1000
), profiled as (
  select f.value ->> 'name' as name, f.value ->> 'kind' as kind, f.value ->> 'type' as type,
    f.value -> 'profile' as profile
  from forge.version as v
  cross join lateral jsonb_array_elements(v.signature -> 'features') as f
  where v.owner_id = (select ops.current_owner()) and v.id = p_version_id and jsonb_typeof(f.value) = 'object'
    and f.value -> 'profile' ? 'missing'
  union all
  select '(prediction)', case when v.signature -> 'prediction' ? 'edges' then 'number' else 'category' end, null,
    v.signature -> 'prediction'
  from forge.version as v
  where v.owner_id = (select ops.current_owner()) and v.id = p_version_id and v.signature ? 'prediction'
), feature as materialized (
  select p.name, p.kind, p.type, p.profile, p.profile ? 'edges' as has_edges,
    array(select -e.value::double precision from jsonb_array_elements_text(p.profile -> 'edges') as e order by 1)
      as falling
  from profiled as p
), given as (
  select f.name, f.kind, f.type, f.profile, f.has_edges, f.falling,
    nullif(case when f.name = '(prediction)' then a.predicted else a.features -> f.name end, 'null') as value
  from feature as f
  cross join asked as a
), told as (
  select g.*, g.value #>> '{}' as text,
    case
      when not g.has_edges then null
      when jsonb_typeof(g.value) = 'boolean' then g.value::boolean::integer
      when g.kind = 'time' and jsonb_typeof(g.value) <> 'number' then forge.seconds_of(g.value #>> '{}')
      when g.value #>> '{}' ~ '^[+-]?[0-9]{1,15}([.][0-9]{0,15})?$' then (g.value #>> '{}')::double precision
      -- As it was given: what the version refused, as a shadow, or reads otherwise than SQL does counts as missing.
      else nullif(forge.number_of(g.value #>> '{}'), 'NaN')
    end as number
  from given as g
), binned as (
  select
    t.name,
    case
      when t.text is null then null
      -- A bin has its upper edge, as in training; width_bucket gives it the lower one, hence the signs.
      when t.has_edges then (
        cardinality(t.falling) - width_bucket(
          -case
            -- The decimal that a real stands for is what training reads.
            when t.type = 'float4' and abs(t.number) between 1e-37 and 1e38 then t.number::real::text::double precision
            else t.number
          end,
          t.falling
        )
      )::text
      when t.kind = 'boolean' and t.profile -> 'shares' ? b.word then '=' || b.word
      when t.profile -> 'shares' ? t.text then '=' || t.text
      when t.kind = 'category' and jsonb_typeof(t.value) = 'number' then coalesce(
        (
          select '=' || s.name
          from jsonb_object_keys(t.profile -> 'shares') as s (name)
          where forge.number_of(s.name) = forge.number_of(t.text)
          limit 1
        ),
        ''
      )
      when t.kind = 'text' and t.text !~ '[^[:space:]]' then null
      else ''
    end as bin
  from told as t
  cross join lateral (
    select case
      when t.kind <> 'boolean' then null
      when lower(btrim(t.text)) in ('true', 't', 'yes') or forge.number_of(t.text) = 1 then 'true'
      when lower(btrim(t.text)) in ('false', 'f', 'no') or forge.number_of(t.text) = 0 then 'false'
    end as word
  ) as b
), expected as (
  select f.name, (s.ordinality - 1)::text as bin, s.value::double precision as share
  from feature as f
  cross join lateral jsonb_array_elements_text(case when f.has_edges then f.profile -> 'shares' end)
    with ordinality as s
  union all
  select f.name, '=' || s.key, s.value::double precision
  from feature as f
  cross join lateral jsonb_each_text(case when not f.has_edges then f.profile -> 'shares' end) as s
  union all
  select f.name, '', (f.profile ->> 'other')::double precision
  from feature as f
  where f.profile ? 'other'
), seen as (
  select b.name, b.bin, count(*) as number, sum(count(*)) filter (where b.bin is not null) over (partition by b.name) as known,
    sum(count(*)) over (partition by b.name) as asked
  from binned as b
  group by b.name, b.bin
)
select
  f.name,
  (select count(*) from asked),
  (
    -- Empty bins count as a ten-thousandth, so that no logarithm is infinite. By chance alone the index of n values in b
    -- bins is some (b - 1) / n, a tenth for ten values a bin.
    select sum((greatest(coalesce(a.share, 0), 0.0001) - greatest(e.share, 0.0001))
      * ln(greatest(coalesce(a.share, 0), 0.0001) / greatest(e.share, 0.0001)))
    from expected as e
    left join (
      select s.bin, s.number::double precision / s.known as share from seen as s where s.name = f.name and s.known > 0
    ) as a on a.bin = e.bin
    where e.name = f.name
    having k.known >= greatest(100, least(10 * count(*), 1000))
  ),
  (
    select coalesce(max(s.number) filter (where s.bin is null), 0)::double precision / max(s.asked)
    from seen as s
    where s.name = f.name
  ),
  (f.profile ->> 'missing')::double precision
from feature as f
left join (select s.name, max(s.known) as known from seen as s group by s.name) as k on k.name = f.name;
$$;

comment on function forge.drift(bigint) is
'How far the features of the last thousand kept predictions of a version, since it was deployed last, are from its
training rows, and the predictions themselves, as (prediction), from those for the rows that were held out: the population
stability index over deciles or values (0.1 is worth a look, 0.25 a shift), and the shares that are missing, null where
nothing was asked. An edge belongs to the bin below it, as in training. The index is null for fewer than a hundred known
values, or ten a bin.';
