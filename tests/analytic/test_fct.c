/* timeout: 120 */
/* test_fct.c: completion times of another packet simulator, to the nanosecond where no tie of two
 * events decides, near where many do (tests/fct/README.md). */
#include <glib.h>
#include <stdlib.h>

#include "tests/property/rack.h"

enum { MOST = 64 };

typedef struct Times {
    int64_t ns[MOST];
    uint32_t n;
} Times;

/* The rows of a file as lists of cells; the first names the columns. */
static GPtrArray *table(const char *name) {
    const char *source = g_getenv("SOURCE");
    char *path = g_build_filename(source ? source : ".", "tests", "fct", name, NULL), *text = NULL;
    ck_assert_msg(g_file_get_contents(path, &text, NULL, NULL), "no %s", path);
    GPtrArray *rows = g_ptr_array_new_with_free_func((GDestroyNotify)g_strfreev);
    char **lines = g_strsplit(text, "\n", -1);
    for (uint32_t i = 1; lines[i]; i++)
        if (*g_strstrip(lines[i])) g_ptr_array_add(rows, g_strsplit(lines[i], ",", -1));
    g_strfreev(lines);
    g_free(text);
    g_free(path);
    return rows;
}

#define CELL(rows, i, k) (((char **)g_ptr_array_index(rows, i))[k])

static int compare_ns(const void *a, const void *b) {
    int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;
    return x < y ? -1 : x > y;
}

static void times_add(Times *t, int64_t ns) {
    ck_assert_uint_lt(t->n, MOST);
    t->ns[t->n++] = ns;
}

static void times_sort(Times *t) {
    qsort(t->ns, t->n, sizeof *t->ns, compare_ns);
}

static double times_mean(const Times *t) {
    double sum = 0;
    for (uint32_t i = 0; i < t->n; i++)
        sum += (double)t->ns[i];
    return sum / t->n;
}

/* ---- scenarios ---- */

#define SWITCH                                                                                     \
    "mode: store-and-forward, latency: 0ns, buffer: 8388608B, reserved: 4KiB, xon_offset: 3KiB, "  \
    "lossy: 0%%"

static void write_hosts(GString *y, uint32_t n, bool leaves) {
    g_string_append(y, "hosts:\n");
    for (uint32_t h = 0; h < n; h++)
        g_string_append_printf(
            y,
            "  - {name: h%u, nic: {ports: 1, rate: 25Gbps, cable_delay: 1us, tx_latency: 0ns, "
            "rx_latency: 0ns, ack_every: 1, acks: each, ack_timeout: 20, congestion: dcqcn-ack, "
            "cables: [%s]}}\n",
            h,
            !leaves     ? "s"
            : h < n / 2 ? "leaf1"
                        : "leaf2");
}

static void write_fabric(GString *y, uint32_t n, bool leaves) {
    g_string_append(y, "switches:\n");
    if (!leaves) {
        g_string_append_printf(y,
                               "  - {name: s, ports: %u, rate: 25Gbps, alpha: 12.5%%, headroom: "
                               "9375B, " SWITCH "}\n",
                               n);
        return;
    }
    g_string_append_printf(
        y, "  - {name: leaf, count: 2, ports: 16, rate: 25Gbps, uplinks: 4, uplink_rate: "
           "100Gbps, alpha: 12.5%%, uplink_alpha: 50%%, headroom: 9375B, uplink_headroom: "
           "37500B, " SWITCH "}\n"
           "  - {name: spine, count: 4, ports: 2, rate: 100Gbps, alpha: 50%%, headroom: "
           "37500B, " SWITCH "}\n"
           "cables:\n");
    for (uint32_t leaf = 1; leaf <= 2; leaf++)
        for (uint32_t spine = 1; spine <= 4; spine++)
            g_string_append_printf(y, "  - {from: leaf%u, to: spine%u, delay: 1us}\n", leaf, spine);
    g_string_append(y, "routes:\n");
    GPtrArray *map = table("lsperm_ecmp_map.csv");
    for (uint32_t i = 0; i < map->len; i++) {
        int from = atoi(CELL(map, i, 0)), to = atoi(CELL(map, i, 1)), leaf = from < 16 ? 1 : 2;
        g_string_append_printf(
            y,
            "  - {name: d%u, at: leaf%d, frames: data, from: h%d, to: h%d, via: spine%d}\n"
            "  - {name: a%u, at: leaf%d, frames: acks, from: h%d, to: h%d, via: spine%d}\n",
            i, leaf, from, to, 1 + atoi(CELL(map, i, 2)), i, 3 - leaf, to, from,
            1 + atoi(CELL(map, i, 3)));
    }
    g_ptr_array_free(map, true);
}

