/* links: rackcast_models */
/* timeout: 120 */
/* test_servers.c: several servers against Erlang's C formula (Erlang 1917): the mean wait is
 * C / (c mu - lambda); two servers that each customer needs (Flatto and Hahn 1984; Nelson and
 * Tantawi 1988): (12 - rho) / 8 (mu - lambda); the longest of k services. */
#include "tests/analytic/queueing.h"

/* Chance of waiting: from Erlang's B by its recursion. */
static double erlang_c(uint32_t servers, double load) {
    double a = load * servers, b = 1;
    for (uint32_t k = 1; k <= servers; k++)
        b = a * b / (k + a * b);
    return b / (1 - load * (1 - b));
}

static void mmc(uint32_t servers, double load, double customers) {
    char name[32];
    snprintf(name, sizeof name, "M/M/%u %.2g", servers, load);
    double mean = 1 + erlang_c(servers, load) / (servers * (1 - load));
    queue_check(name, (Queue){.load = load, .servers = servers}, customers, mean, 0.005);
}

START_TEST(several_servers) {
    ck_assert_double_lt(fabs(erlang_c(2, 0.8) - 0.711111), 1e-6); /* the formula itself */
    ck_assert_double_lt(fabs(erlang_c(16, 0.9) - 0.591343), 1e-6);
    mmc(2, 0.8, 2e5);
    mmc(4, 0.8, 1.5e5);
    mmc(8, 0.9, 3e5);
    mmc(16, 0.9, 2e5);
    if (estimate_long()) mmc(32, 0.95, 3e6);
}
END_TEST

START_TEST(fork_and_join) {
    queue_check("fork-join 2 0.1", (Queue){.load = 0.1, .forks = 2}, 5e4, 11.9 / 7.2, 0.005);
    queue_check("fork-join 2 0.5", (Queue){.load = 0.5, .forks = 2}, 1e5, 2.875, 0.005);
    queue_check("fork-join 2 0.8", (Queue){.load = 0.8, .forks = 2}, 5e5, 7, 0.005);
}
END_TEST

/* A write is done when the last of its copies is. */
START_TEST(longest_of_k) {
    for (uint32_t k = 2; k <= 4; k++) {
        char name[32];
        double harmonic = 0;
        for (uint32_t i = 1; i <= k; i++)
            harmonic += 1.0 / i;
        snprintf(name, sizeof name, "longest of %u exponentials", k);
        queue_check(name, (Queue){.servers = k, .forks = k}, 5e4, harmonic, 0.005);
        snprintf(name, sizeof name, "longest of %u uniforms", k);
        queue_check(name, (Queue){.servers = k, .forks = k, .service = UNIFORM}, 5e4, k / (k + 1.0),
                    0.005);
        snprintf(name, sizeof name, "longest of %u equals", k);
        Queue q = {.servers = k, .forks = k, .service = DETERMINISTIC, .batches = 3, .batch = 100};
        Estimate mean = {0};
        q.mean = &mean;
        queue_run(&q);
        for (uint32_t i = 0; i < mean.n; i++)
            ck_assert_double_eq(mean.y[i], 1);
    }
}
END_TEST

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* figures of a failed test are wanted most */
    Suite *suite = suite_create("servers");
    TCase *tests = tcase_create("servers");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, several_servers);
    tcase_add_test(tests, fork_and_join);
    tcase_add_test(tests, longest_of_k);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
