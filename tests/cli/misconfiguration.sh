#!/usr/bin/env bash
# What operators get wrong: check names it before the run, the run shows it in the counters.
# timeout: 120
. "$(dirname "$0")/common.sh" || exit 1

wrong=$SOURCE/scenarios/misconfiguration
# Scenario, code, and what the sentence must say.
while read -r name code text; do
    run 0 "$RACKCAST" check "$wrong/$name.yaml"
    has out "warning $code:"
    has out "$text"
    has out "allowed: "
    run 3 "$RACKCAST" check --strict "$wrong/$name.yaml"
    run 0 "$RACKCAST" explain "$code"
    empty err
done <<'END'
pfc-off-on-one-hop W307 PFC is off on the cable from broken/1 to tor/2
priority-mismatch W308 travels at priority 3, tor has PFC for 4
dscp-mismatch W308 tor takes DSCP 26 of RDMA of target/smb and 4 more for priority 4
missing-vlan-tag W309 carries no tag that tor trusts
untagged-at-trust-pcp W309 carries no tag that tor trusts
tor-without-v2 W312 tor is not fit for RoCE v2
dcbx-willing W313 it takes PFC for 4 from tor in place of its own for 3
link-pause W314 stops every class at once, heartbeats too
ets-starves-the-heartbeat W204 lossless classes have 99 %
headroom-too-small W202 the headroom takes 10000
ecn-above-xoff W203 pauses come first
mtu-mismatch W304 tor takes 1500
rdma-off-on-one-host W310 will use TCP, not RDMA: RDMA is not enabled on its vNIC smb
v1-at-a-router W315 RoCE v1 ends at spine
v1-meets-v2 W311 between new1 (RoCE v2 over IPv4) and old (RoCE v1) will use TCP
END
run 0 "$RACKCAST" check --strict "$wrong/sound.yaml"

# Every scenario of the folder is named above.
for file in "$wrong"/*.yaml; do
    name=$(basename "$file" .yaml)
    [ "$name" = sound ] || grep -q "^$name W" "$SOURCE/tests/cli/misconfiguration.sh" ||
        fail "$name is not named here"
done

# counters SCENARIO: runs it; counter MACHINE NAME: the first counter of the machine by that name.
counters() {
    run 0 "$RACKCAST" run --no-files --counters "$wrong/$1.yaml"
}
counter() {
    awk -v machine="$1:" -v name="$2" '
        /^[^ ]/ { here = $1 == machine }
        here && $1 == name { $1 = ""; gsub(/ /, ""); print; exit }' out
}
# shows MACHINE NAME TEST...: the counter passes test(1).
shows() {
    local value
    value=$(counter "$1" "$2")
    [ "${value:-none}" "$3" "$4" ] || fail "$1 $2 is ${value:-not shown}, not $3 $4"
}

counters sound
shows node1 rx_prio3_pause -gt 0
shows target out_of_sequence -eq 0
counters priority-mismatch
shows node1 rx_prio3_pause -eq 0
shows target out_of_sequence -gt 0
counters dscp-mismatch # pauses for a priority that the host does not send at
shows node1 rx_prio4_pause -gt 0
shows node1 rx_prio3_pause -eq 0
shows node1 packet_seq_err -gt 0
counters missing-vlan-tag # came in at 0, sent at 3
shows node1 tx_prio3_packets -gt 0
shows node1 rx_prio0_packets -gt 0
shows node1 rx_prio3_pause -eq 0
counters mtu-mismatch
shows node1 local_ack_timeout_err -ge 7
shows node1 packet_seq_err -eq 0
counters ecn-above-xoff
shows target np_cnp_sent -eq 0
shows node1 rx_prio3_pause -gt 0
counters rdma-off-on-one-host # RDMA Activity of the one host stays at zero
has out "forgotten: RDMA Activity"
activity=$(sed -n '/^forgotten: RDMA/,/^$/p' out |
    awk '/RDMA/ && !/:/ { n += $NF } END { print n }')
[ "$activity" = 0 ] ||
    fail "RDMA activity of a host without RDMA"
has out "forgotten: TCPv4"
has out "forgotten: Process (System)"
lacks out "node1: TCPv4"

# Each link of the chain, broken at one end, is named with its host.
while read -r set text; do
    run 0 "$RACKCAST" check --set "hosts.target.$set" "$wrong/sound.yaml"
    has out "warning W31"
    has out "target"
    has out "$text"
done <<'END'
nic.rdma=false RDMA is disabled on its adapter (nic.rdma: false)
network_direct=false NetworkDirect is disabled on it (network_direct: false)
nic.roce_v2=false its adapter cannot do RoCE v2 (nic.roce_v2: false)
nic.protocol=iwarp its adapter cannot do iWARP (nic.iwarp: false)
nic.protocol=infiniband its adapter runs InfiniBand, no Ethernet
nic.roce=v1 and target (RoCE v1) will use TCP
nic.ip=v6 and target (RoCE v2 over IPv6) will use TCP
END
# Off at both ends: TCP is meant.
run 0 "$RACKCAST" check --strict --set defaults.hosts.nic.rdma=false "$wrong/sound.yaml"
