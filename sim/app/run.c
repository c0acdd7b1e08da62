/* run.c: rackcast run. Everything that can go wrong before a run is looked for before the first
 * run: all scenarios are loaded, all folders made. */
#include <glib.h>
#include <string.h>

#include "sim/app/artefacts.h"
#include "sim/app/capture.h"
#include "sim/app/options.h"
#include "sim/app/session.h"
#include "sim/app/verbs.h"
#include "sim/report/counters.h"
#include "sim/report/expect.h"
#include "sim/report/json.h"
#include "sim/report/text.h"
#include "sim/report/write.h"
#include "sim/scenario/units.h"

typedef struct RunOptions {
    char *out, *seed, *ingredients;
    char **sets, **ports; /* `ports`: whose frames are captured */
    gboolean no_plots, no_files, json;
    gboolean counters, counters_csv; /* print them; write them over time */
    char *interval;
    SimTime counters_every; /* `interval`, 0: chosen by the duration */
} RunOptions;

/* One scenario on its way. */
typedef struct Task {
    const char *file;
    SimScenario *scenario;
    char *folder; /* NULL: write nothing */
} Task;

static char *replay_command(const Task *task, char **sets) {
    GString *text = g_string_new("rackcast run");
    for (char **set = sets; set && *set; set++) {
        char *quoted = g_shell_quote(*set);
        g_string_append_printf(text, " --set %s", quoted);
        g_free(quoted);
    }
    char *quoted = g_shell_quote(task->file);
    g_string_append_printf(text, " %s", quoted);
    g_free(quoted);
    return g_string_free(text, FALSE);
}

/* Data to stdout; where that is JSON, the expectations are words for people. */
static uint32_t print_result(const SimResult *result, const SimScenario *scenario, bool json) {
    SimExpectReport *expects = sim_expect_evaluate(result, scenario->expects, scenario->n_expects);
    FILE *people = json ? stderr : stdout;
    SimTextOptions options = {
        .colour = sim_options_colour(people), .utf8 = sim_options_utf8(), .expects = expects};
    if (json) {
        sim_json_write(result, stdout);
        if (expects->failed) sim_text_expects(expects, &options, stderr);
    } else {
        sim_text_write(result, &options, stdout);
    }
    uint32_t failed = expects->failed;
    sim_expect_free(expects);
    return failed;
}

/* ---- counters ---- */

/* GLib would take the file behind `--counters` for its value: "csv" is taken out beforehand. */
static char **take_counters_csv(int *argc, char **argv, RunOptions *o) {
    char **words = g_new0(char *, (size_t)*argc + 1);
    int n = 0;
    for (int i = 0; i < *argc; i++) {
        bool merged = strcmp(argv[i], "--counters=csv") == 0;
        words[n++] = merged ? "--counters" : argv[i];
        if (strcmp(argv[i], "--") == 0) {
            while (++i < *argc)
                words[n++] = argv[i];
            break;
        }
        if (!merged && (strcmp(argv[i], "--counters") != 0 || i + 1 == *argc ||
                        strcmp(argv[i + 1], "csv") != 0))
            continue;
        o->counters_csv = TRUE;
        i += !merged;
    }
    *argc = n;
    return words;
}

static int check_counters(RunOptions *o) {
    SimValueError error;
    if (o->interval && !o->counters_csv) {
        fputs("rackcast run: --counters-interval is for --counters csv\n", stderr);
        return SIM_EXIT_USAGE;
    }
    if (o->counters_csv && o->no_files) {
        fputs("rackcast run: --counters csv writes a file, --no-files forbids it\n", stderr);
        return SIM_EXIT_USAGE;
    }
    if (!o->interval) return SIM_EXIT_OK;
    if (sim_number_parse(SIM_TIME, o->interval, &o->counters_every, &error) &&
        o->counters_every >= SIM_US)
        return SIM_EXIT_OK;
    fprintf(stderr, "rackcast run: --counters-interval takes a time such as 10ms, not '%s'\n",
            o->interval);
    return SIM_EXIT_USAGE;
}

/* Beginning and end are enough to print them; a file wants the way between. */
static SimTime counters_interval(const RunOptions *o, SimTime duration) {
    if (!o->counters) return 0;
    if (!o->counters_csv) return duration;
    return o->counters_every ? o->counters_every : sim_counters_interval(duration);
}

static bool fill_counters(FILE *out, void *result) {
    return sim_counters_csv(result, out);
}

