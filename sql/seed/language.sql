insert into cortex.language (code, configuration) values
('en', 'english'),
('de', 'german'),
('fr', 'french'),
('es', 'spanish'),
('it', 'italian'),
('pt', 'portuguese'),
('nl', 'dutch')
on conflict on constraint language_pk do update set configuration = excluded.configuration;
