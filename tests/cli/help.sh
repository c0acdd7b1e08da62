#!/usr/bin/env bash
# The help of the command and of every verb: on stdout, within 80 columns, exit 0.
. "$(dirname "$0")/common.sh" || exit 1

run 0 "$RACKCAST" --help
empty err
narrow out
has out "Usage: rackcast VERB"
verbs=$(awk '/^Verbs:/ {on = 1; next} /^$/ {on = 0} on {print $1}' out)
[ "$(wc -w <<<"$verbs")" -ge 9 ] || fail "too few verbs: $verbs"
for verb in $verbs; do
    run 0 "$RACKCAST" "$verb" --help
    empty err
    narrow out
    plain out
    has out "Usage: rackcast $verb"
    cp out by-option
    run 0 "$RACKCAST" help "$verb"
    cmp out by-option || fail "help $verb differs from $verb --help"
done
run 0 "$RACKCAST" --version
grep -qE '^rackcast [0-9]+\.[0-9]+\.[0-9]+$' out || fail "version"
run 2 "$RACKCAST"
empty out
has err "Usage: rackcast VERB"
