"""Gaia: subroutines and their examples, conversations, answers with what they cited, spans, feedback, notes."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB, REAL, UUID
from sqlalchemy.types import UserDefinedType

from datapunk.admin.migration import identity, instant, personal_table, text

revision = "0005_gaia"
down_revision = "0004_cortex"


class VectorType(UserDefinedType[object]):
    """A type of pgvector, of any dimension."""

    cache_ok = True

    def __init__(self, name: str) -> None:
        self.name = name

    def get_col_spec(self, **_: object) -> str:
        """Return the type's name in DDL."""
        return f"public.{self.name}"


def json(name: str, comment: str) -> sa.Column[object]:
    return sa.Column(name, JSONB, nullable=False, server_default="{}", comment=comment)


def real(name: str, comment: str) -> sa.Column[float]:
    return sa.Column(name, REAL, nullable=False, comment=comment)


def integer(name: str, comment: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False, comment=comment)


def random_key(name: str, comment: str) -> sa.Column[object]:
    return sa.Column(name, UUID, nullable=False, server_default=sa.text("gen_random_uuid()"), comment=comment)


def answer_key(name: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["owner_id", "answer_id"],
        ["gaia.answer.owner_id", "gaia.answer.id"],
        name=f"{name}_answer_fk",
        ondelete="CASCADE",
    )


def upgrade() -> None:
    _routing()
    _names()
    _answers()
    # What comes with the installation is written by the load, which runs as datapunk_owner before the policies do.
    for table in ("subroutine", "example"):
        op.execute(
            f"create policy system_writable on gaia.{table} to datapunk_owner"
            " using (owner_id = 'system') with check (owner_id = 'system')"
        )


