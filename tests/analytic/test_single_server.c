/* links: rackcast_models */
/* timeout: 120 */
/* test_single_server.c: one server against Pollaczek and Khinchine (Khintchine, Mat. Sbornik 1932):
 * the mean wait is rho (1 + SCV) / 2 (1 - rho) services; M/M/1 sojourns are exponential. */
#include "tests/analytic/queueing.h"

START_TEST(mm1) {
    queue_check("M/M/1 0.5", (Queue){.load = 0.5, .tail = 9.210340}, 1e5, 2, 0.005);
    queue_check("M/M/1 0.8", (Queue){.load = 0.8, .tail = 23.02585}, 3e5, 5, 0.005);
    queue_check("M/M/1 0.9", (Queue){.load = 0.9, .tail = 46.05170}, 9e5, 10, 0.005);
    if (estimate_long())
        queue_check("M/M/1 0.95", (Queue){.load = 0.95, .tail = 92.10340}, 6e6, 20, 0.005);
}
END_TEST

START_TEST(md1) {
    queue_check("M/D/1 0.5", (Queue){.load = 0.5, .service = DETERMINISTIC}, 1e5, 1.5, 0.005);
    queue_check("M/D/1 0.8", (Queue){.load = 0.8, .service = DETERMINISTIC}, 2e5, 3, 0.005);
    queue_check("M/D/1 0.9", (Queue){.load = 0.9, .service = DETERMINISTIC}, 6e5, 5.5, 0.005);
    if (estimate_long())
        queue_check("M/D/1 0.95", (Queue){.load = 0.95, .service = DETERMINISTIC}, 4e6, 10.5,
                    0.005);
}
END_TEST

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* figures of a failed test are wanted most */
    Suite *suite = suite_create("single server");
    TCase *tests = tcase_create("single server");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, mm1);
    tcase_add_test(tests, md1);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
