"""Lists that are states (subscriptions, notes, contacts, tasks): what a later whole export lacks is closed."""

import itertools
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import psycopg
import pytest

from takeout_parts import archive, index, name, note, subscriptions

Run = Callable[..., dict[str, Any]]
Part = tuple[str, Mapping[str, Any]]
State = dict[str, str | None]

_JANUARY, _FEBRUARY, _MARCH = "2026-01-05", "2026-02-05", "2026-03-05"


@pytest.fixture
def state(connection: psycopg.Connection[Any]) -> Callable[[str], State]:
    """Since when each thing of a view is closed, as a day."""

    def read(view: str = "documents") -> State:
        rows = connection.execute(
            f"select i.title, (v.closed_at at time zone 'UTC')::date::text from {view} as v"  # type: ignore[arg-type]
            " join items as i on i.item_id = v.item_id"
        ).fetchall()
        return dict(rows)

    return read


@pytest.fixture
def bring(import_file: Run) -> Callable[[Sequence[Part]], None]:
    """Import parts in this order."""

    def run(parts: Sequence[Part]) -> None:
        for filename, files in parts:
            import_file(archive(files), filename)

    return run


Bring = Callable[[Sequence[Part]], None]
Look = Callable[..., State]


def part(day: str, *files: Mapping[str, Any], number: int = 1) -> Part:
    return name(day, number), {key: value for each in files for key, value in each.items()}


def test_what_a_later_export_lacks_is_closed_since_then(bring: Bring, state: Look) -> None:
    bring([part(_JANUARY, subscriptions("tea", "jam")), part(_FEBRUARY, subscriptions("tea"))])
    assert state() == {"tea": None, "jam": _FEBRUARY}


def test_what_comes_back_is_open_again(bring: Bring, state: Look) -> None:
    bring([part(_JANUARY, subscriptions("tea", "jam")), part(_FEBRUARY, subscriptions("tea"))])
    bring([part(_MARCH, subscriptions("tea", "jam"))])
    assert state() == {"tea": None, "jam": None}


def test_closed_at_is_the_first_export_that_lacks_it(bring: Bring, state: Look) -> None:
    bring([part(_JANUARY, subscriptions("tea", "jam")), part(_MARCH, subscriptions("tea"))])
    assert state()["jam"] == _MARCH
    bring([part(_FEBRUARY, subscriptions("tea"))])
    assert state()["jam"] == _FEBRUARY


_HISTORY = [
    part(_JANUARY, subscriptions("tea", "jam", "old")),
    part(_FEBRUARY, subscriptions("tea", "bread")),
    part(_MARCH, subscriptions("tea", "jam")),
]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_exports_in_any_order_give_the_same(bring: Bring, state: Look, order: tuple[int, ...]) -> None:
    bring([_HISTORY[at] for at in order])
    assert state() == {"tea": None, "jam": None, "old": _FEBRUARY, "bread": _MARCH}


def test_same_export_again_changes_nothing(bring: Bring, state: Look) -> None:
    bring([*_HISTORY, _HISTORY[0], _HISTORY[1]])
    assert state() == {"tea": None, "jam": None, "old": _FEBRUARY, "bread": _MARCH}


def test_older_export_that_comes_later_closes_and_opens_nothing(bring: Bring, state: Look) -> None:
    bring([part(_FEBRUARY, subscriptions("tea", "jam")), part(_JANUARY, subscriptions("tea", "gone"))])
    assert state() == {"tea": None, "jam": None, "gone": _FEBRUARY}


def test_list_without_the_time_of_its_export_closes_nothing(bring: Bring, state: Look) -> None:
    bring([part(_JANUARY, subscriptions("tea", "jam")), ("takeout.zip", subscriptions("tea"))])
    assert state() == {"tea": None, "jam": None}


def test_list_outside_of_a_takeout_closes_nothing(import_file: Run, bring: Bring, state: Look) -> None:
    bring([part(_JANUARY, subscriptions("tea", "jam"))])
    (content,) = subscriptions("tea").values()
    import_file(content, "subscriptions-20260205T120000Z.csv")
    assert state()["jam"] is None


