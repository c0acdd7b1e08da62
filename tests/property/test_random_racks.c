/* timeout: 120 */
/* test_random_racks.c: racks drawn at random from a fixed list of seeds. Whatever the rack, every
 * frame and operation is accounted for, a lossless class loses nothing to a full buffer, work
 * that has an end comes to it, and the order of domains changes no figure.
 *
 * A failure names its seed: `test_random_racks SEED` writes the scenario. */
#include <glib.h>

#include "models/workload/workload.h"
#include "sim/base/rng.h"
#include "tests/property/rack.h"

enum { SEEDS = 400, SWITCHES_MOST = 4, HOSTS_MOST = 8 };

/* Rates whose ticks a byte are whole, and some whose are not. */
static const int rates[] = {1, 3, 7, 10, 11, 20, 25, 30, 40, 50, 60, 100, 200};
#define SPEEDS "[1Gbps,3Gbps,7Gbps,10Gbps,11Gbps,20Gbps,25Gbps,30Gbps,40Gbps,50Gbps,60Gbps,100Gbps]"

typedef struct Rack {
    SimRng rng;
    GString *yaml;
    uint32_t n_switches, n_hosts, n_cables;
    uint32_t ports[HOSTS_MOST];
    bool loop, faulty, lossy, tagged, classes;
    const char *trust;
    bool drops; /* what crosses it has no promise of being lossless */
    char protocol[256];
} Rack;

static uint32_t draw(Rack *r, uint32_t n) {
    return (uint32_t)sim_rng_below(&r->rng, n);
}

static int draw_rate(Rack *r) {
    return rates[draw(r, sizeof rates / sizeof *rates)];
}

static const char *draw_length(Rack *r) {
    static const char *const length[] = {"0.1m", "1m", "3m", "30m", "299.7m", "2km"};
    return length[draw(r, 6)];
}

/* What all hosts speak. */
static void draw_protocol(Rack *r) {
    static const char *const control[] = {"none", "dcqcn-paper", "dcqcn-vendor", "dcqcn-ack"};
    static const char *const recovery[] = {"go-back-n", "selective", "go-back-0"};
    static const char *const window[] = {"newreno", "cubic", "dctcp"};
    const char *ip = draw(r, 3) ? "v4" : "v6";
    uint32_t kind = draw(r, 8);
    uint32_t trust = draw(r, 8);
    r->trust = trust == 0 ? "pcp" : trust == 1 ? "dscp" : NULL;
    /* frames that carry no priority where it is looked for: v1 has it in the tag alone */
    if (!r->tagged) r->drops |= trust == 0 || kind == 5;
    if (kind == 5) r->drops |= trust == 1;
    if (kind >= 6) { /* timers that fit the faults */
        snprintf(r->protocol, sizeof r->protocol,
                 "ip: %s, %s, tcp: {rto_min: 2ms, timer_grain: 1ms, delayed_ack: 1ms, reconnect: "
                 "2ms, retries: 8, congestion: %s, ecn: %s, timestamps: %s, mtu: %dB}",
                 ip, kind == 6 ? "protocol: iwarp, iwarp: true" : "rdma: false", window[draw(r, 3)],
                 draw(r, 2) ? "true" : "false", draw(r, 2) ? "true" : "false",
                 draw(r, 2) ? 1500 : 9000);
        return;
    }
    if (kind == 5) ip = "v4";
    uint32_t c = draw(r, 3) ? 0 : draw(r, 4);
    r->drops |= c > 0; /* notifications are of another class */
    /* go-back-0 comes to no end where messages are lost again and again */
    uint32_t most = r->lossy || r->faulty || r->drops ? 2 : 3;
    snprintf(r->protocol, sizeof r->protocol,
             "roce: %s, ip: %s, congestion: %s, recovery: %s, acks: %s, rto_high: %s",
             kind == 5 ? "v1" : "v2", ip, control[c], recovery[draw(r, 2) ? 0 : draw(r, most)],
             draw(r, 3) ? "coalesced" : "each", r->drops ? "320us" : "0us");
}

