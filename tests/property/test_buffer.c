/* timeout: 120 */
/* test_buffer.c: who gets how much of a switch's buffer and of a port's rate.
 *
 * Buffer. With T = alpha x (B - Q), n equally overloaded queues settle at alpha B / (1 + n alpha)
 * each and leave B / (1 + n alpha) free (Choudhury and Hahne, 1998): their sum Q = n T gives T =
 * alpha (B - n T).
 *
 * Rate. Weighted priorities that want more than their part get w / sum of the w that want it
 * (IEEE 802.1Qaz), to within what one turn may send; strict ones go before them. */
#include <glib.h>
#include <math.h>

#include "models/fabric/buffer.h"
#include "sim/base/rng.h"
#include "tests/property/rack.h"

static int64_t between(SimRng *rng, int64_t low, int64_t high) {
    return low + (int64_t)sim_rng_below(rng, (uint64_t)(high - low + 1));
}

/* ---- buffer ---- */

typedef struct Crowd {
    int n;
    int64_t alpha_ppm; /* of the lossless or of the lossy queues */
    int64_t buffer, payload, reserved;
    bool lossy, one_way_out;
} Crowd;

/* n hosts send to n others, or to one, whose cables are slow. */
static GString *crowd_yaml(const Crowd *c) {
    GString *y = g_string_new("schema: 1\nname: crowd\ndescription: overloaded queues\n"
                              "duration: 1s\n");
    g_string_append_printf(y, "classes: {storage: {priority: 3, pfc: %s}}\n",
                           c->lossy ? "false" : "true");
    g_string_append_printf(
        y,
        "switches: [{name: s, ports: %d, rate: 100Gbps, speeds: [1Gbps], buffer: %dB, lossy: "
        "50%%, reserved: %dB, mtu: 4400B, %s: %.4f%%}]\n",
        2 * c->n, (int)c->buffer, (int)c->reserved, c->lossy ? "lossy_alpha" : "alpha",
        (double)c->alpha_ppm / 1e4);
    g_string_append_printf(
        y,
        "defaults: {hosts: {nic: {ports: 1, rate: 100Gbps, cables: [s], speeds: [1Gbps], mtu: "
        "%dB, ack_timeout: 20}}}\n"
        "hosts: [{name: a, count: %d}, {name: r, count: %d, nic: {cable_rate: 1Gbps}}]\n",
        (int)c->payload, c->n, c->n);
    g_string_append(y, "workloads:\n");
    for (int i = 1; i <= c->n; i++)
        g_string_append_printf(y,
                               "  - {name: w%d, hosts: a%d, rdma: {to: r%d, verb: write, message: "
                               "64MiB, outstanding: 16}}\n",
                               i, i, c->one_way_out ? 1 : i);
    return y;
}

/* What queue i holds of its pool; `want`: until every one of them was full once. */
static int64_t crowd_held(const Crowd *c, const FabricSwitch *sw, int i) {
    if (c->lossy) return sw->port[c->n + i].queued[3];
    return buffer_shared(&sw->port[i], 3);
}

static bool crowd_full(const Crowd *c, const FabricSwitch *sw) {
    for (int i = 0; i < c->n; i++)
        if (c->lossy ? sw->port[c->n + i].drops.buffer < 3 : !(sw->port[i].pause_wanted >> 3 & 1))
            return false;
    return true;
}

