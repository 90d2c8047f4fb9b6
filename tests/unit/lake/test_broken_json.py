"""Damage in the middle of JSON costs the records that it hits, and no other."""

import io
import json
import random
from typing import Any

import pytest

from datapunk.lake import json_damage
from datapunk.lake.json_damage import Shallow
from datapunk.lake.record import Context, Measurement, Rejected
from datapunk.lake.registry import by_name
from datapunk.lake.stream import MemberStream, json_items


def entry(number: int) -> dict[str, Any]:
    return {
        "header": "Search",
        "title": f"Searched for number {number}",
        "titleUrl": f"https://www.google.com/search?q=number+{number}",
        "time": f"2025-{number % 12 + 1:02}-{number % 28 + 1:02}T10:{number % 60:02}:00Z",
        "products": ["Search"],
        "subtitles": [{"name": f"near {number}", "url": "https://x.example"}, {"name": "two"}],
    }


@pytest.mark.parametrize("indent", [None, 2])
@pytest.mark.parametrize("broken", [1, 30, 59])
def test_one_broken_record_costs_itself_alone(read: Any, indent: int | None, broken: int) -> None:
    texts = [json.dumps(entry(n), indent=indent) for n in range(60)]
    texts[broken] = texts[broken].replace('"title":', '"title" ?', 1)
    records, rejects = read("my_activity", ("[" + ",\n".join(texts) + "]").encode())
    assert [r.title for r in records] == [f"number {n}" for n in range(60) if n != broken]
    assert len(rejects) == 1


def damaged(indent: int | None, longest: int, seed: int) -> tuple[bytes, list[int]]:
    """A list of which a tenth of the bytes is overwritten in runs, and the numbers of the entries that no run hit."""
    chance = random.Random(seed)
    spans, content = [], bytearray(b"[")
    for number in range(2_000):
        text = json.dumps(entry(number), indent=indent).encode()
        spans.append((len(content), len(content) + len(text)))
        content += text + b", "
    content[-2:] = b"]"
    hit = bytearray(len(content))
    written = 0
    while written < len(content) // 10:
        length = chance.randint(1, longest)
        at = chance.randrange(1, len(content) - length)
        content[at : at + length] = chance.randbytes(length)
        hit[at : at + length] = b"x" * length
        written += length
    return bytes(content), [number for number, (start, end) in enumerate(spans) if not any(hit[start:end])]


@pytest.mark.parametrize("seed", [7, 8])
@pytest.mark.parametrize("longest", [40, 400, 4_000, 40_000])
@pytest.mark.parametrize("indent", [None, 2])
def test_every_entry_that_the_damage_spares_is_read_once(
    read: Any, indent: int | None, longest: int, seed: int
) -> None:
    content, spared = damaged(indent, longest, seed)
    records, rejects = read("my_activity", content)
    titles = [r.title for r in records]
    assert {f"number {number}" for number in spared} <= set(titles)
    assert len(titles) == len(set(titles))
    assert rejects


def test_repeats_behind_a_break_are_repeats(read: Any) -> None:
    texts = [json.dumps(entry(1))] * 60
    texts[20] = texts[20].replace('"time":', '"time" ?')
    records, rejects = read("my_activity", ("[" + ", ".join(texts) + "]").encode())
    assert (len(records), len(rejects)) == (59, 1)


@pytest.mark.parametrize("between", [";", "\x00", '"', "]", "}", ":", "  "])
def test_a_broken_comma_costs_no_entry(read: Any, between: str) -> None:
    texts = [json.dumps(entry(n)) for n in range(9)]
    records, _ = read("my_activity", f"[{', '.join(texts[:5])}{between}{', '.join(texts[5:])}]".encode())
    assert [r.title for r in records] == [f"number {n}" for n in range(9)]


def test_text_that_is_no_utf8_is_no_entry(read: Any) -> None:
    texts = [json.dumps(entry(n)).encode() for n in range(9)]
    texts[2] = texts[2].replace(b'"time":', b'"time" ?')
    texts[5] = texts[5].replace(b"near", b"n\xffar")
    texts[7] = texts[7].replace(b"number+7", "nümber+7".encode())
    records, rejects = read("my_activity", b"[" + b", ".join(texts) + b"]")
    assert [r.title for r in records] == [
        "number 0", "number 1", "number 3", "number 4", "number 6", "nümber 7", "number 8",
    ]  # fmt: skip
    assert len(rejects) == 2


def test_what_is_around_the_list_is_no_damage(read: Any) -> None:
    visits = [{"title": f"page {n}", "url": f"https://x.example/{n}", "time_usec": 1_700_000_000_000_000 + n}
              for n in range(9)]  # fmt: skip
    text = json.dumps({"Browser History": visits, "Typed Url": [{"hidden": False, "visits": [1]}]})
    records, rejects = read("chrome", text.replace('"title": "page 4"', '"title": page 4').encode())
    assert [r.title for r in records] == [f"page {n}" for n in range(9) if n != 4]
    assert len(rejects) == 1


