"""Which of Gaia's languages a question is in.

Function words tell (Grefenstette 1995), and the words by which questions are asked in each language: a question has a
handful of words, of which half are its subject. Names and quotations tell nothing.
"""

import re
from collections.abc import Iterable

from datapunk.cortex.language import told_by
from datapunk.gaia.languages import LANGUAGES
from datapunk.gaia.languages.reading import QUOTED

_WORD = re.compile(r"[^\W\d_]+'?")
_ASKING = {
    "en": "how when where who whom what which much show tell list give find did does compare summarize recommend ago "
    "last first next mails videos searches visits meetings",
    "de": "wie wann wo wer wen wem was welche welcher welches welchen viel viele oft zeig zeige nenne finde hast habe "
    "hat vergleiche fasse empfiehl letzte letzten letzter letztes zuletzt nächste nächsten woche monat jahr jahre tag "
    "tagen suchen termine kanäle seiten merk vergiss davor danach gestern heute meinem anzahl hilfe du kannst könntest "
    "weißt mir mich dir dich wobei womit worum wonach worüber wieso anteil allen geschaut gesehen geschrieben gesucht "
    "besucht bekommen getroffen geschickt zusammen mails videos kanal termin treffen",
    "fr": "combien quand où qui que quel quelle quels quelles comment montre donne trouve ai as j' qu' d' l' m' n' s' "
    "compare résume recommande dernière dernier prochain prochaine semaine mois année années jour jours vidéos "
    "recherches rendez chaînes retiens oublie hier regardé cherché écrit envoyé mes qu'est aide",
    "es": "cuánto cuánta cuántos cuántas cuándo dónde quién quiénes qué cuál cuáles cómo muestra muéstrame dime busca "
    "compara resume recomienda recomiéndame última último próxima próximo semana mes año años día días vídeos "
    "búsquedas correos citas canales recuerda olvida ayer vi hice tuve visité media ayuda "
    "sabes cuantos cuantas cuando donde quien",
}
_LETTERS = {"ß": "de", "ñ": "es", "¿": "es", "¡": "es", "œ": "fr", "ç": "fr"}
# How much more must speak for a language than for the one that is expected.
_LEAD = 1.3
_LEAST = 1.0


def _holders() -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = {}
    for code, text in _ASKING.items():
        for word in dict.fromkeys(text.split()):
            found.setdefault(word, []).append(code)
    return {word: tuple(codes) for word, codes in found.items()}


_HOLDERS = _holders()


def language_of(question: str, expected: str, kept: Iterable[tuple[int, int]] = ()) -> str:
    """Return the language of a question; `expected` where its words do not clearly tell another one.

    The characters `kept` are those of names.
    """
    text = question.lower().replace("’", "'")
    for first, last in [*kept, *(m.span() for m in QUOTED.finditer(question))]:
        text = text[:first] + " " * (last - first) + text[last:]
    words = _WORD.findall(text)
    scores = {code: score for code, score in told_by(words).items() if code in LANGUAGES}
    for word in words:
        holders = _HOLDERS.get(word, ())
        for code in holders:
            scores[code] = scores.get(code, 0.0) + 1 / len(holders)
    for letter in () if text.isascii() else _LETTERS.keys() & set(text):
        scores[_LETTERS[letter]] = scores.get(_LETTERS[letter], 0.0) + 1.0
    best = max(scores, key=lambda code: (scores[code], code == expected), default=expected)
    if best == expected or scores[best] < _LEAST:
        return expected if expected in LANGUAGES else "en"
    return best if scores[best] >= _LEAD * scores.get(expected, 0.0) else expected
