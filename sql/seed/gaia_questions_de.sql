-- Questions in German for the subroutines; they are read as questions in German are.
with given (subroutine, texts) as (
  values
    ('count', array[
      'Wie viele Videos habe ich letzten Winter gesehen?', 'Zähl die Mails von Sarah im Mai 2019.',
      'Wie oft habe ich 2018 nach Rezepten gesucht?', 'Wie viele Meetings hatte ich vorletzte Woche mit Tom?',
      'An wie vielen Tagen war ich im Juni im Netz unterwegs?',
      'Wie viele Stunden habe ich 2017 in Sitzungen mit Anna gesessen?',
      'Welcher Prozentsatz der Videos kam 2018 von Guitar Corner?',
      'Wie viele Besuche pro Woche hatte das Forum im Schnitt?', 'Wie viele unterschiedliche Kanäle waren es im Mai?',
      'Anzahl der Termine, ohne die mit Tom'
    ]),
    ('top', array[
      'Welche drei Kanäle schaue ich am liebsten?', 'Die häufigsten Absender in meinem Postfach 2018',
      'Wen treffe ich am öftesten?', 'Was sind meine Lieblingskanäle?', 'Rangliste der Websites vom letzten Sommer',
      'Wem habe ich am meisten geschrieben?',
      'Welche Websites habe ich weniger als zehnmal besucht?',
      'Welche Suchen mache ich dauernd?', 'Top 5 der Kanäle im Juni'
    ]),
    ('when', array[
      'Wann habe ich Tom das erste Mal geschrieben?', 'Seit wann schaue ich Guitar Corner?',
      'Wie lange ist mein letzter Besuch beim Zahnarzt her?', 'Wann hat Anna Geburtstag?',
      'An welchem Datum begann der Kurs?', 'Wann war ich zuletzt im Kino?', 'Wann kam die letzte E-Mail von Sarah?'
    ]),
    ('timeline', array[
      'Was ist letzten Dienstag passiert?', 'Zeig mir den 3. Mai 2018.', 'Was war letzte Woche alles?',
      'Erzähl mir, was ich an Ostern gemacht habe.', 'Welche Termine gab es am 12. Juni 2017?',
      'Wie sah mein Tag am 5. Februar 2019 aus?'
    ]),
    ('compare', array[
      'Habe ich 2017 oder 2018 mehr gesucht?', 'Vergleiche meine Mails im Mai und im Juni.',
      'Schreibt mir Anna mehr als Tom?', 'Was besuche ich öfter, das Forum oder das Wiki?',
      'Mehr Termine im Frühling oder im Herbst?', 'Wer hat mehr Videos, Guitar Corner oder Piano Corner?'
    ]),
    ('trend', array[
      'Wie entwickeln sich meine Suchen von Monat zu Monat?', 'Schaue ich immer mehr Videos?',
      'Verlauf meiner Mails pro Woche 2018', 'Nehmen meine Termine zu oder ab?', 'Zeig mir die Besuche je Monat.',
      'Wie hat sich mein Mailverkehr über die Jahre verändert?'
    ]),
    ('search', array[
      'Welches Hotel hat Anna in der Mail empfohlen?', 'Was kostet die neue Heizung laut Angebot?',
      'Wie lautet die Adresse der Werkstatt?', 'Was hat Tom über das Boot geschrieben?',
      'Such die Nachricht mit dem Türcode.', 'Wer soll den Kuchen mitbringen?', 'Um wie viel Uhr beginnt das Konzert?'
    ]),
    ('people', array[
      'Mit wem habe ich über das Zelt gemailt?', 'Wer war beim Abendessen dabei?',
      'Wer hat mir wegen der Wohnung geschrieben?', 'Mit wem bin ich in Rom gewesen?',
      'Welche Leute waren auf dem Ausflug?', 'Wer weiß etwas über den Motor?'
    ]),
    ('places', array[
      'Wo war ich letztes Jahr am häufigsten?', 'An welchen Orten finden meine Treffen statt?',
      'Welche Orte besuche ich am meisten?', 'Wo waren meine Termine im Mai?', 'Meine häufigsten Orte 2018'
    ]),
    ('summarize', array[
      'Fasse zusammen, was Anna im Mai geschrieben hat.', 'Worum geht es in den Mails von Tom?',
      'Kurzfassung der Nachrichten vom Juni, bitte.', 'Gib mir einen Überblick über die Mails der letzten Woche.',
      'Was ist das Wichtigste aus den Mails von Sarah?'
    ]),
    ('similar', array[
      'Was gibt es noch wie „Nachtzüge“?', 'Zeig mir Ähnliches zu „Nachtzüge“.',
      'Gibt es Videos, die „Nachtzüge“ gleichen?', 'Finde etwas, das so ist wie „Nachtzüge“.'
    ]),
    ('next', array[
      'Was habe ich als Nächstes vor?', 'Welcher Termin kommt als nächster?', 'Was steht morgen an?',
      'Was liegt heute noch an?', 'Mein nächstes Treffen?'
    ]),
    ('recommend', array[
      'Welches Video passt heute zu mir?', 'Was kann ich mir am Wochenende anschauen?', 'Schlag mir einen Film vor.',
      'Hast du eine Empfehlung für mich?', 'Empfiehl mir etwas Neues zum Ansehen.'
    ]),
    ('forecast', array[
      'Wie viele Mails werde ich nächste Woche bekommen?', 'Vorhersage meiner Videos für den nächsten Monat',
      'Mit wie vielen Terminen muss ich im Mai rechnen?', 'Prognostiziere meine Suchen.',
      'Was erwartest du für die kommenden Wochen?'
    ]),
    ('anomalies', array[
      'Welche Tage waren ungewöhnlich?', 'Gibt es Ausreißer bei meinen Suchen?', 'War im Mai etwas auffällig?',
      'An welchen Tagen war mit meinen Besuchen etwas seltsam?'
    ]),
    ('sentiment', array[
      'Wie ist die Stimmung in den Mails von Anna?', 'Klingen Toms Mails freundlich?',
      'Welchen Ton haben die Nachrichten von Sarah?', 'Sind meine Mails eher positiv oder negativ?'
    ]),
    ('entities', array[
      'Welche Namen kommen in den Mails vom Mai vor?', 'Welche Firmen werden in den Mails von Tom erwähnt?',
      'Welche Orte nennt Anna in ihren Mails?'
    ]),
    ('predict', array[
      'Wende mein Modell auf „guten Morgen“ an.', 'Was sagt das Modell zu „guten Morgen“?',
      'Wie würde das Modell „guten Morgen“ einordnen?'
    ]),
    ('profile', array[
      'Was sind meine Interessen?', 'Wer bin ich nach meinen Daten?',
      'Gib mir einen Überblick über alles, was du von mir hast.', 'Was ist alles in meinen Daten?'
    ]),
    ('explain', array[
      'Warum hast du das geantwortet?', 'Wie kommst du darauf?', 'Woher weißt du das?', 'Erkläre die letzte Antwort.'
    ]),
    ('remember', array[
      'Merke dir: mein Fahrrad ist blau.', 'Schreib dir auf, dass ich donnerstags frei habe.',
      'Notiere dir, dass Tom keinen Fisch mag.', 'Denk daran, dass ich um acht Uhr aufstehe.'
    ]),
    ('forget', array[
      'Vergiss mein Fahrrad.', 'Lösche die Notiz über Tom.',
      'Vergiss alles, was ich dir über Donnerstage gesagt habe.', 'Streiche die Notiz zum Fisch.'
    ]),
    ('help', array[
      'Hilfe', 'Was für Fragen verstehst du?', 'Wie funktioniert das hier?', 'Womit kannst du mir dienen?'
    ]),
    ('none', array[
      'Wie weit ist es bis zum Mond?', 'Wer ist Bundeskanzler?', 'Stell den Wecker auf sieben.',
      'Schreib mir ein Gedicht.', 'Was bedeutet „carpe diem“?', 'Mach das Fenster zu.',
      'Wie viele Einwohner hat Portugal?', 'Ruf meine Mutter an.', 'Was ist 12 mal 12?', 'Wer hat Faust geschrieben?',
      'Wie backt man Brot?', 'Wann wurde das Telefon erfunden?'
    ])
), wanted as (
  select g.subroutine, t.text
  from given as g
  cross join lateral unnest(g.texts) as t (text)
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.language = 'de'
    and not exists (select from wanted as w where w.subroutine = e.subroutine and w.text = e.text)
)
insert into gaia.example (owner_id, subroutine, text, source, language)
select 'system' as owner_id, w.subroutine, w.text, 'builtin' as source, 'de' as language
from wanted as w
on conflict on constraint example_text_uq do nothing;
