create or replace function gaia.sum_up_turns()
returns trigger
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
-- A session keeps its plan from when there were few answers, and reads all of them for each one ever after.
set enable_seqscan = off
as $$
declare
  -- The newest turns speak for themselves; older ones are summed up when there are so many more.
  c_kept constant integer := 4;
  c_due constant integer := 4;
  c_longest constant integer := 4000;
  v_until timestamptz;
begin
  select s.until into v_until
  from gaia.conversation_summary as s
  where s.owner_id = new.owner_id and s.conversation_id = new.conversation_id;
  if (
    select count(*)
    from gaia.answer as a
    where a.owner_id = new.owner_id and a.conversation_id = new.conversation_id
      and (v_until is null or a.created_at > v_until)
  ) < c_kept + c_due then
    return null;
  end if;
  with turn as (
    select
      a.created_at, row_number() over (order by a.created_at desc) as age,
      regexp_replace(left(a.question, 200), '\s+', ' ', 'g') || ': '
      || regexp_replace(left(coalesce(substring(a.answer from '^.*?[.!?…](?=\s|$)'), a.answer), 300), '\s+', ' ', 'g') as line
    from gaia.answer as a
    where a.owner_id = new.owner_id and a.conversation_id = new.conversation_id
      and (v_until is null or a.created_at > v_until)
  ), older as (
    select string_agg(t.line, E'\n' order by t.created_at) as lines, count(*) as number, max(t.created_at) as until
    from turn as t
    where t.age > c_kept
  )
  insert into gaia.conversation_summary as s (owner_id, conversation_id, text, turns, until)
  select new.owner_id, new.conversation_id, right(o.lines, c_longest), o.number, o.until
  from older as o
  on conflict on constraint conversation_summary_pk do update
    set
      -- Of a long conversation the first lines go. What the owner has written into it stays.
      text = case
        when length(s.text || E'\n' || excluded.text) <= c_longest then s.text || E'\n' || excluded.text
        else substring(right(s.text || E'\n' || excluded.text, c_longest) from '\n(.*)$') end,
      turns = s.turns + excluded.turns, until = excluded.until, updated_at = ops.now();
  return null;
end
$$;

comment on function gaia.sum_up_turns() is
'Trigger of gaia.answer: puts the older turns of a conversation into its summary, a line each: the question and the
first sentence of its answer. The four newest turns are never in it.';
