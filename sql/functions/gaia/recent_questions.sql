create or replace function gaia.recent_questions(p_limit integer)
returns setof text
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
  select q.question
  from (
    select a.question, max(a.created_at) as last_at
    from gaia.answer as a
    where a.owner_id = (select ops.current_owner())
    group by a.question
  ) as q
  order by q.last_at desc
  limit p_limit;
$$;

comment on function gaia.recent_questions(integer) is
'The current owner''s questions, the latest first: real queries to measure search with. They are forgotten with their
answers. For datapunk_worker only.';
