create or replace view api.answer_quality
with (security_invoker = true)
as
select
  a.route, count(*) as answers,
  count(*) filter (where a.route <> 'none') as answered,
  count(*) filter (where a.route = 'none') as declined,
  count(*) filter (where exists (
    select from gaia.citation as c where c.owner_id = a.owner_id and c.answer_id = a.id
  )) as cited,
  count(*) filter (where f.rating = 1) as thumbs_up, count(*) filter (where f.rating = -1) as thumbs_down,
  round(avg(a.confidence)::numeric, 3) as mean_confidence,
  percentile_cont(0.5) within group (order by a.latency_ms) as latency_p50_ms,
  percentile_cont(0.95) within group (order by a.latency_ms) as latency_p95_ms,
  max(a.created_at) as last_answer_at
from gaia.answer as a
left join gaia.feedback as f on a.owner_id = f.owner_id and a.id = f.answer_id
where a.created_at > ops.now() - interval '30 days'
group by a.route;

comment on view api.answer_quality is
'How Gaia answered in the last 30 days, by route: how many, what was declined, cited and liked, and how long it took.';
comment on column api.answer_quality.route is
'What answered: a subroutine, plan where several did, none where the question was declined.';
comment on column api.answer_quality.answers is 'Answers, declined questions among them.';
comment on column api.answer_quality.answered is 'Those that were not declined.';
comment on column api.answer_quality.declined is 'Questions that no subroutine answers.';
comment on column api.answer_quality.cited is 'Answers that cite an item at least.';
comment on column api.answer_quality.thumbs_up is 'Answers that you found right, by gaia_feedback.';
comment on column api.answer_quality.thumbs_down is 'Answers that you found wrong.';
comment on column api.answer_quality.mean_confidence is 'Mean certainty of the route, from 0 to 1.';
comment on column api.answer_quality.latency_p50_ms is 'Median time of an answer, in milliseconds.';
comment on column api.answer_quality.latency_p95_ms is 'Time that 95 of 100 answers stay below.';
comment on column api.answer_quality.last_answer_at is 'When the newest of them was given.';
