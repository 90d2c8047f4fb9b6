insert into cortex.language (code, configuration) values
('en', 'english'),
('de', 'german'),
('fr', 'french'),
('es', 'spanish')
on conflict on constraint language_pk do update set configuration = excluded.configuration;
