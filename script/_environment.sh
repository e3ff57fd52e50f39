# Sourced by script/server and script/test, in the project's folder: makes .venv/ with what a
# requirements file names. Nothing is done twice: a stamp in .venv/ remembers what is installed.

say() { printf '%s\n' "$*" >&2; }
fail() {
    say "outcry: $*"
    exit 1
}

# Sets $python to .venv's interpreter, with everything from the requirements files $@ installed.
prepare_environment() {
    python=$PWD/.venv/bin/python
    # Two commands started together take turns; the lock is on this file, so none is left behind.
    if command -v flock >/dev/null; then
        exec 9<script/_environment.sh
        flock 9
    fi
    environment_works || make_environment
    local file
    for file in "$@"; do install_requirements "$file"; done
    # The engines are started later by this process: they must not inherit the lock.
    exec 9<&-
}

# A copied or moved .venv/, or one whose making was broken off, is made anew.
environment_works() {
    [ "$(cat .venv/.made-in 2>/dev/null)" = "$PWD" ] && is_new_enough "$python" &&
        "$python" -m pip --version >/dev/null 2>&1
}

make_environment() {
    find_python
    say "Making .venv with $("$base" --version) …"
    rm -rf .venv
    "$base" -m venv .venv >&2 || fail "$base could not make .venv; the lines above say why."
    printf '%s\n' "$PWD" >.venv/.made-in
}

# Sets $base to a Python that can make virtual environments. 3.12 and 3.11 come first: for them
# there are wheels of all parts. A name on the PATH may be a mere shim, so each one is tried.
find_python() {
    local name candidate without=""
    for name in ${OUTCRY_PYTHON:+"$OUTCRY_PYTHON"} python3.12 python3.11 python3.13 python3.14 python3 python; do
        while IFS= read -r candidate; do
            is_new_enough "$candidate" || continue
            base=$candidate
            "$base" -c 'import ensurepip, ssl, venv, zlib' >/dev/null 2>&1 </dev/null && return
            without=${without:-$candidate}
        done <<<"$(type -ap "$name" 2>/dev/null)"
    done
    if [ -n "$without" ]; then
        name=python$("$without" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
        fail "$without lacks venv, ensurepip or ssl. On Debian and Ubuntu: apt-get install $name-venv"
    fi
    fail "no Python 3.11 or newer here. Install one (Debian, Ubuntu: apt-get install python3 python3-venv;" \
        "macOS: brew install python@3.12) or name it in OUTCRY_PYTHON."
}

is_new_enough() {
    "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 </dev/null
}

install_requirements() {
    local stamp=".venv/.installed-$1" wanted
    wanted=$(cat requirements*.txt | cksum)
    [ "$(cat "$stamp" 2>/dev/null)" = "$wanted" ] && return
    say "Installing $1 …"
    "$python" -m pip install --quiet --disable-pip-version-check --no-input -r "$1" >&2 </dev/null ||
        fail "installing $1 failed; the lines above say why. The network (or PIP_INDEX_URL) is needed once."
    printf '%s\n' "$wanted" >"$stamp"
}
