#!/usr/bin/env bash
# rackcast run --counters: printed, written, and without a trace in the result.
# timeout: 120
. "$(dirname "$0")/common.sh" || exit 1

run 0 "$RACKCAST" run --no-plots --out plain "$small"
run 0 "$RACKCAST" run --no-plots --out printed --counters "$small"
cmp plain/result.json printed/result.json || fail "the counters changed the result"
[ ! -e printed/counters.csv ] || fail "counters.csv without being asked for"
sed -n '/^Counters over/,/^Written/p' out >counters
exists counters
has counters "mlx5 hw_counters"
narrow out
plain out

for words in "--counters csv" "--counters=csv"; do
    # shellcheck disable=SC2086
    run 0 "$RACKCAST" run --no-plots --out over-time $words "$small"
    cmp plain/result.json over-time/result.json || fail "the counters changed the result"
    exists over-time/counters.csv
    cp over-time/counters.csv "again$((n = ${n:-0} + 1)).csv"
done
cmp again1.csv again2.csv || fail "other bytes the second time"
head -c 24 again1.csv | grep -qxF '"(PDH-CSV 4.0) (UTC)(0)"' || fail "no corner"
has again1.csv '\mlx5 hw_counters\out_of_sequence"'
[ "$(wc -l <again1.csv)" -ge 21 ] || fail "fewer than 20 readings"
[ "$(awk -F'","' '{ print NF }' again1.csv | sort -u | wc -l)" -eq 1 ] || fail "ragged lines"
run 0 "$RACKCAST" run --no-plots --out fine --counters csv --counters-interval 100us "$small"
[ "$(wc -l <fine/counters.csv)" -gt "$(wc -l <again1.csv)" ] || fail "the interval does nothing"

# stdout stays one document
run 0 "$RACKCAST" run --no-files --json --counters "$small"
head -1 out | grep -qx '{' || fail "not JSON"
has err "Counters over"

run 2 "$RACKCAST" run --counters-interval 1ms "$small"
has err "--counters csv"
run 2 "$RACKCAST" run --counters csv --counters-interval soon "$small"
has err "'soon'"
run 2 "$RACKCAST" run --counters csv --counters-interval 0s "$small"
run 2 "$RACKCAST" run --counters csv --no-files "$small"
has err "--no-files"
