#!/usr/bin/env bash
# Captures: the option, the file, and what tshark says of every frame in it.
# timeout: 120
. "$(dirname "$0")/common.sh" || exit 1
data=$SOURCE/tests/cli/data

# A port that is not there is found before anything is run, in every scenario.
run 2 "$RACKCAST" run --pcap tro1/3 "$small"
has err "small has no port tro1/3; did you mean tor1/3?"
empty out
run 2 "$RACKCAST" run --pcap tor1/999 "$small"
has err "small has no port tor1/999; the last of tor1 is tor1/56"
run 2 "$RACKCAST" run --pcap nodes "$small"
has err "did you mean node1?"
run 2 "$RACKCAST" run --pcap tor1/40 "$small"
has err "tor1/40 of small has no cable"
run 2 "$RACKCAST" run --pcap tor1/1,,node1/1 "$small"
has err "the name of a port is empty"
run 2 "$RACKCAST" run --pcap tor1/1 tor9/1 node1/1 "$small"
has err "small has no port tor9/1"
run 2 "$RACKCAST" run --pcap tor1/1 "$small" "$data/broken.yaml"
has err "broken has no port tor1/1; did you mean tor/1?"
run 2 "$RACKCAST" run --no-files --pcap tor1/1 "$small"
has err "--pcap writes a file"
[ ! -e results ] || fail "a run was made"

# A capture changes nothing else, and is the same every time.
run 0 "$RACKCAST" run --no-plots --out plain "$small"
[ ! -e plain/capture.pcapng ] || fail "a capture nobody asked for"
run 0 "$RACKCAST" run --no-plots --out a --pcap node2/1 tor1/2,tor1/1 "$small"
run 0 "$RACKCAST" run --no-plots --out b --pcap tor1/1 --pcap node2/1 "$small"
run 2 "$RACKCAST" run --no-plots --out c --pcap tor1/1 tor1/2 node2/1
has err "what is missing: FILE..."
cmp plain/result.json a/result.json || fail "the capture changes the result"
exists a/capture.pcapng
run 0 "$RACKCAST" run --no-plots --out c --pcap node2/1 tor1/1 "$small"
cmp b/capture.pcapng c/capture.pcapng || fail "two captures differ"
run 4 "$RACKCAST" run --no-plots --out /dev/null/x --pcap tor1/1 "$small"

# What was seen before Ctrl-C is kept, and nothing of the way there is left.
env --default-signal=INT "$RACKCAST" run --no-plots --out cut --set duration=600s \
    --set workloads[0].diskspd.outstanding=1 --pcap tor1/49 "$small" >out 2>err &
pid=$!
sleep 1
kill -INT $pid
code=0
wait $pid || code=$?
[ $code -eq 130 ] || fail "exit $code, not 130"
exists cut/capture.pcapng
[ "$(find cut -name '.*' -type f | wc -l)" -eq 0 ] || fail "a temporary file is left"

if ! command -v tshark >/dev/null; then
    echo "SKIPPED: there is no tshark; scripts/setup --tests installs it"
    exit 77
fi
export HOME=$scratch # no settings of the user's

# fields FILE FIELD...: of every frame, every check on.
fields() {
    local file=$1 list=()
    shift
    for field in "$@"; do list+=(-e "$field"); done
    tshark -r "$file" -o eth.check_fcs:TRUE -o ip.check_checksum:TRUE \
        -o tcp.check_checksum:TRUE -o udp.check_checksum:TRUE -T fields -E separator=, \
        "${list[@]}" 2>tshark.err || fail "tshark: $(cat tshark.err)"
}

# sound FILE: no frame is malformed, none has a wrong checksum, all are in order.
sound() {
    fields "$1" _ws.malformed eth.fcs.status ip.checksum.status udp.checksum.status \
        tcp.checksum.status | sort | uniq -c >status
    # 1: good; 3: not present, which UDP's checksum may be
    ! grep -vE '^ *[0-9]+ ,1,1?,[13]?,1?$' status || fail "$1: $(cat status)"
    fields "$1" frame.time_epoch | sort -c -t . -k 1,1n -k 2,2n || fail "$1 is not in order"
    # the comment holds the exact time, whose whole part is the stamp
    fields "$1" frame.time_epoch frame.comment | sed 's/^\([0-9]*\)\.\([0-9]*\),/\1\2 /' |
        awk '{sub(/^0+/, "", $1); split($2, t, "."); if (t[2] !~ /^[0-9][0-9]$/ || $3 !~ /^ns/ ||
             (t[1] != $1 && !(t[1] == 0 && $1 == ""))) {print; exit 1}}' ||
        fail "$1: a comment does not go with its stamp"
    # nothing tshark would point out, but comments and what a loss or a capture's beginning explains
    tshark -r "$1" -Y '_ws.expert.severity >= 0x600000 && !tcp' 2>/dev/null >remarks
    empty remarks
}

run 0 "$RACKCAST" run --no-plots --out frames --pcap tor node1/1 "$data/capture.yaml"
sound frames/capture.pcapng
tshark -r frames/capture.pcapng >all 2>/dev/null
for text in "RDMA Write First" "RDMA Write Only" "RDMA Read Request" "RDMA Read Response Last" \
    "Send Last" "Acknowledge" "PSN Sequence Error" "Class Based Flow Control"; do
    has all "$text"
done
fields frames/capture.pcapng frame.interface_name | sort -u >names
printf '%s\n' node1/1 tor/1 tor/2 tor/3 tor/4 | cmp - names || fail "interfaces: $(cat names)"
# What comes in at the switch left the host: for each cable, both ways (but for lost frames).
fields frames/capture.pcapng frame.interface_name frame.packet_flags_direction | sort |
    uniq -c >ways
grep -q 'node1/1,0x00000001' ways || fail "nothing comes in at node1/1"
grep -q 'node1/1,0x00000002' ways || fail "nothing leaves node1/1"

sound a/capture.pcapng
tshark -r a/capture.pcapng -Y arp 2>/dev/null >arp
has arp "ARP Announcement"
run 0 "$RACKCAST" run --no-plots --out broken --pcap node1 "$data/broken.yaml"
sound broken/capture.pcapng
tshark -r broken/capture.pcapng >all 2>/dev/null
has all "CM: ConnectRequest"
has all "CM: ConnectReply"

# The other protocols: RoCE v1, v2 over IPv6, CNPs, iWARP on TCP and its handshake.
protocol() {
    local name=$1 file=$2 sets=()
    shift 2
    for set in "$@"; do sets+=(--set "$set"); done
    run 0 "$RACKCAST" run --no-plots --out "$name" --pcap node1/1 "${sets[@]}" "$data/$file"
    sound "$name/capture.pcapng"
    tshark -r "$name/capture.pcapng" >all 2>/dev/null
}
protocol v1 capture.yaml 'hosts[0].nic.roce=v1'
has all " RoCE "
protocol v6 capture.yaml 'hosts[0].nic.ip=v6'
has all " fd72:636b::"
protocol cnp capture.yaml 'hosts[0].nic.congestion=dcqcn-vendor' \
    classes.storage.ecn.kmin=5kB classes.storage.ecn.kmax=50kB
tshark -r cnp/capture.pcapng -Y 'infiniband.bth.opcode == 0x81' -T fields -e frame.comment \
    2>/dev/null >cnps
has cnps "CNP"
protocol iwarp small.yaml 'hosts[0].nic.protocol=iwarp' 'hosts[0].nic.iwarp=true' \
    'hosts[0].team=none' 'hosts[0].failover=1ms' 'hosts[0].nic.tcp.reconnect=15ms'
has all "[SYN, ACK]"
has all "5445"