/* Half the racks have classes of their own: one lossless for all that matters, and one more. */
static void write_classes(Rack *r) {
    r->classes = draw(r, 2);
    if (!r->classes) return;
    static const char *const rank[] = {"", ", share: 60%", ", share: 5%", ", strict: true"};
    g_string_append_printf(r->yaml, "classes:\n  storage: {priority: %u, pfc: true%s", draw(r, 8),
                           rank[draw(r, 4)]);
    if (draw(r, 2)) {
        uint32_t kmin = 1000 * draw(r, 50);
        g_string_append_printf(r->yaml, ", ecn: {kmin: %uB, kmax: %uB, pmax: %u%%, at: %s}", kmin,
                               kmin + draw(r, 2) * (1 + draw(r, 200000)) + 1, draw(r, 101),
                               draw(r, 2) ? "dequeue" : "enqueue");
    }
    g_string_append_printf(r->yaml, "}\n");
}

/* What a switch has beside its ports. */
static void write_buffer(Rack *r) {
    static const char *const alpha[] = {"6.25%", "12.5%", "100%", "800%"};
    if (draw(r, 3) == 0) g_string_append(r->yaml, ", xoff: 2kB");
    /* with 40 ports and the longest cables 1 MB is not enough for the headroom alone, and nothing
     * is left for frames of lossy priorities: connections could not be set up again */
    bool small = !r->faulty && !r->lossy && !r->drops && draw(r, 3) == 0;
    g_string_append_printf(r->yaml, ", buffer: %s", small ? "1MB" : "64MB");
    if (draw(r, 3) == 0) g_string_append_printf(r->yaml, ", alpha: %s", alpha[draw(r, 4)]);
    if (draw(r, 4) == 0) g_string_append_printf(r->yaml, ", reserved: %uB", draw(r, 20000));
    if (draw(r, 4) == 0) g_string_append_printf(r->yaml, ", xon_offset: %uB", draw(r, 20000));
    if (draw(r, 3) == 0) g_string_append_printf(r->yaml, ", pause_response: %uns", draw(r, 1150));
    if (r->trust && draw(r, 2)) g_string_append_printf(r->yaml, ", trust: %s", r->trust);
}

static void write_switches(Rack *r) {
    g_string_append(r->yaml, "switches:\n");
    for (uint32_t i = 1; i <= r->n_switches; i++) {
        g_string_append_printf(r->yaml, "  - {name: s%u, ports: 40, rate: 200Gbps, speeds: " SPEEDS,
                               i);
        g_string_append_printf(r->yaml, ", mode: %s, latency: %uns",
                               draw(r, 2) ? "cut-through" : "store-and-forward", draw(r, 1000));
        write_buffer(r);
        g_string_append(r->yaml, "}\n");
    }
}

static void write_cable(Rack *r, uint32_t from, uint32_t to) {
    uint32_t parallel = 1 + draw(r, 2);
    int rate = draw_rate(r);
    for (uint32_t k = 0; k < parallel; k++) {
        if (r->n_cables++ == 0) g_string_append(r->yaml, "cables:\n");
        g_string_append_printf(r->yaml,
                               "  - {name: c%u, from: s%u, to: s%u, rate: %dGbps, length: %s",
                               r->n_cables, from, to, rate, draw_length(r));
        if (r->lossy && draw(r, 2)) g_string_append(r->yaml, ", bit_errors: 1e-7");
        if (draw(r, 8) == 0) g_string_append(r->yaml, ", link_pause: true");
        g_string_append(r->yaml, "}\n");
    }
}

/* A tree; now and then one more cable closes a loop, and the fabric is routed. */
static void write_cables(Rack *r) {
    for (uint32_t i = 2; i <= r->n_switches; i++)
        write_cable(r, 1 + draw(r, i - 1), i);
    r->loop = r->n_switches > 2 && draw(r, 3) == 0;
    for (uint32_t i = 1; r->loop && i <= r->n_switches; i++)
        write_cable(r, i, i % r->n_switches + 1);
}

