/* timeout: 120 */
/* test_flows.c: goodput of a full line, PFC with and without headroom, go-back-N under bit errors,
 * and the resource that limits a run. */
#include <glib.h>
#include <math.h>

#include "sim/report/bottleneck.h"
#include "tests/property/rack.h"

static SimResult *run_text(GString *y) {
    SimResult *r = rack_run(y->str);
    g_string_free(y, TRUE);
    return r;
}

/* ---- goodput: rate x M / (M + 82), tagged M + 86 ---- */

static double goodput(int gbps, int mtu, bool tagged) {
    GString *y = g_string_new("schema: 1\nname: line\ndescription: a full line\nwarmup: 2ms\n");
    g_string_append_printf(y, "duration: %dms\n", 2 + 2100 / gbps); /* 262 MB measured */
    g_string_append_printf(y, "switches: [{name: s, ports: 4, rate: %dGbps}]\n", gbps);
    g_string_append_printf(y,
                           "hosts: [{name: h, count: 2, nic: {ports: 1, rate: %dGbps, mtu: %dB, "
                           "cables: [s]}, vnics: [{name: a, rdma: true, port: 1%s}]}]\n",
                           gbps, mtu, tagged ? ", vlan: 5" : "");
    g_string_append(y, "workloads: [{name: w, hosts: h1, rdma: {to: h2, verb: write, "
                       "message: 64KiB, outstanding: 8}}]\n");
    SimResult *r = run_text(y);
    double got = rack_value(r, "w", "throughput");
    ck_assert_double_eq(rack_value(r, "run", "lost"), 0);
    sim_result_free(r);
    return got / 1e9;
}

START_TEST(goodput_of_a_full_line) {
    static const int rates[] = {10, 25, 100}, mtus[] = {1024, 4096};
    for (int i = 0; i < 3; i++)
        for (int k = 0; k < 2; k++)
            for (int tagged = 0; tagged < 2; tagged++) {
                double expected = rates[i] * (double)mtus[k] / (mtus[k] + (tagged ? 86 : 82));
                double got = goodput(rates[i], mtus[k], tagged);
                printf("goodput %3d G %4d B %-8s %10.5f %10.5f %+8.4f%%\n", rates[i], mtus[k],
                       tagged ? "tagged" : "untagged", expected, got, (got / expected - 1) * 100);
                ck_assert_double_lt(fabs(got / expected - 1), 0.001);
            }
}
END_TEST

/* ---- PFC ---- */

static SimResult *incast(const char *length, int mtu, const char *thresholds, const char *mode) {
    GString *y = g_string_new("schema: 1\nname: incast\ndescription: 8 to 1\nduration: 20ms\n");
    g_string_append_printf(y,
                           "switches: [{name: s, ports: 9, rate: 25Gbps, buffer: 4MB, mtu: 5000B, "
                           "mode: %s%s}]\n",
                           mode, thresholds);
    g_string_append_printf(y,
                           "defaults: {hosts: {nic: {ports: 1, rate: 25Gbps, mtu: %dB, "
                           "cables: [s], cable_length: %s}}}\n",
                           mtu, length);
    g_string_append(y, "hosts: [{name: h, count: 8}, {name: r}]\n"
                       "workloads: [{name: w, hosts: h, rdma: {to: r, verb: write, message: 64KiB, "
                       "outstanding: 2}}]\n");
    return run_text(y);
}

START_TEST(default_headroom_loses_nothing) {
    static const char *const lengths[] = {"3m", "300m"};
    static const char *const modes[] = {"cut-through", "store-and-forward"};
    for (int i = 0; i < 8; i++) {
        int mtu = i & 1 ? 1024 : 4096;
        /* the lowest XOFF there is: every byte above it lives in the headroom */
        SimResult *r = incast(lengths[i >> 1 & 1], mtu, ", xoff: 2kB", modes[i >> 2]);
        ck_assert_double_gt(rack_sum(r, "port", "pauses_sent"), 100);
        ck_assert_double_eq(rack_value(r, "run", "lost"), 0);
        double full = 25.0 * mtu / (mtu + 82), got = rack_value(r, "w", "throughput") / 1e9;
        printf("incast %-4s %4d B %-17s %8.4f %8.4f lost 0\n", lengths[i >> 1 & 1], mtu,
               modes[i >> 2], full, got);
        ck_assert_double_gt(got, 0.9 * full); /* less the messages under way at the end */
        sim_result_free(r);
    }
}
END_TEST

