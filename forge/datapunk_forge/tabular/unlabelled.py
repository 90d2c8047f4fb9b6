"""From the columns of a dataset to a matrix, for what learns without a target."""

from collections.abc import Mapping

from datapunk.forge.features import Feature
from datapunk_forge.tabular.columns import Check, Chosen
from datapunk_forge.tabular.encoding import Matrix, encode, encode_given, fit_features, left_out, with_means
from datapunk_forge.tabular.splitting import Split
from datapunk_forge.trained import Dataset, Embed, Progress


def encoded(
    dataset: Dataset, chosen: Chosen, split: Split, options: Mapping[str, object], most: int, progress: Progress,
    embed: Embed,
) -> tuple[tuple[Check, ...], tuple[Feature, ...], Matrix]:  # fmt: skip
    """Return all checks, the features as the rows to learn from have them, and all rows as numbers, (rows, width).

    `most` is how many values of a category are told apart.
    """
    embedder = str(options["embedder"])
    dimensions = embed(["dimensions"], embedder).shape[1] if any(k == "text" for _, k in chosen.columns) else 0
    features = fit_features(chosen.columns, split.learn, embedder, dimensions)
    matrix = encode(dataset, features, embed, progress)
    # What is only measured with is as it will come.
    matrix[split.held] = encode_given(dataset, split.held, matrix, features, embed)
    checks = (*chosen.checks, *left_out(chosen.columns, features, split.learn, most))
    return checks, with_means(features, matrix[split.learn]), matrix
