#!/usr/bin/env bash
# Makes .venv: Python 3.10 with exactly what requirements.lock names. Does nothing where that is already so.
#   launch/setup.sh             what `make run` needs
#   launch/setup.sh --tests     also what tests start and look at: PostgreSQL, Redis, npm, Chromium, fonts
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."

readonly TOOLS=.tools VENV=.venv LOCK=requirements.lock LOG=var/log/setup.log
readonly PYENV="${PYENV_ROOT:-${HOME:-}/.pyenv}"
# Another PYTHON* setting must not lead our interpreters to foreign modules.
unset PYTHONHOME PYTHONPATH VIRTUAL_ENV

say() { printf 'setup: %s\n' "$*" >&2; }
fail() { printf 'setup: error: %s\n' "$*" >&2; exit 1; }

main() {
    check_machine
    local stamp
    stamp=$(stamp)
    if [[ $(cat "$VENV/.stamp" 2>/dev/null) != "$stamp" ]] || ! runs "$VENV/bin/python" '(3, 10) == v'; then
        install_tools
        make_environment
        sync_packages
        write_defaults
        printf '%s\n' "$stamp" >"$VENV/.stamp"
        say "done"
    fi
    if [[ ${1:-} == --tests ]]; then
        install_programs
    fi
}

check_machine() {
    [[ $(uname -sm) == "Linux x86_64" ]] ||
        fail "the packages are locked for Linux on x86_64, this is $(uname -sm); use such a machine or a container"
    [[ -f $LOCK ]] || fail "$LOCK is missing; take it from the repository"
    mkdir -p "${LOG%/*}" 2>/dev/null || fail "cannot write into $PWD; make the folder yours"
}

# What the environment was made from. The path is part of it, because scripts in .venv/bin carry it.
stamp() {
    { printf '%s\n' "$PWD"; cat "$LOCK" launch/tools.txt launch/setup.sh; } | sha256sum | cut -d' ' -f1
}

# Whether an interpreter really runs (a pyenv shim may be there and fail) and its version v is as wanted.
runs() {
    [[ -n $1 ]] && "$1" -c "import sys; v = sys.version_info[:2]; sys.exit(not ($2))" >/dev/null 2>&1
}

# Every interpreter that may be there, the likeliest first; some of them will not run.
list_pythons() {
    local name
    for name in "$@"; do
        type -aP "$name" || true
    done
    compgen -G "$PYENV/versions/3.*/bin/python" | sort -rV || true
}

find_python310() {
    local python
    while read -r python; do
        if runs "$python" 'v == (3, 10)'; then
            printf '%s\n' "$python"
            return
        fi
    done < <(list_pythons python3.10 python3 python)
}

install_tools() {
    local version python candidate any=""
    version=$(sed -n 's/^uv==\([^ ]*\).*/\1/p' launch/tools.txt)
    if [[ $("$TOOLS/bin/python" -m uv --version 2>/dev/null) == "uv $version"* ]]; then
        return
    fi
    python=""
    while read -r candidate; do
        if runs "$candidate" 'v >= (3, 8)'; then
            any=${any:-$candidate}
            if "$candidate" -c 'import ensurepip, venv' >/dev/null 2>&1; then
                python=$candidate
                break
            fi
        fi
    done < <(list_pythons python3 python3.{10,11,12,13,14,9,8} python)
    [[ -n $any ]] || fail "no Python 3.8 or newer runs here; install one (Debian: apt-get install python3 python3-venv)"
    [[ -n $python ]] || fail "$any has no venv module; install it (Debian: apt-get install python3-venv)"
    say "installing uv $version"
    rm -rf "$TOOLS"
    "$python" -m venv "$TOOLS" >"$LOG" 2>&1 || fail "$python cannot make a virtual environment; $LOG tells why"
    "$TOOLS/bin/python" -m pip install --quiet --disable-pip-version-check --require-hashes --only-binary :all: \
        -r launch/tools.txt >"$LOG" 2>&1 || fail_download "uv could not be installed"
}

