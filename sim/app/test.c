/* test.c: scenarios as tests, each in a process of its own, so that a crash of one is one
 * failure. Results come out in the order of the files, whatever the number of jobs. */
#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sim/app/options.h"
#include "sim/app/session.h"
#include "sim/app/verbs.h"
#include "sim/report/expect.h"
#include "sim/report/text.h"

enum { JOBS_MAX = 256, TIMEOUT_S = 600, FILE_COLUMNS = 46 };

typedef struct Job {
    const char *file;
    pid_t pid; /* 0: not started */
    bool done;
    int status;   /* as from waitpid */
    FILE *detail; /* what the child printed */
    int64_t began, wall_us;
} Job;

typedef struct Suite {
    GPtrArray *files;
    Job *jobs;
    char **sets;
    int at_once, timeout_s;
    bool json, colour;
    unsigned passed, failed;
    json_t *list; /* of what happened, where json */
} Suite;

/* ---- which files ---- */

static int compare_text(const void *a, const void *b) {
    return strcmp(*(char *const *)a, *(char *const *)b);
}

static void collect_folder(GPtrArray *files, const char *folder);

static void collect_entry(GPtrArray *files, char *path, const char *name) {
    if (name[0] == '.') {
        g_free(path);
    } else if (g_file_test(path, G_FILE_TEST_IS_DIR)) {
        bool skip = strcmp(name, "invalid") == 0 || strcmp(name, "results") == 0;
        if (!skip) collect_folder(files, path);
        g_free(path);
    } else if (g_str_has_suffix(name, ".yaml") || g_str_has_suffix(name, ".yml")) {
        g_ptr_array_add(files, path);
    } else {
        g_free(path);
    }
}

static void collect_folder(GPtrArray *files, const char *folder) {
    GDir *dir = g_dir_open(folder, 0, NULL);
    if (!dir) return;
    guint first = files->len;
    const char *name;
    while ((name = g_dir_read_name(dir)))
        collect_entry(files, g_build_filename(folder, name, NULL), name);
    g_dir_close(dir);
    if (files->len > first)
        qsort(files->pdata + first, files->len - first, sizeof *files->pdata, compare_text);
}

/* Returns the exit code, 0 where there is something to run. */
static int collect(GPtrArray *files, char **paths) {
    for (char **path = paths; *path; path++) {
        guint before = files->len;
        if (g_file_test(*path, G_FILE_TEST_IS_DIR))
            collect_folder(files, *path);
        else if (sim_session_readable(*path))
            g_ptr_array_add(files, g_strdup(*path));
        else
            return SIM_EXIT_FILE;
        if (files->len == before) {
            fprintf(stderr, "rackcast test: there is no scenario in %s\n", *path);
            return SIM_EXIT_FILE;
        }
    }
    return SIM_EXIT_OK;
}

/* ---- one test: in the child ---- */

static int run_one(const Suite *suite, const char *file) {
    int code = SIM_EXIT_OK;
    SimScenario *scenario = sim_session_load(file, suite->sets, &code);
    if (!scenario) return code;
    char *replay = g_strdup_printf("rackcast run %s", file);
    SimSessionOptions options = {.series = true, .replay = replay};
    SimResult *result = sim_session_run(scenario, &options, NULL);
    SimExpectReport *expects = sim_expect_evaluate(result, scenario->expects, scenario->n_expects);
    if (expects->failed) {
        SimTextOptions text = {.colour = suite->colour, .utf8 = sim_options_utf8()};
        sim_text_expects(expects, &text, stdout);
        code = SIM_EXIT_FAILED;
    }
    sim_expect_free(expects);
    fflush(stdout);
    if (sim_session_audits(result)) code = SIM_EXIT_BUG;
    sim_result_free(result);
    sim_scenario_free(scenario);
    g_free(replay);
    return code;
}

static void start(const Suite *suite, Job *job) {
    job->detail = tmpfile();
    job->began = g_get_monotonic_time();
    fflush(stdout);
    fflush(stderr);
    job->pid = job->detail ? fork() : -1;
    if (job->pid < 0) {
        fprintf(stderr, "rackcast test: cannot start a process: %s\n", g_strerror(errno));
        exit(SIM_EXIT_LIMIT);
    }
    if (job->pid > 0) return;
    dup2(fileno(job->detail), STDOUT_FILENO);
    dup2(fileno(job->detail), STDERR_FILENO);
    alarm((unsigned)suite->timeout_s);
    int code = run_one(suite, job->file);
    fflush(stdout);
    fflush(stderr);
    _exit(code);
}

/* ---- what came of it: in the parent ---- */

static char *outcome(const Suite *suite, const Job *job) {
    if (WIFSIGNALED(job->status)) {
        int number = WTERMSIG(job->status);
        if (number == SIGALRM) return g_strdup_printf("it took longer than %d s", suite->timeout_s);
        return g_strdup_printf("it crashed: %s", g_strsignal(number));
    }
    switch (WEXITSTATUS(job->status)) {
    case SIM_EXIT_OK:
        return NULL;
    case SIM_EXIT_FAILED:
        return g_strdup("an expectation failed");
    case SIM_EXIT_INVALID:
        return g_strdup("the scenario is not right");
    case SIM_EXIT_BUG:
        return g_strdup("a bug of rackcast");
    default:
        return g_strdup_printf("exit code %d", WEXITSTATUS(job->status));
    }
}

static char *detail_text(const Job *job) {
    GString *text = g_string_new(NULL);
    char block[4096];
    size_t n;
    rewind(job->detail);
    while ((n = fread(block, 1, sizeof block, job->detail)) > 0)
        g_string_append_len(text, block, (gssize)n);
    return g_string_free(text, FALSE);
}

