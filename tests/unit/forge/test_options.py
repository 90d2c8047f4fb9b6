import pytest

from datapunk.errors import InvalidArgument
from datapunk.forge import checked_options, parse_options

OPTIONS = parse_options(
    {
        "split": {"type": "text", "allowed": ["time", "random"], "default": "time"},
        "seed": {"type": "integer", "default": 0, "minimum": 0, "maximum": 10},
        "test_size": {"type": "number", "default": 0.2, "minimum": 0.05, "maximum": 0.5},
        "balanced": {"type": "boolean"},
    }
)


def test_defaults_fill_what_is_not_given() -> None:
    assert checked_options(OPTIONS, {"seed": 3}) == {"split": "time", "seed": 3, "test_size": 0.2}


def test_null_means_the_default() -> None:
    assert checked_options(OPTIONS, {"seed": None})["seed"] == 0


def test_an_instant_is_told_in_utc_and_refused_as_it_was_given() -> None:
    options = parse_options({"as_of": {"type": "instant"}})
    assert checked_options(options, {"as_of": "2026-03-01T08:30+01:00"}) == {"as_of": "2026-03-01T07:30:00+00:00"}
    with pytest.raises(InvalidArgument, match="soon"):
        checked_options(options, {"as_of": "soon"})


@pytest.mark.parametrize(
    "given",
    [
        {"sede": 1}, {"seed": "1"}, {"seed": 1.5}, {"seed": True}, {"seed": 11}, {"split": "group"}, {"split": ""},
        {"test_size": 0.9}, {"balanced": 1}, [], None, "x",
    ],
)  # fmt: skip
def test_what_does_not_fit_is_refused_with_a_hint(given: object) -> None:
    with pytest.raises(InvalidArgument) as caught:
        checked_options(OPTIONS, given)
    assert caught.value.hint
