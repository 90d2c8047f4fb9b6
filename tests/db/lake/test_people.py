import itertools
import random
from typing import Any

import psycopg
import pytest

from harness import Database
from people_records import (
    Connection,
    Record,
    add,
    card,
    derived_rows,
    forget,
    mail,
    message,
    partition,
    person_of,
    persons,
    resolve,
)

OWN = [("me@mine.example", "Me Myself")]


def rules(connection: Connection) -> dict[str, str]:
    return dict(connection.execute("select identifier, rule from person_identifiers").fetchall())


def test_cards_that_share_an_address_are_one_person(connection: Connection) -> None:
    resolve(
        connection, card("1", "Lea Marino", ["lea@a.example", "lea@b.example"]),
        card("2", "L. Marino", ["LEA@b.example"], ["+49 170 1234567"]),
    )  # fmt: skip
    assert persons(connection) == {
        "Lea Marino": {
            "contact:contacts:1", "contact:contacts:2", "email:lea@a.example", "email:lea@b.example",
            "phone:491701234567",
        }
    }  # fmt: skip
    assert set(rules(connection).values()) == {"contact"}


def test_cards_that_share_a_number_are_one_person_however_it_is_written(connection: Connection) -> None:
    resolve(
        connection, card("1", "Lea Marino", [], ["+491701234567"]), card("2", "Lea", [], ["0049 (170) 123-4567"])
    )  # fmt: skip
    assert list(persons(connection)) == ["Lea Marino"]


def test_a_number_of_three_digits_joins_nobody(connection: Connection) -> None:
    resolve(connection, card("1", "Ann", [], ["110"]), card("2", "Bob", [], ["110"]))
    assert persons(connection) == {"Ann": {"contact:contacts:1"}, "Bob": {"contact:contacts:2"}}


def test_a_chain_of_cards_is_one_person(connection: Connection) -> None:
    cards = [card(str(n), f"Name {n}", [f"a{n}@x.example", f"a{n + 1}@x.example"]) for n in range(9)]
    resolve(connection, *cards)
    assert len(partition(connection)) == 1


def test_cards_of_one_name_are_two_persons(connection: Connection) -> None:
    resolve(connection, card("1", "Ann Lee", ["ann@a.example"]), card("2", "Ann Lee", ["ann@b.example"]))
    assert partition(connection) == {
        ("Ann Lee", frozenset({"contact:contacts:1", "email:ann@a.example"})),
        ("Ann Lee", frozenset({"contact:contacts:2", "email:ann@b.example"})),
    }


def test_a_name_that_one_card_bears_joins_an_unknown_address(connection: Connection) -> None:
    resolve(connection, card("1", "Ann Lee", ["ann@a.example"]), mail("m", "ann@new.example", "ann  LEE"))
    assert persons(connection)["Ann Lee"] == {"contact:contacts:1", "email:ann@a.example", "email:ann@new.example"}
    rows = connection.execute(
        "select p.rule, c.title from person_identifiers as p join items as c on c.item_id = p.evidence_item_id"
        " where p.identifier = 'email:ann@new.example'"
    ).fetchall()
    assert rows == [("name", "Ann Lee")]


def test_a_name_that_two_cards_bear_joins_nothing(connection: Connection) -> None:
    resolve(
        connection, card("1", "Ann Lee", ["ann@a.example"]), card("2", "Ann Lee", ["ann@b.example"]),
        mail("m", "ann@new.example", "Ann Lee"),
    )  # fmt: skip
    assert ("Ann Lee", frozenset({"email:ann@new.example"})) in partition(connection)
    assert rules(connection)["email:ann@new.example"] == "alone"


def test_a_name_is_one_cards_again_when_both_turn_out_to_be_one_person(connection: Connection) -> None:
    resolve(
        connection, card("1", "Ann Lee", ["ann@a.example"]), card("2", "Ann Lee", ["ann@b.example"]),
        mail("m", "ann@new.example", "Ann Lee"),
    )  # fmt: skip
    resolve(connection, card("3", "A. Lee", ["ann@a.example", "ann@b.example"]))
    assert len(partition(connection)) == 1


def test_addresses_of_one_name_without_a_card_are_two_persons(connection: Connection) -> None:
    resolve(connection, mail("1", "ann@a.example", "Ann Lee"), mail("2", "ann@b.example", "Ann Lee"))
    assert len(partition(connection)) == 2


