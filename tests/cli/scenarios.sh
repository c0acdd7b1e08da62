#!/usr/bin/env bash
# Every scenario of the project keeps what its expect: lines promise.
# timeout: 300
# label: slow
. "$(dirname "$0")/common.sh" || exit 1

run 0 "$RACKCAST" test --jobs 2 "$SOURCE/scenarios"
tail -1 out | grep -qE '^[1-9][0-9]* passed, 0 failed$' || fail "the closing line"
# A quickstart that takes longer than this is none.
seconds=$(awk '/four-node-rocev2.yaml/ {print $(NF - 1)}' out)
awk -v s="$seconds" 'BEGIN {exit !(s + 0 <= 10)}' || fail "the quickstart took $seconds s"
