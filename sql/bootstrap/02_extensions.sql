create extension if not exists plpython3u;
create extension if not exists vector schema public;
create extension if not exists pg_trgm schema public;
