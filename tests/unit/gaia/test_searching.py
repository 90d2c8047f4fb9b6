"""Which searches are tried for a question."""

import pytest

from datapunk.gaia.quoting import Judged, Passage
from datapunk.gaia.searching import WRITTEN, attempts, in_order, tells

MARCH = {"since": "2024-03-01T00:00:00+00:00", "until": "2024-04-01T00:00:00+00:00", "phrase": "in March 2024"}


def test_what_people_wrote_is_searched_first() -> None:
    assert [a.kinds for a in attempts({})] == [WRITTEN, None]


def test_a_time_is_left_out_only_when_nothing_is_found_in_it() -> None:
    tried = list(attempts(MARCH))
    assert [(a.since is None, a.relaxed) for a in tried] == [
        (False, ()), (True, ("time",)), (True, ("time", "written")),
    ]  # fmt: skip


def test_a_bare_day_of_the_week_is_no_filter() -> None:
    assert all(a.since is None and "time" not in a.relaxed for a in attempts({**MARCH, "phrase": "on Sunday"}))


def test_a_kind_of_log_is_searched_alone_at_first() -> None:
    assert [(a.kinds, a.relaxed) for a in attempts({"kind": "watch"})] == [(("watch",), ()), (None, ("kind",))]


def test_a_kind_of_letter_is_searched_alone_before_its_like_and_that_is_told() -> None:
    assert [(a.kinds, a.relaxed) for a in attempts({"kind": "note"})] == [
        (("note",), ()), (WRITTEN, ("kind",)), (None, ("kind",)),
    ]  # fmt: skip


def test_mails_and_messages_are_alike() -> None:
    assert next(iter(attempts({"kind": "mail"}))).kinds == ("mail", "message")


def test_a_list_lies_in_the_order_asked_for() -> None:
    found = [
        Judged(passage=Passage(item_id=n, kind="mail", title="", text="", similarity=0.0, at=at), score=1.0, fits=True)
        for n, at in ((1, "2024-05-01"), (2, ""), (3, "2025-01-01"))
    ]
    assert [j.passage.item_id for j in in_order(found, "newest")] == [3, 1, 2]
    assert [j.passage.item_id for j in in_order(found, "oldest")] == [1, 3, 2]
    assert [j.passage.item_id for j in in_order(found, "best")] == [1, 2, 3]


@pytest.mark.parametrize(
    ("kind", "text", "told"),
    [("visit", "Kayaks", False), ("visit", "Kayaks cost 30 a day.", True), ("event", "Kayaks", True)],
)
def test_a_visit_of_which_only_the_title_is_kept_tells_nothing(kind: str, text: str, *, told: bool) -> None:
    assert tells(Passage(item_id=1, kind=kind, title="Kayaks", text=text, similarity=0.5)) is told