make_environment() {
    local python
    if runs "$VENV/bin/python" 'v == (3, 10)' && [[ $(cat "$VENV/.path" 2>/dev/null) == "$PWD" ]]; then
        return
    fi
    python=$(find_python310)
    if [[ -z $python ]]; then
        say "there is no Python 3.10 on this machine, fetching one"
        "$TOOLS/bin/python" -m uv python install 3.10 >"$LOG" 2>&1 ||
            fail "Python 3.10 is neither here nor to be had; install it (pyenv install 3.10) and call make setup again"
        python=$("$TOOLS/bin/python" -m uv python find --managed-python 3.10 2>>"$LOG") ||
            fail "Python 3.10 was fetched but is not found; $LOG tells why"
    fi
    say "making $VENV with $("$python" --version)"
    rm -rf "$VENV"
    "$TOOLS/bin/python" -m uv venv --quiet --no-project --python "$python" "$VENV" >"$LOG" 2>&1 ||
        fail "$python cannot make a virtual environment; $LOG tells why"
    printf '%s\n' "$PWD" >"$VENV/.path"
}

sync_packages() {
    say "installing $(grep -c '^[a-z0-9].*==' "$LOCK") packages (2 GB; a minute or two the first time)"
    # Bytecode now: where PYTHONDONTWRITEBYTECODE is set, every start would compile everything again, 15 s longer.
    watch "$TOOLS/bin/python" -m uv pip sync --python "$VENV/bin/python" --require-hashes --compile-bytecode "$LOCK" ||
        fail_download "packages could not be installed"
}

# Settings that every program of this environment needs, also a plain `rasa train`; whoever sets them himself is obeyed.
write_defaults() {
    local folder
    folder=$("$VENV/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')
    printf '%s' 'import os; ' \
        'os.environ.setdefault("RASA_TELEMETRY_ENABLED", "false"); ' \
        'os.environ.setdefault("SANIC_BACKLOG", "2048"); ' \
        'os.environ.setdefault("SQLALCHEMY_SILENCE_UBER_WARNING", "1"); ' \
        'os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")' >"$folder/pasar-environment.pth"
}

install_programs() {
    local missing=()
    type -P chromium >/dev/null || missing+=(chromium)
    type -P npm >/dev/null || missing+=(npm)
    type -P redis-server >/dev/null || missing+=(redis-server)
    compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null || type -P initdb >/dev/null || missing+=(postgresql)
    has_font 'loma|garuda|tlwg|thai' || missing+=(fonts-thai-tlwg)
    has_font 'coloremoji' || missing+=(fonts-noto-color-emoji)
    [[ ${#missing[@]} -gt 0 ]] || return 0
    if [[ $(id -u) == 0 ]] && type -P apt-get >/dev/null; then
        say "installing ${missing[*]}"
        export DEBIAN_FRONTEND=noninteractive
        if watch sh -c 'apt-get update -q && apt-get install -qy --no-install-recommends "$@"' sh "${missing[@]}"; then
            return 0
        fi
        tail -n 3 "$LOG" >&2
    fi
    say "tests that need them will fail or be skipped: please install ${missing[*]}"
}

has_font() {
    find /usr/share/fonts /usr/local/share/fonts "${HOME:-/nonexistent}/.fonts" -type f 2>/dev/null | grep -qiE "$1"
}

# Run a long command with its output in the log; a line every ten seconds says that it is still at it.
watch() {
    local start=$SECONDS status=0 next=10 child
    "$@" >"$LOG" 2>&1 </dev/null &
    child=$!
    trap 'kill "$child" 2>/dev/null; say "stopped"; exit 130' INT TERM
    while kill -0 "$child" 2>/dev/null; do
        sleep 0.5
        if ((SECONDS - start >= next)); then
            say "... ${next} s"
            next=$((next + 10))
        fi
    done
    wait "$child" || status=$?
    trap - INT TERM
    return "$status"
}

# Say the likeliest reason in one sentence, after the last lines of what the installer said.
fail_download() {
    tail -n 5 "$LOG" >&2
    if grep -qiE "(command|executable|program)[^\n]*\b(gcc|cc|g\+\+)\b|\b(gcc|cc|g\+\+)\b.*(not found|No such file|failed)" "$LOG"; then
        fail "$1: a package must be compiled and there is no C compiler; install one (Debian: apt-get install build-essential)"
    elif grep -qiE "resolve host|name resolution|dns error|connection refused|network is unreachable|timed out|error sending request|No matching distribution|connect error" "$LOG"; then
        fail "$1: the network does not answer; check the connection or the settings of your proxy and package mirror"
    elif grep -qiE "no space left" "$LOG"; then
        fail "$1: the disk is full; about 3 GB are needed"
    fi
    fail "$1; $LOG tells why"
}

main "$@"
