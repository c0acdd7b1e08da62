/* counters.c: see counters.h. */
#include "models/nic/counters.h"

#include "sim/base/time.h"

typedef struct HostCounter {
    const char *metric;
    const int64_t *value;
} HostCounter;

static void host_register(SimRun *run, const NicHost *host, const HostCounter *counter,
                          uint32_t n) {
    if (!run->config.sample_every) return;
    for (uint32_t i = 0; i < n; i++)
        sim_meter_counter(run, "host", host->name, counter[i].metric, "", counter[i].value);
}

void nic_counters_host(SimRun *run, NicHost *host) {
    const HostCounter counter[] = {{"rnr_nak_retry_err", &host->rnr_naks_received},
                                   {"out_of_buffer", &host->rnr_naks_sent}};
    host_register(run, host, counter, sizeof counter / sizeof *counter);
}

void nic_counters_congestion(SimRun *run, NicHost *host) {
    const HostCounter counter[] = {{"np_cnp_sent", &host->cnps_sent},
                                   {"np_ecn_marked_roce_packets", &host->marked_frames},
                                   {"rp_cnp_handled", &host->cnps_handled}};
    host_register(run, host, counter, sizeof counter / sizeof *counter);
}

void nic_counters_rdma(SimRun *run, NicHost *host) {
    const HostCounter counter[] = {{"rdma_initiated_connections", &host->rdma_initiated},
                                   {"rdma_accepted_connections", &host->rdma_accepted},
                                   {"rdma_active_connections", &host->rdma_active},
                                   {"rdma_connection_errors", &host->rdma_errors},
                                   {"rdma_failed_connection_attempts", &host->rdma_failed_attempts},
                                   {"req_cqe_error", &host->completion_errors},
                                   {"rdma_in_bytes", &host->rdma_in_bytes},
                                   {"rdma_out_bytes", &host->rdma_out_bytes},
                                   {"rdma_in_frames", &host->rdma_in_frames},
                                   {"rdma_out_frames", &host->rdma_out_frames}};
    host_register(run, host, counter, sizeof counter / sizeof *counter);
}

