#!/usr/bin/env bash
# An expectation that fails: exit 1, expected and got, and the result is written all the same.
. "$(dirname "$0")/common.sh" || exit 1

sed 's/vms.iops >= 1000$/vms.iops >= 1000000000/' "$small" >greedy.yaml
run 1 "$RACKCAST" run --no-plots greedy.yaml
grep -qE 'FAIL +vms.iops >= .*1000000000' out || fail "the expectation is not told"
grep -qi "got" out || fail "it does not say what it got"
exists results/small/result.json

# A metric that does not exist is a mistake in the scenario or a failure, never a pass.
sed 's/vms.iops >= 1000$/vms.ipos >= 1/' "$small" >typo.yaml
code=0
"$RACKCAST" run --no-plots typo.yaml >out 2>err </dev/null || code=$?
[ $code -eq 1 ] || [ $code -eq 3 ] || fail "exit $code for a metric that does not exist"
cat out err >both
has both "vms.ipos"