def test_a_name_joins_no_two_cards(connection: Connection) -> None:
    resolve(
        connection, card("1", "Ann Lee", ["ann@a.example"]), card("2", "Bob Ray", ["bob@b.example"]),
        mail("m", "ann@a.example", "Bob Ray"),
    )  # fmt: skip
    assert set(persons(connection)) == {"Ann Lee", "Bob Ray"}


def test_what_sends_for_many_is_none_of_them(connection: Connection) -> None:
    names = ("Ann Lee", "Cy Dow", "Eve Fox", "Gil Hay")
    resolve(
        connection, card("1", "Ann Lee", ["ann@a.example"]),
        *(mail(name, "noreply@forge.example", name) for name in names),
    )  # fmt: skip
    assert persons(connection) == {
        "Ann Lee": {"contact:contacts:1", "email:ann@a.example"},
        "noreply@forge.example": {"email:noreply@forge.example"},
    }


def test_a_part_of_the_name_is_no_other_name(connection: Connection) -> None:
    resolve(
        connection, card("1", "Ann Lee", ["ann@a.example"]), mail("1", "ann@new.example", "Ann"),
        mail("2", "ann@new.example", "Ann Lee"),
    )  # fmt: skip
    assert set(persons(connection)) == {"Ann Lee"}


def test_whoever_has_but_a_name_is_whose_card_has_it(connection: Connection) -> None:
    resolve(
        connection, card("1", "Ann Lee", ["ann@a.example"]), message("1", sender="Ann Lee"), message("2", sender="Bob")
    )
    assert persons(connection) == {
        "Ann Lee": {"contact:contacts:1", "email:ann@a.example", "name:ann lee"}, "Bob": {"name:bob"},
    }  # fmt: skip


def test_a_chat_knows_its_users_by_their_ids(connection: Connection) -> None:
    user = {
        "kind": "contact", "source": "slack", "external_id": "user/U1", "title": "Ann Lee",
        "attributes": {"emails": ["ann@a.example"]},
    }  # fmt: skip
    resolve(connection, user, message("1", "slack", sender="annie", sender_id="U1"), mail("m", "ann@a.example", "A"))
    assert persons(connection) == {"Ann Lee": {"chat:slack:U1", "email:ann@a.example"}}


def test_telegram_writes_ids_in_two_ways(connection: Connection) -> None:
    user = {
        "kind": "contact", "source": "telegram", "external_id": "person/42", "title": "Ann Lee",
        "attributes": {"phones": ["+491701234567"]},
    }  # fmt: skip
    resolve(connection, user, message("1", "telegram", sender="Annie", sender_id="user42"))
    assert persons(connection) == {"Ann Lee": {"chat:telegram:42", "phone:491701234567"}}


def test_numbers_write_too(connection: Connection) -> None:
    resolve(
        connection, card("1", "Ann Lee", [], ["+15550001111"]),
        message("1", "google_voice", sender="+1 555 000 1111", sender_address="+15550001111"),
    )  # fmt: skip
    assert persons(connection) == {"Ann Lee": {"contact:contacts:1", "phone:15550001111"}}


def test_a_number_is_one_however_it_is_dialled(connection: Connection) -> None:
    connection.execute("set local datapunk.phone_region = 'DE'")
    resolve(
        connection, card("1", "Ann Lee", [], ["+49 170 1234567"]), card("2", "Annie", [], ["0170 / 123 45 67"]),
        card("3", "A. L.", [], ["+49 (0)170 1234567"]), card("4", "Ann", [], ["0049-170-1234567"]),
    )  # fmt: skip
    (identifiers,) = persons(connection).values()
    assert {i for i in identifiers if i.startswith("phone:")} == {"phone:491701234567"}


def test_a_number_without_its_country_is_of_the_owners_zone(connection: Connection) -> None:
    connection.execute("set local datapunk.timezone = 'America/New_York'")
    resolve(connection, card("1", "Ann Lee", [], ["(212) 555-0123"]), card("2", "Ann", [], ["+1 212 555 0123"]))
    assert list(persons(connection)) == ["Ann Lee"]


