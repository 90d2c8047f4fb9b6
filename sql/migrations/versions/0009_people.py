"""People, places, conversations: who and what items tell of, derived from them and derived again when they go."""

from typing import Any

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, DOUBLE_PRECISION, UUID

from datapunk.admin.migration import identity, instant, personal_table, rows_of_all_owners, text

revision = "0009_people"
down_revision = "0008_sensitivity"

_TYPES = "type in ('email', 'phone', 'chat', 'name', 'contact', 'self')"


def key(name: str, comment: str) -> sa.Column[int]:
    return sa.Column(name, sa.BigInteger, nullable=False, comment=comment)


def exact(name: str, comment: str) -> sa.Column[str]:
    """A text that is compared byte by byte, which is several times as fast as in a language's order."""
    return sa.Column(name, sa.Text(collation="C"), nullable=False, comment=comment)


def items() -> tuple[sa.Column[int], sa.Column[Any]]:
    """The columns that name items: a run adds one row for all of a kind instead of a row each."""
    return (
        key("first_item", "The first of item_ids, which is in no other row."),
        sa.Column("item_ids", ARRAY(sa.BigInteger), nullable=False, comment="Items that one run found, in order."),
    )


def degrees(name: str, comment: str) -> sa.Column[float]:
    return sa.Column(name, DOUBLE_PRECISION, comment=comment)


def upgrade() -> None:
    _people()
    _places()
    _conversations()
    personal_table(
        "unresolved",
        identity(),
        sa.Column("item_ids", ARRAY(sa.BigInteger), nullable=False, comment="Items that a statement wrote."),
        sa.PrimaryKeyConstraint("owner_id", "id", name="unresolved_pk"),
        schema="lake",
        comment="Items whose people, places and conversations are not looked up yet; a row for each statement that"
        " wrote some, so that it appears with them, whatever else is being written meanwhile.",
    )
    # What was imported before is looked up by the next import, or by lake_resolve.
    with rows_of_all_owners("lake", "item"), rows_of_all_owners("lake", "unresolved"):
        op.execute(
            "insert into lake.unresolved (owner_id, item_ids) select owner_id, array_agg(id order by id) from lake.item"
            " where kind in ('contact', 'mail', 'message', 'event', 'place_visit') group by owner_id"
        )