START_TEST(no_headroom_loses) {
    SimResult *r = incast("3m", 4096, ", xoff: 2kB, headroom: 0B", "cut-through");
    ck_assert_double_gt(rack_sum(r, "port", "dropped.buffer"), 0);
    ck_assert_double_eq(rack_value(r, "run", "lost"), rack_sum(r, "port", "dropped.buffer"));
    sim_result_free(r);
    /* and where XOFF leaves it room enough, none is needed: the buffer itself is the headroom */
    r = incast("3m", 4096, ", xoff: 100kB", "cut-through");
    ck_assert_double_eq(rack_value(r, "run", "lost"), 0);
    sim_result_free(r);
}
END_TEST

/* ---- go-back-N ----
 *
 * A lost packet is found by the one behind it. From its start to the NAK's arrival everything
 * sent is in vain: 2 serialisations + both ways. 1024 bytes: 1106 on the line, 1086 x 8 bits at
 * risk, 35392 ticks; one cut-through switch of 600 ns, 3 m, tx 450 ns, rx 400 ns:
 *   data  45000 + 1515 + 60000 + 35392 + 1515 + 40000
 *   NAK   45000 + 1515 + 60000 +  2752 + 1515 + 40000
 * The sender goes on at the next packet boundary, half a packet later on average. Where the packet
 * sent again is lost too, or the NAK, only the timer of 4.096 us x 2^4 finds out: there is one
 * NAK a gap. */
START_TEST(go_back_n_under_bit_errors) {
    static const struct {
        const char *text;
        double chance;
    } errors[] = {{"1e-7", 1e-7}, {"1e-6", 1e-6}};
    for (int i = 0; i < 2; i++) {
        GString *y = g_string_new("schema: 1\nname: errors\ndescription: errors\nwarmup: 2ms\n"
                                  "duration: 102ms\nseed: 3\n"
                                  "switches: [{name: s, ports: 4, rate: 25Gbps}]\n");
        g_string_append_printf(
            y,
            "hosts: [{name: a, nic: {ports: 1, rate: 25Gbps, mtu: 1024B, "
            "cables: [s], ack_timeout: 4, bit_errors: %s}}, "
            "{name: b, nic: {ports: 1, rate: 25Gbps, mtu: 1024B, cables: [s]}}]\n"
            "workloads: [{name: w, hosts: a, rdma: {to: b, verb: write, "
            "message: 64KiB, outstanding: 8}}]\n",
            errors[i].text);
        SimResult *r = run_text(y);
        double lost = 1 - pow(1 - errors[i].chance, 1086 * 8);
        double nak_lost = 1 - pow(1 - errors[i].chance, 66 * 8);
        double wasted = (35392.0 + (106515 + 35392 + 41515) + (106515 + 2752 + 41515)) / 35392 + .5;
        wasted += (lost + nak_lost) * (409600 << 4) / 35392;
        double expected = 25.0 * 1024 / 1106 / (1 + lost / (1 - lost) * wasted);
        double got = rack_value(r, "w", "throughput") / 1e9;
        printf("go-back-N bit errors %s      %8.4f %8.4f %+8.4f%%\n", errors[i].text, expected, got,
               (got / expected - 1) * 100);
        ck_assert_double_lt(fabs(got / expected - 1), 0.01);
        ck_assert_double_gt(rack_value(r, "b", "out_of_sequence"), 0);
        ck_assert_double_eq(rack_value(r, "w", "failed"), 0);
        sim_result_free(r);
    }
}
END_TEST

