"""Which span is kept, how long texts are cut, what a mask shows."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from datapunk.pii.spans import OVERLAP, WINDOW, Span, mask, windows, without_overlaps


def span(start: int, end: int, score: float, type: str = "A") -> Span:
    return Span(start, end, type, score, "test")


def test_the_surest_of_overlapping_spans_is_kept_and_of_equal_ones_the_longest() -> None:
    assert without_overlaps([span(0, 9, 0.4), span(4, 8, 1.0), span(8, 20, 0.5)]) == [span(4, 8, 1.0), span(8, 20, 0.5)]
    assert without_overlaps([span(0, 4, 0.5), span(0, 9, 0.5)]) == [span(0, 9, 0.5)]


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(1, 9), st.sampled_from((0.4, 0.7, 1.0)))))
def test_kept_spans_never_overlap_and_a_place_with_any_keeps_one(drawn: list[tuple[int, int, float]]) -> None:
    spans = [span(start, start + length, score) for start, length, score in drawn]
    kept = without_overlaps(spans)
    assert all(before.end <= after.start for before, after in pairwise(kept))
    assert all(any(one.start < other.end and other.start < one.end for other in kept) for one in spans)


@given(st.text(alphabet=" ab\n", min_size=WINDOW // 8, max_size=WINDOW // 4), st.integers(1, 14))
def test_windows_cover_a_text_and_overlap_by_more_than_what_is_looked_for(part: str, times: int) -> None:
    text = part * times
    pieces = list(windows(text))
    assert all(text[start : start + len(piece)] == piece for start, piece in pieces)
    assert all(len(piece) <= WINDOW for _, piece in pieces)
    ends = [start + len(piece) for start, piece in pieces]
    assert pieces[0][0] == 0
    assert ends[-1] == len(text)
    assert all(end - start >= OVERLAP // 2 for end, (start, _) in zip(ends, pieces[1:], strict=False))


def test_a_mask_shows_types_and_nothing_else_of_what_it_hides() -> None:
    assert mask("ann and bo", [span(8, 10, 1.0, "B"), span(0, 3, 1.0)]) == "<A> and <B>"
