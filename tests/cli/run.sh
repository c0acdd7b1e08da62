#!/usr/bin/env bash
# A run: the forecast on stdout, the files of a result, and nothing else anywhere.
# timeout: 120
. "$(dirname "$0")/common.sh" || exit 1

run 0 "$RACKCAST" run "$small"
has out "small"
grep -qE '^ *(Limit|Bottleneck) ' out || fail "no limit is named"
grep -qE '^ *Outage .*tor1-dead' out || fail "the outage is not in the forecast"
narrow out
plain out
plain err
for file in result.json run.json metrics.csv effective.yaml; do
    exists "results/small/$file"
done
ls results/small/*.gp results/small/*.dat results/small/*.svg >/dev/null || fail "no pictures"
has results/small/result.json '"complete": true'
has results/small/run.json '"wall_seconds"'
lacks results/small/result.json wall_seconds
has results/small/metrics.csv "vms"

# The same again, without pictures, elsewhere, as JSON: the same bytes.
run 0 "$RACKCAST" run --no-plots --json --out again "$small"
cmp out again/result.json || fail "--json is not result.json"
cmp results/small/result.json again/result.json || fail "two runs differ"
! ls again/*.svg 2>/dev/null || fail "--no-plots made pictures"

# The effective scenario is a scenario, and gives the same figures.
run 0 "$RACKCAST" run --no-plots --out effective results/small/effective.yaml
cmp results/small/result.json effective/result.json || fail "effective.yaml gives other figures"

# Another seed is another history; --set goes through the checks.
run 0 "$RACKCAST" run --no-plots --seed 2 --out seed "$small"
has seed/result.json '"seed": 2'
! cmp -s seed/result.json again/result.json || fail "the seed changes nothing"
run 0 "$RACKCAST" run --no-plots --set duration=35ms --out short "$small"
has short/result.json '"duration_ns": 35000000'
run 3 "$RACKCAST" run --no-plots --set duration=25Gbps --out bad "$small"
empty out
has err duration
run 3 "$RACKCAST" run --no-plots --set durtaion=35ms --out bad "$small"
has err "did you mean"

# Fewer ingredients, another fingerprint.
run 0 "$RACKCAST" run --no-plots --fingerprint t --out letters "$small"
! cmp -s <(grep '"fingerprint"' letters/result.json) <(grep '"fingerprint"' again/result.json) ||
    fail "--fingerprint changes nothing"

# Several scenarios in one command: a folder each.
sed 's/^name: small/name: second/' "$small" >second.yaml
run 0 "$RACKCAST" run --no-plots --out both "$small" second.yaml
exists both/small/result.json
exists both/second/result.json
run 2 "$RACKCAST" run --no-plots "$small" "$small"
has err "small"