START_TEST(all_data_arrives_in_spite_of_bit_errors) {
    static const char *const verbs[] = {"write", "read", "send"};
    for (int i = 0; i < 3; i++) {
        GString *y = g_string_new("schema: 1\nname: errors\ndescription: errors\nduration: 2s\n"
                                  "switches: [{name: s, ports: 4, rate: 25Gbps}]\n");
        g_string_append_printf(y,
                               "hosts: [{name: h, count: 2, nic: {ports: 1, rate: 25Gbps, "
                               "mtu: 1024B, cables: [s], ack_timeout: 6, bit_errors: 1e-6}}]\n"
                               "workloads: [{name: w, hosts: h1, rdma: {to: h2, verb: %s, "
                               "message: 100000B, total: 50MB, outstanding: 3}}]\n",
                               verbs[i]);
        SimResult *r = run_text(y);
        ck_assert_double_eq(rack_value(r, "w", "bytes"), 50e6);
        ck_assert_double_eq(rack_value(r, "w", "failed"), 0);
        ck_assert_double_gt(
            rack_value(r, "h1", "packet_seq_err") + rack_value(r, "h1", "implied_nak_seq_err"), 0);
        sim_result_free(r);
    }
}
END_TEST

/* ---- the bottleneck: 10 % more of it helps, 10 % more of anything else does not ---- */

/* A figure of the scenario and what it becomes with 10 % more. */
typedef struct Knob {
    const char *plain, *more;
} Knob;

enum { KNOBS_MOST = 6 };

/* Fills "%0" to "%5" of the pattern ("%%" is a percent sign); knob `raised` gets its 10 % more. */
static GString *with_knobs(const char *pattern, const Knob *knob, int raised) {
    GString *y = g_string_new(NULL);
    for (const char *c = pattern; *c; c++) {
        if (*c != '%') {
            g_string_append_c(y, *c);
            continue;
        }
        int i = *++c - '0';
        if (*c == '%')
            g_string_append_c(y, '%');
        else
            g_string_append(y, i == raised ? knob[i].more : knob[i].plain);
    }
    return y;
}

static double throughput_of(const SimResult *r) {
    return rack_value(r, "w", "throughput");
}

/* Knob 0 is the one that limits; `resource` is its name in the report, NULL: the load. */
static void check_bottleneck(const char *name, const char *pattern, const Knob *knob, int n,
                             const char *resource) {
    SimResult *r = run_text(with_knobs(pattern, knob, -1));
    double plain = throughput_of(r);
    const SimBottleneck *b = &r->bottlenecks[0];
    if (resource)
        ck_assert_msg(b->resource && strcmp(b->resource, resource) == 0, "%s: named %s", name,
                      b->resource ? b->resource : b->limit);
    else
        ck_assert_msg(!b->resource && b->limit, "%s: named %s", name, b->resource);
    sim_result_free(r);
    for (int i = 0; i < n; i++) {
        r = run_text(with_knobs(pattern, knob, i));
        double gain = throughput_of(r) / plain - 1;
        printf("bottleneck %-6s %-22s to %-12s %+8.3f%%\n", name, knob[i].plain, knob[i].more,
               gain * 100);
        if (i == 0)
            ck_assert_msg(gain >= 0.05, "%s: 10 %% more gives %g", name, gain);
        else
            ck_assert_msg(fabs(gain) < 0.01, "%s: %s gives %g", name, knob[i].more, gain);
        sim_result_free(r);
    }
}

