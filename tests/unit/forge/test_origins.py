import pytest

from datapunk_forge.origins import conjuncts, kinds_of

WATCH, SEEN = "(i.kind = 'watch'::text)", "(i.kind = ANY ('{visit,watch}'::text[]))"


@pytest.mark.parametrize(
    ("condition", "parts"),
    [
        ("", []),
        ("(a = 1)", ["(a = 1)"]),
        ("((a = 1) AND (b = 2))", ["(a = 1)", "(b = 2)"]),
        ("((a = 1) OR (b = 2))", []),
        ("((a = 1) AND ((b = 2) OR (c = 3)))", ["(a = 1)", "((b = 2) OR (c = 3))"]),
        ("((a = 'x) AND (y'::text) AND (b = 2))", ["(a = 'x) AND (y'::text)", "(b = 2)"]),
    ],
)
def test_a_condition_falls_into_what_must_hold(condition: str, parts: list[str]) -> None:
    assert conjuncts(condition) == parts


@pytest.mark.parametrize(
    ("scan", "kinds"),
    [
        ({"Filter": WATCH}, {"watch"}),
        ({"Index Cond": SEEN}, {"visit", "watch"}),
        ({"Index Cond": SEEN, "Filter": f"({WATCH} AND (i.title IS NOT NULL))"}, {"watch"}),
        ({"Filter": f"({WATCH} OR (i.title = 'x'::text))"}, None),
        ({"Filter": f"(NOT {WATCH})"}, None),
        ({"Filter": "(i.title = '(i.kind = ''watch''::text)'::text)"}, None),
        ({"Filter": "(other.kind = 'watch'::text)"}, None),
        ({}, None),
    ],
)
def test_a_scan_tells_its_kinds_only_where_they_must_hold(scan: dict[str, str], kinds: set[str] | None) -> None:
    assert kinds_of({"Alias": "i", **scan}) == (None if kinds is None else frozenset(kinds))
