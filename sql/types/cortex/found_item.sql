do $$
begin
  if to_regtype('cortex.found_item') is null then
    create type cortex.found_item as (
      item_id bigint,
      score double precision,
      lexical_rank integer,
      semantic_rank integer,
      kind text,
      source text,
      external_id text,
      occurred_at timestamptz,
      title text,
      snippet text,
      url text,
      repeats integer
    );
  end if;
end
$$;

comment on type cortex.found_item is 'A row of cortex_search and cortex_similar.';
