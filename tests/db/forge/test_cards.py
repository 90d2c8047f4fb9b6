from typing import Any

import psycopg

from datapunk.forge.card import card_text


def test_every_recipe_has_purpose_and_limits_of_its_own(connection: psycopg.Connection[Any]) -> None:
    recipes = [name for (name,) in connection.execute("select name from api.recipes").fetchall()]
    assert len(recipes) == 12
    said: dict[str, str] = {}
    for recipe in recipes:
        version = {
            "version": 1, "recipe": recipe, "stale_reason": None, "retired": False, "code_version": "0.1.0", "seed": 0,
            "created_at": "2025-01-01", "parameters": "{}", "libraries": "{}", "sha256": "ab",
        }  # fmt: skip
        head, _, rest = card_text("m", version, None, []).partition("## Data")
        assert head.splitlines()[2], recipe
        limits = rest.partition("## Limits")[2].partition("##")[0]
        assert limits.count("\n- ") >= 2, recipe
        said[recipe] = head.splitlines()[2] + limits
    assert len(set(said.values())) == len(recipes)
