"""What is found in texts, by the recognisers of presidio without a trained pipeline."""

import subprocess
import sys

import pytest

from datapunk.errors import NotReady
from datapunk.pii import Finder, Span, mask

LOADED = """
import sys
sys.modules["torch"] = sys.modules["transformers"] = None
import socket
def no_network(*_, **__): raise AssertionError("it reaches for the network")
socket.socket.connect = socket.getaddrinfo = no_network
from datapunk.pii import Finder
print(Finder("none").find(["ann.b@example.co.uk wrote"]))
"""


@pytest.fixture(scope="module")
def finder() -> Finder:
    return Finder("none")


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("write to ann.b@example.org!", "write to <EMAIL_ADDRESS>!"),
        ("call +41 44 668 18 00 now", "call <PHONE_NUMBER> now"),
        ("card 4111 1111 1111 1111.", "card <CREDIT_CARD>."),
        ("card 4111 1111 1111 1112.", "card 4111 1111 1111 1112."),
        ("pay CH93 0076 2011 6238 5295 7", "pay <IBAN_CODE>"),
        ("pay CH93 0076 2011 6238 5295 8", "pay CH93 0076 2011 6238 5295 8"),
        ("from 192.0.2.7", "from <IP_ADDRESS>"),
        ("my social security number is 536-22-8726", "my social security number is <US_SSN>"),
        ("paid with 2221000000000009", "paid with <CREDIT_CARD>"),
        ("order 9498777106 of 1714557600123", "order 9498777106 of 1714557600123"),
        ("-0.6123456789012345 and 0.4111111111111111", "-0.6123456789012345 and 0.4111111111111111"),
        ("4111111111111111.25 or 4111111111111111,5", "4111111111111111.25 or 4111111111111111,5"),
        ("4111111111111111,4012888888881881", "<CREDIT_CARD>,<CREDIT_CARD>"),
        ("version 1.2.3, at 10:30:00, 4 of 5", "version 1.2.3, at 10:30:00, 4 of 5"),
        ("", ""),
    ],
)
def test_what_is_personal_is_found_and_nothing_else(finder: Finder, text: str, masked: str) -> None:
    (spans,) = finder.find([text])
    assert mask(text, spans) == masked


def test_a_weak_form_counts_where_the_words_before_it_say_so(finder: Finder) -> None:
    assert finder.find(["order 912803456 shipped"]) == [[]]
    assert [span.type for span in finder.find(["my passport number is 912803456"])[0]] == ["US_PASSPORT"]


def test_places_in_long_texts_are_those_of_the_whole(finder: Finder) -> None:
    text = "words and words " * 4_000 + "ann@example.org" + " and more words" * 4_000
    assert finder.find([text]) == [[Span(64_000, 64_015, "EMAIL_ADDRESS", 1.0, "EmailRecognizer")]]


def test_texts_keep_their_order_and_characters_beyond_the_bmp_count_as_one(finder: Finder) -> None:
    first, second = finder.find(["🫖🫖 ann@example.org", "no data"])
    assert (first[0].start, second) == (3, [])


def test_a_pipeline_that_is_not_there_is_told() -> None:
    with pytest.raises(NotReady, match="xx_nowhere"):
        Finder("xx_nowhere")


def test_nothing_is_fetched_and_nothing_heavy_is_loaded() -> None:
    told = subprocess.run(
        [sys.executable, "-c", LOADED],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert "EMAIL_ADDRESS" in told.stdout


def test_the_package_itself_loads_none_of_its_libraries() -> None:
    script = "import datapunk.pii, sys; print([m for m in ('spacy', 'presidio_analyzer', 'numpy') if m in sys.modules])"
    told = subprocess.run(
        [sys.executable, "-c", script],
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(sys.path)},
    )
    assert told.stdout == "[]\n"
