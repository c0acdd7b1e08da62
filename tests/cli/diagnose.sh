#!/usr/bin/env bash
# rackcast diagnose: a healthy rack, a bad one, bad files.
# timeout: 120
. "$(dirname "$0")/common.sh" || exit 1

run 0 "$RACKCAST" run --no-plots --out healthy --counters csv "$small"
run 0 "$RACKCAST" diagnose healthy/counters.csv
has out "Nothing unusual."
empty err
narrow out
run 0 "$RACKCAST" diagnose --json healthy/counters.csv
has out '"unusual": false'

port='\\TOR1\SAI Port(3 [node1 1])\SAI_PORT_STAT'
cat >bad.csv <<END
"(PDH-CSV 4.0) (UTC)(0)","${port}_DOT3_STATS_FCS_ERRORS","${port}_ETHER_RX_OVERSIZE_PKTS"
"01/01/2026 00:00:00.000","5","0"
"01/01/2026 00:00:01.000","25","9"
"01/01/2026 00:00:02.000","45","20"
END
run 1 "$RACKCAST" diagnose bad.csv
has out "MTU too small on a hop"
has out "a bad cable or transceiver"
has out "20  tor1 port 3, SAI_PORT_STAT_ETHER_RX_OVERSIZE_PKTS"
grep -n "MTU too small\|a bad cable" out | head -1 | grep -q MTU || fail "not in order"
narrow out
plain out
run 1 "$RACKCAST" diagnose --json bad.csv
has out '"cause": "mtu-mismatch"'
has out '"threshold": "none should be"'

iconv -t UTF-16 bad.csv >wide.csv
run 1 "$RACKCAST" diagnose wide.csv
has out "MTU too small on a hop"

run 4 "$RACKCAST" diagnose nowhere.csv
has err "nowhere.csv"
run 4 "$RACKCAST" diagnose .
run 3 "$RACKCAST" diagnose "$small"
has err "small.yaml:1: no counters in the first line"
sed 's/"25"/"many"/' bad.csv >figure.csv
run 3 "$RACKCAST" diagnose figure.csv
has err "figure.csv:3: 'many' is no figure"
: >empty.csv
run 3 "$RACKCAST" diagnose empty.csv
has err "empty"
run 2 "$RACKCAST" diagnose
run 2 "$RACKCAST" diagnose a b
run 0 "$RACKCAST" diagnose --help
narrow out

run 0 "$RACKCAST" explain mtu-mismatch SAI_PORT_STAT_PFC_3_RX_PKTS
has out "mtu-mismatch: MTU too small on a hop"
has out 'SAI_PORT_STAT_PFC_#_RX_PKTS: a counter of "SAI Port"'
narrow out
