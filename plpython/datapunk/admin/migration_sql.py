"""The migrations as SQL, for `make lint`: `python -m datapunk.admin.migration_sql | squawk`."""

import sys

from alembic import command
from alembic.config import Config

from datapunk.admin.resources import resource_root


def main() -> None:
    """Print what a fresh installation runs."""
    config = Config(output_buffer=sys.stdout)
    config.set_main_option("script_location", str(resource_root() / "sql/migrations"))
    command.upgrade(config, "head", sql=True)


if __name__ == "__main__":
    main()