static void write_hosts(Rack *r) {
    g_string_append(r->yaml, "hosts:\n");
    int mtu = 256 << draw(r, 5);
    bool vnics = r->tagged || draw(r, 2); /* of one name, or nobody could talk */
    for (uint32_t i = 1; i <= r->n_hosts; i++) {
        uint32_t ports = r->ports[i - 1] = 1 + draw(r, 2);
        g_string_append_printf(r->yaml, "  - name: h%u\n    nic: {ports: %u, rate: 200Gbps", i,
                               ports);
        g_string_append_printf(r->yaml, ", speeds: " SPEEDS ", cable_rate: %dGbps, mtu: %dB, %s",
                               draw_rate(r), draw(r, 4) ? mtu : 256 << draw(r, 5), r->protocol);
        if (draw(r, 3) == 0)
            g_string_append_printf(r->yaml, ", pause_response: %uns", draw(r, 1150));
        if (draw(r, 8) == 0) g_string_append(r->yaml, ", link_pause: true");
        /* 268 ms, longer than any queue here, or 33 ms */
        g_string_append_printf(r->yaml, ", ack_timeout: %d, retries: %u, reconnect: 1ms",
                               r->faulty || r->lossy || r->drops ? 13 : 16, draw(r, 8));
        g_string_append_printf(r->yaml, ", ack_every: %u, reads: %u", 1 + draw(r, 64),
                               1 + draw(r, 16));
        g_string_append_printf(r->yaml, ", tx_latency: %uns, rx_latency: %uns", draw(r, 900),
                               draw(r, 900));
        if (r->lossy && draw(r, 2)) g_string_append(r->yaml, ", bit_errors: 1e-7");
        g_string_append_printf(r->yaml, ", cable_length: %s, cables: [", draw_length(r));
        for (uint32_t k = 0; k < ports; k++)
            g_string_append_printf(r->yaml, "%ss%u", k ? ", " : "", 1 + draw(r, r->n_switches));
        g_string_append(r->yaml, "]}\n    failover: 100us\n");
        if (vnics)
            g_string_append_printf(
                r->yaml, "    team: pinned\n    vnics: [{name: a, rdma: true, port: %u%s%s}]\n",
                1 + draw(r, ports), r->tagged ? ", vlan: 5" : "",
                r->classes ? ", class: storage" : "");
    }
}

static void write_workloads(Rack *r) {
    static const char *const verb[] = {"write", "read", "send"};
    g_string_append(r->yaml, "workloads:\n");
    for (uint32_t i = 1 + draw(r, 4); i > 0; i--) {
        uint32_t from = 1 + draw(r, r->n_hosts), to = 1 + draw(r, r->n_hosts - 1);
        if (to >= from) to++;
        g_string_append_printf(r->yaml, "  - {name: w%u, hosts: ", i);
        if (draw(r, 3)) {
            g_string_append_printf(r->yaml, "h%u", from);
        } else { /* everybody else to one: an incast */
            g_string_append(r->yaml, "[");
            for (uint32_t h = 1, n = 0; h <= r->n_hosts; h++)
                if (h != to) g_string_append_printf(r->yaml, "%sh%u", n++ ? ", " : "", h);
            g_string_append(r->yaml, "]");
        }
        g_string_append_printf(
            r->yaml, ", rdma: {to: h%u, verb: %s, message: %uB, total: %uB, outstanding: %u", to,
            verb[draw(r, 3)], 1 + draw(r, draw(r, 2) ? 300 : 60000), 1 + draw(r, 400000),
            1 + draw(r, 24));
        g_string_append_printf(r->yaml, ", start: %uus}}\n", draw(r, 3) ? 0 : draw(r, 3000));
    }
}

static void write_faults(Rack *r) {
    g_string_append(r->yaml, "faults:\n");
    for (uint32_t i = 1 + draw(r, 3); i > 0; i--) {
        g_string_append_printf(r->yaml, "  - {name: f%u, at: %uus, for: %uus, down: ", i,
                               1 + draw(r, 2000), 1 + draw(r, 4000));
        uint32_t host = draw(r, r->n_hosts);
        uint32_t what = draw(r, r->n_cables ? 4 : 3);
        if (what == 0)
            g_string_append_printf(r->yaml, "s%u", 1 + draw(r, r->n_switches));
        else if (what == 1)
            g_string_append_printf(r->yaml, "h%u", host + 1);
        else if (what == 2)
            g_string_append_printf(r->yaml, "h%u/%u", host + 1, 1 + draw(r, r->ports[host]));
        else
            g_string_append_printf(r->yaml, "c%u", 1 + draw(r, r->n_cables));
        if (draw(r, 3) == 0) g_string_append(r->yaml, ", silent: true");
        g_string_append(r->yaml, "}\n");
    }
}

/* Kinds of racks take turns: healthy, with faults, with bit errors, with both. */
static void rack_draw(Rack *r, uint64_t seed) {
    *r = (Rack){.yaml = g_string_new(NULL)};
    sim_rng_init(&r->rng, seed, "rack", "draw");
    r->faulty = seed & 1;
    r->lossy = (seed & 6) == 6;
    r->tagged = draw(r, 2);
    r->n_switches = 1 + draw(r, SWITCHES_MOST);
    r->n_hosts = 2 + draw(r, HOSTS_MOST - 1);
    g_string_append_printf(r->yaml,
                           "schema: 1\nname: rack-%u\ndescription: drawn at random\nseed: %u\n"
                           "duration: 20s\n",
                           (unsigned)seed, (unsigned)seed);
    draw_protocol(r);
    write_classes(r);
    write_switches(r);
    write_cables(r);
    write_hosts(r);
    write_workloads(r);
    if (r->faulty) write_faults(r);
}

