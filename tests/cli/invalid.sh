#!/usr/bin/env bash
# Bad input: every scenarios/invalid/*.yaml is refused with the words in the .expect beside it.
. "$(dirname "$0")/common.sh" || exit 1

n=0
for file in "$SOURCE"/scenarios/invalid/*.yaml; do
    [ -e "$file" ] || fail "no scenarios in scenarios/invalid"
    n=$((n + 1))
    run 3 timeout 20 "$RACKCAST" check "$file"
    while IFS= read -r line; do
        case $line in "" | "#"*) continue ;; esac
        has out "$line"
    done <"${file%.yaml}.expect"
    empty err
    plain out
done
[ "$n" -ge 10 ] || fail "only $n files"
