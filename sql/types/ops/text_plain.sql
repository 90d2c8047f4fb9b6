do $$
begin
  if to_regtype('ops."text/plain"') is null then
    create domain ops."text/plain" as text;
    comment on domain ops."text/plain" is 'A page of text: PostgREST answers with it as it is, not as JSON.';
  end if;
end
$$;
