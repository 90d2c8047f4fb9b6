import json

import pytest

from datapunk.cortex.options import checked_k, checked_query, context_options, search_options
from datapunk.errors import InvalidArgument


@pytest.mark.parametrize(
    "options",
    [
        [],
        {"kind": ["mail"]},
        {"mode": "fuzzy"},
        {"kinds": "mail"},
        {"kinds": ["email"]},
        {"sources": [1]},
        {"since": "yesterday"},
        {"until": 5},
        {"exact": "yes"},
        {"attributes": "channel"},
        {"attributes": ["channel"]},
        {"attributes": {}},
    ],
)
def test_a_bad_option_is_an_invalid_argument_with_a_hint(options):
    with pytest.raises(InvalidArgument) as caught:
        search_options(json.dumps(options), "UTC")
    assert caught.value.hint


def test_times_without_an_offset_are_in_the_owners_zone():
    options = search_options('{"since": "2024-07-01", "until": "2024-07-02T00:00:00Z"}', "Europe/Berlin")
    assert options.since == "2024-07-01T00:00:00+02:00"
    assert options.until == "2024-07-02T00:00:00+00:00"


def test_no_options_search_everything_by_words_and_meaning():
    options = search_options(None, "UTC")
    assert (options.mode, options.kinds, options.exact) == ("hybrid", None, False)


@pytest.mark.parametrize("budget", [0, 49, "many", True, 1.5])
def test_a_bad_token_budget_is_an_invalid_argument(budget):
    with pytest.raises(InvalidArgument):
        context_options(json.dumps({"max_tokens": budget}), "UTC")


@pytest.mark.parametrize("k", [None, 0, -1, 1001])
def test_k_is_bounded(k):
    with pytest.raises(InvalidArgument):
        checked_k(k)


def test_an_empty_query_is_an_invalid_argument():
    with pytest.raises(InvalidArgument):
        checked_query(" \n")


@pytest.mark.parametrize("timezone", ["America", "Nowhere/Land"])
def test_a_time_without_zone_needs_one_that_exists(timezone: str) -> None:
    with pytest.raises(InvalidArgument, match="unknown time zone"):
        search_options('{"since": "2024-07-01"}', timezone)
