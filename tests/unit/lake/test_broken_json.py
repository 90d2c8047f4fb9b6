"""Damage in the middle of JSON costs the records that it hits, and no other."""

import json
import random
from typing import Any

import pytest

from datapunk.lake.record import Rejected
from datapunk.lake.stream import json_items


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


def test_one_record_in_ten_damaged_leaves_nearly_all_others(read: Any) -> None:
    chance = random.Random(7)
    texts, hit = [], 0
    for number in range(2_000):
        text = bytearray(json.dumps(entry(number)).encode())
        if number and chance.random() < 0.1:
            hit += 1
            text[chance.randrange(len(text))] = chance.choice(b'\x00{}[],:"x')
        texts.append(bytes(text))
    records, rejects = read("my_activity", b"[" + b", ".join(texts) + b"]")
    titles = {r.title for r in records}
    whole = [n for n in range(2_000) if texts[n] == json.dumps(entry(n)).encode()]
    assert sum(f"number {n}" in titles for n in whole) >= len(whole) - hit // 5
    assert len(titles) == len(records)
    assert 0 < len(rejects) <= hit + hit // 10


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
    assert rejects[-1].reason.startswith("too much broken JSON")


def test_a_broken_json_item_is_a_value(stream: Any) -> None:
    found = list(json_items(stream(b'[{"a": 1}, {"a": ?}, {"a": 3}]'), "item"))
    assert [f for f in found if not isinstance(f, Rejected)] == [{"a": 1}, {"a": 3}]