static bool write_counters(const char *folder, SimResult *result) {
    char *path = g_build_filename(folder, "counters.csv", NULL);
    GError *error = NULL;
    bool ok = sim_write_atomically(path, fill_counters, result, &error);
    if (!ok) fprintf(stderr, "rackcast: %s\n", error->message);
    g_clear_error(&error);
    g_free(path);
    return ok;
}

/* What of a task goes to files of its own beside the result's. */
static bool write_beside(const Task *task, const RunOptions *o, SimResult *result,
                         SimCapture *capture) {
    bool written = !capture || sim_capture_close(capture);
    if (o->counters_csv) written &= write_counters(task->folder, result);
    return written;
}

static int run_task(const Task *task, const RunOptions *o, char **sets) {
    SimCapture *capture = o->ports ? sim_capture_open(o->ports, task->folder) : NULL;
    if (o->ports && !capture) return SIM_EXIT_FILE;
    char *replay = replay_command(task, sets);
    SimSessionOptions options = {.ingredients = o->ingredients,
                                 .series = true,
                                 .progress = true,
                                 .interruptible = true,
                                 .sample_every = counters_interval(o, task->scenario->duration),
                                 .trace = capture ? sim_capture_trace(capture) : NULL,
                                 .replay = replay};
    SimSessionFacts facts;
    SimResult *result = sim_session_run(task->scenario, &options, &facts);
    uint32_t failed = print_result(result, task->scenario, o->json);
    int code = failed ? SIM_EXIT_FAILED : SIM_EXIT_OK;
    if (o->counters) {
        if (!o->json) putchar('\n');
        sim_counters_text(result, o->json ? stderr : stdout);
    }
    fflush(stdout);
    if (task->folder) {
        bool written = sim_artefacts_write(task->folder, result, &facts, !o->no_plots);
        written &= write_beside(task, o, result, capture);
        if (!written)
            code = sim_exit_worse(code, SIM_EXIT_FILE);
        else if (!o->json)
            printf("\nWritten to %s/\n", task->folder);
    }
    if (sim_session_audits(result)) code = sim_exit_worse(code, SIM_EXIT_BUG);
    if (facts.interrupted) {
        fputs("rackcast: interrupted; the result is incomplete and says so\n", stderr);
        code = SIM_EXIT_INTERRUPTED;
    }
    sim_result_free(result);
    g_free(replay);
    return code;
}

/* ---- before the first run ---- */

static int check_ingredients(const char *letters) {
    if (!letters) return SIM_EXIT_OK;
    if (*letters && strspn(letters, "tep") == strlen(letters)) return SIM_EXIT_OK;
    fprintf(stderr,
            "rackcast run: --fingerprint takes the letters t (time), e (entity), p (packet), "
            "not '%s'\n",
            letters);
    return SIM_EXIT_USAGE;
}

static char *choose_folder(const RunOptions *o, const SimScenario *scenario, bool several) {
    if (!o->out) return g_build_filename("results", scenario->name, NULL);
    return several ? g_build_filename(o->out, scenario->name, NULL) : g_strdup(o->out);
}

static int load_all(Task *tasks, char **files, guint n, char **sets) {
    int code = SIM_EXIT_OK;
    for (guint i = 0; i < n; i++) {
        int own = SIM_EXIT_OK;
        tasks[i].file = files[i];
        tasks[i].scenario = sim_session_load(files[i], sets, &own);
        code = sim_exit_worse(code, own);
    }
    return code;
}

static int prepare_all(Task *tasks, guint n, const RunOptions *o) {
    for (guint i = 0; i < n; i++) {
        tasks[i].folder = choose_folder(o, tasks[i].scenario, n > 1);
        for (guint j = 0; j < i; j++) {
            if (strcmp(tasks[j].folder, tasks[i].folder) != 0) continue;
            fprintf(stderr, "rackcast run: %s and %s would both write %s\n", tasks[j].file,
                    tasks[i].file, tasks[i].folder);
            return SIM_EXIT_USAGE;
        }
    }
    for (guint i = 0; i < n; i++)
        if (!sim_artefacts_prepare(tasks[i].folder)) return SIM_EXIT_FILE;
    return SIM_EXIT_OK;
}

static int check_ports(const Task *tasks, guint n, const RunOptions *o) {
    bool ok = true;
    for (guint i = 0; o->ports && i < n; i++)
        ok &= sim_capture_check(o->ports, tasks[i].scenario);
    return ok ? SIM_EXIT_OK : SIM_EXIT_USAGE;
}

