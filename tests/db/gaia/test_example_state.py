"""Routers know by a count that examples have changed."""

import pytest

CHANGES = "select coalesce((select s.changes from gaia.example_state as s where s.owner_id = ops.current_owner()), 0)"
ADD = """insert into gaia.example (subroutine, text, source)
         select 'count', t.text, 'feedback' from unnest(%s::text[]) as t (text)
         on conflict on constraint example_text_uq do nothing"""


@pytest.fixture
def changes(person):
    """The count now, of the current owner."""
    return lambda: person.execute(CHANGES).fetchone()[0]


def test_each_statement_that_changes_examples_counts_once(person, changes):
    before = changes()
    person.execute(ADD, (["How many otters?", "How many herons?"],))
    assert changes() == before + 1
    person.execute("update gaia.example set text = 'How many owls?' where text = 'How many otters?'")
    assert changes() == before + 2
    person.execute("delete from gaia.example where text in ('How many owls?', 'How many herons?')")
    assert changes() == before + 3


def test_a_statement_that_changes_none_counts_nothing(person, changes):
    person.execute(ADD, (["How many newts?"],))
    before = changes()
    person.execute(ADD, (["How many newts?"],))
    person.execute("delete from gaia.example where text = 'How many toads?'")
    assert changes() == before


def test_examples_of_the_installation_do_not_count_for_an_owner(database, changes):
    before = changes()
    with database.connect("postgres") as superuser, superuser.transaction(force_rollback=True):
        installed = "select changes from gaia.example_state where owner_id = 'system'"
        there = superuser.execute(installed).fetchone()[0]
        superuser.execute("delete from gaia.example where owner_id = 'system' and subroutine = 'help'")
        assert superuser.execute(installed).fetchone()[0] == there + 1
    assert changes() == before
