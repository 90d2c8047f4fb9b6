"""A query that a language model wrote, before it is run: read by PostgreSQL's own parser, and allowed node by node.

What is run is not the model's text but what the parser made of it, written anew. Everything that is not on a list here
is refused: statements, kinds of nodes, relations, functions, types. Pure.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datapunk.errors import NotAllowed

LONGEST = 4000
_HINT = "One SELECT over the views that are listed, with the functions that are listed."

# Kinds of nodes that a reading query is made of. Recursive queries, locks, INTO, parameters and the rest are not here.
_NODES_NAMES = """
ParseResult RawStmt SelectStmt ResTarget ColumnRef A_Star String Integer Float Boolean BitString A_Const A_Expr
BoolExpr NullTest BooleanTest CaseExpr CaseWhen CoalesceExpr MinMaxExpr FuncCall WindowDef SortBy SubLink
RangeSubselect RangeVar JoinExpr Alias TypeCast TypeName List A_ArrayExpr A_Indirection A_Indices RowExpr WithClause
CommonTableExpr GroupingSet GroupingFunc SQLValueFunction NamedArgExpr CollateClause RangeFunction
"""
_NODES = frozenset(_NODES_NAMES.split())
_FUNCTIONS_NAMES = """
abs age array_agg array_length array_to_string avg bool_and bool_or btrim cardinality ceil ceiling char_length
coalesce concat concat_ws corr count cume_dist date_part date_trunc dense_rank every extract first_value floor
generate_series greatest initcap isfinite jsonb_array_elements jsonb_array_elements_text jsonb_array_length
jsonb_object_keys jsonb_typeof lag last_value lead least left length lower ltrim make_date make_interval max min mod
mode now nth_value ntile nullif overlaps percent_rank percentile_cont percentile_disc position rank replace reverse
right round row_number rtrim sign split_part sqrt starts_with stddev stddev_pop stddev_samp string_agg string_to_array
strpos substr substring sum timezone to_char to_date to_timestamp trim trunc unnest upper var_pop var_samp variance
"""
_FUNCTIONS = frozenset(_FUNCTIONS_NAMES.split())
_TYPES_NAMES = """
text varchar bpchar char name bool boolean int2 int4 int8 smallint integer bigint numeric decimal float4 float8 real
date time timetz timestamp timestamptz interval jsonb json uuid
"""
_TYPES = frozenset(_TYPES_NAMES.split())
# The clock alone: who is connected to what is nobody's question.
_VALUES = frozenset({
    "SVFOP_CURRENT_DATE", "SVFOP_CURRENT_TIMESTAMP", "SVFOP_CURRENT_TIMESTAMP_N", "SVFOP_LOCALTIMESTAMP",
    "SVFOP_LOCALTIMESTAMP_N", "SVFOP_CURRENT_TIME", "SVFOP_LOCALTIME",
})  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class CheckedQuery:
    """A query that may be run, and the views that it reads."""

    sql: str
    views: tuple[str, ...]


def checked_query(text: str, views: Sequence[str]) -> CheckedQuery:
    """Return the query, written anew. Raises NotAllowed, which says what is not.

    `views` are the names in the schema api that may be read.
    """
    import postgast

    if len(text) > LONGEST:
        raise NotAllowed(f"the query has {len(text)} characters", hint=f"At most {LONGEST}.")
    if "\0" in text:
        raise NotAllowed("the query holds a character that no query has", hint=_HINT)
    try:
        tree = postgast.parse(text)
    except postgast.PgQueryError as exc:
        raise NotAllowed(f"the query cannot be read: {exc}", hint=_HINT) from exc
    if len(tree.stmts) != 1:
        raise NotAllowed(f"there are {len(tree.stmts)} statements", hint="Give one SELECT.")
    if tree.stmts[0].stmt.WhichOneof("node") != "select_stmt":
        raise NotAllowed("that is no SELECT", hint="Queries may read alone.")
    # Under names of their own: one that is named like a table would let that one through where it is out of scope.
    tables = [node.ctename for kind, node in _walk(tree) if kind == "CommonTableExpr"]
    named = {name: f"cte_{place}" for place, name in enumerate(tables)}
    read: set[str] = set()
    for kind, node in _walk(tree):
        if kind not in _NODES:
            raise NotAllowed(f"{kind} is not allowed", hint=_HINT)
        if check := _CHECKS.get(kind):
            check(node)
        if kind == "CommonTableExpr":
            node.ctename = named[node.ctename]
        if kind == "RangeVar":
            read |= _relation(node, named, views)
    return CheckedQuery(sql=postgast.deparse(tree), views=tuple(sorted(read)))


def _walk(message: Any) -> Iterator[tuple[str, Any]]:
    """Yield every node of a tree with its kind; `Node` only wraps another one."""
    kind = message.DESCRIPTOR.name
    if kind != "Node":
        yield kind, message
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        for child in value if field.is_repeated else [value]:
            yield from _walk(child)


def _relation(node: Any, named: Mapping[str, str], views: Sequence[str]) -> set[str]:
    if node.catalogname or node.schemaname not in ("", "api"):
        raise NotAllowed(f"{node.schemaname}.{node.relname} is not allowed", hint=_HINT)
    if not node.schemaname and node.relname in named:
        if not node.alias.aliasname:
            node.alias.aliasname = node.relname
        node.relname = named[node.relname]
        return set()
    if node.relname not in views:
        raise NotAllowed(f"there is no view {node.relname}", hint=f"Views: {', '.join(views)}.")
    # Named with its schema, so that no table of another one stands in for it.
    node.schemaname = "api"
    return {str(node.relname)}


def _select(node: Any) -> None:
    if node.HasField("into_clause") or len(node.locking_clause):
        raise NotAllowed("INTO and FOR UPDATE are not allowed", hint=_HINT)


def _function(node: Any) -> None:
    names = [part.string.sval for part in node.funcname]
    if len(names) > 1 and names[:-1] != ["pg_catalog"]:
        raise NotAllowed(f"the function {'.'.join(names)} is not allowed", hint=_HINT)
    if names[-1] not in _FUNCTIONS:
        raise NotAllowed(
            f"the function {names[-1]} is not allowed", hint=f"Functions: {', '.join(sorted(_FUNCTIONS))}."
        )
    if len(names) == 1:
        # A function of the same name in another schema is another function.
        qualifier = type(node.funcname[0])()
        qualifier.string.sval = "pg_catalog"
        name = type(node.funcname[0])()
        name.CopyFrom(node.funcname[0])
        del node.funcname[:]
        node.funcname.extend([qualifier, name])


def _type(node: Any) -> None:
    names = [part.string.sval for part in node.names]
    if (len(names) > 1 and names[:-1] != ["pg_catalog"]) or (names[-1:] and names[-1] not in _TYPES):
        raise NotAllowed(f"the type {'.'.join(names)} is not allowed", hint=f"Types: {', '.join(sorted(_TYPES))}.")


def _operator(node: Any) -> None:
    if len(node.name) > 1 and node.name[0].string.sval != "pg_catalog":
        raise NotAllowed("operators of other schemas are not allowed", hint=_HINT)


def _value(node: Any) -> None:
    name = node.DESCRIPTOR.fields_by_name["op"].enum_type.values_by_number[node.op].name
    if name not in _VALUES:
        raise NotAllowed(f"{name.removeprefix('SVFOP_').lower()} is not allowed", hint=_HINT)


def _with(node: Any) -> None:
    if node.recursive:
        raise NotAllowed("recursive queries are not allowed", hint=_HINT)


_CHECKS: Mapping[str, Any] = {
    "SelectStmt": _select, "FuncCall": _function, "TypeName": _type, "A_Expr": _operator,
    "SQLValueFunction": _value, "WithClause": _with,
}  # fmt: skip