static void crowd_check(const Crowd *c) {
    GString *y = crowd_yaml(c);
    SimScenario *s = rack_load(y->str);
    SimRun *run = rack_begin(s, 0);
    FabricSwitch *sw = fabric_switch_at(run, 0);
    bool more = true;
    while (more && !crowd_full(c, sw))
        more = sim_run_advance(run, 1);
    ck_assert(more);
    double a = (double)c->alpha_ppm / 1e6;
    double pool = (double)(c->lossy ? sw->lossy_pool : sw->pool);
    double expected = a * pool / (1 + c->n * a), free = pool / (1 + c->n * a);
    /* a queue takes frames as a whole, and the first that is full does not shrink for the others */
    double frame = (double)c->payload + 82 - 20 + 16;
    int64_t sum = 0;
    for (int i = 0; i < c->n; i++) {
        int64_t held = crowd_held(c, sw, i);
        sum += held;
        if (fabs((double)held - expected) > 2 * frame)
            ck_abort_msg("queue %d of %d holds %ld, expected %g\n%s", i, c->n, (long)held, expected,
                         y->str);
    }
    ck_assert_int_eq(sum, c->lossy ? sw->lossy_used : sw->pool_used);
    ck_assert_double_le(fabs(pool - (double)sum - free), 2 * frame * c->n);
    SimResult *r = sim_session_end(run, s);
    rack_check_audits(r);
    if (!c->lossy) ck_assert_double_eq(rack_value(r, "run", "lost"), 0);
    sim_result_free(r);
    sim_scenario_free(s);
    g_string_free(y, TRUE);
}

START_TEST(overloaded_queues_settle) {
    static const int64_t alpha[] = {62500, 125000, 250000, 500000, 1000000, 2000000, 8000000};
    SimRng rng;
    sim_rng_init(&rng, (uint64_t)_i, "buffer", "draw");
    for (int i = 0; i < 60; i++) {
        Crowd c = {.n = (int)between(&rng, 1, 16),
                   .alpha_ppm = alpha[between(&rng, 0, 6)],
                   .buffer = between(&rng, 6000000, 16000000),
                   .payload = 256 << between(&rng, 0, 4),
                   .reserved = between(&rng, 0, 1) * between(&rng, 0, 20000),
                   .lossy = _i,
                   .one_way_out = !_i && between(&rng, 0, 1)};
        crowd_check(&c);
    }
    printf("shared buffer, %-8s   60 crowds within two frames of alpha B / (1 + n alpha)\n",
           _i ? "lossy" : "lossless");
}
END_TEST

/* ---- rate ---- */

enum { CLASSES_MOST = 4 };

typedef struct Mix {
    int n;
    int share[CLASSES_MOST]; /* percent; 0: strict */
    int offered;             /* Gb/s of each sender's cable */
    bool idle[CLASSES_MOST];
    int64_t payload[CLASSES_MOST];
} Mix;

static GString *mix_yaml(const Mix *m) {
    GString *y = g_string_new("schema: 1\nname: mix\ndescription: classes at one port\n"
                              "duration: 4ms\nclasses:\n");
    for (int i = 0; i < m->n; i++) {
        g_string_append_printf(y, "  c%d: {priority: %d, pfc: true, ", i, i + 1);
        if (m->share[i])
            g_string_append_printf(y, "share: %d%%}\n", m->share[i]);
        else
            g_string_append(y, "strict: true}\n");
    }
    g_string_append(y, "switches: [{name: s, ports: 5, rate: 25Gbps, speeds: [10Gbps, 20Gbps]}]\n"
                       "hosts:\n");
    for (int i = 0; i < m->n; i++)
        g_string_append_printf(
            y,
            "  - {name: h%d, nic: {ports: 1, rate: 25Gbps, speeds: [10Gbps, 20Gbps], cable_rate: "
            "%dGbps, mtu: %dB, cables: [s], ack_timeout: 20}, vnics: [{name: v%d, rdma: true, "
            "port: 1, class: "
            "c%d}]}\n",
            i, m->share[i] ? 25 : m->offered, (int)m->payload[i], i, i);
    g_string_append(y, "  - {name: r, nic: {ports: 1, rate: 25Gbps, mtu: 4096B, cables: [s]}, "
                       "vnics: [");
    for (int i = 0; i < m->n; i++)
        g_string_append_printf(y, "%s{name: v%d, rdma: true, port: 1, class: c%d}", i ? ", " : "",
                               i, i);
    g_string_append(y, "]}\nworkloads:\n");
    for (int i = 0; i < m->n; i++)
        if (!m->idle[i])
            g_string_append_printf(y,
                                   "  - {name: w%d, hosts: h%d, rdma: {to: r, verb: write, "
                                   "message: 1MiB, outstanding: 64}}\n",
                                   i, i);
    return y;
}

