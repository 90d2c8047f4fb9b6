create or replace function forge.recommend_diverse(
  p_owner_id text, p_version_id bigint, p_subject text, p_k integer, p_exclude_seen boolean,
  p_having text[], p_among text[], p_without text[], p_diversity double precision
)
returns table (item text, score double precision, reason jsonb)
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_items text[];
  v_scores double precision[];
  v_reasons jsonb[];
  v_ordinals integer[];
  v_first integer[];
  v_second integer[];
  v_likeness double precision[];
  v_count integer;
  v_near double precision[];
  v_open boolean[];
  v_best integer;
  v_best_value double precision;
  v_value double precision;
  v_pick integer;
  v_place integer;
begin
  select
    array_agg(r.item order by r.number), array_agg(r.score order by r.number), array_agg(r.reason order by r.number),
    array_agg(p.ordinal order by r.number), count(*)
  into v_items, v_scores, v_reasons, v_ordinals, v_count
  from forge.recommend(
    p_owner_id, p_version_id, p_subject, least(greatest(5 * p_k, 50), 1000), p_exclude_seen, p_having, p_among, p_without
  ) with ordinality as r (item, score, reason, number)
  join forge.popularity as p on p.owner_id = p_owner_id and p.version_id = p_version_id and p.item = r.item;
  -- Likeness of two candidates: the larger of their weights for each other, by the largest of all.
  select array_agg(w.a), array_agg(w.b), array_agg(w.weight / nullif(w.most, 0))
  into v_first, v_second, v_likeness
  from (
    select
      array_position(v_ordinals, k.item) as a, array_position(v_ordinals, n.neighbour) as b, n.weight::double precision,
      max(n.weight) over ()::double precision as most
    from forge.neighbour as k
    cross join lateral unnest(k.neighbours, k.weights) as n (neighbour, weight)
    where k.owner_id = p_owner_id and k.version_id = p_version_id and k.item = any(v_ordinals)
      and n.neighbour = any(v_ordinals) and n.weight > 0
  ) as w;
  v_near := array_fill(0.0::double precision, array[coalesce(v_count, 0)]);
  v_open := array_fill(true, array[coalesce(v_count, 0)]);
  for v_pick in 1 .. least(p_k, coalesce(v_count, 0)) loop
    v_best := null;
    v_best_value := null;
    for v_place in 1 .. v_count loop
      if v_open[v_place] then
        -- Relevance by rank, from 1 down: scores of neighbours and of what is common have no scale in common.
        v_value := (1 - p_diversity) * (1 - (v_place - 1)::double precision / v_count) - p_diversity * v_near[v_place];
        if v_best_value is null or v_value > v_best_value then
          v_best := v_place;
          v_best_value := v_value;
        end if;
      end if;
    end loop;
    v_open[v_best] := false;
    for v_place in 1 .. coalesce(cardinality(v_first), 0) loop
      if v_first[v_place] = v_best then
        v_near[v_second[v_place]] := greatest(v_near[v_second[v_place]], v_likeness[v_place]);
      elsif v_second[v_place] = v_best then
        v_near[v_first[v_place]] := greatest(v_near[v_first[v_place]], v_likeness[v_place]);
      end if;
    end loop;
    item := v_items[v_best];
    score := v_scores[v_best];
    reason := v_reasons[v_best];
    return next;
  end loop;
end
$$;

comment on function forge.recommend_diverse(
  text, bigint, text, integer, boolean, text[], text[], text[], double precision
) is
'The k items of a subject by maximal marginal relevance (Carbonell and Goldstein 1998): each next one is the best by
rank, less its likeness to the most alike of those that are chosen. p_diversity is what likeness weighs, 0 to 1.';
