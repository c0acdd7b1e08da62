/* timeout: 120 */
/* test_goodput_sim.c: what a full line carries, by simulation, against header arithmetic: every
 * protocol, frame size and rate.
 *
 * Written out from the standards. Each frame costs its line preamble and gap 20, Ethernet 14 and
 * FCS 4 (IEEE 802.3), a tag 4 (802.1Q), and RoCE     BTH 12, ICRC 4 (IBTA volume 1); v1 GRH 40
 * (Annex A16), v2 IPv4 20 or IPv6 40 and UDP 8 TCP      IPv4 20 or IPv6 40, TCP 20, timestamps 12
 * (RFC 7323) iWARP    as TCP, and length 2, tagged header 14, CRC 4 (RFC 5044, 5041, 5040); payload
 * padded to four bytes; one FPDU a segment, no markers so that goodput = rate x payload / (payload
 * + all that). Connection-wide costs are kept out: SENDs of whole frames (no RETH), windows and
 * cores that do not limit. */
#include <glib.h>
#include <math.h>

#include "tests/property/rack.h"

static const int rates[] = {10, 25, 40, 50, 100, 200};
enum { RATES = 6, MESSAGES = 4000 };

typedef struct Kind {
    const char *name;
    const char *keys; /* of the adapter */
    int overhead;     /* bytes of line beside the payload */
    bool tagged;
} Kind;

static double worst;

/* Throughput in Gb/s, and the worst error is kept. `line`: bytes of line for `message` of them. */
static void check_line(const Kind *k, int gbps, const char *more, const char *verb, int64_t message,
                       int64_t line) {
    double expected = gbps * (double)message / (double)line;
    /* 4000 messages: the window cuts one in two at most at each end */
    int64_t window_ns = line * 8 * MESSAGES / gbps, warmup_ns = 300000 + window_ns / 10;
    GString *y = g_string_new("schema: 1\nname: line\ndescription: a full line\n");
    g_string_append_printf(y, "warmup: %dns\nduration: %dns\n", (int)warmup_ns,
                           (int)(warmup_ns + window_ns));
    g_string_append_printf(y, "switches: [{name: s, ports: 2, rate: %dGbps}]\n", gbps);
    g_string_append_printf(y,
                           "hosts: [{name: h, count: 2, nic: {ports: 1, rate: %dGbps, cables: [s], "
                           "cable_length: 1m, %s%s}, vnics: [{name: a, rdma: true, port: 1%s}]}]\n",
                           gbps, k->keys, more, k->tagged ? ", vlan: 5" : "");
    g_string_append_printf(y,
                           "workloads: [{name: w, hosts: h1, rdma: {to: h2, verb: %s, message: "
                           "%dB, outstanding: 128}}]\n",
                           verb, (int)message);
    SimResult *r = rack_run(y->str);
    double got = rack_value(r, "w", "throughput") / 1e9, off = got / expected - 1;
    ck_assert_msg(fabs(off) < 0.001, "%s %d Gb/s %s: %g, expected %g", k->name, gbps, more, got,
                  expected);
    ck_assert_double_eq(rack_value(r, "run", "lost"), 0);
    if (fabs(off) > fabs(worst)) worst = off;
    sim_result_free(r);
    g_string_free(y, TRUE);
}

/* ---- RoCE ---- */

enum { PACKETS = 16 };

START_TEST(roce) {
    static const Kind kinds[] = {{"v1", "roce: v1", 94, false},
                                 {"v1 tagged", "roce: v1", 98, true},
                                 {"v2 IPv4", "roce: v2", 82, false},
                                 {"v2 IPv4 tagged", "roce: v2", 86, true},
                                 {"v2 IPv6", "roce: v2, ip: v6", 102, false},
                                 {"v2 IPv6 tagged", "roce: v2, ip: v6", 106, true}};
    const Kind *k = &kinds[_i];
    worst = 0;
    for (int mtu = 256; mtu <= 4096; mtu *= 2)
        for (int i = 0; i < RATES; i++) {
            char more[32];
            snprintf(more, sizeof more, ", mtu: %dB", mtu);
            check_line(k, rates[i], more, "send", PACKETS * mtu, PACKETS * (mtu + k->overhead));
        }
    printf("goodput %-24s 5 MTUs x 6 rates, at most %+8.4f%%\n", k->name, worst * 100);
}
END_TEST

/* ---- TCP and iWARP ---- */

#define NO_LIMITS                                                                                  \
    "tcp: {receive_window: 16MiB, initial_window: 1000, send_cost: 0ns, receive_cost: 0ns, "       \
    "packet_cost: 0ns, moderation: 0us"

static void check_stream(bool iwarp, bool ipv6, bool tagged, bool stamped) {
    char name[64], keys[256];
    snprintf(name, sizeof name, "%s IPv%d%s%s", iwarp ? "iWARP" : "TCP", ipv6 ? 6 : 4,
             tagged ? " tagged" : "", stamped ? " stamps" : "");
    snprintf(keys, sizeof keys, "%s, ip: %s, " NO_LIMITS ", timestamps: %s",
             iwarp ? "protocol: iwarp, iwarp: true" : "rdma: false", ipv6 ? "v6" : "v4",
             stamped ? "true" : "false");
    int header = (ipv6 ? 40 : 20) + 20 + (stamped ? 12 : 0);
    Kind k = {name, keys, 14 + 4 + 20 + (tagged ? 4 : 0) + header, tagged};
    worst = 0;
    for (int mtu = 1500; mtu <= 9000; mtu += 7500) {
        int payload = mtu - header;                       /* of TCP: rounded down to whole words */
        if (iwarp) payload = (payload - 2 - 14 - 4) & ~3; /* of the FPDU */
        int segment = iwarp ? payload + 20 : payload;
        for (int i = 0; i < RATES; i++) {
            char more[32];
            snprintf(more, sizeof more, ", mtu: %dB}", mtu);
            check_line(&k, rates[i], more, "write", 8 * payload, 8 * (segment + k.overhead));
        }
    }
    printf("goodput %-24s 2 MTUs x 6 rates, at most %+8.4f%%\n", name, worst * 100);
}

START_TEST(streams) {
    check_stream(_i & 1, _i & 2, _i & 4, _i & 8);
}
END_TEST

/* ---- the figures of the reference ---- */

START_TEST(as_tabled) {
    /* RFC 5044 and others: one tagged FPDU a segment, untagged frames */
    ck_assert_double_eq_tol(1440.0 / 1538, 0.9363, 5e-5);
    ck_assert_int_eq(1500 - 40 - 20, 1440);
    /* RoCE, percent of the line: v1 tagged, v2 IPv4 untagged and tagged, v2 IPv6 tagged */
    static const double percent[3][5] = {{72.32, 83.93, 91.27, 95.43, 97.66},
                                         {75.74, 86.20, 92.59, 96.15, 98.04},
                                         {74.85, 85.62, 92.25, 95.97, 97.94}};
    static const int overhead[] = {98, 82, 86};
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 5; k++) {
            double mtu = 256 << k;
            ck_assert_double_eq_tol(100 * mtu / (mtu + overhead[i]), percent[i][k], 0.006);
        }
}
END_TEST

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* figures of a failed test are wanted most */
    Suite *suite = suite_create("goodput");
    TCase *tests = tcase_create("goodput");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 60); /* with sanitizers */
    tcase_add_test(tests, as_tabled);
    tcase_add_loop_test(tests, roce, 0, 6);
    tcase_add_loop_test(tests, streams, 0, 16);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
