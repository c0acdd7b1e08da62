/* timeout: 60 */
/* test_tcp_transport.c: TCP and iWARP as hosts use them: operations, frames, marks, losses, links
 * that come and go. Every run is audited. */
#include <glib.h>

#include "tests/analytic/probe.h"

#define IWARP "protocol: iwarp, iwarp: true"
#define PLAIN "rdma: false"
/* Timers that fit runs of a second. */
#define TIMERS "rto_min: 2ms, timer_grain: 0ms, delayed_ack: 1ms, reconnect: 5ms"

static const char *const protocols[] = {PLAIN, IWARP};

/* `a`, `b`: keys of the adapters; `rest`: further sections. */
static char *pair_yaml(const char *a, const char *b, const char *rest) {
    return g_strdup_printf(
        "schema: 1\nname: pair\ndescription: two hosts\nduration: 5s\n"
        "switches: [{name: s, ports: 4, rate: 25Gbps}]\n"
        "defaults: {hosts: {nic: {ports: 1, rate: 25Gbps, cables: [s], tcp: {" TIMERS "}}}}\n"
        "hosts: [{name: a, nic: {%s}}, {name: b, nic: {%s}}]\n%s",
        a, b, rest);
}

static SimResult *run_pair(const char *a, const char *b, const char *rest) {
    char *yaml = pair_yaml(a, b, rest);
    Probe p = {.verb = TRANSPORT_WRITE, .n = 0}; /* stays silent */
    SimResult *r = probe_run(&p, yaml);
    g_free(yaml);
    return r;
}

/* ---- operations ---- */

/* Each completes once, in order; the other end hears of those it is to hear of, once. */
START_TEST(operations_complete) {
    static const TransportVerb verbs[] = {TRANSPORT_WRITE, TRANSPORT_WRITE_NOTIFY, TRANSPORT_READ,
                                          TRANSPORT_SEND};
    static const uint32_t sizes[] = {1, 1448, 1449, 100000, 3000000};
    for (int i = 0; i < 4 * 5 * 2; i++) {
        Probe p = {.verb = verbs[i % 4], .bytes = sizes[i / 4 % 5], .n = 5};
        p.at[3] = p.at[4] = 100 * SIM_MS; /* three at once, two later */
        const char *protocol = protocols[i / 20];
        char *yaml = pair_yaml(protocol, protocol, "");
        SimResult *r = probe_run(&p, yaml);
        ck_assert_uint_eq(p.n_completed, 5);
        bool heard = p.verb == TRANSPORT_SEND || p.verb == TRANSPORT_WRITE_NOTIFY;
        ck_assert_uint_eq(p.n_received, heard ? 5 : 0);
        for (int k = 0; k < 5; k++) {
            ck_assert_int_eq(p.status[k], TRANSPORT_OK);
            if (k) ck_assert_int_ge(p.completed[k], p.completed[k - 1]);
            /* before the sender knows that it has arrived */
            if (heard) ck_assert_int_lt(p.received[k], p.completed[k]);
        }
        ck_assert_double_gt(rack_value(r, "a", "tcp_segments_sent"), 0);
        ck_assert_double_eq(rack_value(r, "a", "tcp_segments_retransmitted"), 0);
        ck_assert_double_eq(rack_value(r, "run", "lost"), 0);
        sim_result_free(r);
        g_free(yaml);
    }
}
END_TEST

/* ---- frames ---- */

/* Line bytes of one WRITE and of what answers it, counted by hand: 20 of gap and preamble, Ethernet
 * 18, IP, TCP 20, timestamps 12; iWARP: FPDUs of 20 around the payload. */
static void check_bytes(const char *a, const char *b, bool iwarp, int ip) {
    enum { PAYLOAD = 100000 };
    Probe p = {.verb = TRANSPORT_WRITE, .bytes = PAYLOAD, .n = 1};
    char *yaml = pair_yaml(a, b, "");
    SimResult *r = probe_run(&p, yaml);
    int header = 20 + 18 + ip + 20 + 12, room = 1500 - ip - 20 - 12;
    int most = iwarp ? (room - 20) & ~3 : room, around = header + (iwarp ? 20 : 0);
    int segments = (PAYLOAD + most - 1) / most, rest = PAYLOAD - (segments - 1) * most;
    int line = (segments - 1) * (most + around) + (iwarp ? (rest + 3) & ~3 : rest) + around;
    ck_assert_uint_eq(p.n_completed, 1);
    ck_assert_double_eq(rack_value(r, "a/1->s/1", "frames"), segments);
    ck_assert_double_eq(rack_value(r, "a/1->s/1", "bytes"), line);
    /* pure ACKs: no shorter than the shortest frame */
    int ack = header < 84 ? 84 : header;
    ck_assert_double_eq(rack_value(r, "b/1->s/2", "bytes"),
                        ack * rack_value(r, "b/1->s/2", "frames"));
    sim_result_free(r);
    g_free(yaml);
}