/* `marking`: "step", "pfconly" or "dcqcn"; flows are listed under `flows_of`. */
static char *scenario(const char *name, const char *marking) {
    GPtrArray *flows = table("flows.csv");
    GString *y = g_string_new("schema: 1\nname: fct\ndescription: figures of another simulator\n"
                              "duration: 100ms\nframing:\n"
                              "  theirs: {payload: 1000B, header: 48B, ack: 60B, pause: 43B, gap: "
                              "0B, whole_ns: true}\nclasses:\n  data: {priority: 3, pfc: true");
    if (strcmp(marking, "pfconly") != 0)
        g_string_append_printf(y, ", ecn: {kmin: 100kB, kmax: %s, pmax: 20%%, rate: 25Gbps}",
                               strcmp(marking, "dcqcn") == 0 ? "400kB" : "100kB");
    g_string_append(y, "}\n");
    int hosts = 0;
    GString *loads = g_string_new("workloads:\n");
    for (uint32_t i = 0; i < flows->len; i++) {
        if (strcmp(CELL(flows, i, 0), name) != 0) continue;
        int from = atoi(CELL(flows, i, 1)), to = atoi(CELL(flows, i, 2));
        const char *bytes = CELL(flows, i, 3);
        g_string_append_printf(loads,
                               "  - {name: f%u, hosts: h%d, rdma: {to: h%d, message: %sB, total: "
                               "%sB, start: %sns}}\n",
                               i, from, to, bytes, bytes, CELL(flows, i, 4));
        hosts = MAX(hosts, MAX(from, to) + 1);
    }
    g_ptr_array_free(flows, true);
    bool leaves = g_str_has_prefix(name, "lsperm");
    write_fabric(y, (uint32_t)hosts, leaves);
    write_hosts(y, (uint32_t)hosts, leaves);
    g_string_append(y, loads->str);
    g_string_free(loads, true);
    return g_string_free(y, false);
}

/* Runs it; completion times in order, and the XOFF and XON frames sent. */
static Times ours(const char *name, const char *marking, uint64_t seed, int64_t *pauses) {
    char *text = scenario(name, marking);
    char *seeded = g_strdup_printf("%sseed: %" G_GUINT64_FORMAT "\n", text, seed);
    SimResult *r = rack_run(seeded);
    Times t = {0};
    *pauses = 0;
    for (uint32_t i = 0; i < r->rows.n; i++) {
        const SimRow *row = &r->rows.items[i];
        if (strcmp(row->metric, "write.max") == 0 && row->value[0].den)
            times_add(&t, (int64_t)(row->value[0].num / row->value[0].den));
        if (strcmp(row->metric, "pauses_sent") == 0) *pauses += (int64_t)row->value[0].num;
    }
    times_sort(&t);
    sim_result_free(r);
    g_free(seeded);
    g_free(text);
    return t;
}

static Times theirs(const char *simulator, const char *name) {
    GPtrArray *rows = table("fct.csv");
    Times t = {0};
    for (uint32_t i = 0; i < rows->len; i++)
        if (strcmp(CELL(rows, i, 0), simulator) == 0 && strcmp(CELL(rows, i, 1), name) == 0)
            times_add(&t, g_ascii_strtoll(CELL(rows, i, 6), NULL, 10));
    g_ptr_array_free(rows, true);
    times_sort(&t);
    ck_assert_uint_gt(t.n, 0);
    return t;
}

static double percent(double a, double b) {
    return 100 * (a / b - 1);
}

/* ---- tests ---- */

