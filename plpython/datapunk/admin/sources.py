"""The page of sources, made from the adapters: `python -m datapunk.admin.sources > docs/sources.md`."""

import sys
from collections.abc import Iterator

from datapunk.lake.registry import all_adapters

_HEAD = """# Sources

Generated from the adapters (`make reference`); do not edit by hand. A file is recognised by what it holds first, then
by its name; the paths are those of English exports, below the archive's root. The name in the first column is what the
option `source` of an import takes.

| source | what it reads | paths |
|---|---|---|"""


def sources() -> str:
    """Return a table with a row an adapter as Markdown."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield _HEAD
    for adapter in sorted(all_adapters(), key=lambda found: found.NAME):
        summary = (adapter.__doc__ or "").splitlines()[0].rstrip(".")
        paths = ", ".join(f"`{path}`" for path in adapter.inputs()).replace("|", "\\|")
        yield f"| `{adapter.NAME}` | {summary} | {paths} |"


if __name__ == "__main__":
    sys.stdout.write(sources())
