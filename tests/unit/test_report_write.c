/* links: sim_report sim_metrics */
#include <check.h>
#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "sim/report/write.h"

static char *folder;

static void setup(void) {
    folder = g_dir_make_tmp("rackcast-test-XXXXXX", NULL);
    ck_assert_ptr_nonnull(folder);
}

static void teardown(void) {
    GDir *dir = g_dir_open(folder, 0, NULL);
    for (const char *name; (name = g_dir_read_name(dir)) != NULL;) {
        char *path = g_build_filename(folder, name, NULL);
        if (g_unlink(path) != 0) g_rmdir(path);
        g_free(path);
    }
    g_dir_close(dir);
    g_rmdir(folder);
    g_free(folder);
}

static int files(void) {
    int n = 0;
    GDir *dir = g_dir_open(folder, 0, NULL);
    while (g_dir_read_name(dir) != NULL)
        n++;
    g_dir_close(dir);
    return n;
}

static bool fill_text(FILE *out, void *data) {
    fputs(data, out);
    return true;
}

static bool fill_much(FILE *out, void *data) {
    (void)data;
    for (int i = 0; i < 100000; i++)
        fputs("0123456789", out);
    return !ferror(out);
}

static bool fill_none(FILE *out, void *data) {
    fputs("half", out);
    errno = *(int *)data;
    return false;
}

static void check_content(const char *path, const char *wanted) {
    char *text = NULL;
    ck_assert(g_file_get_contents(path, &text, NULL, NULL));
    ck_assert_str_eq(text, wanted);
    g_free(text);
}

START_TEST(a_file_is_replaced_whole) {
    char *path = g_build_filename(folder, "result.json", NULL);
    ck_assert(sim_write_atomically(path, fill_text, "first", NULL));
    check_content(path, "first");
    ck_assert(sim_write_atomically(path, fill_text, "second", NULL));
    check_content(path, "second");
    ck_assert_int_eq(files(), 1);
    g_free(path);
}
END_TEST

START_TEST(a_full_disk_leaves_what_was) {
    char *path = g_build_filename(folder, "result.json", NULL);
    ck_assert(sim_write_atomically(path, fill_text, "first", NULL));
    signal(SIGXFSZ, SIG_IGN); /* then a write beyond the limit fails like one on a full disk */
    struct rlimit limit = {4096, RLIM_INFINITY}, before;
    getrlimit(RLIMIT_FSIZE, &before);
    limit.rlim_max = before.rlim_max;
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &limit), 0);
    GError *error = NULL;
    bool written = sim_write_atomically(path, fill_much, NULL, &error);
    ck_assert_int_eq(setrlimit(RLIMIT_FSIZE, &before), 0);
    ck_assert(!written);
    ck_assert_ptr_nonnull(strstr(error->message, "cannot write"));
    ck_assert_ptr_nonnull(strstr(error->message, "too large"));
    g_clear_error(&error);
    check_content(path, "first");
    ck_assert_int_eq(files(), 1);
    g_free(path);
}
END_TEST

START_TEST(a_content_that_fails_leaves_nothing) {
    char *path = g_build_filename(folder, "result.json", NULL);
    int numbers[] = {ENOSPC, 0};
    const char *const says[] = {"No space left", "could not be made"};
    for (int i = 0; i < 2; i++) {
        GError *error = NULL;
        ck_assert(!sim_write_atomically(path, fill_none, &numbers[i], &error));
        ck_assert_msg(strstr(error->message, says[i]) != NULL, "%s", error->message);
        if (i == 0) ck_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOSPC));
        g_clear_error(&error);
    }
    ck_assert_int_eq(files(), 0);
    g_free(path);
}
END_TEST

START_TEST(a_folder_that_is_not_there_gets_a_sentence) {
    char *path = g_build_filename(folder, "none", "result.json", NULL);
    GError *error = NULL;
    ck_assert(!sim_write_atomically(path, fill_text, "x", &error));
    ck_assert(g_error_matches(error, G_FILE_ERROR, G_FILE_ERROR_NOENT));
    ck_assert_ptr_nonnull(strstr(error->message, path));
    g_clear_error(&error);
    g_free(path);
    ck_assert(!sim_write_atomically("/proc/result.json", fill_text, "x", NULL));
    ck_assert(!sim_write_atomically(folder, fill_text, "x", &error)); /* a folder is in the way */
    ck_assert_ptr_nonnull(error);
    g_clear_error(&error);
    ck_assert_int_eq(files(), 0);
}
END_TEST

START_TEST(the_umask_decides_on_the_mode) {
    char *path = g_build_filename(folder, "result.json", NULL);
    mode_t before = umask(027);
    ck_assert(sim_write_atomically(path, fill_text, "x", NULL));
    umask(before);
    GStatBuf info;
    ck_assert_int_eq(g_stat(path, &info), 0);
    ck_assert_uint_eq(info.st_mode & 0777, 0640);
    g_free(path);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("report_write");
    TCase *tests = tcase_create("report_write");
    suite_add_tcase(suite, tests);
    tcase_add_checked_fixture(tests, setup, teardown);
    tcase_add_test(tests, a_file_is_replaced_whole);
    tcase_add_test(tests, a_full_disk_leaves_what_was);
    tcase_add_test(tests, a_content_that_fails_leaves_nothing);
    tcase_add_test(tests, a_folder_that_is_not_there_gets_a_sentence);
    tcase_add_test(tests, the_umask_decides_on_the_mode);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
