"""Generated passwords and keys of one installation, and the tokens signed with them."""

import base64
import datetime
import json
import secrets
from typing import Any

import jwt
import psycopg
from psycopg import sql

from datapunk.admin.home import Home, write_if_changed
from datapunk.errors import InvalidArgument, NotReady

_JWKS_FILE = "jwks.json"
_SYSTEM_OWNER = "system"
LOGIN_ROLES = ("datapunk", "datapunk_worker", "datapunk_authenticator")


def ensure_credentials(home: Home) -> None:
    """Generate what is missing: the passwords of the roles that log in, and the key that signs tokens."""
    for role in LOGIN_ROLES:
        password = home.password_file(role)
        if not password.exists():
            write_if_changed(password, secrets.token_urlsafe(24) + "\n", account=home.account, mode=0o600)
    keys = home.secrets / _JWKS_FILE
    if not keys.exists():
        key = {"kty": "oct", "alg": "HS256", "use": "sig", "k": _base64url(secrets.token_bytes(48))}
        text = json.dumps({"keys": [key]}, indent=2) + "\n"
        write_if_changed(keys, text, account=home.account, mode=0o600)


def mint_token(home: Home, owner: str, days: float) -> str:
    """A token with which `owner` may use the HTTP interface for that many days (HS256).

    Errors: 22023 for an empty or reserved owner or a time that is not positive, DP002 before the first `datapunk up`.
    """
    if not owner.strip() or owner == _SYSTEM_OWNER:
        raise InvalidArgument(f"owner {owner!r} cannot act", hint="give the name of a person, like 'local'")
    if days <= 0:
        raise InvalidArgument("a token must be valid for some time", hint="give --days a positive number")
    now = datetime.datetime.now(tz=datetime.UTC)
    claims = {"sub": owner, "role": "datapunk_user", "iat": now, "exp": now + datetime.timedelta(days=days)}
    return jwt.encode(claims, _signing_key(home), algorithm="HS256")


def set_passwords(home: Home, superuser_dsn: str) -> None:
    """Give the roles that log in their generated passwords where they have none.

    A password that is there is kept: on an existing server it may be another installation's.
    """
    with psycopg.connect(superuser_dsn, autocommit=True) as connection:
        rows = connection.execute(
            "select rolname from pg_catalog.pg_authid where rolname = any(%s) and rolpassword is null",
            (list(LOGIN_ROLES),),
        ).fetchall()
        for (role,) in rows:
            password = home.password_file(role).read_text(encoding="utf-8").strip()
            verifier = connection.pgconn.encrypt_password(password.encode(), role.encode(), b"scram-sha-256").decode()
            connection.execute(sql.SQL("alter role {} password {}").format(sql.Identifier(role), sql.Literal(verifier)))


def _signing_key(home: Home) -> bytes:
    try:
        keys: list[dict[str, Any]] = json.loads((home.secrets / _JWKS_FILE).read_text(encoding="utf-8"))["keys"]
    except FileNotFoundError as error:
        raise NotReady("there is no signing key yet", hint="run `datapunk up` first") from error
    for key in keys:
        if key.get("kty") == "oct":
            return base64.urlsafe_b64decode(key["k"] + "==")
    raise NotReady(
        f"{home.secrets / _JWKS_FILE} holds no symmetric key", hint="have the tokens signed where its private key is"
    )


def _base64url(value: bytes) -> str:
    return base64.urlsafe_b64encode(value).rstrip(b"=").decode()
