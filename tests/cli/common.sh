# shellcheck shell=bash
# Sourced by every transcript: a scratch folder, and words to say what a command must do.
# $RACKCAST is the program, $BUILD its build folder, $SOURCE the top of the project; ctest sets
# them, by hand the defaults will do.
set -euo pipefail
SOURCE=${SOURCE:-$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)}
BUILD=${BUILD:-$SOURCE/build}
RACKCAST=${RACKCAST:-$BUILD/rackcast}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
unset NO_COLOR
export small=$SOURCE/tests/cli/data/small.yaml

fail() {
    echo "FAIL: $*"
    for file in out err; do
        [ ! -s "$file" ] || { echo "--- $file"; head -40 "$file"; }
    done
    exit 1
}

# run CODE command...: stdout in ./out, stderr in ./err
run() {
    local want=$1 got=0
    shift
    "$@" >out 2>err </dev/null || got=$?
    [ "$got" -eq "$want" ] || fail "exit $got, not $want: $*"
}

# has FILE TEXT: the file contains it; lacks FILE TEXT: it does not.
has() {
    grep -qF -- "$2" "$1" || fail "no '$2' in $1"
}
lacks() {
    ! grep -qF -- "$2" "$1" || fail "'$2' in $1"
}
empty() {
    [ ! -s "$1" ] || fail "$1 is not empty"
}
exists() {
    [ -s "$1" ] || fail "$1 is missing or empty"
}
# narrow FILE: no line over 80 columns.
narrow() {
    local wide
    wide=$(LC_ALL=C.UTF-8 wc -L <"$1")
    [ "$wide" -le 80 ] || fail "$wide columns in $1"
}
# plain FILE: no escape sequence.
plain() {
    ! grep -q "$(printf '\033')" "$1" || fail "an escape sequence in $1"
}