def test_the_place_of_the_damage_is_told(read: Any) -> None:
    texts = [json.dumps(entry(n), indent=1) for n in range(500)]
    texts[400] = texts[400].replace('"time":', '"time" ?', 1)
    content = ("[" + ", ".join(texts) + "]").encode()
    _, rejects = read("my_activity", content)
    assert abs(rejects[0].byte_offset - content.index(b'"time" ?') - 7) <= 2


def test_endless_damage_ends(read: Any) -> None:
    records, rejects = read("my_activity", b"[" + json.dumps(entry(1)).encode() + b",{" * 200_000)
    assert [r.title for r in records] == ["number 1"]
    assert 0 < len(rejects) <= 2


def test_objects_that_never_end_are_not_looked_through_for_each_that_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """Found by fuzzing: four megabytes took half a minute."""
    monkeypatch.setattr(json_damage, "_VAIN_CHARACTERS", 16 << 20)
    monkeypatch.setattr(json_damage, "_VAIN_TIMES", 4)
    point = (
        '{"startTimeNanos": 1718447400000000000, "endTimeNanos": 1718447460000000000, "dataTypeName":'
        ' "com.google.weight", "fitValue": [{"value": {"fpVal": 71.5}}]}'
    )
    # Whole points between the beginnings of others, each of which would have to be read up to the end.
    text = (
        f'{{"Data Source": "a", "Data Points": [{point}, {{"startTimeNanos": 1, "Data Points": ['
        + f'{point}, {{"startTimeNanos": 1, "Data Points": [' * 3_000
    )
    found = list(by_name("google_fit_data").parse(MemberStream(io.BytesIO(text.encode())), Context(member="m")))
    assert 10 < sum(isinstance(one, Measurement) for one in found) < 3_000
    assert isinstance(found[-1], Rejected)
    assert found[-1].reason == "too much broken JSON: the rest is left out"


@pytest.mark.parametrize("opening", [b"[", b'{"a":', b'[{"title":'])
def test_endless_depth_ends(read: Any, opening: bytes) -> None:
    """Found by fuzzing: what ijson does for a bracket grows with the depth, so this took minutes."""
    records, rejects = read("my_activity", opening * 300_000)
    assert not records
    assert rejects[0].reason == "broken JSON: nested too deeply"


def test_depth_that_comes_slowly_ends_too(read: Any) -> None:
    """Found by fuzzing: a file of a megabyte took all memory."""
    records, rejects = read("my_activity", b"[" + b'{"title": "a title of some length", "products": [' * 30_000)
    assert not records
    assert rejects[0].reason == "broken JSON: nested too deeply"


def test_brackets_in_texts_are_no_depth(read: Any) -> None:
    texts = [json.dumps(entry(n) | {"description": ":[ " * 40}) for n in range(2_000)]
    records, rejects = read("my_activity", f"[{', '.join(texts)}]".encode())
    assert (len(records), len(rejects)) == (2_000, 0)


def test_a_broken_json_item_is_a_value(stream: Any) -> None:
    found = list(json_items(stream(b'[{"a": 1}, {"a": ?}, {"a": 3}]'), "item"))
    assert [f for f in found if not isinstance(f, Rejected)] == [{"a": 1}, {"a": 3}]


@pytest.mark.parametrize("before", [1, 4_000, 8_100, 8_192])
def test_a_number_of_endless_digits_is_refused_wherever_it_stands(before: int) -> None:
    stream = Shallow(MemberStream(io.BytesIO(b" " * before + b"9" * 4_400 + b" ")))
    with pytest.raises(ValueError, match="digits"):
        list(iter(lambda: stream.read(8_192), b""))


def test_a_number_as_long_as_python_reads_is_let_through() -> None:
    stream = Shallow(MemberStream(io.BytesIO(b" " * 4_000 + b"9" * 4_300 + b" " + b"9" * 4_300)))
    assert sum(map(len, iter(lambda: stream.read(8_192), b""))) == 12_601


def test_a_long_text_is_read_in_pieces_that_grow_and_what_follows_in_small_ones() -> None:
    sizes = []

    class Counted(io.BytesIO):
        def read(self, size: int | None = -1, /) -> bytes:
            sizes.append(size)
            return super().read(size)

    content = b'[{"t": "' + b"a" * (16 << 20) + b'"}' + b', {"t": "b"}' * 20_000 + b"]"
    assert sum(1 for _ in json_items(MemberStream(Counted(content)), "item")) == 20_001
    assert len(sizes) < 500
    assert sizes[-1] == 8_192
