/* timeout: 120 */
/* test_random_storage.c: mirrored volumes under random load and faults, from a fixed list of seeds.
 * Whatever happens, every frame, operation and I/O is accounted for, the order of domains changes
 * no figure, and a rack without faults fails and repeats nothing.
 *
 * A failure names its seed; `test_random_storage SEED` writes that scenario. */
#include <glib.h>

#include "sim/base/rng.h"
#include "tests/property/rack.h"

enum { SEEDS = 80 };

static uint32_t draw(SimRng *rng, uint32_t n) {
    return (uint32_t)sim_rng_below(rng, n);
}

static void write_rack(GString *y, SimRng *rng, uint32_t hosts) {
    g_string_append_printf(y,
                           "switches: [{name: tor, count: 2, ports: 16, rate: 25Gbps%s}]\n"
                           "cables: [{from: tor1, to: tor2, count: %u}]\n",
                           draw(rng, 2) ? ", mode: store-and-forward" : "", 1 + draw(rng, 2));
    g_string_append_printf(
        y,
        "hosts:\n  - name: node\n    count: %u\n    team: %s\n    failover: %uus\n"
        "    nic: {ports: 2, rate: 25Gbps, cables: [tor1, tor2], mtu: %uB, ack_timeout: %u, "
        "retries: %u, reconnect: 2ms}\n"
        "    drives: {count: %u, read_time: %uus, write_speed: %uMB/s}\n",
        hosts, draw(rng, 2) ? "pinned" : "none", 100 + draw(rng, 5000), 1024u << draw(rng, 3),
        10 + draw(rng, 2), draw(rng, 5), 1 + draw(rng, 3), 50 + draw(rng, 100),
        500 + draw(rng, 2000));
    static const char *const mirror[] = {"none", "two-way", "three-way"};
    g_string_append_printf(
        y, "volumes: [{name: v, count: %u, owner: node, mirror: %s, size: 10GB%s%s}]\n",
        1 + draw(rng, hosts), mirror[hosts > 2 ? draw(rng, 3) : draw(rng, 2)],
        draw(rng, 2) ? ", placement: spread" : "", draw(rng, 2) ? ", reads: any" : "");
}

static void write_load(GString *y, SimRng *rng, bool faulty) {
    g_string_append(y, "workloads:\n");
    for (uint32_t i = 1 + draw(rng, 2); i > 0; i--) {
        g_string_append_printf(y,
                               "  - {name: w%u, hosts: node, diskspd: {block: %uB, read: %u%%, "
                               "outstanding: %u%s}}\n",
                               i, 512u << draw(rng, 9), draw(rng, 101), 1 + draw(rng, 16),
                               draw(rng, 3) ? "" : ", iops: 3000");
    }
    if (!faulty) return;
    static const char *const what[] = {"tor1", "node1", "tor2/1", "node2/2", "tor2"};
    g_string_append(y, "faults:\n");
    for (uint32_t i = 1 + draw(rng, 3); i > 0; i--)
        g_string_append_printf(y, "  - {name: f%u, at: %uus, for: %uus, down: %s%s}\n", i,
                               5000 + draw(rng, 20000), 100 + draw(rng, 20000), what[draw(rng, 5)],
                               draw(rng, 2) ? ", silent: true" : "");
}

static GString *storage_draw(uint64_t seed) {
    GString *y = g_string_new(NULL);
    SimRng rng;
    sim_rng_init(&rng, seed, "storage", "draw");
    g_string_append_printf(y,
                           "schema: 1\nname: storage-%u\ndescription: drawn at random\nseed: %u\n"
                           "warmup: 1ms\nduration: 60ms\n",
                           (unsigned)seed, (unsigned)seed);
    write_rack(y, &rng, 2 + draw(&rng, 4));
    write_load(y, &rng, seed & 1);
    return y;
}

static SimResult *run_permuted(const SimScenario *s, uint64_t permute) {
    SimRun *run = rack_begin(s, permute);
    while (sim_run_advance(run, UINT64_MAX)) {
    }
    SimResult *result = sim_session_end(run, s);
    rack_check_audits(result);
    return result;
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

START_TEST(random_storage) {
    GString *y = storage_draw((uint64_t)_i);
    SimScenario *s = rack_load(y->str);
    SimResult *plain = run_permuted(s, 0);
    if (!(_i & 1)) {
        ck_assert_double_eq(rack_sum(plain, "workload", "failed"), 0);
        ck_assert_double_eq(rack_sum(plain, "workload", "retried"), 0);
        ck_assert_double_eq(rack_value(plain, "run", "lost"), 0);
        ck_assert_double_gt(rack_sum(plain, "workload", "iops"), 0);
    }
    SimResult *permuted = run_permuted(s, 7);
    check_equal(plain, permuted);
    sim_result_free(permuted);
    sim_result_free(plain);
    sim_scenario_free(s);
    g_string_free(y, TRUE);
}
END_TEST

int main(int argc, char **argv) {
    if (argc == 2) {
        GString *y = storage_draw(g_ascii_strtoull(argv[1], NULL, 10));
        fputs(y->str, stdout);
        g_string_free(y, TRUE);
        return 0;
    }
    Suite *suite = suite_create("random storage");
    TCase *tests = tcase_create("random storage");
    suite_add_tcase(suite, tests);
    tcase_add_loop_test(tests, random_storage, 1, SEEDS + 1);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
