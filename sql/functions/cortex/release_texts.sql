create or replace function cortex.release_texts(p_generation_id bigint, p_text_ids bigint[])
returns void
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
  update cortex.pending as p
  set claimed_until = '-infinity'
  where p.owner_id = (select ops.current_owner()) and p.generation_id = p_generation_id
    and p.text_id = any (p_text_ids);
$$;

comment on function cortex.release_texts(bigint, bigint[]) is
'Gives claimed texts back untried, as when the model host cannot be reached. For datapunk_worker only.';