def test_numbers_that_stand_in_place_of_names_are_numbers(connection: Connection) -> None:
    resolve(
        connection, card("1", "Ann Lee", [], ["+49 170 1234567"]), message("1", sender="+49 170 1234567"),
        message("2", sender="\u202a+49\u00a0170\u00a01234567\u202c"), message("3", sender="1234567890"),
    )  # fmt: skip
    assert persons(connection) == {
        "Ann Lee": {"contact:contacts:1", "phone:491701234567"}, "1234567890": {"name:1234567890"},
    }  # fmt: skip


def test_numbers_are_read_anew_for_another_country(connection: Connection) -> None:
    resolve(connection, card("1", "Ann Lee", [], ["+49 170 1234567"]), card("2", "Bob Ray", [], ["0170 1234567"]))
    assert len(partition(connection)) == 2
    connection.execute("set local datapunk.phone_region = 'de'")
    assert resolve(connection) == 0
    row = connection.execute("""select items, persons from lake_resolve('{"again": true}')""").fetchone()
    assert row == (2, 1)


@pytest.mark.parametrize("options", ['{"anew": true}', '{"again": 1}', "[]", "null"])
def test_unknown_options_are_refused(connection: Connection, options: str) -> None:
    with pytest.raises(psycopg.errors.InvalidParameterValue):
        connection.execute("select lake_resolve(%s::jsonb)", (options,))


def test_corrections_hold_when_all_is_looked_up_anew(connection: Connection) -> None:
    resolve(connection, *ALL, message("c2", sender="Cy"))
    keys = [person_of(connection, identifier) for identifier in ("name:cy", "name:bob ray")]
    connection.execute("select lake_person_merge(%s::bigint[])", (keys,))
    before = (partition(connection), rules(connection), derived_rows(connection))
    connection.execute("""select lake_resolve('{"again": true}')""")
    assert (partition(connection), rules(connection), derived_rows(connection)) == before


def test_what_the_owner_wrote_is_the_owners(connection: Connection) -> None:
    own = card("me", "Nora Falk", ["nora@mine.example"], type="self")
    resolve(connection, own, message("1", sender="Me", from_me=True), message("2", "signal", sender="Me", from_me=True))
    rows = connection.execute("select name, is_self, messages from persons").fetchall()
    assert rows == [("Nora Falk", True, 2)]


def test_people_are_counted_by_what_they_have_a_part_in(connection: Connection) -> None:
    event = {
        "kind": "event", "source": "calendar", "external_id": "e", "title": "Lunch", "occurred_at": "2025-05-01",
        "attributes": {"attendees": ["Ann Lee", "bob@b.example"], "attendee_addresses": ["ann@a.example", ""]},
    }  # fmt: skip
    resolve(
        connection, event, card("1", "Ann Lee", ["ann@a.example"]),
        mail("1", "ann@a.example", "Ann Lee", [("ann@a.example", "Ann Lee"), *OWN]),
        message("1", at="2025-02-01T00:00:00Z", sender="Ann Lee"),
    )  # fmt: skip
    row = connection.execute(
        "select messages, mails, events, first_seen::date::text, last_seen::date::text from persons"
        " where name = 'Ann Lee'"
    ).fetchone()
    assert row == (1, 1, 1, "2025-02-01", "2025-05-01")
    parts = connection.execute(
        "select part, i.kind from person_items join persons as p using (person_id) join items as i using (item_id)"
        " where p.name = 'Ann Lee' order by 1, 2"
    ).fetchall()
    assert parts == [
        ("attendee", "event"), ("contact", "contact"), ("recipient", "mail"), ("sender", "mail"), ("sender", "message"),
    ]  # fmt: skip
    assert persons(connection)["bob@b.example"] == {"email:bob@b.example"}


ALL: list[Record] = [
    card("1", "Ann Lee", ["ann@a.example"]),
    card("2", "Ann Lee", ["ann@b.example", "bob@b.example"]),
    card("3", "Bob Ray", ["bob@b.example"], ["+491701234567"]),
    mail("m1", "ann@new.example", "Ann Lee", [("bob@new.example", "Bob Ray"), *OWN]),
    message("c1", sender="Bob Ray", conversation="Trip"),
    card("4", "Dr. Lee", ["ann@a.example", "ann@b.example"]),
    mail("m2", "bob@new.example", "Ray Bob", [("ann@a.example", "Bob Ray")]),
]


