import json

from datapunk.forge.card import card_text

VERSION = {
    "version": 3, "recipe": "recommender", "stale_reason": None, "retired": False, "code_version": "0.1.0", "seed": 0,
    "created_at": "2025-01-01", "parameters": '{"neighbours": 200}', "libraries": '{"numpy": "2.0"}', "sha256": "ab",
}  # fmt: skip
METRIC = {"name": "ndcg@10", "scored": "model", "value": 0.5, "lower": 0.4, "upper": 0.6}


def test_a_card_names_metrics_limits_and_origin() -> None:
    text = card_text("taste", VERSION, None, [METRIC])
    assert text.startswith("# taste, version 3\n")
    assert "| ndcg@10 | model | 0.5000 | 0.4000 to 0.6000 |" in text
    assert "## Limits" in text
    assert "numpy 2.0" in text


def test_a_card_says_where_a_lexicon_named_the_labels() -> None:
    version = {**VERSION, "recipe": "sentiment", "parameters": '{"labels_from": "lexicon"}'}
    text = card_text("tone", version, None, [{**METRIC, "name": "lexicon_agreement"}])
    assert "how often either is right was not measured" in text
    assert "not measured" not in card_text("tone", {**version, "parameters": "{}"}, None, [METRIC])


def test_a_card_says_that_data_was_deleted() -> None:
    assert "was deleted: lake_forget" in card_text("taste", {**VERSION, "stale_reason": "lake_forget"}, None, [])


def test_a_card_tells_of_comparison_importance_pictures_and_energy() -> None:
    run = {"cpu_s": 360.0, "seconds": 60.0, "peak_memory_mb": 500.0}
    text = card_text(
        "churn", {**VERSION, "recipe": "classifier"}, None, [METRIC], pictures=["importance"],
        importances=[{"feature": "age", "importance": 0.25}], comparison="accuracy 0.9 against 0.8", run=run,
    )  # fmt: skip
    for part in (
        "| age | 0.2500 |",
        "against 0.8.",
        "forge_plot('churn', KIND, 3)",
        "estimated 1 Wh, if a busy core takes 10 W",
        "not what causes",
    ):
        assert part in text


def row(**more: object) -> dict[str, object]:
    kept = {"attribute": "sex", "slice": "w", "measure": "value", "metric": "accuracy", "sensitive": True}
    return {**kept, "row_count": 20, "value": 0.85, "lower": 0.7, "upper": 0.95, **more}


def test_a_card_tells_figures_by_slice_and_how_far_groups_are_apart() -> None:
    apart = row(slice="", measure="ratio", value=0.5)
    text = card_text("m", VERSION, None, [METRIC], slices=[row(), row(slice="a | b"), apart])
    assert "| sex | w | 20 | accuracy | 0.8500 | 0.7000 to 0.9500 |" in text
    assert "| sex | a \\| b | 20 |" in text
    assert "## Bias" in text
    assert "| sex | accuracy | ratio | 0.5000 | 0.7000 to 0.9500 |" in text
    assert "No attribute was named as sensitive" not in text
    plain = card_text("m", VERSION, None, [METRIC], slices=[row(sensitive=False), {**apart, "sensitive": False}])
    assert "No attribute was named as sensitive" in plain
    assert "## Bias" not in card_text("m", VERSION, None, [METRIC])


def test_a_card_names_whose_rows_it_learned_from() -> None:
    known = {
        "relation": "lake.item", "source_owner": "ada", "kind": "watch", "source": "youtube", "row_count": 1200,
        "since": "2020-01-01 00:00:00+00", "until": "2025-01-01 00:00:00+00", "basis": "items",
    }  # fmt: skip
    other = {**known, "relation": "public.trip", "kind": None, "source": None}
    text = card_text("m", VERSION, None, [METRIC], lineage=[known, other, {**known, "basis": "plan"}])
    assert "- watch from youtube of ada: 1,200 rows, 2020-01-01 to 2025-01-01\n" in text
    assert "- public.trip\n" in text
    assert "2025-01-01 at most" in text


def test_the_energy_is_that_of_the_cores_named() -> None:
    run = {"cpu_s": 3600.0, "seconds": 60.0, "peak_memory_mb": 500.0}
    assert "estimated 25 Wh, if a busy core takes 25 W" in card_text("m", VERSION, None, [], run=run, watts=25.0)


def test_a_card_tells_what_the_checks_of_the_columns_found() -> None:
    check = {"column": "mail", "problem": "personal data", "reason": "has EMAIL_ADDRESS in 9 of 9 values"}
    parameters = json.dumps({"checks": [{**check, "action": "masked"}]})
    assert "- mail has EMAIL_ADDRESS in 9 of 9 values: masked\n" in card_text(
        "m", {**VERSION, "parameters": parameters}, None, [METRIC]
    )


def test_the_limits_say_what_makes_the_metrics_doubtful() -> None:
    told = {"column": "refund", "problem": "suspected leakage", "reason": "tells nearly all", "action": "kept"}
    rows = {"column": "(rows)", "problem": "repeated rows", "reason": "repeat themselves", "action": "kept"}

    def limits(*checks: dict[str, str]) -> str:
        version = {**VERSION, "recipe": "classifier", "parameters": json.dumps({"checks": checks})}
        return card_text("m", version, None, [METRIC]).partition("## Limits")[2]

    assert "only where refund, which tells nearly the whole target, is known" in limits(told)
    assert "refund" not in limits({**told, "action": "dropped"}).partition("## How")[0]
    assert "equal rows that it learned from" in limits(rows)
    assert "equal rows that it learned from" not in limits(told)