static int check_files(const RunOptions *o) {
    if (!o->ports || !o->no_files) return SIM_EXIT_OK;
    fputs("rackcast run: --pcap writes a file, --no-files forbids it\n", stderr);
    return SIM_EXIT_USAGE;
}

static int run_files(char **files, RunOptions *o) {
    int code = check_ingredients(o->ingredients);
    if (!code) code = check_counters(o);
    if (!code) code = check_files(o);
    if (code) return code;
    guint n = g_strv_length(files);
    Task *tasks = g_new0(Task, n);
    char **sets = sim_session_sets(o->sets, o->seed);
    code = load_all(tasks, files, n, sets);
    if (code == SIM_EXIT_OK) code = check_ports(tasks, n, o);
    if (code == SIM_EXIT_OK && !o->no_files) code = prepare_all(tasks, n, o);
    if (code == SIM_EXIT_OK) {
        if (o->json && n > 1) puts("[");
        for (guint i = 0; i < n && code != SIM_EXIT_INTERRUPTED; i++) {
            if (i > 0) puts(o->json ? "," : "");
            code = sim_exit_worse(code, run_task(&tasks[i], o, sets));
        }
        if (o->json && n > 1) puts("]");
    }
    for (guint i = 0; i < n; i++) {
        sim_scenario_free(tasks[i].scenario);
        g_free(tasks[i].folder);
    }
    g_strfreev(sets);
    g_free(tasks);
    return code;
}

int sim_verb_run(int argc, char **argv) {
    RunOptions o = {0};
    char **files;
    const GOptionEntry entries[] = {
        {"out", 'o', 0, G_OPTION_ARG_FILENAME, &o.out,
         "write the result here (default: results/<name>);\n"
         "with several files, to a folder each below it",
         "DIR"},
        {"set", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o.sets,
         "change a value of the scenario; repeatable", "PATH=VALUE"},
        {"seed", 0, 0, G_OPTION_ARG_FILENAME, &o.seed, "another seed", "N"},
        {"no-plots", 0, 0, G_OPTION_ARG_NONE, &o.no_plots, "draw no pictures", NULL},
        {"no-files", 0, 0, G_OPTION_ARG_NONE, &o.no_files, "write nothing, only print", NULL},
        {"json", 0, 0, G_OPTION_ARG_NONE, &o.json,
         "print result.json instead of the forecast;\nseveral files: an array", NULL},
        {"pcap", 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &o.ports,
         "capture the frames of ports (tor1/3 node2/1) in\n"
         "capture.pcapng; tor1 stands for all its ports",
         "PORT..."},
        {"counters", 0, 0, G_OPTION_ARG_NONE, &o.counters,
         "print the counters an operator would look at;\n"
         "csv: write them over time to counters.csv too",
         "[csv]"},
        {"counters-interval", 0, 0, G_OPTION_ARG_FILENAME, &o.interval,
         "of counters.csv (default: 20 readings or more)", "TIME"},
        {"fingerprint", 0, 0, G_OPTION_ARG_FILENAME, &o.ingredients,
         "what enters the fingerprint: t time, e entity,\np packet (default: tep)", "LETTERS"},
        G_OPTION_ENTRY_NULL,
    };
    const SimOptions options = {
        .verb = "run",
        .summary = "run scenarios: print the forecast, write the result",
        .words = "FILE...",
        .words_min = 1,
        .words_max = -1,
        .entries = entries,
        .notes = "Writes result.json, run.json, metrics.csv, effective.yaml and pictures.\n"
                 "Ctrl-C ends a run early; what was simulated is written and marked incomplete.\n"
                 "\n"
                 "Examples:\n"
                 "  rackcast run scenarios/quickstart/four-node-rocev2.yaml\n"
                 "  rackcast run --set duration=2s --set hosts[0].count=8 rack.yaml\n"
                 "  rackcast run --set duration=5ms --pcap tor1/3 node2/1 rack.yaml\n",
    };
    char **counted = take_counters_csv(&argc, argv, &o);
    char **words = sim_capture_words(&argc, counted);
    int code = sim_options_parse(&options, argc, words, &files);
    g_free(words);
    g_free(counted);
    if (code == -1) {
        code = run_files(files, &o);
        g_strfreev(files);
    }
    g_strfreev(o.sets);
    g_strfreev(o.ports);
    g_free(o.out);
    g_free(o.seed);
    g_free(o.ingredients);
    g_free(o.interval);
    return code;
}
