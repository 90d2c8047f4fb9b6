from datapunk.forge.card import card_text

VERSION = {
    "version": 3, "recipe": "recommender", "stale_reason": None, "code_version": "0.1.0", "seed": 0,
    "created_at": "2025-01-01", "parameters": '{"neighbours": 200}', "libraries": '{"numpy": "2.0"}', "sha256": "ab",
}  # fmt: skip
METRIC = {"name": "ndcg@10", "scored": "model", "value": 0.5, "lower": 0.4, "upper": 0.6}


def test_a_card_names_metrics_limits_and_origin() -> None:
    text = card_text("taste", VERSION, None, [METRIC])
    assert text.startswith("# taste, version 3\n")
    assert "| ndcg@10 | model | 0.5000 | 0.4000 to 0.6000 |" in text
    assert "## Limits" in text
    assert "numpy 2.0" in text


def test_a_card_says_that_data_was_deleted() -> None:
    assert "was deleted: lake_forget" in card_text("taste", {**VERSION, "stale_reason": "lake_forget"}, None, [])


def test_a_card_tells_of_comparison_importance_pictures_and_energy() -> None:
    run = {"cpu_s": 360.0, "seconds": 60.0, "peak_memory_mb": 500.0}
    text = card_text(
        "churn", {**VERSION, "recipe": "classifier"}, None, [METRIC], pictures=["importance"],
        importances=[{"feature": "age", "importance": 0.25}], comparison="accuracy 0.9 against 0.8", run=run,
    )  # fmt: skip
    for part in ("| age | 0.2500 |", "against 0.8.", "forge_plot('churn', KIND, 3)", "about 1 Wh", "not what causes"):
        assert part in text