def orders() -> list[tuple[int, ...]]:
    chosen = random.Random(4).sample(list(itertools.permutations(range(len(ALL)))), 40)
    return [tuple(range(len(ALL))), *chosen]


def test_the_order_of_imports_makes_no_difference(connection: Connection) -> None:
    results = []
    for order in orders():
        with connection.transaction(force_rollback=True):
            for number in order:
                resolve(connection, ALL[number])
            results.append(partition(connection))
    assert all(result == results[0] for result in results)
    assert len(results[0]) > 1


def test_one_by_one_or_at_once_makes_no_difference(connection: Connection) -> None:
    with connection.transaction(force_rollback=True):
        for record in ALL:
            resolve(connection, record)
        one_by_one = (partition(connection), rules(connection))
    resolve(connection, *ALL)
    assert (partition(connection), rules(connection)) == one_by_one


@pytest.mark.parametrize("number", range(len(ALL)))
def test_what_is_forgotten_is_as_if_it_had_never_been(connection: Connection, number: int) -> None:
    rest = [record for record in ALL if record is not ALL[number]]
    with connection.transaction(force_rollback=True):
        resolve(connection, *rest)
        without = (partition(connection), rules(connection), derived_rows(connection))
    resolve(connection, *ALL)
    row = connection.execute(
        "select item_id from items where external_id = %s", (ALL[number]["external_id"],)
    ).fetchone()
    assert row is not None
    forget(connection, item_ids=[row[0]])
    assert (partition(connection), rules(connection), derived_rows(connection)) == without


def some_record(chance: random.Random, key: str) -> Record:
    """A record that tells of few people in many ways, so that they meet."""
    names = ("Ann Lee", "Ann", "Lee", "Bob Ray", "Ray", "Cy")
    addresses = [f"{letter}@x.example" for letter in "abcdef"]
    kind = chance.choice(("card", "card", "mail", "mail", "message"))
    if kind == "card":
        return card(key, chance.choice(names), chance.sample(addresses, chance.choice((0, 1, 1, 2, 2))))
    if kind == "mail":
        to = [(chance.choice(addresses), chance.choice(names)) for _ in range(chance.randrange(3))]
        return mail(key, chance.choice(addresses), chance.choice(names), to)
    return message(key, sender=chance.choice(names))


@pytest.mark.parametrize("seed", range(12))
def test_whatever_comes_and_goes_what_is_left_decides(connection: Connection, seed: int) -> None:
    chance = random.Random(seed)
    records = [some_record(chance, str(number)) for number in range(16)]
    kept: dict[str, Record] = {}
    for record in (*records, *chance.sample(records, 8)):
        if (key := record["external_id"]) in kept:
            row = connection.execute("select item_id from items where external_id = %s", (key,)).fetchone()
            assert row is not None
            forget(connection, item_ids=[row[0]])
            del kept[key]
        else:
            resolve(connection, record)
            kept[key] = record
    by_steps = (partition(connection), rules(connection))
    forget(connection, owner_all=True)
    resolve(connection, *kept.values())
    assert (partition(connection), rules(connection)) == by_steps


def test_nothing_is_left_when_all_is_forgotten(connection: Connection) -> None:
    resolve(connection, *ALL)
    connection.execute(
        "select lake_person_split(%s, '{email:bob@b.example}')", (person_of(connection, "name:bob ray"),)
    )
    forget(connection, owner_all=True)
    assert derived_rows(connection) == 0
    assert connection.execute("select count(*) from person_corrections").fetchone() == (0,)


def test_resolving_again_changes_nothing(connection: Connection) -> None:
    assert resolve(connection, *ALL) == len(ALL)
    before = connection.execute("select * from lake.person_identifier order by id").fetchall()
    assert resolve(connection) == 0
    assert connection.execute("select * from lake.person_identifier order by id").fetchall() == before


def test_many_items_are_looked_at_in_lots(database: Database) -> None:
    """Else the memory of an import would grow with the number of its mails."""
    with database.connect("postgres") as superuser:
        superuser.execute("set track_functions = 'pl'")
        superuser.execute(
            "insert into lake.unresolved (owner_id, item_ids) select ops.current_owner(), array_agg(n)"
            " from generate_series(1, 45000) as n group by n / 3000"
        )
        with superuser.transaction():
            assert superuser.execute("select lake.resolve()").fetchone() == (45_000,)
            lots = superuser.execute(
                "select calls from pg_stat_xact_user_functions where funcname = 'resolve_mentions'"
            ).fetchone()
    # Four notes of 3,000 each.
    assert lots == (4,)


