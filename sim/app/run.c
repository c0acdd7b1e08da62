/* run.c: rackcast run. Everything that can go wrong before a run is looked for before the first
 * run: all scenarios are loaded, all folders made. */
#include <glib.h>
#include <string.h>

#include "sim/app/artefacts.h"
#include "sim/app/options.h"
#include "sim/app/session.h"
#include "sim/app/verbs.h"
#include "sim/report/expect.h"
#include "sim/report/json.h"
#include "sim/report/text.h"

typedef struct RunOptions {
    char *out, *seed, *ingredients;
    char **sets;
    gboolean no_plots, no_files, json;
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

static int run_task(const Task *task, const RunOptions *o, char **sets) {
    char *replay = replay_command(task, sets);
    SimSessionOptions options = {.ingredients = o->ingredients,
                                 .series = true,
                                 .progress = true,
                                 .interruptible = true,
                                 .replay = replay};
    SimSessionFacts facts;
    SimResult *result = sim_session_run(task->scenario, &options, &facts);
    uint32_t failed = print_result(result, task->scenario, o->json);
    int code = failed ? SIM_EXIT_FAILED : SIM_EXIT_OK;
    fflush(stdout);
    if (task->folder) {
        if (!sim_artefacts_write(task->folder, result, &facts, !o->no_plots))
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

static int run_files(char **files, const RunOptions *o) {
    int code = check_ingredients(o->ingredients);
    if (code) return code;
    guint n = g_strv_length(files);
    Task *tasks = g_new0(Task, n);
    char **sets = sim_session_sets(o->sets, o->seed);
    code = load_all(tasks, files, n, sets);
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
                 "  rackcast run --set duration=2s --set hosts[0].count=8 rack.yaml\n",
    };
    int code = sim_options_parse(&options, argc, argv, &files);
    if (code == -1) {
        code = run_files(files, &o);
        g_strfreev(files);
    }
    g_strfreev(o.sets);
    g_free(o.out);
    g_free(o.seed);
    g_free(o.ingredients);
    return code;
}