/* Line bytes of each class at the port to r, from `from` on. */
static void mix_count(const FabricPort *port, int n, int64_t *bytes, int sign) {
    for (int i = 0; i < n; i++)
        bytes[i] += sign * port->sent[i + 1].bytes;
}

static void mix_check(const Mix *m) {
    GString *y = mix_yaml(m);
    SimScenario *s = rack_load(y->str);
    SimRun *run = rack_begin(s, 0);
    const FabricPort *port = &fabric_switch_at(run, 0)->port[m->n];
    int64_t bytes[CLASSES_MOST] = {0}, all = 0, weighted = 0, weights = 0;
    while (sim_run_now(run) < 500 * SIM_US)
        ck_assert(sim_run_advance(run, 1));
    SimTime began = sim_run_now(run);
    mix_count(port, m->n, bytes, -1);
    while (sim_run_now(run) < 3500 * SIM_US)
        ck_assert(sim_run_advance(run, 1));
    mix_count(port, m->n, bytes, 1);
    int64_t line = (sim_run_now(run) - began) / 32; /* bytes: 32 ticks each at 25 Gb/s */
    for (int i = 0; i < m->n; i++) {
        all += bytes[i];
        if (!m->share[i] || m->idle[i]) continue;
        weighted += bytes[i];
        weights += m->share[i];
    }
    ck_assert_double_le(fabs((double)(line - all)), 0.001 * (double)line);
    for (int i = 0; i < m->n; i++) {
        double want = m->idle[i] ? 0 : (double)weighted * m->share[i] / (double)weights;
        if (!m->share[i] && !m->idle[i]) want = (double)line * m->offered / 25;
        double turn = port->schedule->quantum[i + 1] + 4194;
        if (fabs((double)bytes[i] - want) > turn)
            ck_abort_msg("class %d sent %ld, expected %g within %g\n%s", i, (long)bytes[i], want,
                         turn, y->str);
    }
    SimResult *r = sim_session_end(run, s);
    rack_check_audits(r);
    ck_assert_double_eq(rack_value(r, "run", "lost"), 0);
    sim_result_free(r);
    sim_scenario_free(s);
    g_string_free(y, TRUE);
}

static Mix mix_draw(SimRng *rng, bool idle, bool strict) {
    Mix m = {.n = (int)between(rng, 2, CLASSES_MOST), .offered = between(rng, 0, 1) ? 10 : 20};
    int left = 100;
    for (int i = 0; i < m.n; i++) {
        int most = left - 5 * (m.n - 1 - i);
        m.share[i] = (int)between(rng, 5, most);
        left -= m.share[i];
        m.payload[i] = 256 << between(rng, 0, 4);
    }
    if (idle) m.idle[between(rng, 0, m.n - 1)] = true;
    if (strict) m.share[between(rng, 0, m.n - 1)] = 0;
    return m;
}

START_TEST(shares_of_a_port) {
    static const char *const names[] = {"all busy", "one idle", "one strict"};
    SimRng rng;
    sim_rng_init(&rng, (uint64_t)_i, "shares", "draw");
    for (int i = 0; i < 40; i++) {
        Mix m = mix_draw(&rng, _i == 1, _i == 2);
        mix_check(&m);
    }
    printf("shares, %-10s        40 mixes within a turn of w / sum of w\n", names[_i]);
}
END_TEST

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* figures of a failed test are wanted most */
    Suite *suite = suite_create("buffer");
    TCase *tests = tcase_create("buffer");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, overloaded_queues_settle, 0, 2);
    tcase_add_loop_test(tests, shares_of_a_port, 0, 3);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
