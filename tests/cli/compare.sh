#!/usr/bin/env bash
# rackcast compare: results and scenarios, same and different.
# timeout: 120
. "$(dirname "$0")/common.sh" || exit 1

run 0 "$RACKCAST" run --no-plots --out a "$small"
sed 's/outstanding: 8/outstanding: 2/' "$small" >slow.yaml
run 0 "$RACKCAST" run --no-plots --out b slow.yaml
run 0 "$RACKCAST" compare a a
run 0 "$RACKCAST" compare a b
has out "outstanding"
has out "iops"
narrow out
plain out
run 0 "$RACKCAST" compare a/result.json b
cp out by-result
run 0 "$RACKCAST" compare "$small" slow.yaml
has out "outstanding"
has out "iops"
run 0 "$RACKCAST" compare a slow.yaml
