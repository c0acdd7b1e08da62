/* causes.c: the table of causes that `diagnose` knows; see diagnose.h. */
#include "sim/report/diagnose.h"

const SimCause sim_causes[] = {
    {"pfc-off-on-a-hop", "PFC is off on one hop",
     "The priority of RDMA is lossless elsewhere, but one end of a cable does not send pauses, or "
     "does not obey them. Under incast that hop drops frames and RDMA goes back to repeat them.",
     "Turn PFC on for the priority of RDMA at both ends of that cable."},
    {"headroom-too-small", "headroom too small for the cable",
     "The port asks to stop in time, and the other end obeys, but what is still on the way does "
     "not "
     "fit: frames of a lossless priority are dropped at full load.",
     "Give the port headroom for its rate, cable length and MTU."},
    {"priority-mismatch", "hosts and switch disagree on the priority",
     "RDMA travels in a priority that the switch does not treat as lossless, or the switch takes "
     "it for another one.",
     "Use one priority for RDMA at hosts and switches (priority 3, DSCP 26 by custom)."},
    {"vlan-tag-missing", "RDMA without a VLAN tag",
     "Frames without a tag carry no priority: RDMA comes in as priority 0, which is lossy.",
     "Tag the vNICs of RDMA, or have the switch trust DSCP with RoCE v2."},
    {"mtu-mismatch", "MTU too small on a hop",
     "A port drops frames that are longer than its MTU. Short messages pass, long ones time out "
     "without a NAK.",
     "Set the same jumbo MTU (9216 at switches) along the whole way."},
    {"roce-version-mismatch", "RoCE v1 at one end, v2 at the other",
     "Frames arrive at a host whose adapter listens for the other version: connections fail, "
     "timers run out, nothing is NAKed and no switch drops anything.",
     "Set the same RoCE mode at all adapters."},
    {"tor-without-roce-v2", "a switch does not pass RoCE",
     "Frames of RDMA end at a switch that takes them and sends them nowhere; nothing is NAKed.",
     "Use a switch that supports this RoCE version on the way of RDMA."},
    {"dcbx-override", "DCBX overrides the host's priority",
     "A willing host took over the switch's settings: its RDMA changes its priority while running, "
     "or when a link comes back.",
     "Set-NetQosDcbxSetting -Willing $false, and the same settings at both ends."},
    {"link-pause", "link pause in place of PFC",
     "802.3x pauses stop every priority of a link, the cluster's heartbeat too.",
     "Turn flow control off at ports and adapters and PFC on for the priority of RDMA."},
    {"ets-starves-heartbeat", "ETS starves the heartbeat",
     "The share of the class that carries the heartbeat is too small beside full RDMA: heartbeats "
     "are missed although every link stands.",
     "Give the class of the heartbeat a bandwidth of its own (1 to 2 %) or strict priority."},
    {"ecn-above-xoff", "pauses come before ECN",
     "Switches pause but nobody sends CNPs: the ECN threshold lies above XOFF, or ECN or the "
     "notification point is off. Congestion spreads by pauses.",
     "Set Kmin and Kmax well below XOFF and turn ECN on at switches and both ends."},
    {"rdma-disabled", "RDMA is disabled on a host",
     "An adapter that could do RDMA does none: SMB went over to TCP without a word, and costs CPU.",
     "Enable RDMA on adapter, vNIC and host (Get-NetAdapterRdma, Get-SmbMultichannelConnection)."},
    {"slow-receiver", "a host receives too slowly",
     "An adapter pauses the switch though its link has room: it cannot put away what arrives.",
     "Look at its PCIe slot, receive buffers, page sizes and drivers."},
    {"pfc-storm", "a host pauses without end",
     "An adapter sends pauses and takes nothing: its port fills, then the switches behind it.",
     "Reset or replace the adapter; turn on PFC watchdogs at adapters and switches."},
    {"bad-cable", "a bad cable or transceiver",
     "Frames come in with wrong checksums, more than a cable is allowed; each one is lost.",
     "Clean, reseat or replace cable and transceivers."},
    {"link-swallows-frames", "a cable loses frames without an error",
     "One end sends more frames than the other receives, and none of them counts as broken.",
     "Replace cable and transceivers; look at the forwarding of the device behind it."},
    {0}};
