-- Questions in French for the subroutines; they are read as questions in French are.
with given (subroutine, texts) as (
  values
    ('count', array[
      'Combien de vidéos ai-je vues l''hiver dernier ?', 'Compte les mails de Sarah en mai 2019.',
      'Combien de fois ai-je cherché des recettes en 2018 ?', 'Combien de réunions avec Tom la semaine dernière ?',
      'Combien de jours ai-je été sur le forum en juin ?',
      'Combien d''heures ai-je passées en réunion avec Anna en 2017 ?',
      'Quel pourcentage des vidéos était de Guitar Corner ?', 'Combien de visites par semaine en moyenne ?',
      'Combien de chaînes différentes en mai ?', 'Le nombre de rendez-vous sans ceux avec Tom'
    ]),
    ('top', array[
      'Quelles sont mes trois chaînes préférées ?', 'Qui m''écrit le plus ?',
      'Les expéditeurs les plus fréquents en 2018', 'Qui est-ce que je rencontre le plus souvent ?',
      'Le classement des sites de l''été dernier', 'À qui ai-je écrit le plus de mails ?',
      'Quelles recherches est-ce que je fais tout le temps ?', 'Le top 5 de mes chaînes en juin'
    ]),
    ('when', array[
      'Quand ai-je écrit à Tom pour la première fois ?', 'Depuis quand est-ce que je regarde Guitar Corner ?',
      'Il y a combien de temps que je suis allé chez le dentiste ?', 'C''est quand l''anniversaire d''Anna ?',
      'À quelle date a commencé le cours ?', 'Quand suis-je allé au cinéma la dernière fois ?'
    ]),
    ('timeline', array[
      'Que s''est-il passé mardi dernier ?', 'Montre-moi le 3 mai 2018.',
      'Qu''est-ce que j''ai fait la semaine dernière ?', 'Raconte-moi ce que j''ai fait à Pâques.',
      'Quels rendez-vous y a-t-il eu le 12 juin 2017 ?', 'À quoi ressemblait ma journée du 5 février 2019 ?'
    ]),
    ('compare', array[
      'Ai-je fait plus de recherches en 2017 ou en 2018 ?', 'Compare mes mails de mai et de juin.',
      'Est-ce qu''Anna m''écrit plus que Tom ?', 'Qu''est-ce que je visite le plus, le forum ou le wiki ?',
      'Plus de rendez-vous au printemps ou à l''automne ?'
    ]),
    ('trend', array[
      'Comment évoluent mes recherches de mois en mois ?', 'Est-ce que je regarde de plus en plus de vidéos ?',
      'L''évolution de mes mails par semaine en 2018', 'Mes rendez-vous sont-ils en hausse ou en baisse ?',
      'Montre les visites par mois.'
    ]),
    ('search', array[
      'Quel hôtel Anna a-t-elle recommandé dans son mail ?',
      'Combien coûte la nouvelle chaudière d''après le devis ?', 'Quelle est l''adresse du garage ?',
      'Qu''est-ce que Tom a écrit sur le bateau ?', 'Cherche le message avec le code de la porte.',
      'Qui doit apporter le gâteau ?', 'À quelle heure commence le concert ?'
    ]),
    ('people', array[
      'Avec qui ai-je parlé de la tente par mail ?', 'Qui était là au dîner ?',
      'Qui m''a écrit au sujet de l''appartement ?', 'Avec qui étais-je à Rome ?',
      'Quelles personnes étaient à l''excursion ?'
    ]),
    ('places', array[
      'Où étais-je le plus souvent l''an dernier ?', 'Dans quels endroits ont lieu mes réunions ?',
      'Quels lieux est-ce que je visite le plus ?', 'Mes lieux les plus fréquents en 2018'
    ]),
    ('summarize', array[
      'Résume ce qu''Anna a écrit en mai.', 'De quoi parlent les mails de Tom ?',
      'Un résumé des messages de juin, s''il te plaît.', 'Donne-moi un aperçu des mails de la semaine dernière.',
      'Quels sont les points importants des mails de Sarah ?'
    ]),
    ('similar', array[
      'Qu''y a-t-il d''autre comme « Trains de nuit » ?',
      'Montre-moi quelque chose de similaire à « Trains de nuit ».', 'Trouve ce qui ressemble à « Trains de nuit ».'
    ]),
    ('next', array[
      'Qu''est-ce que j''ai de prévu ensuite ?', 'Quelle est ma prochaine réunion ?',
      'Qu''est-ce qui est prévu demain ?', 'Que dois-je encore faire aujourd''hui ?'
    ]),
    ('recommend', array[
      'Quelle vidéo me plairait aujourd''hui ?', 'Que puis-je regarder ce week-end ?', 'Propose-moi un film.',
      'As-tu une recommandation pour moi ?', 'Conseille-moi quelque chose de nouveau.'
    ]),
    ('forecast', array[
      'Combien de mails vais-je recevoir la semaine prochaine ?',
      'Les prévisions de mes vidéos pour le mois prochain', 'À combien de rendez-vous dois-je m''attendre en mai ?',
      'Fais une prévision de mes recherches.'
    ]),
    ('anomalies', array[
      'Quels jours étaient inhabituels ?', 'Y a-t-il des anomalies dans mes recherches ?',
      'Est-ce qu''il y a eu quelque chose d''étrange en mai ?'
    ]),
    ('sentiment', array[
      'Quelle est l''humeur des mails d''Anna ?', 'Les mails de Tom sont-ils aimables ?',
      'Quel ton ont les messages de Sarah ?', 'Mes mails sont-ils plutôt positifs ou négatifs ?'
    ]),
    ('entities', array[
      'Quels noms apparaissent dans les mails de mai ?',
      'Quelles entreprises sont mentionnées dans les mails de Tom ?', 'Quels lieux Anna nomme-t-elle dans ses mails ?'
    ]),
    ('predict', array[
      'Applique mon modèle à « bonne journée ».', 'Que dit le modèle de « bonne journée » ?',
      'Comment le modèle classerait-il « bonne journée » ?'
    ]),
    ('profile', array[
      'Quels sont mes centres d''intérêt ?', 'Qui suis-je d''après mes données ?',
      'Donne-moi un aperçu de tout ce que tu as sur moi.', 'Qu''y a-t-il dans mes données ?'
    ]),
    ('explain', array[
      'Pourquoi as-tu répondu cela ?', 'D''où tiens-tu ça ?', 'Comment le sais-tu ?', 'Explique ta dernière réponse.'
    ]),
    ('remember', array[
      'Retiens ceci : mon vélo est bleu.', 'Note que je suis libre le jeudi.',
      'Souviens-toi que Tom n''aime pas le poisson.', 'Mémorise que je me lève à huit heures.'
    ]),
    ('forget', array[
      'Oublie mon vélo.', 'Efface la note sur Tom.', 'Oublie ce que je t''ai dit sur le jeudi.',
      'Supprime ta note sur le poisson.'
    ]),
    ('help', array[
      'Aide', 'Quel genre de questions comprends-tu ?', 'Comment ça marche ici ?', 'À quoi peux-tu me servir ?'
    ]),
    ('none', array[
      'À quelle distance est la Lune ?', 'Qui est le président de la République ?', 'Règle le réveil à sept heures.',
      'Écris-moi un poème.', 'Que signifie « carpe diem » ?', 'Ferme la fenêtre.',
      'Combien d''habitants a le Portugal ?', 'Appelle ma mère.', 'Combien font 12 fois 12 ?',
      'Qui a écrit Le Petit Prince ?', 'Comment fait-on du pain ?', 'Quand le téléphone a-t-il été inventé ?'
    ])
), wanted as (
  select g.subroutine, t.text
  from given as g
  cross join lateral unnest(g.texts) as t (text)
), gone as (
  delete from gaia.example as e
  where e.owner_id = 'system' and e.language = 'fr'
    and not exists (select from wanted as w where w.subroutine = e.subroutine and w.text = e.text)
)
insert into gaia.example (owner_id, subroutine, text, source, language)
select 'system' as owner_id, w.subroutine, w.text, 'builtin' as source, 'fr' as language
from wanted as w
on conflict on constraint example_text_uq do nothing;