def _routing() -> None:
    personal_table(
        "subroutine",
        identity(),
        text("name", "Name, as route in answers.", null=False),
        text("handler", "Function (jsonb) returns jsonb that runs it, schema-qualified.", null=False),
        text("description", "What it answers, in a sentence.", null=False),
        json("input_schema", "JSON Schema of the parameters that it reads."),
        text("source", "builtin or user.", null=False, default="user"),
        instant("created_at", "When it was registered.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "id", name="subroutine_pk"),
        sa.UniqueConstraint("owner_id", "name", name="subroutine_name_uq"),
        sa.CheckConstraint("source in ('builtin', 'user')", name="subroutine_source_ck"),
        schema="gaia",
        comment="What Gaia can do: functions that a question may be routed to.",
    )
    personal_table(
        "example",
        identity(),
        text("subroutine", "Subroutine that it should reach; none when no subroutine answers it.", null=False),
        text("text", "A question.", null=False),
        text("source", "builtin, user or feedback.", null=False, default="user"),
        instant("created_at", "When it was added.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "id", name="example_pk"),
        sa.UniqueConstraint("owner_id", "subroutine", "text", name="example_text_uq"),
        sa.CheckConstraint("source in ('builtin', 'user', 'feedback')", name="example_source_ck"),
        schema="gaia",
        comment="Questions that teach the router; the nearest ones decide.",
    )
    personal_table(
        "example_vector",
        text("model", "Embedding model.", null=False),
        text("text", "Text of the example.", null=False),
        sa.Column("embedding", VectorType("halfvec"), nullable=False, comment="Unit vector of the text."),
        sa.PrimaryKeyConstraint("owner_id", "model", "text", name="example_vector_pk"),
        schema="gaia",
        comment="Embeddings of examples, one per model and text; those of the installation serve every owner.",
    )

    personal_table(
        "router",
        text("model", "Embedding model that its weights belong to.", null=False),
        text("subroutine", "Class: a subroutine, or none.", null=False),
        sa.Column("weights", VectorType("vector"), nullable=False, comment="Weights of the embedding."),
        sa.Column("bias", sa.Float, nullable=False, comment="Constant part of the score."),
        text("fingerprint", "Which examples it was fitted to.", null=False),
        instant("fitted_at", "When it was fitted.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "model", "subroutine", name="router_pk"),
        schema="gaia",
        comment="Linear scores fitted to the examples, one row a class; fitted anew when the examples change.",
    )


def _names() -> None:
    personal_table(
        "name",
        text("token", "One word of the name, in lower case.", null=False),
        text("field", "What it names: channel, site or person.", null=False),
        text("value", "The name as the items have it.", null=False),
        sa.PrimaryKeyConstraint("owner_id", "token", "field", "value", name="name_pk"),
        schema="gaia",
        comment="Names that occur in the owner's items, by word, to recognise them in questions.",
    )
    personal_table(
        "name_state",
        sa.Column("item_id", sa.BigInteger, nullable=False, comment="Last item whose names are taken."),
        sa.PrimaryKeyConstraint("owner_id", name="name_state_pk"),
        schema="gaia",
        comment="How far the names are collected.",
    )


def _answers() -> None:
    personal_table(
        "conversation",
        random_key("id", "Key of the conversation."),
        text("title", "Its first question.", null=False),
        instant("created_at", "When it began.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "id", name="conversation_pk"),
        schema="gaia",
        comment="Questions that belong together.",
    )
    personal_table(
        "answer",
        random_key("id", "Key of the answer."),
        sa.Column("conversation_id", UUID, nullable=False, comment="Conversation that it is part of."),
        text("question", "What was asked.", null=False),
        text("answer", "What was answered, for a person.", null=False),
        text("route", "Subroutine that answered; none when nothing fitted.", null=False),
        real("confidence", "Calibrated score of the route, 0 to 1."),
        json("data", "Figures behind the sentence."),
        json("plan", "Route with its rivals, handler and parameters."),
        json("options", "Options as given."),
        json("models", "Models that took part, with their versions."),
        real("latency_ms", "Milliseconds from question to answer."),
        instant("created_at", "When it was answered.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "id", name="answer_pk"),
        sa.ForeignKeyConstraint(
            ["owner_id", "conversation_id"],
            ["gaia.conversation.owner_id", "gaia.conversation.id"],
            name="answer_conversation_fk",
            ondelete="CASCADE",
        ),
        schema="gaia",
        comment="A question with its answer and how it came about.",
    )
    op.create_index("answer_conversation_ix", "answer", ["owner_id", "conversation_id"], schema="gaia")
    op.create_index("answer_created_ix", "answer", ["owner_id", "created_at"], schema="gaia")
    personal_table(
        "citation",
        sa.Column("answer_id", UUID, nullable=False, comment="Answer that cites."),
        integer("ordinal", "Number in the answer, from 1."),
        sa.Column("item_id", sa.BigInteger, nullable=False, comment="Item of the lake that is cited."),
        text("snippet", "Passage that was used; null when the item as a whole was."),
        sa.PrimaryKeyConstraint("owner_id", "answer_id", "ordinal", name="citation_pk"),
        answer_key("citation"),
        schema="gaia",
        comment="Items that an answer rests on.",
    )
    op.create_index("citation_item_ix", "citation", ["owner_id", "item_id"], schema="gaia")
    personal_table(
        "span",
        sa.Column("answer_id", UUID, nullable=False, comment="Answer that it was part of."),
        integer("ordinal", "Order of the steps, from 1."),
        text("name", "Step: embed, route, understand, run or compose.", null=False),
        real("started_ms", "Milliseconds after the question."),
        real("duration_ms", "Milliseconds that it took."),
        json("detail", "What it worked with."),
        sa.PrimaryKeyConstraint("owner_id", "answer_id", "ordinal", name="span_pk"),
        answer_key("span"),
        schema="gaia",
        comment="Steps of an answer with their times.",
    )
    personal_table(
        "feedback",
        sa.Column("answer_id", UUID, nullable=False, comment="Answer that is judged."),
        integer("rating", "-1 wrong, 0 neither, 1 right."),
        text("note", "What the owner says about it."),
        instant("created_at", "When it was given.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "answer_id", name="feedback_pk"),
        sa.CheckConstraint("rating between -1 and 1", name="feedback_rating_ck"),
        answer_key("feedback"),
        schema="gaia",
        comment="What the owner thinks of answers.",
    )
    personal_table(
        "note",
        identity(),
        text("text", "What Gaia should keep in mind.", null=False),
        instant("created_at", "When it was written.", null=False, default="now()"),
        sa.PrimaryKeyConstraint("owner_id", "id", name="note_pk"),
        schema="gaia",
        comment="Notes of the owner to Gaia.",
    )
