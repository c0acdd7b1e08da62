#!/usr/bin/env bash
# rackcast test: files and folders, a line each, details of failures, the closing line.
# timeout: 120
. "$(dirname "$0")/common.sh" || exit 1

mkdir -p suite/deep suite/invalid
cp "$small" suite/deep/good.yaml
echo "not: a scenario" >suite/invalid/never-read.yaml
run 0 "$RACKCAST" test suite
has out "deep/good.yaml"
[ "$(tail -1 out)" = "1 passed, 0 failed" ] || fail "the closing line"
lacks out never-read
narrow out

sed 's/vms.iops >= 1000$/vms.iops >= 1000000000/' "$small" >suite/greedy.yaml
echo "schema: 1" >suite/broken.yaml
run 1 "$RACKCAST" test --jobs 2 suite
[ "$(tail -1 out)" = "1 passed, 2 failed" ] || fail "the closing line"
grep -qE 'FAIL +vms.iops >= .*1000000000' out || fail "the expectation is not told"
has out "broken.yaml"
plain out
run 1 "$RACKCAST" test --jobs 1 suite
cp out one
run 1 "$RACKCAST" test --jobs 2 suite
# The order and the words do not depend on the number of jobs; only the seconds do.
cmp <(sed -E 's/ +[0-9.]+ s$//' one) <(sed -E 's/ +[0-9.]+ s$//' out) || fail "jobs change the text"
run 1 "$RACKCAST" test --json suite
python3 -c 'import json; d = json.load(open("out")); assert (d["passed"], d["failed"]) == (1, 2)' ||
    fail "--json"
run 1 "$RACKCAST" test --timeout 1 --set duration=600s "$small"
has out "longer than 1 s"

mkdir nothing
run 4 "$RACKCAST" test nothing
has err "no scenario"
