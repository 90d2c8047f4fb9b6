from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from datapunk.errors import InvalidArgument, NotAllowed, NotFound
from datapunk.lake import Record
from datapunk.lake.batch import encode_attributes
from datapunk.lake.identity import Occurrences, content_hash
from datapunk.lake.options import forget_filter, import_options
from datapunk.lake.server_path import permitted
from datapunk.lake.text import clean_url, html_text, normal, storable

AT = datetime(2025, 1, 1, 10, 0, 0, 250000, tzinfo=UTC)


def record(**changes: object) -> Record:
    return Record(**({"kind": "visit", "source": "chrome", "occurred_at": AT, "title": "T", "url": "u"} | changes))  # type: ignore[arg-type]


def hashes(*records: Record) -> list[bytes]:
    occurrences = Occurrences()
    return [content_hash(r, occurrences) for r in records]


def test_true_repeats_within_a_second_differ_and_do_so_again() -> None:
    first, second = hashes(record(), record(occurred_at=AT + timedelta(milliseconds=500)))
    assert first != second
    assert hashes(record(), record()) == [first, second]


def test_identity_knows_neither_fraction_nor_source_nor_case_of_the_title() -> None:
    same = record(occurred_at=AT.replace(microsecond=0), source="google", title=" t ")
    assert hashes(record()) == hashes(same)


@pytest.mark.parametrize("change", [{"url": "v"}, {"title": "S"}, {"kind": "search"}, {"occurred_at": None}])
def test_identity_differs(change: dict[str, object]) -> None:
    assert hashes(record()) != hashes(record(**change))


def test_an_external_id_is_the_identity_within_its_source() -> None:
    one = record(external_id="1")
    assert hashes(one) == hashes(record(external_id="1", title="changed", occurred_at=None))
    assert hashes(one) != hashes(record(external_id="1", source="other"))
    assert hashes(one, one)[0] == hashes(one, one)[1]


def test_occurrences_forget_what_lies_far_back() -> None:
    occurrences = Occurrences()
    for number in range(200_000):
        occurrences.number(str(number))
    assert len(occurrences._recent) + len(occurrences._older) <= 100_001
    assert occurrences.number("199999") == 1


@pytest.mark.parametrize(
    ("url", "clean"),
    [
        ("https://a.example/?token=abc&x=1", "https://a.example/?x=1"),
        ("https://a.example/?x=1&access_token=abc", "https://a.example/?x=1"),
        ("https://a.example/cb#id_token=abc", "https://a.example/cb"),
        ("https://s3.example/f?X-Amz-Signature=a&X-Amz-Date=b&v=1", "https://s3.example/f?v=1"),
        ("https://user:pass@a.example/p", "https://a.example/p"),
        ("https://a.example/?design=1&monkey=2", "https://a.example/?design=1&monkey=2"),
        ("https://medium.example/@person/post", "https://medium.example/@person/post"),
        ("mailto:a@x.example", "mailto:a@x.example"),
        ("javascript:alert(1)", None),
        ("data:text/html,x", None),
        ("", None),
    ],
)
def test_addresses_lose_their_secrets(url: str, clean: str | None) -> None:
    assert clean_url(url) == clean


def test_what_postgresql_cannot_hold_is_replaced_and_counted() -> None:
    assert storable("a\x00b\ud800c") == ("a\ufffdb\ufffdc", 2)
    assert storable("plain") == ("plain", 0)


def test_special_spaces_do_not_make_a_difference() -> None:
    assert normal("7:30\u202fAM\u00a0 Tea") == "7:30 am tea"


def test_attributes_are_json_whatever_their_values() -> None:
    from decimal import Decimal

    assert encode_attributes({'a"b': "x\ny", "n": Decimal("1.5"), "i": Decimal(3), "l": ["ü"], "t": True}) == (
        '{"a\\"b":"x\\ny","n":1.5,"i":3,"l":["ü"],"t":true}'
    )


def test_html_is_read_as_lines() -> None:
    assert html_text("<?xml version='1.0' encoding='utf-8'?><div>a<br>b</div><p>c") == "a\nb\nc"
    assert html_text("") == ""


@pytest.mark.parametrize(
    "text", ['{"nope": 1}', '{"timezone": "Mars/Base"}', '{"source": "nope"}', '{"dry_run": "yes"}', "[]", "{"]
)
def test_wrong_options_are_refused_with_what_is_allowed(text: str) -> None:
    with pytest.raises(InvalidArgument) as caught:
        import_options(text, "UTC")
    assert caught.value.hint


@pytest.mark.parametrize(
    "text",
    [
        None, "{}", '{"nope": 1}', '{"kind": "nope"}', '{"item_ids": ["1"]}', '{"since": "x"}', '{"import_id": "x"}',
        '{"owner_all": false}', '{"owner_all": true, "kind": "visit"}', '{"source": []}', '{"source": null}',
    ],
)  # fmt: skip
def test_wrong_filters_are_refused(text: str | None) -> None:
    with pytest.raises(InvalidArgument) as caught:
        forget_filter(text)
    assert caught.value.hint


def test_a_path_is_permitted_below_the_folders_only(tmp_path: Path) -> None:
    inside, outside = tmp_path / "in", tmp_path / "out"
    inside.mkdir()
    outside.mkdir()
    (inside / "a").write_text("x")
    (inside / "link").symlink_to(outside)
    dirs = f"/nowhere, {inside}"
    assert permitted(str(inside / "a"), dirs) == (inside / "a").resolve()
    for path in (str(outside), str(inside / "../out"), str(inside / "link"), f"{inside}x"):
        with pytest.raises(NotAllowed):
            permitted(path, dirs)
    with pytest.raises(NotAllowed):
        permitted(str(inside / "a"), "")
    with pytest.raises(NotFound):
        permitted(str(inside / "missing"), dirs)
    with pytest.raises(InvalidArgument):
        permitted("relative", dirs)


def test_html_with_a_text_of_many_megabytes_is_read() -> None:
    assert len(html_text("<p>" + "word " * (2 << 20) + "</p>")) > 10_000_000
