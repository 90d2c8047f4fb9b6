from typing import Any

import psycopg
import pytest


@pytest.mark.parametrize(
    ("pattern", "topic", "fits"),
    [
        ("lake.item.watch", "lake.item.watch", True),
        ("lake.item.watch", "lake.item.watches", False),
        ("lake.item.watch", "my.lake.item.watch", False),
        ("lake.item.*", "lake.item.watch", True),
        ("lake.item.*", "lake.item", False),
        ("lake.item.*", "lake.item.watch.new", False),
        ("*.item.*", "lake.item.mail", True),
        ("lake.#", "lake", True),
        ("lake.#", "lake.item.watch", True),
        ("lake.#", "lakes.item", False),
        ("#", "anything.at.all", True),
        ("#.watch", "watch", True),
        ("#.watch", "lake.item.watch", True),
        ("lake.#.watch", "lake.watch", True),
        ("lake.#.watch", "lake.item.new.watch", True),
        ("lake.#.watch", "lake.item.new", False),
        ("#.*", "lake", True),
        ("*.*", "lake", False),
        ("a-b_c.*", "a-b_c.1", True),
    ],
)
def test_pattern_fits_as_in_amqp(connection: psycopg.Connection[Any], pattern: str, topic: str, fits: bool) -> None:
    assert connection.execute("select stream.matches(%s, %s)", (pattern, topic)).fetchone() == (fits,)