def test_list_that_comes_whole_after_it_was_cut_counts(bring: Bring, import_file: Run, state: Look) -> None:
    bring([part(_JANUARY, subscriptions("tea", "jam"))])
    filename, files = part(_FEBRUARY, subscriptions("tea"))
    content = archive(files)
    import_file(content[: content.index(b"PK\x01\x02") - 5], filename)
    assert state()["jam"] is None
    import_file(content, filename)
    assert state()["jam"] == _FEBRUARY


def test_list_that_was_read_in_part_closes_nothing(bring: Bring, state: Look, one: Run) -> None:
    (path, content), *_ = subscriptions("tea").items()
    broken = {path: content + b"no channel at all,,\n"}
    bring([part(_JANUARY, subscriptions("tea", "jam")), part(_FEBRUARY, broken)])
    assert one("select count(*) as n from rejects")["n"] == 1
    assert state() == {"tea": None, "jam": None}


def test_list_whose_rejects_are_read_again_counts_as_whole(
    connection: psycopg.Connection[Any], bring: Bring, state: Look, one: Run
) -> None:
    (path, content), *_ = subscriptions("tea").items()
    broken = {path: content + b"no channel at all,,\n"}
    bring([part(_JANUARY, subscriptions("tea", "jam")), part(_FEBRUARY, broken)])
    (mended,) = subscriptions("bread").values()
    connection.execute("update lake.reject set sample = %s", (mended,))
    assert one("select * from lake_retry()")["items_new"] == 1
    assert state() == {"tea": None, "jam": _FEBRUARY, "bread": None}


def test_list_of_nothing_closes_nothing(bring: Bring, state: Look) -> None:
    bring([part(_JANUARY, subscriptions("tea")), part(_FEBRUARY, subscriptions())])
    assert state() == {"tea": None}


def keep(*titles: str) -> dict[str, Any]:
    return {key: value for title in titles for key, value in note(title).items()}


def keep_index(*titles: str) -> dict[str, Any]:
    return {"archive_browser.html": index({("KEEP", "Keep"): [f"{title}.json" for title in titles]})}


def test_folder_of_notes_without_an_index_closes_nothing(bring: Bring, state: Look) -> None:
    bring([part(_JANUARY, keep("tea", "jam")), part(_FEBRUARY, keep("tea"))])
    assert state("notes") == {"tea": None, "jam": None}


def test_folder_of_notes_closes_when_all_that_its_index_lists_has_come(bring: Bring, state: Look) -> None:
    bring([part(_JANUARY, keep("tea", "jam")), part(_FEBRUARY, keep_index("tea", "bread"), keep("tea"))])
    assert state("notes") == {"tea": None, "jam": None}
    bring([part(_FEBRUARY, keep("bread"), number=2)])
    assert state("notes") == {"tea": None, "jam": _FEBRUARY, "bread": None}


@pytest.mark.parametrize("order", list(itertools.permutations(range(4)))[::3])
def test_parts_in_any_order_close_the_same_notes(bring: Bring, state: Look, order: tuple[int, ...]) -> None:
    parts = [
        part(_JANUARY, keep_index("tea", "jam"), keep("tea", "jam")),
        part(_FEBRUARY, keep_index("tea", "bread")),
        part(_FEBRUARY, keep("tea"), number=2),
        part(_FEBRUARY, keep("bread"), number=3),
    ]
    bring([parts[at] for at in order])
    assert state("notes") == {"tea": None, "jam": _FEBRUARY, "bread": None}


def card(title: str) -> bytes:
    return f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{title}\r\nEND:VCARD\r\n".encode()


def test_group_of_an_address_book_closes_nothing_and_everybody_does(bring: Bring, state: Look) -> None:
    everybody = {"Contacts/All Contacts/All Contacts.vcf": card("Ann") + card("Bob")}
    bring([part(_JANUARY, everybody), part(_FEBRUARY, {"Contacts/Friends/Friends.vcf": card("Ann")})])
    assert state("contacts") == {"Ann": None, "Bob": None}
    bring([part(_MARCH, {"Kontakte/Alle Kontakte/Alle Kontakte.vcf": card("Ann")})])
    assert state("contacts") == {"Ann": None, "Bob": _MARCH}


