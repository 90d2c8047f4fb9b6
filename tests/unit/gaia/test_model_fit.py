"""Models answer what they learned, and nothing else."""

from collections.abc import Sequence

import pytest

from datapunk.gaia.model_fit import Trained, about, fitting, kinds

VIDEOS = Trained(name="taste", recipe="recommender", query="select owner_id, url, occurred_at from watches")
MAILS = Trained(
    name="post", recipe="forecaster", query="select day, number from (select * from api.mails) as m",
    columns=("day", "number"), target="number",
)  # fmt: skip
STEPS = Trained(
    name="walk", recipe="forecaster", query="select at, value from my_log where what = 'steps'",
    columns=("at", "value"), target="value",
)  # fmt: skip
CHANNELS = Trained(
    name="views", recipe="forecaster", query="select channel, day from watches", columns=("channel", "day"),
    series=("Rock Talks", "Rye"),
)  # fmt: skip


def never(words: Sequence[str], others: Sequence[str]) -> float:
    return 0.0


def fit(question: str, parameters: dict[str, object], *models: Trained) -> str | None:
    found = fitting(question, parameters, models, never)
    return found.name if found else None


def test_the_views_of_a_dataset_tell_its_kinds() -> None:
    assert kinds(VIDEOS) == {"watch"}
    listed = Trained(name="x", recipe="classifier", query="select 1 from items where kind in ('mail', 'note')")
    assert kinds(listed) == {"mail", "note"}


@pytest.mark.parametrize(
    ("question", "parameters", "model"),
    [
        ("How many mails will I get next week?", {"kind": "mail", "phrase": "next week"}, "post"),
        ("How many searches will I make next week?", {"kind": "search", "phrase": "next week"}, None),
        ("Forecast my steps.", {"topic": "steps"}, "walk"),
        ("Forecast my weight.", {"topic": "weight"}, None),
        ("What does the model walk expect?", {}, "walk"),
        ("How many mails will Anna send me?", {"kind": "mail", "person": ["Anna"]}, None),
    ],
)
def test_only_what_was_learned_is_told(question: str, parameters: dict[str, object], model: str | None) -> None:
    assert fit(question, parameters, MAILS, STEPS) == model


def test_a_forecast_of_a_channel_is_of_its_series() -> None:
    asked = {"kind": "watch", "channel": ["Rock Talks"]}
    found = fitting("How many videos of Rock Talks will I watch?", asked, [CHANNELS], never)
    assert found is not None
    assert found.series == ("Rock Talks",)
    assert fit("How many videos of Slate will I watch?", {"kind": "watch", "channel": ["Slate"]}, CHANNELS) is None


def test_a_recommender_of_videos_recommends_no_dinner() -> None:
    assert fit("Recommend me a video.", {"kind": "watch"}, VIDEOS) == "taste"
    assert fit("What should I cook for dinner?", {"topic": "cook dinner"}, VIDEOS) is None


def test_meaning_tells_where_words_do_not() -> None:
    asked = {"topic": "walking"}
    assert fitting("Forecast my walking.", asked, [STEPS], lambda words, others: 0.5) is not None
    assert fitting("Forecast my walking.", asked, [STEPS], lambda words, others: 0.3) is None


def test_a_model_is_told_by_what_it_is_of() -> None:
    assert (about(VIDEOS), about(STEPS)) == ("videos", "value")
