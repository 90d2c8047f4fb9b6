"""Questions of several parts in other languages, as the grammar of plans reads them."""

import pytest

from datapunk.gaia.languages.parting import part


@pytest.mark.parametrize(("code", "question", "text"), [
    ("de", "Welchen Kanal habe ich 2024 am meisten geschaut und wie viele Videos davon habe ich 2023 geschaut?",
     "which channel did I watch 2024 the most? And how many videos of it did I watch 2023?"),
    ("de", "Wen habe ich in Rom getroffen? Und wie viele Mails haben wir danach ausgetauscht?",
     "whom did I meet in Rom? And how many mails did we exchange afterwards?"),
    ("de", "Wann war das Fest und wer war dabei?", "when was the Fest? And who was with me?"),
    ("fr", "Qui ai-je rencontré le plus en 2024, et combien de mails ai-je reçus de cette personne cette année-là ?",
     "who did I meet the most in 2024? And how many mails did I receive from them that year?"),
    ("fr", "Quand était le voyage à Rome et qui m'a accompagné ?",
     "when was the trip to Rome? And who accompanied me?"),
    ("es", "¿Qué canal vi más en 2024 y cuántos vídeos de ese canal vi en 2023?",
     "which channel did I watch the most in 2024? And how many videos of it did I watch in 2023?"),
    ("es", "¿Quién me envió más correos en 2024 y cuántas veces me reuní con esa persona ese año?",
     "who sent me the most mails in 2024? And how often did I meet with them that year?"),
])  # fmt: skip
def test_each_part_is_read_and_what_points_back_is_in_english(code: str, question: str, text: str) -> None:
    parted = part(question, code, [])
    assert parted
    assert " ".join(parted.text.split()) == text


@pytest.mark.parametrize(("code", "question"), [
    ("de", "Wie viele Videos und Suchen habe ich 2024 gemacht?"),
    ("de", "Was hat Anna zu Brot und Butter geschrieben?"),
    ("fr", "Combien de vidéos et de recherches en 2024 ?"), ("es", "¿Cuántos vídeos y búsquedas hice en 2024?"),
])  # fmt: skip
def test_one_question_stays_one(code: str, question: str) -> None:
    assert part(question, code, []) is None


def test_a_joint_in_a_name_is_none() -> None:
    question = "Wann habe ich Brot und wie es entsteht zuletzt geschaut?"
    start = question.index("Brot")
    assert part(question, "de", [(start, start + len("Brot und wie es entsteht"))]) is None


def test_what_is_read_is_told_in_the_words_of_the_question() -> None:
    parted = part("Wen habe ich im März 2024 getroffen und wie viele Videos habe ich an dem Tag geschaut?", "de", [])
    assert parted
    assert parted.worded("in March 2024") == "im März 2024"
    assert parted.worded("that day") == "an dem Tag"
    assert parted.worded("then") is None
