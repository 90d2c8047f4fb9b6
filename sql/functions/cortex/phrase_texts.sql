create or replace function cortex.phrase_texts(p_query text)
returns bigint[]
language plpgsql
stable
security invoker
set search_path = pg_catalog, pg_temp
set jit = off
as $$
declare
  v_phrase record;
  v_language record;
  v_term record;
  v_ids bigint[];
  v_found bigint[];
  v_all bigint[];
begin
  for v_phrase in
    select p.phrase, p.pattern from cortex.phrases(p_query) as p
  loop
    v_found := '{}';
    for v_language in
      select distinct coalesce(l.configuration, 'simple')::regconfig as configuration
      from cortex.corpus_delta as d
      left join cortex.language as l on l.code = d.language
      where d.owner_id = (select ops.current_owner())
    loop
      v_ids := null;
      -- From the rarest of its words to the commonest, the texts that hold them all.
      for v_term in
        select u.lexeme, coalesce(sum(p.texts), 0) as texts
        from unnest(to_tsvector(v_language.configuration, v_phrase.phrase)) as u
        left join cortex.posting as p on p.owner_id = (select ops.current_owner()) and p.term = u.lexeme
        group by u.lexeme
        order by 2
      loop
        v_ids := array(
          select e.entry >> 24
          from cortex.posting as p
          cross join lateral unnest(p.entries) as e (entry)
          where p.owner_id = (select ops.current_owner()) and p.term = v_term.lexeme
            and (v_ids is null or e.entry >> 24 in (select i.id from unnest(v_ids) as i (id)))
        );
        exit when v_ids = '{}';
      end loop;
      continue when v_ids is null or v_ids = '{}';
      v_found := v_found || array(
        select t.id
        from cortex.text as t
        where t.owner_id = (select ops.current_owner()) and t.id = any (v_ids)
          and t.lexemes @@ phraseto_tsquery(v_language.configuration, v_phrase.phrase) and t.body ~* v_phrase.pattern
      );
    end loop;
    -- Where a phrase is nothing but stop words to a language, its texts are in no index: it restricts nothing then.
    continue when v_found = '{}' and exists (
      select
      from cortex.corpus_delta as d
      left join cortex.language as l on l.code = d.language
      where d.owner_id = (select ops.current_owner())
        and numnode(phraseto_tsquery(coalesce(l.configuration, 'simple')::regconfig, v_phrase.phrase)) = 0
    );
    v_all := case
      when v_all is null then array(select distinct f.id from unnest(v_found) as f (id))
      else array(select a.id from unnest(v_all) as a (id) intersect select f.id from unnest(v_found) as f (id))
    end;
    exit when v_all = '{}';
  end loop;
  return v_all;
end
$$;

comment on function cortex.phrase_texts(text) is
'The current owner''s texts that hold every phrase that p_query has in quotation marks, its words as they are and next
to each other, in upper or lower case; null when it has none, and when it says more than eight words beside them: it is a
text with quotations then.';
