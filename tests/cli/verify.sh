#!/usr/bin/env bash
# rackcast verify: one line a way, all the same bytes.
# timeout: 240
. "$(dirname "$0")/common.sh" || exit 1

run 0 "$RACKCAST" verify "$small"
for way in twice process interleaved permuted series unrelated; do
    grep -q "$way" out || fail "no line about '$way'"
done
plain out
narrow out
