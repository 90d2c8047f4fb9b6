import os
import stat
from pathlib import Path

import jwt
import pytest

from datapunk.admin.credentials import ensure_credentials, mint_token
from datapunk.admin.home import Account, Home
from datapunk.admin.ports import Ports
from datapunk.errors import InvalidArgument, NotReady


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home(
        root=tmp_path,
        state=tmp_path,
        id="0123abcd",
        run=tmp_path / "run",
        account=Account.of(os.geteuid()),
        ports=Ports(postgres=1, api=2, api_admin=3),
        source_readable=True,
    )
    home.secrets.mkdir()
    return home


def test_token_names_owner_role_and_end(home: Home) -> None:
    ensure_credentials(home)
    claims = jwt.decode(mint_token(home, "ada", 2), options={"verify_signature": False})
    assert (claims["sub"], claims["role"]) == ("ada", "datapunk_user")
    assert claims["exp"] - claims["iat"] == 2 * 24 * 3600


def test_token_verifies_with_the_key_set_that_postgrest_reads(home: Home) -> None:
    ensure_credentials(home)
    keys = jwt.PyJWKSet.from_json((home.secrets / "jwks.json").read_text())
    assert jwt.decode(mint_token(home, "ada", 1), keys.keys[0].key, algorithms=["HS256"])["sub"] == "ada"


def test_credentials_are_generated_once_and_closed_to_others(home: Home) -> None:
    ensure_credentials(home)
    before = {path.name: path.read_text() for path in home.secrets.iterdir()}
    ensure_credentials(home)
    assert before == {path.name: path.read_text() for path in home.secrets.iterdir()}
    assert {stat.S_IMODE(path.stat().st_mode) for path in home.secrets.iterdir()} == {0o600}


@pytest.mark.parametrize(("owner", "days"), [("", 1), ("  ", 1), ("system", 1), ("ada", 0)])
def test_token_for_nobody_or_no_time_is_refused(home: Home, owner: str, days: float) -> None:
    ensure_credentials(home)
    with pytest.raises(InvalidArgument):
        mint_token(home, owner, days)


def test_token_before_the_first_start_says_what_is_missing(home: Home) -> None:
    with pytest.raises(NotReady) as caught:
        mint_token(home, "ada", 1)
    assert caught.value.hint
