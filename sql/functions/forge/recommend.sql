create or replace function forge.recommend(
  p_owner_id text, p_version_id bigint, p_subject text, p_k integer, p_exclude_seen boolean,
  p_having text[], p_among text[], p_without text[]
)
returns table (item text, score double precision, reason jsonb)
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
-- Planning and compiling would take longer than the query.
set plan_cache_mode = force_generic_plan
set jit = off
as $$
#variable_conflict use_column
begin
  return query
with had as materialized (
  select h.item, max(h.weight) as weight
  from (
    select had.item, had.weight::double precision
    from forge.interaction as s
    cross join lateral unnest(s.items, s.weights) as had (item, weight)
    where s.owner_id = p_owner_id and s.version_id = p_version_id and s.subject = p_subject
    union all
    select p.ordinal, 1
    from forge.popularity as p
    where p.owner_id = p_owner_id and p.version_id = p_version_id and p.item = any(p_having)
  ) as h (item, weight)
  group by h.item
), barred as materialized (
  select had.item from had where p_exclude_seen
  union
  select p.ordinal
  from forge.popularity as p
  where p.owner_id = p_owner_id and p.version_id = p_version_id
    and (p.item = any(p_without) or not p.item = any(p_among))
), pair as materialized (
  select n.neighbour, had.item, had.weight * n.weight as share
  from had
  join forge.neighbour as k on k.owner_id = p_owner_id and k.version_id = p_version_id and k.item = had.item
  cross join lateral unnest(k.neighbours, k.weights) as n (neighbour, weight)
), best as materialized (
  select pair.neighbour, sum(pair.share) as score
  from pair
  where pair.neighbour not in (select barred.item from barred)
  group by pair.neighbour
  having sum(pair.share) > 0
  order by score desc, pair.neighbour
  limit p_k
), popular as (
  select p.ordinal, p.weight
  from forge.popularity as p
  where p.owner_id = p_owner_id and p.version_id = p_version_id
    and p.ordinal not in (select best.neighbour from best)
    and p.ordinal not in (select barred.item from barred)
  order by p.ordinal
  limit greatest(p_k - (select count(*) from best), 0)
), chosen as (
  select best.neighbour as ordinal, best.score, true as personal from best
  union all
  select popular.ordinal, popular.weight, false from popular
)
select
  i.item, c.score,
  case
    when c.personal then jsonb_build_object('kind', 'neighbours', 'because', (
      select jsonb_agg(w.item order by w.share desc)
      from (
        select b.item, pair.share
        from pair
        join forge.popularity as b
          on b.owner_id = p_owner_id and b.version_id = p_version_id and b.ordinal = pair.item
        where pair.neighbour = c.ordinal and pair.share > 0
        order by pair.share desc, pair.item
        limit 3
      ) as w
    ))
    else jsonb_build_object('kind', 'popular', 'because', '[]'::jsonb, 'share', round(c.score::numeric, 4))
  end
from chosen as c
join forge.popularity as i
  on i.owner_id = p_owner_id and i.version_id = p_version_id and i.ordinal = c.ordinal
order by c.personal desc, c.score desc, c.ordinal;
end
$$;

comment on function forge.recommend(text, bigint, text, integer, boolean, text[], text[], text[]) is
'The k best items for a subject of a recommender''s version: the weights of the neighbours of what the subject had
are summed; where that gives fewer than k, the most common items follow. p_having is what it had besides; only items of
p_among are recommended, unless null, and none of p_without.';
