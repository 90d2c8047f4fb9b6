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