/* The end of a path that fits its column. */
static const char *shorten(const char *file) {
    size_t n = strlen(file);
    return n <= FILE_COLUMNS ? file : file + n - FILE_COLUMNS;
}

static void tell_json(Suite *suite, const Job *job, const char *why, const char *detail) {
    char *file = g_utf8_make_valid(job->file, -1);
    char *text = g_utf8_make_valid(detail, -1);
    json_array_append_new(suite->list,
                          json_pack("{s:s, s:b, s:s?, s:s, s:I}", "file", file, "passed", !why,
                                    "why", why, "detail", text, "wall_us", job->wall_us));
    g_free(file);
    g_free(text);
}

static void tell(Suite *suite, Job *job) {
    char *why = outcome(suite, job);
    char *detail = detail_text(job);
    if (why)
        suite->failed++;
    else
        suite->passed++;
    if (suite->json) {
        tell_json(suite, job, why, detail);
    } else {
        const char *on = !suite->colour ? "" : why ? "\033[1;31m" : "\033[32m";
        printf("%s%s%s  %-*s  %8.2f s\n", on, why ? "FAIL" : "pass", suite->colour ? "\033[0m" : "",
               FILE_COLUMNS, shorten(job->file), (double)job->wall_us / 1e6);
        if (why) printf("  %s\n", why);
        fputs(detail, stdout);
        fflush(stdout);
    }
    fclose(job->detail);
    g_free(detail);
    g_free(why);
}

static Job *find_job(Suite *suite, pid_t pid) {
    for (guint i = 0; i < suite->files->len; i++)
        if (suite->jobs[i].pid == pid) return &suite->jobs[i];
    return NULL;
}

static void run_all(Suite *suite) {
    guint started = 0, told = 0, running = 0;
    while (told < suite->files->len) {
        while (running < (guint)suite->at_once && started < suite->files->len) {
            suite->jobs[started].file = g_ptr_array_index(suite->files, started);
            start(suite, &suite->jobs[started++]);
            running++;
        }
        int status;
        pid_t pid = waitpid(-1, &status, 0);
        Job *job = pid > 0 ? find_job(suite, pid) : NULL;
        if (!job) continue;
        job->done = true;
        job->status = status;
        job->wall_us = g_get_monotonic_time() - job->began;
        running--;
        while (told < suite->files->len && suite->jobs[told].done)
            tell(suite, &suite->jobs[told++]);
    }
}

static int finish(Suite *suite) {
    if (suite->json) {
        json_t *all = json_pack("{s:i, s:i, s:o}", "passed", (int)suite->passed, "failed",
                                (int)suite->failed, "tests", suite->list);
        json_dumpf(all, stdout, JSON_INDENT(2) | JSON_SORT_KEYS);
        putchar('\n');
        json_decref(all);
    } else {
        printf("%u passed, %u failed\n", suite->passed, suite->failed);
    }
    return suite->failed ? SIM_EXIT_FAILED : SIM_EXIT_OK;
}

static int test_paths(char **paths, char **sets, int jobs, int timeout_s, bool json) {
    Suite suite = {.files = g_ptr_array_new_with_free_func(g_free),
                   .sets = sets,
                   .at_once = jobs,
                   .timeout_s = timeout_s,
                   .json = json,
                   .colour = !json && sim_options_colour(stdout)};
    int code = collect(suite.files, paths);
    if (code == SIM_EXIT_OK) {
        suite.list = json_array();
        suite.jobs = g_new0(Job, suite.files->len);
        run_all(&suite);
        code = finish(&suite);
        if (!json) json_decref(suite.list);
        g_free(suite.jobs);
    }
    g_ptr_array_unref(suite.files);
    return code;
}

int sim_verb_test(int argc, char **argv) {
    int jobs = -1, timeout_s = TIMEOUT_S;
    gboolean json = FALSE;
    char **sets = NULL, **paths;
    const GOptionEntry entries[] = {
        {"jobs", 'j', 0, G_OPTION_ARG_INT, &jobs, "how many at a time (default: one a processor)",
         "N"},
        {"timeout", 0, 0, G_OPTION_ARG_INT, &timeout_s, "the longest one may take (default: 600)",
         "SECONDS"},
        {"set", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &sets,
         "change a value of every scenario; repeatable", "PATH=VALUE"},
        {"json", 0, 0, G_OPTION_ARG_NONE, &json, "one JSON document instead of lines", NULL},
        G_OPTION_ENTRY_NULL,
    };
    const SimOptions options = {
        .verb = "test",
        .summary = "run scenarios as tests: their expect: lines pass or fail",
        .words = "PATH...",
        .words_min = 1,
        .words_max = -1,
        .entries = entries,
        .notes = "A folder stands for every .yaml below it, but not in folders named invalid or\n"
                 "results.\n"
                 "The last line is `N passed, N failed`; exit code 1 where one failed.\n",
    };
    int code = sim_options_parse(&options, argc, argv, &paths);
    if (code == -1) {
        if (jobs == -1) jobs = (int)g_get_num_processors();
        if (jobs < 1 || jobs > JOBS_MAX || timeout_s < 1) {
            fprintf(stderr, "rackcast test: --jobs is 1 to %d, --timeout at least 1\n", JOBS_MAX);
            code = SIM_EXIT_USAGE;
        } else {
            code = test_paths(paths, sets, jobs, timeout_s, json);
        }
        g_strfreev(paths);
    }
    g_strfreev(sets);
    return code;
}