START_TEST(link_bound) {
    static const Knob knob[] = {{"cable_rate: 20Gbps", "cable_rate: 22Gbps"}, /* receiver's */
                                {"cable_rate: 10Gbps", "cable_rate: 11Gbps"}, /* senders' */
                                {"outstanding: 20", "outstanding: 22"},
                                {"tx_latency: 450ns", "tx_latency: 405ns"},
                                {"buffer: 12MB", "buffer: 13MB"}};
    check_bottleneck("link",
                     "schema: 1\nname: link\ndescription: link\nwarmup: 20ms\nduration: 120ms\n"
                     "switches: [{name: s, ports: 9, rate: 25Gbps, "
                     "speeds: [10Gbps, 11Gbps, 20Gbps, 22Gbps], %4}]\n"
                     "defaults: {hosts: {nic: {ports: 1, rate: 25Gbps, cables: [s], "
                     "speeds: [10Gbps, 11Gbps, 20Gbps, 22Gbps], %3}}}\n"
                     "hosts: [{name: h, count: 8, nic: {%1}}, {name: r, nic: {%0}}]\n"
                     "workloads: [{name: w, hosts: h, rdma: {to: r, verb: write, message: 64KiB, "
                     "%2}}]\n",
                     knob, 5, "s/9->r/1");
}
END_TEST

START_TEST(drive_bound) {
    static const Knob knob[] = {{"write_speed: 500MB/s", "write_speed: 550MB/s"}, /* of host b */
                                {"write_speed: 1000MB/s", "write_speed: 1100MB/s"},
                                {"cable_rate: 20Gbps", "cable_rate: 22Gbps"},
                                {"outstanding: 40", "outstanding: 44"},
                                {"issue: 100us", "issue: 90us"},
                                {"serve: 20us", "serve: 18us"}};
    check_bottleneck("drive",
                     "schema: 1\nname: drive\ndescription: drive\nwarmup: 50ms\nduration: 1050ms\n"
                     "switches: [{name: s, ports: 4, rate: 25Gbps, speeds: [20Gbps, 22Gbps]}]\n"
                     "defaults: {hosts: {stack: {%4, %5}, nic: {ports: 1, rate: 25Gbps, "
                     "cables: [s], speeds: [20Gbps, 22Gbps], %2}}}\n"
                     "hosts: [{name: a, drives: {%1}}, {name: b, drives: {%0}}]\n"
                     "volumes: [{name: v, owner: [a, b], mirror: two-way, size: 100GB}]\n"
                     "workloads: [{name: w, hosts: a, diskspd: {block: 64KiB, read: 0%%, %3}}]\n",
                     knob, 6, "b/drive1/write");
}
END_TEST

START_TEST(load_bound) {
    static const Knob knob[] = {{"outstanding: 10", "outstanding: 11"},
                                {"write_speed: 1000MB/s", "write_speed: 1100MB/s"},
                                {"cable_rate: 20Gbps", "cable_rate: 22Gbps"},
                                {"serve: 20us", "serve: 18us"},
                                {"units: 10", "units: 11"}};
    check_bottleneck("load",
                     "schema: 1\nname: load\ndescription: load\nwarmup: 50ms\nduration: 2050ms\n"
                     "switches: [{name: s, ports: 4, rate: 25Gbps, speeds: [20Gbps, 22Gbps]}]\n"
                     "defaults: {hosts: {stack: {issue: 2ms, %3}, drives: {%1, %4}, nic: "
                     "{ports: 1, rate: 25Gbps, cables: [s], speeds: [20Gbps, 22Gbps], %2}}}\n"
                     "hosts: [{name: a}, {name: b}]\n"
                     "volumes: [{name: v, owner: [a, b], mirror: two-way, size: 100GB}]\n"
                     "workloads: [{name: w, hosts: a, diskspd: {block: 8KiB, read: 50%%, %0}}]\n",
                     knob, 5, NULL);
}
END_TEST

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* figures of a failed test are wanted most */
    Suite *suite = suite_create("flows");
    TCase *tests = tcase_create("flows");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, goodput_of_a_full_line);
    tcase_add_test(tests, default_headroom_loses_nothing);
    tcase_add_test(tests, no_headroom_loses);
    tcase_add_test(tests, go_back_n_under_bit_errors);
    tcase_add_test(tests, all_data_arrives_in_spite_of_bit_errors);
    tcase_add_test(tests, link_bound);
    tcase_add_test(tests, drive_bound);
    tcase_add_test(tests, load_bound);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
