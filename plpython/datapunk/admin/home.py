"""Where one checkout keeps its database, environment, sockets and ports.

Uses the standard library only: the provisioning script runs this module before any environment exists
(`python3 -m datapunk.admin.home` prints the layout as shell assignments, `--prepare` creates its folders too).
"""

import contextlib
import dataclasses
import fcntl
import hashlib
import json
import os
import pwd
import shlex
import stat
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from datapunk.admin.ports import Ports, derived_ports, free_ports
from datapunk.errors import NotAllowed, NotReady

LAYOUT_FILE = "layout.json"
#: The operating system account that runs everything when the caller is root; Debian's packages create it.
SERVER_ACCOUNT = "postgres"
#: Parent of the state folders of checkouts that the server's account cannot read.
OUTSIDE = Path("/var/lib/datapunk")
DATABASE = "datapunk"
_PASSED_ON = ("LANG", "LANGUAGE", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE")
_PASSED_ON_PREFIXES = ("DATAPUNK_", "LC_")
#: Libraries that would report their use to somebody are told not to: nothing leaves this machine unasked.
QUIET = {"ORT_DISABLE_TELEMETRY": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}
_PROXIES = ("http_proxy", "https_proxy", "no_proxy", "all_proxy")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Account:
    """An operating system account."""

    name: str
    uid: int
    gid: int

    @staticmethod
    def of(name_or_uid: str | int) -> "Account":
        """The account of that name or number. Error: KeyError."""
        entry = pwd.getpwuid(name_or_uid) if isinstance(name_or_uid, int) else pwd.getpwnam(name_or_uid)
        return Account(name=entry.pw_name, uid=entry.pw_uid, gid=entry.pw_gid)

    @property
    def is_caller(self) -> bool:
        """Whether this program runs as that account."""
        return os.geteuid() == self.uid

    def popen_options(self) -> dict[str, Any]:
        """Arguments with which `subprocess` runs a program as this account."""
        if self.is_caller:
            return {}
        if os.geteuid() != 0:
            raise NotAllowed(
                f"this installation belongs to the account {self.name}",
                hint=f"run the command as {self.name} or with sudo",
            )
        groups = os.getgrouplist(self.name, self.gid)
        return {"user": self.uid, "group": self.gid, "extra_groups": groups}

    def can_read(self, path: Path) -> bool:
        """Whether this account can reach and read `path`, parent folders included."""
        if self.is_caller:
            return os.access(path, os.R_OK)
        test = subprocess.run(["/usr/bin/test", "-r", str(path)], check=False, cwd="/", **self.popen_options())
        return test.returncode == 0

    def own(self, path: Path, mode: int) -> None:
        """Give `path` to this account with the permissions `mode`."""
        if os.geteuid() == 0:
            os.chown(path, self.uid, self.gid)
        path.chmod(mode)


@dataclasses.dataclass(frozen=True, kw_only=True)
class Home:
    """The layout of one installation.

    `source_readable` is false when the account that runs the database cannot read the checkout; then `state`
    lies under /var/lib/datapunk and the environment holds a copy of the package.
    """

    root: Path
    state: Path
    id: str
    run: Path
    account: Account
    ports: Ports
    source_readable: bool
    external_dsn: str | None = None

    @staticmethod
    def locate(environ: Mapping[str, str] = os.environ) -> "Home":
        """Find the installation that this package belongs to. Creates nothing."""
        checkout = _checkout()
        override = Path(environ["DATAPUNK_STATE"]).absolute() if environ.get("DATAPUNK_STATE") else None
        root = checkout or _recorded_root(override or Path(sys.prefix).parent)
        identity = _identity(root, override)
        outside = OUTSIDE / identity
        state = override or root / ".datapunk"
        if override is None and (checkout is None or _layout_of(outside, root)):
            state = outside
        layout = _layout_of(state, root)
        account = _account(layout)
        readable = account.can_read(root / "plpython" / "datapunk" / "__init__.py")
        if not readable and override is None:
            state = outside
            layout = _layout_of(state, root)
        return Home(
            root=root,
            state=state,
            id=layout.get("id", identity),
            run=_run_directory(layout.get("id", identity), account, layout),
            account=account,
            ports=Ports(**layout["ports"]) if "ports" in layout else derived_ports(identity),
            source_readable=readable,
            external_dsn=environ.get("DATAPUNK_DSN") or None,
        )

    @property
    def venv(self) -> Path:
        """The environment: the state folder's own, or the running one when the state folder was overridden."""
        own = self.state / "venv"
        inside = sys.prefix != sys.base_prefix
        return Path(sys.prefix) if inside and not (own / "bin" / "python").exists() else own

    @property
    def site_packages(self) -> Path:
        """The environment's packages."""
        found = sorted((self.venv / "lib").glob("python3.*/site-packages"))
        return found[-1] if found else self.venv / "lib" / "python3" / "site-packages"

    @property
    def data(self) -> Path:
        """Data folder of the main cluster."""
        return self.state / "data"

    @property
    def logs(self) -> Path:
        """Every log of every program."""
        return self.state / "logs"

    @property
    def imports(self) -> Path:
        """What lies here, the server may read and import."""
        return self.state / "imports"

    @property
    def secrets(self) -> Path:
        """Generated passwords and keys."""
        return self.state / "secrets"

    @property
    def default_model(self) -> Path:
        """Exported files of the default embedding model, which the model host loads at its start."""
        return Path(os.environ.get("DATAPUNK_MODEL_CACHE") or self.state / "models" / "all-MiniLM-L6-v2")

    @property
    def host_socket(self) -> Path:
        """Where the model host answers."""
        return self.run / "host.sock"

    @property
    def supervisor_socket(self) -> Path:
        """Where the supervisor answers."""
        return self.run / "supervisor.sock"

    @property
    def api_url(self) -> str:
        """Where PostgREST answers."""
        return f"http://127.0.0.1:{self.ports.api}"

    @property
    def package_path(self) -> list[Path]:
        """Folders that a program's PYTHONPATH needs besides its own environment's packages."""
        if not self.source_readable:
            return []
        return [self.root / "plpython", self.root / "forge", self.root / "workers"]

    def dsn(self, user: str = "datapunk", database: str = DATABASE) -> str:
        """The connection string of the default database for `user`.

        On an existing server it is DATAPUNK_DSN with that user and the password generated for it.
        """
        if not self.external_dsn:
            return socket_dsn(self.run, self.ports.postgres, user, database)
        from psycopg.conninfo import make_conninfo

        file = self.password_file(user)
        password = file.read_text(encoding="utf-8").strip() if os.access(file, os.R_OK) else None
        return make_conninfo(self.external_dsn, user=user, password=password)

    def superuser_dsn(self) -> str:
        """The connection string of a superuser: the private cluster's, or the one of DATAPUNK_DSN."""
        return self.external_dsn or self.dsn("postgres")

    def password_file(self, role: str) -> Path:
        """Where the generated password of a role is kept."""
        return self.secrets / f"{role}.password"

    def environment(self, **more: str) -> dict[str, str]:
        """The environment of everything that runs here: no variable of the caller's that it does not need."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if name in _PASSED_ON or name.startswith(_PASSED_ON_PREFIXES) or name.lower() in _PROXIES
        }
        kept.setdefault("LANG", "C.UTF-8")
        path = ":".join([str(self.venv / "bin"), "/usr/local/bin", "/usr/bin", "/bin"])
        return {
            **kept,
            **QUIET,
            "PATH": path,
            "HOME": str(self.state),
            "USER": self.account.name,
            "DATAPUNK_STATE": str(self.state),
            "DATAPUNK_HOST_SOCKET": str(self.host_socket),
            "PYTHONPATH": ":".join(str(folder) for folder in [*self.package_path, self.site_packages]),
            "PYTHONUNBUFFERED": "1",
            **more,
        }

    def prepare(self) -> "Home":
        """Create the folders, keep the layout, and return the home with ports that are free.

        Errors: 42501 when the state folder belongs to another account, DP002 when the account cannot reach it.
        """
        self.account.popen_options()
        self.state.mkdir(parents=True, exist_ok=True)
        if os.geteuid() == 0:
            self.state.chmod(self.state.stat().st_mode | 0o055)
        for folder, mode in ((self.logs, 0o750), (self.secrets, 0o700), (self.imports, 0o755)):
            folder.mkdir(exist_ok=True)
            self.account.own(folder, mode)
        if not self.account.can_read(self.logs):
            raise NotReady(
                f"the account {self.account.name} cannot reach {self.state}",
                hint="set DATAPUNK_STATE to a folder that it can read, or unset it",
            )
        self._make_run_directory()
        home = self if "ports" in _layout_of(self.state, self.root) else self.with_free_ports()
        home.save()
        return home

    def with_free_ports(self) -> "Home":
        """The same home on the first free group of ports, counted from the checkout's own."""
        return dataclasses.replace(self, ports=free_ports(self.id))

    def save(self) -> None:
        """Keep the layout, so that later calls find the same ports, sockets and account."""
        layout = {
            "root": str(self.root),
            "id": self.id,
            "run": str(self.run),
            "account": self.account.name,
            "ports": dataclasses.asdict(self.ports),
        }
        write_if_changed(self.state / LAYOUT_FILE, json.dumps(layout, indent=2) + "\n")

    def _make_run_directory(self) -> None:
        with contextlib.suppress(FileExistsError):
            self.run.mkdir(mode=0o700)
            self.account.own(self.run, 0o700)
        found = self.run.lstat()
        if not stat.S_ISDIR(found.st_mode) or found.st_uid != self.account.uid:
            raise NotAllowed(
                f"{self.run} exists and is not a folder of the account {self.account.name}",
                hint=f"remove {self.run} and try again",
            )
        self.account.own(self.run, 0o700)


def socket_dsn(directory: Path, port: int, user: str, database: str) -> str:
    """A connection string over a Unix socket."""
    return f"postgresql://{user}@/{database}?host={quote(str(directory), safe='/')}&port={port}"


@contextlib.contextmanager
def exclusively(folder: Path) -> Iterator[None]:
    """Hold the lock on a folder; others who want it wait."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def write_if_changed(path: Path, text: str, *, account: Account | None = None, mode: int = 0o644) -> bool:
    """Write `text` in one step when the file holds something else; returns whether it did."""
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return False
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
        stream.write(text)
    if account is not None:
        account.own(fresh, mode)
    fresh.replace(path)
    return True


def _checkout() -> Path | None:
    """The checkout that this file lies in, or None for an installed copy."""
    root = Path(__file__).resolve().parents[3]
    if (root / "pyproject.toml").exists() and (root / "sql").is_dir():
        return root
    return None


def _read_layout(state: Path) -> dict[str, Any]:
    with contextlib.suppress(FileNotFoundError, NotADirectoryError, PermissionError, json.JSONDecodeError):
        layout = json.loads((state / LAYOUT_FILE).read_text(encoding="utf-8"))
        return layout if isinstance(layout, dict) else {}
    return {}


def _recorded_root(state: Path) -> Path:
    root = _read_layout(state).get("root")
    if root is None:
        raise NotReady(
            "cannot tell which checkout this environment belongs to",
            hint="run `make up` in the checkout, or set DATAPUNK_STATE to its state folder",
        )
    return Path(root)


def _layout_of(state: Path, root: Path) -> dict[str, Any]:
    """The layout kept in `state`, unless it came with a copied or moved checkout."""
    layout = _read_layout(state)
    return layout if layout.get("root") == str(root) else {}


def _identity(root: Path, state: Path | None) -> str:
    key = str(root) if state is None else f"{root}\0{state}"
    return hashlib.sha256(key.encode()).hexdigest()[:8]


def _account(layout: Mapping[str, Any]) -> Account:
    if "account" in layout:
        with contextlib.suppress(KeyError):
            return Account.of(str(layout["account"]))
    if os.geteuid() != 0:
        return Account.of(os.geteuid())
    try:
        return Account.of(SERVER_ACCOUNT)
    except KeyError as error:
        raise NotReady(
            f"the account {SERVER_ACCOUNT} does not exist, and PostgreSQL never runs as root",
            hint="run provision/provision.sh, which installs PostgreSQL",
        ) from error


def _run_directory(identity: str, account: Account, layout: Mapping[str, Any]) -> Path:
    """A short folder for sockets: a path in it stays far below the 107 bytes that a socket address has."""
    name = f"datapunk-{identity}"
    remembered = layout.get("run")
    if remembered and Path(remembered).name == name and Path(remembered).parent.is_dir():
        return Path(remembered)
    candidates = ["/run"] if os.geteuid() == 0 else [os.environ.get("XDG_RUNTIME_DIR"), f"/run/user/{account.uid}"]
    for candidate in candidates:
        if candidate and len(candidate) <= 40 and os.access(candidate, os.W_OK):
            return Path(candidate) / name
    return Path("/tmp") / name  # noqa: S108  the folder itself is 0700 and its owner is checked


def shell_assignments(home: Home) -> Iterator[str]:
    """The layout as lines that a shell can evaluate."""
    values: dict[str, object] = {
        "DP_ROOT": home.root,
        "DP_STATE": home.state,
        "DP_VENV": home.state / "venv",
        "DP_ACCOUNT": home.account.name,
        "DP_EDITABLE": int(home.source_readable),
    }
    for name, value in values.items():
        yield f"{name}={shlex.quote(str(value))}"


if __name__ == "__main__":
    os.umask(0o022)
    located = Home.locate()
    sys.stdout.writelines(
        f"{line}\n" for line in shell_assignments(located.prepare() if "--prepare" in sys.argv else located)
    )