/* ---- the properties ---- */

static void check_all_done(SimRun *run) {
    const Workloads *all = workloads_of(run);
    for (uint32_t i = 0; i < all->n; i++) {
        for (uint32_t k = 0; k < all->items[i].n_issuers; k++) {
            const WorkloadIssuer *issuer = &all->items[i].issuer[k];
            if (issuer->left || issuer->outstanding || issuer->issued != issuer->completed)
                ck_abort_msg("%s: issuer %u has %ld bytes left and %ld operations outstanding",
                             all->items[i].name, k, (long)issuer->left, (long)issuer->outstanding);
        }
    }
}

static void check_lossless(const SimResult *result, const Rack *r) {
    if (r->faulty || r->lossy || r->drops) return;
    if (rack_value(result, "run", "lost") != 0 || rack_sum(result, "port", "dropped.buffer") != 0 ||
        rack_sum(result, "workload", "failed") != 0)
        ck_abort_msg("a healthy rack lost %g frames, %g to full buffers, and %g operations",
                     rack_value(result, "run", "lost"), rack_sum(result, "port", "dropped.buffer"),
                     rack_sum(result, "workload", "failed"));
}

static void check_equal(const SimResult *a, const SimResult *b) {
    if (a->fingerprint != b->fingerprint) ck_abort_msg("fingerprints differ");
    ck_assert_uint_eq(a->rows.n, b->rows.n);
    for (uint32_t i = 0; i < a->rows.n; i++) {
        const SimRow *x = &a->rows.items[i], *y = &b->rows.items[i];
        if (strcmp(x->entity, y->entity) || strcmp(x->metric, y->metric) ||
            x->value[0].num != y->value[0].num || x->value[0].den != y->value[0].den)
            ck_abort_msg("%s.%s differs", x->entity, x->metric);
    }
}

static SimResult *run_permuted(const SimScenario *s, const Rack *r, uint64_t permute) {
    SimRun *run = rack_begin(s, permute);
    while (sim_run_advance(run, UINT64_MAX)) {
    }
    check_all_done(run);
    SimResult *result = sim_session_end(run, s);
    rack_check_audits(result);
    check_lossless(result, r);
    return result;
}

START_TEST(random_rack) {
    Rack r;
    rack_draw(&r, (uint64_t)_i);
    SimScenario *s = rack_load(r.yaml->str);
    SimResult *plain = run_permuted(s, &r, 0);
    for (uint64_t permute = 1; permute <= 3; permute++) {
        SimResult *permuted = run_permuted(s, &r, permute);
        check_equal(plain, permuted);
        sim_result_free(permuted);
    }
    sim_result_free(plain);
    sim_scenario_free(s);
    g_string_free(r.yaml, TRUE);
}
END_TEST

/* A run that is cut short leaves frames everywhere: all are accounted for at any time. */
START_TEST(interrupted_rack) {
    Rack r;
    rack_draw(&r, (uint64_t)_i);
    SimScenario *s = rack_load(r.yaml->str);
    for (uint64_t events = 10; events < 30000; events += 1 + events * 2 / 3) {
        SimRun *run = rack_begin(s, 0);
        sim_run_advance(run, events);
        SimResult *result = sim_session_end(run, s);
        rack_check_audits(result);
        sim_result_free(result);
    }
    sim_scenario_free(s);
    g_string_free(r.yaml, TRUE);
}
END_TEST

/* With a seed as argument: writes that rack, for `rackcast run`. */
int main(int argc, char **argv) {
    if (argc == 2) {
        Rack r;
        rack_draw(&r, g_ascii_strtoull(argv[1], NULL, 10));
        fputs(r.yaml->str, stdout);
        g_string_free(r.yaml, TRUE);
        return 0;
    }
    Suite *suite = suite_create("random racks");
    TCase *tests = tcase_create("random racks");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 60); /* with sanitizers */
    tcase_add_loop_test(tests, random_rack, 1, SEEDS + 1);
    tcase_add_loop_test(tests, interrupted_rack, 1, 41);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