def test_a_person_keeps_its_key_while_it_grows(connection: Connection) -> None:
    resolve(connection, card("1", "Ann Lee", ["ann@a.example"]))
    key = person_of(connection, "email:ann@a.example")
    resolve(connection, card("2", "Ann", ["ann@a.example", "ann@b.example"]))
    assert person_of(connection, "email:ann@b.example") == key


def test_the_eldest_stays_when_two_turn_out_to_be_one(connection: Connection) -> None:
    resolve(connection, card("1", "Ann", ["ann@a.example"]), card("2", "Lee", ["ann@b.example"]))
    keys = {person_of(connection, f"email:ann@{d}.example") for d in "ab"}
    resolve(connection, card("3", "Ann Lee", ["ann@a.example", "ann@b.example"]))
    assert person_of(connection, "email:ann@b.example") == min(keys)
    assert connection.execute("select person_id from persons").fetchall() == [(min(keys),)]


def test_an_item_that_changes_says_the_new(connection: Connection) -> None:
    resolve(connection, mail("m", "ann@a.example", "Ann Lee"))
    connection.execute(
        "update lake.item set attributes = attributes || %s::jsonb", ('{"sender_address": "bob@b.example"}',)
    )
    assert derived_rows(connection) == 0
    assert resolve(connection) == 1
    assert persons(connection) == {"Ann Lee": {"email:bob@b.example"}}


def test_odd_attributes_stop_nobody(connection: Connection) -> None:
    odd = {"sender": 7, "sender_address": "", "recipients": "none", "recipient_names": [None, "", {"a": 1}]}
    resolve(
        connection, {"kind": "mail", "source": "x", "external_id": "1", "attributes": odd},
        {"kind": "event", "source": "x", "external_id": "2", "attributes": {"attendees": {"a": "b"}}},
        {"kind": "contact", "source": "x", "external_id": "3", "attributes": {"emails": "x", "phones": [None]}},
        mail("m", "ann@a.example", "Ann Lee"),
    )  # fmt: skip
    assert {"email:ann@a.example"} in persons(connection).values()


def test_an_import_resolves_what_it_brings(connection: Connection, import_file: Any) -> None:
    vcard = b"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:Ann Lee\r\nEMAIL:ann@a.example\r\nUID:7\r\nEND:VCARD\r\n"
    import_file(vcard, "all.vcf")
    assert persons(connection) == {"Ann Lee": {"contact:contacts:7", "email:ann@a.example"}}


def test_others_have_persons_of_their_own(connection: Connection) -> None:
    resolve(connection, *ALL)
    before = partition(connection)
    connection.execute("set local datapunk.owner = 'other'")
    assert partition(connection) == set()
    resolve(connection, card("1", "Ann Lee", ["ann@a.example"]))
    assert len(partition(connection)) == 1
    forget(connection, owner_all=True)
    connection.execute("set local datapunk.owner = 'local'")
    assert partition(connection) == before


def test_what_is_written_meanwhile_is_resolved_next(database: Any) -> None:
    with database.connect() as first, database.connect() as second, second.transaction():
        add(second, card("1", "Ann Lee", ["ann@a.example"]))
        assert resolve(first, card("2", "Bob Ray", ["bob@b.example"])) == 1
    with database.connect() as third:
        assert resolve(third) == 1
        assert set(persons(third)) == {"Ann Lee", "Bob Ray"}


def test_a_batch_of_things_without_people_leaves_no_note(connection: Connection) -> None:
    add(connection, {"kind": "note", "source": "pad", "external_id": "1", "title": "tea"})
    assert connection.execute("select count(*) from lake.unresolved").fetchone() == (0,)


def test_truncate_empties_what_is_derived(database: Any) -> None:
    with database.connect() as connection:
        resolve(connection, *ALL)
    with psycopg.connect(database.dsn("postgres"), autocommit=True) as admin:
        admin.execute("truncate lake.item")
        assert derived_rows(admin) == 0