def test_item_that_another_list_still_has_is_open(bring: Bring, state: Look) -> None:
    def links(*titles: str) -> bytes:
        rows = "".join(f'<DT><A HREF="https://{t}.org" ADD_DATE="1700000000">{t}</A>\n' for t in titles)
        return f"<!DOCTYPE NETSCAPE-Bookmark-file-1>\n<DL><p>\n{rows}</DL><p>\n".encode()

    both = {"Chrome/Bookmarks.html": links("tea", "jam"), "Chrome/Reading List.html": links("bread")}
    bring([part(_JANUARY, both), part(_FEBRUARY, {"Chrome/Bookmarks.html": links("tea")})])
    assert state() == {"tea": None, "jam": _FEBRUARY, "bread": None}


def test_task_that_was_deleted_is_closed(bring: Bring, state: Look) -> None:
    def tasks(*titles: str) -> dict[str, Any]:
        items = [{"id": t, "title": t, "created": "2025-12-01T10:00:00Z", "kind": "tasks#task"} for t in titles]
        return {"Tasks/Tasks.json": {"kind": "tasks#taskLists", "items": [{"title": "Home", "items": items}]}}

    bring([part(_JANUARY, tasks("tea", "jam")), part(_FEBRUARY, tasks("tea"))])
    assert state("tasks") == {"tea": None, "jam": _FEBRUARY}


def test_forgetting_an_import_takes_back_what_it_closed(bring: Bring, state: Look, one: Run) -> None:
    bring([part(_JANUARY, subscriptions("tea", "jam")), part(_FEBRUARY, subscriptions("tea"))])
    latest = one("select import_id from imports where filename = %s", name(_FEBRUARY))["import_id"]
    one("select * from lake_forget(%s)", json.dumps({"import_id": str(latest)}))
    assert state() == {"tea": None, "jam": None}


def test_forgotten_item_leaves_no_trace_in_its_list(
    connection: psycopg.Connection[Any], bring: Bring, one: Run
) -> None:
    bring([part(_JANUARY, subscriptions("tea", "jam"))])
    key = one("select item_id from documents where title = 'jam'")["item_id"]
    one("select * from lake_forget(%s)", json.dumps({"item_ids": [key]}))
    assert one("select count(*) as n from lake.listed")["n"] == 1
    bring([part(_FEBRUARY, subscriptions("tea"))])
    assert one("select count(*) as n from lake.listed")["n"] == 1


def test_everything_forgotten_leaves_nothing(connection: psycopg.Connection[Any], bring: Bring, one: Run) -> None:
    bring([part(_JANUARY, keep_index("tea", "jam"), keep("tea"))])
    one("select * from lake_forget('{\"owner_all\": true}')")
    counts = one(
        "select (select count(*) from lake.listed) as listed, (select count(*) from lake.contents) as contents"
    )
    assert counts == {"listed": 0, "contents": 0}


def test_missing_files_are_told_until_their_part_comes(
    connection: psycopg.Connection[Any], bring: Bring, one: Run
) -> None:
    bring([part(_JANUARY, keep_index("tea", "jam", "a: b"), keep("tea"))])
    row = one("select folder, product, files, missing, examples from missing_files")
    assert row == {"folder": "Keep", "product": "KEEP", "files": 3, "missing": 2, "examples": ["a: b.json", "jam.json"]}
    # What an index writes with a colon, an archive writes with an underscore.
    bring([part(_JANUARY, keep("jam"), {"Keep/a_ b.json": note("a: b")["Keep/a: b.json"]}, number=2)])
    assert connection.execute("select * from missing_files").fetchall() == []


def test_files_that_google_could_not_export_are_told(bring: Bring, one: Run) -> None:
    page = index({("KEEP", "Keep"): ["tea.json", "jam.json"]}, failed=["jam.json"])
    bring([part(_JANUARY, {"archive_browser.html": page}, keep("tea"))])
    assert one("select missing, failed from missing_files") == {"missing": 0, "failed": ["jam.json"]}


def test_recognised_file_without_a_record_is_an_alarm(bring: Bring, one: Run) -> None:
    bring([part(_JANUARY, subscriptions())])
    reason = one("select reason from ignored where source = 'youtube_library'")["reason"]
    assert reason == "alarm: recognised as youtube_library, yet it gave no record"
