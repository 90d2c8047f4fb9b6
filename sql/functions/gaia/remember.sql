create or replace function gaia.remember(p_parameters jsonb)
returns jsonb
language plpgsql
volatile
security invoker
set search_path = pg_catalog, pg_temp
as $$
declare
  v_text constant text := nullif(btrim(p_parameters ->> 'note'), '');
  v_id bigint;
begin
  if v_text is null then
    return jsonb_build_object('data', jsonb_build_object('note', null), 'citations', '[]'::jsonb);
  end if;
  select n.id into v_id
  from gaia.note as n
  where n.owner_id = (select ops.current_owner()) and n.text = v_text;
  if v_id is null then
    insert into gaia.note (text) values (v_text) returning id into v_id;
  end if;
  return jsonb_build_object('data', jsonb_build_object('note_id', v_id, 'note', v_text), 'citations', '[]'::jsonb);
end
$$;

comment on function gaia.remember(jsonb) is
'Subroutine remember: keeps p_parameters.note as a note of the owner to Gaia, once. data: note_id and note (null
where the question says nothing to keep). The view notes_to_gaia shows the notes.';