START_TEST(exact_to_the_nanosecond) {
    static const char *const rows[][2] = {
        {"tiny1pkt_25G", "step"},       {"single_25G", "step"},
        {"incast2_25G_step", "step"},   {"incast2_25G_pfconly", "pfconly"},
        {"s2d4_3way_25G_step", "step"}, {"s2d4_3way_25G_pfconly", "pfconly"}};
    int64_t pauses;
    Times want = theirs("hpcc", rows[_i][0]), got = ours(rows[_i][0], rows[_i][1], 1, &pauses);
    ck_assert_uint_eq(got.n, want.n);
    for (uint32_t i = 0; i < want.n; i++)
        ck_assert_int_eq(got.ns[i], want.ns[i]);
    printf("fct %-22s %u of %u exact, pauses and ends %lld\n", rows[_i][0], want.n, want.n,
           (long long)pauses);
}
END_TEST

/* Ties of many flows are decided by each program's own rule. */
START_TEST(near_where_ties_decide) {
    static const struct {
        const char *name, *marking;
        int64_t pauses;
    } rows[] = {{"incast8_25G_step", "step", 0},
                {"incast8_25G_pfconly", "pfconly", 2 * 4137},
                {"lsperm_25G_step", "step", 0},
                {"lsperm_25G_pfconly", "pfconly", 2 * 2812}};
    int64_t pauses;
    Times want = theirs("hpcc", rows[_i].name);
    Times got = ours(rows[_i].name, rows[_i].marking, 1, &pauses);
    ck_assert_uint_eq(got.n, want.n);
    double mean = percent(times_mean(&got), times_mean(&want));
    double least = percent((double)got.ns[0], (double)want.ns[0]);
    double most = percent((double)got.ns[got.n - 1], (double)want.ns[want.n - 1]);
    printf("fct %-22s mean %+.3f%% least %+.3f%% most %+.3f%%, pauses and ends %lld (%lld)\n",
           rows[_i].name, mean, least, most, (long long)pauses, (long long)rows[_i].pauses);
    ck_assert(mean > -0.2 && mean < 0.2);
    ck_assert(least > -1.5 && least < 1.5);
    ck_assert(most > -1.5 && most < 1.5);
    ck_assert_int_ge(2 * pauses, rows[_i].pauses);
    ck_assert_int_le(pauses, 2 * rows[_i].pauses);
}
END_TEST

/* Mean and standard deviation, over their seeds, of the mean completion time. */
static void their_seeds(const char *name, double *mean, double *deviation) {
    GPtrArray *rows = table("seeds.csv");
    Times of[16] = {0};
    for (uint32_t i = 0; i < rows->len; i++)
        if (strcmp(CELL(rows, i, 0), name) == 0)
            times_add(&of[atoi(CELL(rows, i, 1))], g_ascii_strtoll(CELL(rows, i, 3), NULL, 10));
    g_ptr_array_free(rows, true);
    double sum = 0, squares = 0;
    uint32_t n = 0;
    for (uint32_t i = 0; i < 16; i++) {
        if (!of[i].n) continue;
        double m = times_mean(&of[i]);
        sum += m;
        squares += m * m;
        n++;
    }
    *mean = sum / n;
    double variance = (squares - sum * sum / n) / (n - 1), root = variance;
    for (uint32_t i = 0; i < 60; i++)
        root = (root + variance / root) / 2;
    *deviation = root;
}

START_TEST(random_marking_within_two_deviations) {
    static const char *const rows[] = {"incast8_25G_dcqcn", "lsperm_25G_dcqcn"};
    double mean, deviation;
    their_seeds(rows[_i], &mean, &deviation);
    int64_t pauses;
    double got = 0;
    for (uint64_t seed = 1; seed <= 3; seed++) {
        Times t = ours(rows[_i], "dcqcn", seed, &pauses);
        got += times_mean(&t) / 3;
        ck_assert_int_eq(pauses, 0);
    }
    printf("fct %-22s mean %+.3f%%, two deviations of theirs are %.3f%%\n", rows[_i],
           percent(got, mean), 200 * deviation / mean);
    ck_assert(got > mean - 2 * deviation && got < mean + 2 * deviation);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("fct");
    TCase *tc = tcase_create("fct");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, exact_to_the_nanosecond, 0, 6);
    tcase_add_loop_test(tc, near_where_ties_decide, 0, 4);
    tcase_add_loop_test(tc, random_marking_within_two_deviations, 0, 2);
    suite_add_tcase(suite, tc);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