START_TEST(frames_have_their_bytes) {
    check_bytes(PLAIN, PLAIN, false, 20);
    check_bytes(PLAIN ", ip: v6", PLAIN ", ip: v6", false, 40);
    check_bytes(IWARP, IWARP, true, 20);
    check_bytes(IWARP ", ip: v6", IWARP ", ip: v6", true, 40);
    /* where only one end has IPv6 they meet in IPv4 */
    check_bytes(PLAIN ", ip: v6", PLAIN, false, 20);
    check_bytes(PLAIN, PLAIN ", ip: v6", false, 20);
}
END_TEST

/* Where a link of RDMA's chain is broken at one end, SMB's fall-back is TCP, without a word. */
START_TEST(broken_chain_falls_back) {
    static const char *const broken[][2] = {
        {"rdma: false", ""},    {"", "rdma: false"}, {"roce: v1", "roce: v2"},
        {"roce_v2: false", ""}, {IWARP, ""},         {"protocol: iwarp", IWARP}};
    for (int i = 0; i < 6; i++) {
        SimResult *r = run_pair(broken[i][0], broken[i][1],
                                "workloads: [{name: w, hosts: a, rdma: {to: b, verb: write, "
                                "message: 64KiB, total: 10MB, outstanding: 4}}]\n");
        ck_assert_double_eq(rack_value(r, "w", "bytes"), 10e6);
        ck_assert_double_eq(rack_value(r, "b", "rdma_bytes"), 0);
        ck_assert_double_gt(rack_value(r, "a", "tcp_segments_sent"), 10e6 / 1460);
        sim_result_free(r);
    }
}
END_TEST

/* ---- marks ---- */

static SimResult *incast(const char *protocol, const char *tcp) {
    char *yaml = g_strdup_printf(
        "schema: 1\nname: incast\ndescription: 4 to 1\nwarmup: 20ms\nduration: 60ms\n"
        "classes: {storage: {priority: 3, ecn: {kmin: 65kB, kmax: 65kB}}}\n"
        "switches: [{name: s, ports: 5, rate: 25Gbps, buffer: 4MB}]\n"
        "defaults: {hosts: {nic: {ports: 1, rate: 25Gbps, cables: [s], %s, tcp: {" TIMERS
        ", cores: 1, send_cost: 0ns, receive_cost: 0ns, packet_cost: 0ns, moderation: 0us, %s}}}}\n"
        "hosts: [{name: h, count: 4}, {name: r}]\n"
        "workloads: [{name: w, hosts: h, rdma: {to: r, verb: write, message: 64KiB, "
        "outstanding: 8}}]\n",
        protocol, tcp);
    Probe p = {.verb = TRANSPORT_WRITE, .n = 0};
    SimResult *r = probe_run(&p, yaml);
    g_free(yaml);
    return r;
}

START_TEST(dctcp_keeps_the_queue_short) {
    for (int i = 0; i < 2; i++) {
        SimResult *dctcp = incast(protocols[i], "congestion: dctcp");
        SimResult *cubic = incast(protocols[i], "congestion: cubic");
        SimResult *ecn = incast(protocols[i], "congestion: newreno, ecn: true");
        ck_assert_double_gt(rack_value(dctcp, "s/5->r/1", "ecn_marked"), 100);
        ck_assert_double_gt(rack_value(ecn, "s/5->r/1", "ecn_marked"), 10);
        ck_assert_double_eq(rack_value(cubic, "s/5->r/1", "ecn_marked"), 0); /* did not ask */
        ck_assert_double_eq(rack_value(dctcp, "run", "lost"), 0);
        ck_assert_double_eq(rack_sum(dctcp, "host", "tcp_segments_retransmitted"), 0);
        /* four windows swing about 65 kB; what is not marked fills what it may: 8 x 64 KiB each */
        double held = rack_value(dctcp, "s", "buffer_peak");
        ck_assert_double_gt(rack_value(cubic, "s", "buffer_peak"), 1.5e6);
        printf("incast 4 to 1, %-5s: DCTCP %.2f Gb/s, queue at most %.0f kB; CUBIC %.0f kB\n",
               i ? "iWARP" : "TCP", rack_value(dctcp, "w", "throughput") / 1e9, held / 1e3,
               rack_value(cubic, "s", "buffer_peak") / 1e3);
        ck_assert_double_gt(rack_value(dctcp, "w", "throughput"), 0.97 * 25e9 * 1448 / 1538);
        sim_result_free(dctcp);
        sim_result_free(cubic);
        sim_result_free(ecn);
    }
}
END_TEST

/* ---- losses ---- */

