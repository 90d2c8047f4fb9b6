"""A library that ends the process that loads it, as a crash in the C code of a real one would.

It goes by the name of the one that reads PDF, and is found first where its folder stands first in `sys.path`.
"""

from pathlib import Path

DEADLY = b"%PDF-1.4\n%%EOF\n"


def write_deadly_library(folder: Path) -> str:
    """Write it below a temporary folder, for the server's account to read; return what to put first in `sys.path`."""
    home = folder / "libraries"
    home.mkdir()
    for parent in (home, *home.parents[:-2]):
        parent.chmod(parent.stat().st_mode | 0o055)
    (home / "pypdf.py").write_text("import os, signal\nos.kill(os.getpid(), signal.SIGKILL)\n", encoding="ascii")
    return str(home)
