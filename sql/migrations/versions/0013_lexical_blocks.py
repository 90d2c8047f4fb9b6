"""A lexical index with score bounds: postings in blocks that say the most a text in them can score.

The index is derived from the texts, so it is built anew: words that punctuation joins (file names, addresses) are
tokens of their own from here on.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, TSVECTOR

from datapunk.admin.migration import personal_table, rows_of_all_owners

revision = "0013_lexical_blocks"
down_revision = "0012_lake_care"

_LEXEMES = """
update cortex.text as t
set lexemes = to_tsvector(
  coalesce(l.configuration, 'simple')::regconfig, translate(t.body, './-@+', '     ')
)
from cortex.text as s
left join cortex.language as l on l.code = s.language
where s.owner_id = t.owner_id and s.id = t.id
"""

_LENGTHS = """
update cortex.text as t
set length = (select coalesce(sum(cardinality(u.positions)), 0) from unnest(t.lexemes) as u)
"""

_BLOCKS = """
insert into cortex.posting (owner_id, term, segment, block, texts, top_frequency, least_length, entries)
select n.owner_id, n.lexeme, 0, (row_number() over (partition by n.owner_id, n.lexeme))::integer - 1,
  count(*), max(n.frequency), min(n.length),
  array_agg((n.id << 24) + (n.length << 8) + n.frequency order by n.frequency desc, n.length, n.id)
from (
  select t.owner_id, u.lexeme, t.id, cardinality(u.positions) as frequency, least(t.length, 65535) as length,
    least(cardinality(u.positions), 4) as class,
    (row_number() over (
      partition by t.owner_id, u.lexeme, least(cardinality(u.positions), 4) order by t.length, t.id
    ) - 1) / 1024 as part
  from cortex.text as t
  cross join lateral unnest(t.lexemes) as u
) as n
group by n.owner_id, n.lexeme, n.class, n.part
"""

_STATISTICS = """
insert into cortex.corpus_delta (owner_id, language, texts, tokens)
select t.owner_id, t.language, count(*), sum(t.length)
from cortex.text as t
group by t.owner_id, t.language
"""


def upgrade() -> None:
    op.add_column(
        "text",
        sa.Column("lexemes", TSVECTOR, comment="Its lexemes with their positions: scores and phrases are checked here."),
        schema="cortex",
    )
    # Nothing outside of cortex reads it, and what it held is built anew below.
    op.execute("-- squawk-ignore ban-drop-table\ndrop table cortex.posting")
    personal_table(
        "posting",
        sa.Column("term", sa.Text(collation="C"), nullable=False, comment="Lexeme."),
        sa.Column("segment", sa.BigInteger, nullable=False, comment="Statement or compaction that wrote it."),
        sa.Column("block", sa.Integer, nullable=False, server_default="0", comment="Number of the row in it, from 0."),
        sa.Column(
            "texts", sa.Integer, nullable=False,
            comment="How many texts hold the term; below 0 where a statement took some away.",
        ),
        sa.Column("top_frequency", sa.Integer, nullable=False, comment="Most occurrences in one of them."),
        sa.Column("least_length", sa.Integer, nullable=False, comment="Length of the shortest of them."),
        sa.Column(
            "entries", ARRAY(sa.BigInteger), nullable=False,
            comment="One each: identifier of the text (40 bits), length (16 bits), occurrences (8 bits).",
        ),
        sa.PrimaryKeyConstraint("owner_id", "term", "segment", "block", name="posting_pk"),
        schema="cortex",
        comment="Inverted index in blocks: each statement appends, cortex.compact merges and sorts by impact.",
    )  # fmt: skip
    op.execute("alter table cortex.posting alter column entries set storage external")
    op.execute("create sequence cortex.segment_seq owned by cortex.posting.segment")
    op.execute("comment on sequence cortex.segment_seq is 'Numbers the segments of the inverted index.'")
    with (
        rows_of_all_owners("cortex", "text"),
        rows_of_all_owners("cortex", "posting"),
        rows_of_all_owners("cortex", "corpus_delta"),
        rows_of_all_owners("cortex", "removal"),
    ):
        op.execute(_LEXEMES)
        op.execute(_LENGTHS)
        op.execute(_BLOCKS)
        op.execute("delete from cortex.removal")
        op.execute("delete from cortex.corpus_delta")
        op.execute(_STATISTICS)
    op.execute("-- squawk-ignore adding-not-nullable-field\nalter table cortex.text alter column lexemes set not null")
    op.create_index("chunk_source_ix", "chunk", ["owner_id", "source", "occurred_at"], schema="cortex")