const SimCounterDoc nic_counters[] = {
    {"host", "out_of_sequence", "mlx5 hw_counters", NULL, "out_of_sequence", SIM_COUNTER_TOTAL,
     SIM_COUNTER_HOST, .telling = true,
     .doc = "Requests that came in beyond the expected PSN (responder)."},
    {"host", "packet_seq_err", "mlx5 hw_counters", NULL, "packet_seq_err", SIM_COUNTER_TOTAL,
     SIM_COUNTER_HOST, .telling = true,
     .doc = "NAKs received for a gap in the sequence (requester)."},
    {"host", "implied_nak_seq_err", "mlx5 hw_counters", NULL, "implied_nak_seq_err",
     SIM_COUNTER_TOTAL, SIM_COUNTER_HOST, .doc = "Gaps seen in READ responses (requester)."},
    {"host", "local_ack_timeout_err", "mlx5 hw_counters", NULL, "local_ack_timeout_err",
     SIM_COUNTER_TOTAL, SIM_COUNTER_HOST, .telling = true,
     .doc = "Retransmission timers that ran out."},
    {"host", "rnr_nak_retry_err", "mlx5 hw_counters", NULL, "rnr_nak_retry_err", SIM_COUNTER_TOTAL,
     SIM_COUNTER_HOST, .doc = "RNR NAKs received: the other end had no receive posted."},
    {"host", "out_of_buffer", "mlx5 hw_counters", NULL, "out_of_buffer", SIM_COUNTER_TOTAL,
     SIM_COUNTER_HOST, .doc = "Messages that found no receive posted."},
    {"host", "duplicate_request", "mlx5 hw_counters", NULL, "duplicate_request", SIM_COUNTER_TOTAL,
     SIM_COUNTER_HOST, .doc = "Requests that had come in before."},
    {"host", "np_cnp_sent", "mlx5 hw_counters", NULL, "np_cnp_sent", SIM_COUNTER_TOTAL,
     SIM_COUNTER_HOST, .telling = true, .doc = "CNPs sent to senders of marked packets."},
    {"host", "np_ecn_marked_roce_packets", "mlx5 hw_counters", NULL, "np_ecn_marked_roce_packets",
     SIM_COUNTER_TOTAL, SIM_COUNTER_HOST, .telling = true,
     .doc = "RoCE packets that came in marked."},
    {"host", "rp_cnp_handled", "mlx5 hw_counters", NULL, "rp_cnp_handled", SIM_COUNTER_TOTAL,
     SIM_COUNTER_HOST, .telling = true, .doc = "CNPs that slowed a queue pair down."},
    {"host", "rx_icrc_encapsulated", "mlx5 hw_counters", NULL, "rx_icrc_encapsulated",
     SIM_COUNTER_TOTAL, SIM_COUNTER_HOST, .doc = "RoCE packets with a wrong ICRC."},
    {"host", "req_cqe_error", "mlx5 hw_counters", NULL, "req_cqe_error", SIM_COUNTER_TOTAL,
     SIM_COUNTER_HOST, .doc = "Operations that completed with an error (requester)."},
    {"host", "out_of_sequence", "Mellanox WinOF-2 Diagnostics", NULL,
     "Responder out of order sequence received", SIM_COUNTER_TOTAL, SIM_COUNTER_HOST,
     .doc = "Requests that came in beyond the expected PSN (responder)."},
    {"host", "rdma_initiated_connections", "RDMA Activity", NULL, "RDMA Initiated Connections",
     SIM_COUNTER_TOTAL, SIM_COUNTER_HOST, .telling = true, .doc = "Connections this host began."},
    {"host", "rdma_accepted_connections", "RDMA Activity", NULL, "RDMA Accepted Connections",
     SIM_COUNTER_TOTAL, SIM_COUNTER_HOST, .telling = true, .doc = "Connections this host took."},
    {"host", "rdma_active_connections", "RDMA Activity", NULL, "RDMA Active Connections",
     SIM_COUNTER_LEVEL, SIM_COUNTER_HOST, .telling = true, .doc = "Connections that stand now."},
    {"host", "rdma_connection_errors", "RDMA Activity", NULL, "RDMA Connection Errors",
     SIM_COUNTER_TOTAL, SIM_COUNTER_HOST, .doc = "Connections that broke."},
    {"host", "rdma_failed_connection_attempts", "RDMA Activity", NULL,
     "RDMA Failed Connection Attempts", SIM_COUNTER_TOTAL, SIM_COUNTER_HOST,
     .doc = "Connections that did not come about."},
    {"host", "req_cqe_error", "RDMA Activity", NULL, "RDMA Completion Queue Errors",
     SIM_COUNTER_TOTAL, SIM_COUNTER_HOST, .doc = "Operations that completed with an error."},
    {"host", "rdma_in_bytes", "RDMA Activity", NULL, "RDMA Inbound Bytes/sec", SIM_COUNTER_RATE,
     SIM_COUNTER_HOST, .telling = true, .doc = "Bytes of RDMA that came in."},
    {"host", "rdma_out_bytes", "RDMA Activity", NULL, "RDMA Outbound Bytes/sec", SIM_COUNTER_RATE,
     SIM_COUNTER_HOST, .telling = true, .doc = "Bytes of RDMA that went out."},
    {"host", "rdma_in_frames", "RDMA Activity", NULL, "RDMA Inbound Frames/sec", SIM_COUNTER_RATE,
     SIM_COUNTER_HOST, .doc = "Frames of RDMA that came in."},
    {"host", "rdma_out_frames", "RDMA Activity", NULL, "RDMA Outbound Frames/sec", SIM_COUNTER_RATE,
     SIM_COUNTER_HOST, .doc = "Frames of RDMA that went out."},
    {"host", "tcp_segments_sent", "TCPv4", NULL, "Segments Sent/sec", SIM_COUNTER_RATE,
     SIM_COUNTER_HOST, .doc = "TCP segments sent."},
    {"host", "tcp_segments_sent", "TCPv6", NULL, "Segments Sent/sec", SIM_COUNTER_RATE,
     SIM_COUNTER_HOST, .alias = true, .doc = "TCP segments sent."},
    {"host", "tcp_segments_received", "TCPv4", NULL, "Segments Received/sec", SIM_COUNTER_RATE,
     SIM_COUNTER_HOST, .doc = "TCP segments received."},
    {"host", "tcp_segments_received", "TCPv6", NULL, "Segments Received/sec", SIM_COUNTER_RATE,
     SIM_COUNTER_HOST, .alias = true, .doc = "TCP segments received."},
    {"host", "tcp_segments_retransmitted", "TCPv4", NULL, "Segments Retransmitted/sec",
     SIM_COUNTER_RATE, SIM_COUNTER_HOST, .doc = "TCP segments sent again."},
    {"host", "tcp_segments_retransmitted", "TCPv6", NULL, "Segments Retransmitted/sec",
     SIM_COUNTER_RATE, SIM_COUNTER_HOST, .alias = true, .doc = "TCP segments sent again."},
    {"host", "cpu_busy", "Process", "System", "% Processor Time", SIM_COUNTER_SHARE,
     SIM_COUNTER_HOST, .doc = "Time of the kernel spent on the network; 100 is one core."},
    {0}};
