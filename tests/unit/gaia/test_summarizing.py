"""Sentences that say most of many."""

from datapunk.gaia.summarizing import Sentence, central


def test_what_many_say_comes_before_what_one_says() -> None:
    texts = [
        "The boiler leaks in the cellar again.", "A plumber looks at the boiler in the cellar.",
        "The boiler in the cellar must be replaced.", "Uncle Willi sends his regards from Kiel.",
    ]  # fmt: skip
    found = [Sentence(item_id=i, text=text, place=i) for i, text in enumerate(texts)]
    assert "boiler" in central(found, 1)[0].text


def test_the_chosen_come_in_their_order_and_none_twice() -> None:
    found = [
        Sentence(item_id=i, text=f"The {word} is in the house today.", place=i)
        for i, word in enumerate(("cat", "dog", "cat"))
    ]
    chosen = central(found, 2)
    assert [s.place for s in chosen] == sorted({s.place for s in chosen})
    assert {s.text.split()[1] for s in chosen} == {"cat", "dog"}


def test_nothing_has_no_summary() -> None:
    assert central([], 3) == []