START_TEST(all_arrives_in_spite_of_losses) {
    static const char *const verbs[] = {"write", "read", "send"};
    static const char *const losses[] = {", lose_every: 97", ", bit_errors: 3e-7"};
    for (int i = 0; i < 3 * 2 * 2; i++) {
        char nic[128], rest[256];
        snprintf(nic, sizeof nic, "%s%s%s", protocols[i / 6], losses[i / 3 % 2],
                 i % 3 == 1 ? ", ip: v6" : "");
        snprintf(rest, sizeof rest,
                 "workloads: [{name: w, hosts: a, rdma: {to: b, verb: %s, message: 100000B, "
                 "total: 20MB, outstanding: 3}}]\n",
                 verbs[i % 3]);
        SimResult *r = run_pair(nic, nic, rest);
        ck_assert_double_eq(rack_value(r, "w", "bytes"), 20e6);
        ck_assert_double_eq(rack_value(r, "w", "failed"), 0);
        ck_assert_double_gt(rack_value(r, "run", "lost"), 5);
        ck_assert_double_gt(rack_sum(r, "host", "tcp_segments_retransmitted"), 5);
        sim_result_free(r);
    }
}
END_TEST

/* Carrier goes and comes: what was under way fails or is sent again, the rest arrives. */
START_TEST(links_may_flap) {
    static const char *const faults[] = {
        "faults: [{name: f, at: 1ms, for: 3ms, down: a/1}]\n",
        "faults: [{name: f, at: 1ms, for: 300ms, down: b/1}]\n",
        "faults: [{name: f, at: 1ms, for: 300ms, down: b/1, silent: true}]\n",
        "faults: [{name: f, at: 1ms, for: 20ms, down: s}, {name: g, at: 30ms, for: 1ms, down: "
        "a/1}, "
        "{name: h, at: 33ms, for: 5ms, down: b/1, silent: true}]\n"};
    for (int i = 0; i < 4 * 2; i++) {
        char rest[512], nic[128];
        snprintf(nic, sizeof nic, "%s, tcp: {" TIMERS ", retries: 4}", protocols[i / 4]);
        snprintf(rest, sizeof rest,
                 "workloads: [{name: w, hosts: a, rdma: {to: b, verb: %s, message: 30000B, "
                 "total: 60MB, outstanding: 6}}, {name: x, hosts: b, rdma: {to: a, verb: read, "
                 "message: 5000B, total: 5MB}}]\n%s",
                 i & 1 ? "send" : "write", faults[i % 4]);
        SimResult *r = run_pair(nic, nic, rest);
        double failed = rack_value(r, "w", "failed");
        /* an operation that failed is not done again by this workload */
        ck_assert_double_ge(rack_value(r, "w", "bytes"), 60e6 - 30000 * failed);
        ck_assert_double_gt(rack_value(r, "w", "bytes"), 59e6);
        ck_assert_double_gt(rack_value(r, "x", "bytes"), 4.9e6);
        ck_assert_double_gt(rack_value(r, "run", "lost"), 0);
        if (i % 4 == 1) ck_assert_double_gt(rack_value(r, "a", "connections_broken"), 0);
        sim_result_free(r);
    }
}
END_TEST

/* ---- cores ---- */

/* 1.1 and 2.2 cycles a byte at 2.9 GHz: a core receives 1000 bytes in 759 ns and 350 ns a piece of
 * at most 64 KiB: one connection ends at 10.5 Gb/s on any line. iWARP does not: its adapter works.
 */
START_TEST(one_core_bounds_plain_tcp) {
    for (int i = 0; i < 2; i++) {
        char *yaml = g_strdup_printf(
            "schema: 1\nname: pair\ndescription: two hosts\nwarmup: 50ms\nduration: 150ms\n"
            "switches: [{name: s, ports: 4, rate: 25Gbps}]\n"
            "hosts: [{name: h, count: 2, nic: {ports: 1, rate: 25Gbps, cables: [s], %s, "
            "tcp: {mtu: 9000B}}}]\n"
            "workloads: [{name: w, hosts: h1, rdma: {to: h2, verb: write, message: 1MiB, "
            "outstanding: 8}}]\n",
            protocols[i]);
        Probe p = {.verb = TRANSPORT_WRITE, .n = 0};
        SimResult *r = probe_run(&p, yaml);
        double got = rack_value(r, "w", "throughput") / 1e9;
        double core = 8000.0 / (759 + 350 * 1000 / 65536.0), line = 25 * 8948.0 / 9038;
        printf("one connection over %-5s       %7.3f Gb/s, %s\n", i ? "iWARP" : "TCP", got,
               i ? "the line" : "a core");
        if (i)
            ck_assert_double_eq_tol(got, line, 0.01 * line);
        else
            ck_assert_double_eq_tol(got, core, 0.05 * core);
        sim_result_free(r);
        g_free(yaml);
    }
}
END_TEST

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* figures of a failed test are wanted most */
    Suite *suite = suite_create("tcp transport");
    TCase *tests = tcase_create("tcp transport");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 30);
    tcase_add_test(tests, operations_complete);
    tcase_add_test(tests, frames_have_their_bytes);
    tcase_add_test(tests, broken_chain_falls_back);
    tcase_add_test(tests, dctcp_keeps_the_queue_short);
    tcase_add_test(tests, all_arrives_in_spite_of_losses);
    tcase_add_test(tests, links_may_flap);
    tcase_add_test(tests, one_core_bounds_plain_tcp);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
