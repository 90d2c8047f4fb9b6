create or replace function api.stream_requeue(dead_letter_id bigint)
returns boolean
language sql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
select stream.requeue(dead_letter_id);
$$;

comment on function api.stream_requeue(bigint) is
'Has a message of the view dead_letters delivered again, when its handler has been mended; false when there is none.
All of them: select stream_requeue(dead_letter_id) from dead_letters.';
