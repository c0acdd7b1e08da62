/* links: rackcast_models */
/* timeout: 200 */
/* test_general_service.c: one server with services of a squared coefficient of variation of 4
 * against Pollaczek and Khinchine: the mean wait is rho (1 + SCV) / 2 (1 - rho) services. */
#include "tests/analytic/queueing.h"

START_TEST(mg1) {
    const Service h2 = HYPEREXPONENTIAL;
    queue_check("M/G/1 0.5 SCV 4", (Queue){.load = 0.5, .service = h2}, 2e5, 3.5, 0.005);
    queue_check("M/G/1 0.8 SCV 4", (Queue){.load = 0.8, .service = h2}, 8e5, 11, 0.005);
    queue_check("M/G/1 0.9 SCV 4", (Queue){.load = 0.9, .service = h2}, 2.6e6, 23.5, 0.005);
    if (estimate_long())
        queue_check("M/G/1 0.95 SCV 4", (Queue){.load = 0.95, .service = h2}, 2e7, 48.5, 0.005);
}
END_TEST

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* figures of a failed test are wanted most */
    Suite *suite = suite_create("general service");
    TCase *tests = tcase_create("general service");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, mg1);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