def _people() -> None:
    op.execute("create sequence lake.person_seq")
    op.execute("comment on sequence lake.person_seq is 'Numbers persons.'")
    personal_table(
        "person",
        sa.Column(
            "id", sa.BigInteger, nullable=False, server_default=sa.text("nextval('lake.person_seq')"), comment="Key."
        ),
        text("name", "How they are called.", null=False, default=""),
        sa.PrimaryKeyConstraint("owner_id", "id", name="person_pk"),
        schema="lake",
        comment="Somebody, or something, that writes, is written to, or is in an address book.",
    )
    op.execute("alter sequence lake.person_seq owned by lake.person.id")
    personal_table(
        "person_identifier",
        identity(),
        text("type", "email, phone, chat, name, contact (a card of an address book) or self (the owner).", null=False),
        exact("value_norm", "Address in lower case, digits of a number, source:id of a chat or card, name."),
        sa.Column("person_id", sa.BigInteger, comment="Whose it is; null until it is resolved."),
        text(
            "rule",
            "Why: contact, name, correction, self, or alone where nothing joins it.",
            null=False,
            default="alone",
        ),
        sa.Column("item_id", sa.BigInteger, comment="Card that says so, where one does."),
        sa.PrimaryKeyConstraint("owner_id", "id", name="person_identifier_pk"),
        sa.UniqueConstraint("owner_id", "type", "value_norm", name="person_identifier_uq"),
        sa.CheckConstraint(_TYPES, name="person_identifier_type_ck"),
        schema="lake",
        comment="What a person is known by.",
    )
    op.create_index("person_identifier_person_ix", "person_identifier", ["owner_id", "person_id"], schema="lake")
    personal_table(
        "person_alias",
        identity(),
        key("identifier_id", "Identifier."),
        exact("name", "Name beside it; empty where there is none."),
        exact("name_norm", "The same as names are compared."),
        sa.Column("card", sa.Boolean, nullable=False, comment="Whether cards of address books say so."),
        sa.PrimaryKeyConstraint("owner_id", "id", name="person_alias_pk"),
        sa.UniqueConstraint("owner_id", "identifier_id", "name", "card", name="person_alias_uq"),
        schema="lake",
        comment="The names with which an identifier is seen.",
    )
    op.create_index("person_alias_name_ix", "person_alias", ["owner_id", "name_norm"], schema="lake")
    personal_table(
        "person_item",
        key("alias_id", "Who."),
        text("part", "sender, recipient, attendee or contact.", null=False),
        *items(),
        sa.PrimaryKeyConstraint("owner_id", "alias_id", "part", "first_item", name="person_item_pk"),
        sa.CheckConstraint("part in ('sender', 'recipient', 'attendee', 'contact')", name="person_item_part_ck"),
        schema="lake",
        comment="Who has a part in which items.",
    )
    personal_table(
        "person_correction",
        text("type", "Type of the identifier.", null=False),
        exact("value_norm", "Identifier."),
        sa.Column("group_id", UUID, nullable=False, comment="Identifiers of one group are one person."),
        sa.Column("apart", sa.Boolean, nullable=False, comment="Whether no rule joins it with any other identifier."),
        instant("created_at", "When the owner said so.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "type", "value_norm", name="person_correction_pk"),
        sa.CheckConstraint(_TYPES, name="person_correction_type_ck"),
        schema="lake",
        comment="What the owner says about identifiers; it overrules all rules and outlasts the items.",
    )
    op.create_index("person_correction_group_ix", "person_correction", ["owner_id", "group_id"], schema="lake")


def _places() -> None:
    personal_table(
        "place",
        identity(),
        exact("key", "What tells it from others: its source's identifier, else coordinates, else its name."),
        text("place_id", "Identifier in its source."),
        text("name", "Name, as the latest visit has it."),
        degrees("latitude", "Degrees north, of the latest visit."),
        degrees("longitude", "Degrees east, of the latest visit."),
        instant("seen_at", "When the visit began that name and coordinates are from.", null=False),
        sa.PrimaryKeyConstraint("owner_id", "id", name="place_pk"),
        sa.UniqueConstraint("owner_id", "key", name="place_key_uq"),
        schema="lake",
        comment="Somewhere that was visited.",
    )
    personal_table(
        "place_item",
        key("place_id", "Place."),
        *items(),
        sa.PrimaryKeyConstraint("owner_id", "place_id", "first_item", name="place_item_pk"),
        schema="lake",
        comment="The visits to each place.",
    )


def _conversations() -> None:
    personal_table(
        "conversation",
        identity(),
        text("source", "Where it comes from.", null=False),
        exact("external_id", "Its identifier there, else its name."),
        text("kind", "chat, or mail for a thread of mails.", null=False),
        text("title", "Name of a chat, subject of a thread, as its latest message has it."),
        instant("seen_at", "When the message was written that the title is from.", null=False),
        sa.PrimaryKeyConstraint("owner_id", "id", name="conversation_pk"),
        sa.UniqueConstraint("owner_id", "source", "kind", "external_id", name="conversation_external_uq"),
        sa.CheckConstraint("kind in ('chat', 'mail')", name="conversation_kind_ck"),
        schema="lake",
        comment="Messages that belong together: a chat, or a thread of mails.",
    )
    personal_table(
        "conversation_item",
        key("conversation_id", "Conversation."),
        *items(),
        sa.PrimaryKeyConstraint("owner_id", "conversation_id", "first_item", name="conversation_item_pk"),
        schema="lake",
        comment="The messages of each conversation.",
    )
