#include "sim/app/artefacts.h"

#include <errno.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <jansson.h>
#include <unistd.h>

#include "sim/report/csv.h"
#include "sim/report/gnuplot.h"
#include "sim/report/json.h"
#include "sim/report/write.h"

static bool complain(const char *folder) {
    fprintf(stderr, "rackcast: cannot write to %s: %s\n", folder, g_strerror(errno));
    return false;
}

bool sim_artefacts_prepare(const char *folder) {
    if (g_mkdir_with_parents(folder, 0777) != 0) return complain(folder);
    char *probe = g_build_filename(folder, ".probe-XXXXXX", NULL);
    int fd = g_mkstemp(probe);
    bool ok = fd >= 0;
    if (ok) {
        close(fd);
        g_unlink(probe);
    } else {
        complain(folder);
    }
    g_free(probe);
    return ok;
}

/* ---- the content of each file ---- */

typedef struct Content {
    const SimResult *result;
    const SimSessionFacts *facts;
} Content;

static bool fill_result(FILE *out, void *data) {
    const Content *content = data;
    return sim_json_write(content->result, out);
}

static bool fill_csv(FILE *out, void *data) {
    const Content *content = data;
    return sim_csv_write(content->result, out);
}

static bool fill_effective(FILE *out, void *data) {
    const Content *content = data;
    return fputs(content->result->effective, out) >= 0;
}

#ifdef __clang__
#define COMPILER __VERSION__
#else
#define COMPILER "gcc " __VERSION__
#endif

static bool fill_run(FILE *out, void *data) {
    const Content *content = data;
    const SimSessionFacts *f = content->facts;
    GDateTime *began = g_date_time_new_from_unix_utc(f->started_s);
    char *when = g_date_time_format_iso8601(began);
    double wall = (double)f->wall_us / 1e6, running = (double)f->run_us / 1e6;
    json_t *facts = json_pack(
        "{s:s, s:s, s:s, s:s, s:f, s:f, s:I, s:f, s:f, s:I, s:b}", "scenario",
        content->result->scenario, "version", content->result->version, "compiler", COMPILER,
        "started", when, "wall_seconds", wall, "run_seconds", running, "events",
        (json_int_t)f->events, "events_per_second", running > 0 ? (double)f->events / running : 0.0,
        "simulated_seconds", (double)content->result->stopped_at / SIM_S, "peak_memory_bytes",
        (json_int_t)f->peak_bytes, "interrupted", f->interrupted);
    bool ok = facts && json_dumpf(facts, out, JSON_INDENT(2) | JSON_REAL_PRECISION(6)) == 0;
    json_decref(facts);
    g_free(when);
    g_date_time_unref(began);
    return ok && fputc('\n', out) != EOF;
}

static bool write_file(const char *folder, const char *name, bool (*fill)(FILE *, void *),
                       Content *content) {
    char *path = g_build_filename(folder, name, NULL);
    GError *error = NULL;
    bool ok = sim_write_atomically(path, fill, content, &error);
    if (!ok) {
        fprintf(stderr, "rackcast: %s\n", error->message);
        g_error_free(error);
    }
    g_free(path);
    return ok;
}

static bool write_plots(const char *folder, const SimResult *result) {
    char *warning = NULL;
    GError *error = NULL;
    bool ok = sim_gnuplot_write(result, folder, "gnuplot", &warning, &error);
    if (!ok) {
        fprintf(stderr, "rackcast: %s\n", error->message);
        g_error_free(error);
    }
    if (warning) fprintf(stderr, "rackcast: %s\n", warning);
    g_free(warning);
    return ok;
}

bool sim_artefacts_write(const char *folder, const SimResult *result, const SimSessionFacts *facts,
                         bool plots) {
    Content content = {result, facts};
    bool ok = write_file(folder, "result.json", fill_result, &content);
    ok &= write_file(folder, "metrics.csv", fill_csv, &content);
    ok &= write_file(folder, SIM_RESULT_EFFECTIVE, fill_effective, &content);
    ok &= write_file(folder, "run.json", fill_run, &content);
    if (plots) ok &= write_plots(folder, result);
    return ok;
}
