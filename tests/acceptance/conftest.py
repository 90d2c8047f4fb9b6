"""PostgREST in front of a database of its own, with keys of both kinds."""

import base64
import json
import os
import secrets
import socket
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from datapunk.admin.home import Home
from datapunk.admin.programs import postgrest_program
from harness import ROOT, Database, Server, clone
from http_api import Api


@pytest.fixture(scope="session")
def private_key() -> rsa.RSAPrivateKey:
    """The key of a foreign issuer of tokens; PostgREST gets its public half."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@pytest.fixture(scope="module")
def http_database(server: Server, template: str) -> Iterator[Database]:
    """The database behind `api`, one a test module."""
    yield from clone(server, template)


@pytest.fixture(scope="module")
def api(
    http_database: Database, private_key: rsa.RSAPrivateKey, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Api]:
    """A running PostgREST."""
    folder = tmp_path_factory.mktemp("postgrest")
    secret = secrets.token_bytes(48)
    public = jwt.algorithms.RSAAlgorithm.to_jwk(private_key.public_key(), as_dict=True)
    local = {"kty": "oct", "alg": "HS256", "k": base64.urlsafe_b64encode(secret).rstrip(b"=").decode()}
    keys = folder / "jwks.json"
    keys.write_text(json.dumps({"keys": [local, {**public, "alg": "RS256", "use": "sig"}]}), encoding="utf-8")
    port, admin_port = _free_ports()
    environment = {
        "PATH": os.environ["PATH"],
        "PGRST_DB_URI": http_database.dsn("datapunk_authenticator"),
        "PGRST_SERVER_HOST": "127.0.0.1",
        "PGRST_SERVER_PORT": str(port),
        "PGRST_ADMIN_SERVER_PORT": str(admin_port),
        "PGRST_JWT_SECRET": f"@{keys}",
    }
    log = (folder / "postgrest.log").open("wb")
    program = str(postgrest_program(Home.locate()))
    process = subprocess.Popen([program, str(ROOT / "api/postgrest.conf")], env=environment, stdout=log, stderr=log)
    running = Api(port=port, admin_port=admin_port, secret=secret)
    try:
        _wait(running, process, folder / "postgrest.log")
        yield running
    finally:
        process.terminate()
        process.wait(10)
        log.close()


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        for probe in (one, other):
            probe.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


def _wait(running: Api, process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + 20
    while not running.is_ready():
        if process.poll() is not None or time.monotonic() > deadline:
            raise RuntimeError(f"PostgREST did not start: {log.read_text(encoding='utf-8')[-2000:]}")
        time.sleep(0.05)
