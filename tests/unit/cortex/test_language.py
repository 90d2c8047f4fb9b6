import json
import re

import pytest

from datapunk.cortex.language import detect


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("I would like to know what the weather is going to be when we get there", "en"),
        ("Ich habe gestern mit dem Zug nach Hamburg fahren wollen, aber er ist nicht gekommen", "de"),
        ("Je voudrais savoir si le train est à l'heure ce matin et où je dois aller", "fr"),
        ("Quiero saber dónde está la estación de tren más cercana y cómo se llega desde aquí", "es"),
        ("Vorrei sapere quando parte il treno per la stazione e da dove parte di solito", "it"),
        ("Gostaria de saber onde fica a estação mais próxima e como chegar até ela a pé", "pt"),
        ("Ik wil graag weten wanneer de trein naar Utrecht gaat en van welk spoor hij vertrekt", "nl"),
    ],
)
def test_a_sentence_tells_its_language(text, code):
    assert detect(text) == code


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Berlin",
        "IMG_2034.JPG",
        "Ines Vogt, Tomas Lind, Mara Holm, Emre Aydin, Chloe Martin, Goran Petrov",
        "12345 67890 12345 67890",
    ],
)
def test_names_and_numbers_tell_none(text):
    assert detect(text) is None


@pytest.mark.parametrize("code", ["en", "de", "es"])
def test_sentences_of_running_text_are_hardly_ever_taken_for_another_language(shared_data, code):
    articles = json.loads((shared_data / f"public/qa_xquad/xquad.{code}.json").read_text(encoding="utf-8"))["data"]
    texts = [
        s for a in articles for p in a["paragraphs"] for s in re.split(r"(?<=[.!?]) ", p["context"]) if len(s) > 60
    ]
    found = [detect(text) for text in texts]
    assert found.count(code) / len(texts) > 0.9
    assert sum(one not in (code, None) for one in found) / len(texts) < 0.01
