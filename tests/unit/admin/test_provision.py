"""The functions of the provisioning script, with the system's answers put in their place."""

import subprocess

from harness import ROOT

SCRIPT = ROOT / "provision/provision.sh"
# A machine with PostgreSQL 15.18 and without plpython3u.
MACHINE = """
installed() { [ "$1" = "postgresql-15" ] && [ -n "$HAS_SERVER" ]; }
installed_version() { echo 15.18-0+deb12u1; }
candidate_version() { echo 15.20-0+deb12u1; }
postgres_major() { echo 15; }
extension_present() { return 1; }
check_rights() { :; }
apt_update_once() { :; }
without_default_cluster() { echo "no default cluster"; }
apt_install() { echo "apt: $*"; }
apt-cache() { printf ' x | %s | y\\n' $OFFERED; }
pg_lsclusters() { echo "15 main 5432 ${CLUSTER:-down} postgres"; }
outcome() { :; }
"""


def install_postgres(**environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", f"source {SCRIPT}; {MACHINE}\ninstall_postgres"],
        env={"PATH": "/usr/bin:/bin", "HAS_SERVER": "", **environment},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_server_that_is_there_gets_its_own_version_of_plpython_and_no_upgrade() -> None:
    done = install_postgres(HAS_SERVER="1", OFFERED="15.20-0+deb12u1 15.18-0+deb12u1")
    assert done.stdout.splitlines() == ["apt: ca-certificates postgresql-plpython3-15=15.18-0+deb12u1"], done.stderr


def test_a_fresh_machine_gets_the_newest_server_and_no_default_cluster() -> None:
    done = install_postgres(OFFERED="15.20-0+deb12u1")
    assert done.stdout.splitlines() == [
        "no default cluster", "apt: ca-certificates postgresql-15 postgresql-plpython3-15",
    ], done.stderr  # fmt: skip


def test_a_server_whose_version_is_no_longer_offered_is_upgraded_while_no_cluster_runs() -> None:
    done = install_postgres(HAS_SERVER="1", OFFERED="15.20-0+deb12u1")
    assert done.stdout.splitlines() == ["apt: ca-certificates postgresql-plpython3-15"], done.stderr


def test_a_running_cluster_is_never_upgraded_unasked() -> None:
    done = install_postgres(HAS_SERVER="1", OFFERED="15.20-0+deb12u1", CLUSTER="online")
    assert done.returncode == 1
    assert "apt:" not in done.stdout
    assert "upgrade it when that suits you" in done.stderr
