"""The `datapunk` command."""

import os
import sys

import typer

from datapunk.admin import cli_data, cli_install, cli_processes
from datapunk.admin.home import QUIET
from datapunk.errors import DatapunkError

app = typer.Typer(
    help="A PostgreSQL server as a person's own AI.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)


@app.callback()
def prepare() -> None:
    """A PostgreSQL server as a person's own AI."""
    os.umask(0o022)
    os.environ.update(QUIET)


for command in cli_processes.COMMANDS:
    app.command()(command)
app.command()(cli_install.install)
for name, data_command in cli_data.COMMANDS:
    app.command(name)(data_command)


def main() -> None:
    """Run the command; an error that was raised on purpose is shown as message and hint, without a traceback."""
    try:
        app()
    except DatapunkError as error:
        typer.secho(f"datapunk: {error.message}", err=True, fg="red")
        if error.detail:
            typer.echo(error.detail.rstrip(), err=True)
        if error.hint:
            typer.echo(f"hint: {error.hint}", err=True)
        sys.exit(1)


if __name__ == "__main__":
    main()
