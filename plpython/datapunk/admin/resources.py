"""Where the SQL files are: in the installed package, or in the checkout that an editable installation points at."""

from pathlib import Path

import datapunk


def resource_root() -> Path:
    """Return the folder that holds `sql/` and `api/`. Raises FileNotFoundError when neither place has them."""
    package = Path(datapunk.__file__).resolve().parent
    for candidate in (package / "_resources", package.parents[1]):
        if (candidate / "sql" / "bootstrap").is_dir():
            return candidate
    raise FileNotFoundError(f"no sql/bootstrap below {package / '_resources'} or {package.parents[1]}")
