/* test_watchdog_rings.c: rings of dependent links, found by `check` before a run can lock up. */
#include "models/fabric/cycles.h"
#include "sim/scenario/diagnostics.h"
#include "tests/property/rack.h"

/* ---- the graph, against a search by hand ---- */

enum { SWITCHES = 7, LINKS = SWITCHES * (SWITCHES - 1) };

static uint32_t draw(uint64_t *seed, uint32_t below) {
    *seed = *seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)((*seed >> 33) % below);
}

/* Closure of the dependencies: a ring is a link that depends on itself. */
static bool has_ring(bool depends[LINKS][LINKS], uint32_t n) {
    for (uint32_t k = 0; k < n; k++)
        for (uint32_t i = 0; i < n; i++)
            for (uint32_t j = 0; j < n; j++)
                depends[i][j] |= depends[i][k] && depends[k][j];
    bool any = false;
    for (uint32_t i = 0; i < n; i++)
        any |= depends[i][i];
    return any;
}

START_TEST(rings_are_found_as_by_hand) {
    uint32_t with = 0;
    for (uint64_t round = 1; round <= 400; round++) {
        SimArena arena;
        sim_arena_init(&arena);
        uint64_t seed = round;
        uint32_t pair[2 * SWITCHES * SWITCHES], n = 0;
        for (uint32_t i = 0; i < SWITCHES; i++)
            for (uint32_t k = i + 1; k < SWITCHES; k++)
                for (uint32_t times = draw(&seed, 3); times; times--) {
                    pair[2 * n] = i;
                    pair[2 * n++ + 1] = k;
                }
        FabricCycles *c = fabric_cycles_new(&arena, SWITCHES, pair, n);
        bool by_hand[LINKS][LINKS] = {{false}}, once[LINKS][LINKS] = {{false}};
        for (uint32_t a = 0; a < c->n_links; a++)
            for (uint32_t b = c->first[c->to[a]]; b < c->first[c->to[a] + 1]; b++)
                if (draw(&seed, 10) < round % 4) {
                    fabric_cycles_add(c, a, b);
                    by_hand[a][b] = once[a][b] = true;
                }
        uint32_t ring[LINKS], length = fabric_cycles_find(c, ring, LINKS);
        ck_assert_int_eq(length > 0, has_ring(by_hand, c->n_links));
        for (uint32_t i = 0; i < length; i++)
            ck_assert(once[ring[i]][ring[(i + 1) % length]]);
        with += length > 0;
        sim_arena_clear(&arena);
    }
    ck_assert_uint_gt(with, 50);
    ck_assert_uint_lt(with, 350);
}
END_TEST

/* ---- what check says ---- */

/* The warnings of a scenario, as printed. */
static char *warnings(const char *yaml) {
    static char text[4096];
    SimDiagnostics *found = sim_diagnostics_new("test");
    SimScenario *s = sim_scenario_load_bytes("test", yaml, strlen(yaml), NULL, 0, found);
    ck_assert_ptr_nonnull(s);
    text[0] = 0;
    FILE *out = fmemopen(text, sizeof text, "w");
    sim_diagnostics_print(found, out, false);
    fclose(out);
    sim_diagnostics_free(found);
    sim_scenario_free(s);
    return text;
}

/* Four routers in a ring with a host each; `more` follows. */
static const char *ring_says(const char *class, const char *more) {
    char yaml[2048];
    snprintf(yaml, sizeof yaml,
             "schema: 1\nname: ring\ndescription: four routers\nduration: 1ms\n"
             "classes: {storage: {priority: 3%s}}\n"
             "switches: [{name: s, count: 4, ports: 4, rate: 25Gbps, layer: l3}]\n"
             "cables: [{from: s1, to: s2}, {from: s2, to: s3}, {from: s3, to: s4}%s",
             class, more);
    return warnings(yaml);
}

#define HOSTS                                                                                      \
    "hosts: [{name: a, nic: {ports: 1, rate: 25Gbps, cables: s1}},"                                \
    " {name: b, nic: {ports: 1, rate: 25Gbps, cables: s2}},"                                       \
    " {name: c, nic: {ports: 1, rate: 25Gbps, cables: s3}},"                                       \
    " {name: d, nic: {ports: 1, rate: 25Gbps, cables: s4}}]\n"

START_TEST(check_names_the_ring) {
    const char *closed = ", {from: s4, to: s1}]\n" HOSTS;
    ck_assert_ptr_nonnull(strstr(ring_says(", pfc: true", closed), "W205: s1: "));
    ck_assert_ptr_nonnull(strstr(ring_says(", pfc: true", closed), "s1-s2-s3-s4-s1"));
    ck_assert_ptr_null(strstr(ring_says("", closed), "W205"));
    ck_assert_ptr_null(strstr(ring_says(", pfc: true", "]\n" HOSTS), "W205"));
    /* a way by hand that leads back */
    const char *back = "]\n" HOSTS "routes: [{name: r, at: s2, from: a, to: d, via: s1}]\n";
    ck_assert_ptr_nonnull(strstr(ring_says(", pfc: true", back), "W205: s1: "));
    /* of acknowledgements alone, and of a host that has another way to go */
    back = "]\n" HOSTS "routes: [{name: r, at: s2, from: a, to: d, via: s1, frames: acks}]\n";
    ck_assert_ptr_null(strstr(ring_says(", pfc: true", back), "W205"));
    back = "]\n" HOSTS "routes: [{name: r, at: s2, from: d, to: c, via: s1}]\n";
    ck_assert_ptr_null(strstr(ring_says(", pfc: true", back), "W205"));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("rings");
    TCase *tests = tcase_create("rings");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, rings_are_found_as_by_hand);
    tcase_add_test(tests, check_names_the_ring);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
