#include "sim/app/capture.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>

#include "sim/app/session.h"
#include "sim/core/run.h"
#include "sim/report/pcapng.h"
#include "sim/report/write.h"
#include "sim/scenario/suggest.h"

#define OPTION "--pcap"

/* A name that was asked for and what has been seen of it. */
typedef struct Wanted {
    const char *name;
    size_t node;       /* letters before the slash, all where there is none */
    bool whole;        /* a switch or host, with all its ports */
    bool seen, cabled; /* a port of that name; with a cable */
    char *last;        /* port of the same node offered last */
    char *best;        /* nearest name of any port or node */
    SimGuess guess;
} Wanted;

struct SimCapture {
    SimTrace trace;
    char **names;
    Wanted *wanted;
    guint n;
    SimPcapng *out; /* NULL: only hears what ports there are */
    SimWriting *file;
};

/* ---- words ---- */

/* "tor1/3", "tor1" or "tor1/3,node2/1": names and nothing else, and there is no such file. */
static bool are_ports(const char *word) {
    static const char node[] = "abcdefghijklmnopqrstuvwxyz0123456789-";
    for (const char *at = word;; at++) {
        size_t letters = strspn(at, node);
        if (letters == 0 || !g_ascii_islower(*at)) return false;
        at += letters;
        if (*at == '/') {
            size_t digits = strspn(at + 1, "0123456789");
            if (digits == 0) return false;
            at += 1 + digits;
        }
        if (!*at) return !g_file_test(word, G_FILE_TEST_EXISTS);
        if (*at != ',') return false;
    }
}

char **sim_capture_words(int *argc, char **argv) {
    char **words = g_new0(char *, 2 * (size_t)*argc + 1);
    int n = 0;
    for (int i = 0; i < *argc; i++) {
        words[n++] = argv[i];
        if (strcmp(argv[i], "--") == 0) {
            while (++i < *argc)
                words[n++] = argv[i];
            break;
        }
        if (strcmp(argv[i], OPTION) != 0 || i + 1 == *argc) continue;
        words[n++] = argv[++i];
        while (i + 1 < *argc && are_ports(argv[i + 1])) {
            words[n++] = (char *)OPTION;
            words[n++] = argv[++i];
        }
    }
    *argc = n;
    return words;
}

/* ---- ports ---- */

static void consider(Wanted *w, const char *candidate) {
    const char *before = w->guess.best;
    sim_guess_offer(&w->guess, candidate);
    if (w->guess.best == before) return;
    g_free(w->best); /* names of ports live no longer than the run */
    w->guess.best = w->best = g_strdup(candidate);
}

static bool wanted_hear(Wanted *w, const char *name, const char *node, int64_t bps) {
    size_t letters = strlen(node);
    bool same_node = letters == w->node && strncmp(node, w->name, letters) == 0;
    consider(w, w->whole ? node : name);
    if (same_node) {
        g_free(w->last);
        w->last = g_strdup(name);
    }
    if (w->whole ? !same_node : strcmp(w->name, name) != 0) return false;
    w->seen = true;
    if (bps) w->cabled = true;
    return bps != 0;
}

static int32_t capture_port(void *sink, const char *name, int64_t bps) {
    SimCapture *c = sink;
    char *node = g_strndup(name, strcspn(name, "/"));
    bool wanted = false;
    for (guint i = 0; i < c->n; i++)
        wanted |= wanted_hear(&c->wanted[i], name, node, bps);
    g_free(node);
    return wanted && c->out ? (int32_t)sim_pcapng_interface(c->out, name, bps) : -1;
}

static void capture_frame(void *sink, uint32_t interface, SimTime at, bool outbound,
                          const uint8_t *bytes, uint32_t size, const char *comment) {
    SimCapture *c = sink;
    sim_pcapng_frame(c->out, interface, at, outbound, bytes, size, comment);
}

static void capture_settled(void *sink, SimTime before) {
    SimCapture *c = sink;
    sim_pcapng_settle(c->out, before);
}

static SimCapture *capture_new(char **ports) {
    SimCapture *c = g_new0(SimCapture, 1);
    c->trace = (SimTrace){c, capture_port, capture_frame, capture_settled};
    char *all = g_strjoinv(",", ports);
    c->names = g_strsplit(all, ",", -1);
    g_free(all);
    c->n = g_strv_length(c->names);
    c->wanted = g_new0(Wanted, c->n);
    for (guint i = 0; i < c->n; i++) {
        Wanted *w = &c->wanted[i];
        w->name = g_strstrip(c->names[i]);
        w->node = strcspn(w->name, "/");
        w->whole = w->name[w->node] == 0;
        sim_guess_init(&w->guess, w->name, NULL);
    }
    return c;
}

static void capture_free(SimCapture *c) {
    for (guint i = 0; i < c->n; i++) {
        g_free(c->wanted[i].last);
        g_free(c->wanted[i].best);
    }
    g_strfreev(c->names);
    g_free(c->wanted);
    g_free(c);
}

/* ---- before a run ---- */

static bool wanted_complain(const Wanted *w, const char *scenario) {
    if (w->cabled) return true;
    fprintf(stderr, "rackcast run: --pcap: ");
    if (!*w->name)
        fputs("the name of a port is empty\n", stderr);
    else if (w->seen)
        fprintf(stderr, "%s of %s has no cable\n", w->name, scenario);
    else if (w->last)
        fprintf(stderr, "%s has no port %s; the last of %.*s is %s\n", scenario, w->name,
                (int)w->node, w->name, w->last);
    else if (w->best)
        fprintf(stderr, "%s has no port %s; did you mean %s?\n", scenario, w->name, w->best);
    else
        fprintf(stderr, "%s has no port %s; ports are named like tor1/3 and node2/1\n", scenario,
                w->name);
    return false;
}

bool sim_capture_check(char **ports, const SimScenario *scenario) {
    SimCapture *c = capture_new(ports);
    SimSessionOptions options = {.trace = &c->trace};
    sim_run_free(sim_session_begin(scenario, &options));
    bool ok = true;
    for (guint i = 0; i < c->n; i++)
        ok &= wanted_complain(&c->wanted[i], scenario->name);
    capture_free(c);
    return ok;
}

/* ---- the file ---- */

static void complain(GError *error) {
    fprintf(stderr, "rackcast: %s\n", error->message);
    g_error_free(error);
}

SimCapture *sim_capture_open(char **ports, const char *folder) {
    char *path = g_build_filename(folder, "capture.pcapng", NULL);
    GError *error = NULL;
    SimWriting *file = sim_write_begin(path, &error);
    g_free(path);
    if (!file) {
        complain(error);
        return NULL;
    }
    SimCapture *c = capture_new(ports);
    c->file = file;
    c->out = sim_pcapng_new(sim_write_stream(file), "rackcast " RACKCAST_VERSION);
    return c;
}

const SimTrace *sim_capture_trace(const SimCapture *capture) {
    return &capture->trace;
}

bool sim_capture_close(SimCapture *c) {
    GError *error = NULL;
    bool good = sim_pcapng_free(c->out);
    good = sim_write_end(c->file, good, &error);
    if (!good) complain(error);
    capture_free(c);
    return good;
}
