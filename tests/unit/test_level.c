/* links: sim_app rackcast_models */
/* test_level.c: a level over time, by window, against sums made by hand. */
#include <check.h>
#include <stdlib.h>

#include "models/workload/null.h"
#include "sim/core/meter.h"
#include "sim/core/model.h"
#include "tests/property/rack.h"

/* 40 B from 1 ms on, 100 B from 2 ms, 300 B from 3 ms, 20 B from 5 ms to the end at 6 ms. */
static const struct {
    SimTime at;
    int64_t more;
} step[] = {{SIM_MS, 40}, {2 * SIM_MS, 60}, {3 * SIM_MS, 200}, {5 * SIM_MS, -280}};
enum { STEPS = sizeof step / sizeof *step };

typedef struct Stair {
    SimLevel level;
    SimTimer timer;
    uint32_t next;
} Stair;

static const SimModel stair_model;
const SimModel *const sim_models[] = {&null_model, &stair_model, NULL};

static void stair_climb(SimRun *run, void *owner) {
    Stair *s = owner;
    sim_level_add(&s->level, sim_run_now(run), step[s->next++].more);
    if (s->next < STEPS) sim_timer_set(run, &s->timer, step[s->next].at);
}

static void stair_create(SimRun *run, const SimScenario *scenario) {
    (void)scenario;
    Stair *s = SIM_NEW(&run->arena, Stair);
    sim_run_set_state(run, &stair_model, s);
    sim_timer_add(run, sim_domain_add(run, "stair"), SIM_PHASE_TIMER, "climb", &s->timer,
                  stair_climb, s);
    sim_meter_level(run, "port", "stair", "queue", "bytes", &s->level);
}

static void stair_start(SimRun *run) {
    Stair *s = sim_run_state(run, &stair_model);
    sim_timer_set(run, &s->timer, step[0].at);
}

static const SimModel stair_model = {.abi = SIM_MODEL_ABI,
                                     .size = sizeof(SimModel),
                                     .name = "stair",
                                     .create = stair_create,
                                     .start = stair_start};

static void check_value(const SimResult *r, const char *metric, int64_t num, int64_t den) {
    const SimRow *row = sim_result_find(r, "stair", metric);
    ck_assert_ptr_nonnull(row);
    SimValue v = row->value[0];
    ck_assert_msg(v.den != 0 && v.num * den == (__int128)num * v.den, "%s: %lld / %lld", metric,
                  (long long)v.num, (long long)v.den);
}

static SimResult *stair_run(const char *warmup) {
    char yaml[300];
    snprintf(yaml, sizeof yaml,
             "schema: 1\nname: stair\ndescription: s\nwarmup: %s\nduration: 6ms\n"
             "nulls: [{name: n, timers: 1, mean: 1ms}]\n",
             warmup);
    SimScenario *s = rack_load(yaml);
    SimRun *run = rack_begin(s, 0);
    while (sim_run_advance(run, UINT64_MAX)) {
    }
    SimResult *r = sim_session_end(run, s); /* nothing in it has a law to audit */
    sim_scenario_free(s);
    return r;
}

START_TEST(mean_peak_and_variation_are_of_the_window) {
    SimResult *r = stair_run("0ms");
    /* (0 + 40 + 100 + 300 + 300 + 20) / 6; squares: (1600 + 10000 + 2 x 90000 + 400) / 6 = 32000 */
    check_value(r, "queue_mean", 760, 6);
    check_value(r, "queue_peak", 300, 1);
    check_value(r, "queue_variation", 126, 126); /* root of 32000 - 126 x 126 */
    sim_result_free(r);
}
END_TEST

START_TEST(a_peak_before_the_window_is_none_of_it) {
    SimResult *r = stair_run("5500us");
    check_value(r, "queue_mean", 20, 1);
    check_value(r, "queue_peak", 20, 1);
    check_value(r, "queue_variation", 0, 20);
    sim_result_free(r);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("level");
    TCase *tcase = tcase_create("level");
    tcase_add_test(tcase, mean_peak_and_variation_are_of_the_window);
    tcase_add_test(tcase, a_peak_before_the_window_is_none_of_it);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
