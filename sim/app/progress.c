#include "sim/app/progress.h"

#include <glib.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { PRINT_EVERY_US = 200000, COLUMNS = 79 };

void sim_progress_begin(SimProgress *p, const char *name, SimTime duration, bool wanted) {
    const char *term = g_getenv("TERM");
    bool dumb = !term || strcmp(term, "dumb") == 0;
    *p = (SimProgress){.shown = wanted && !dumb && isatty(STDERR_FILENO),
                       .name = name,
                       .duration = duration,
                       .began = g_get_monotonic_time()};
    p->printed = p->began;
}

/* Three or four digits and a unit, whatever the size of the time. */
static void print_time(char *text, size_t size, double seconds) {
    if (seconds < 1e-3)
        g_snprintf(text, size, "%.1f us", seconds * 1e6);
    else if (seconds < 1)
        g_snprintf(text, size, "%.1f ms", seconds * 1e3);
    else if (seconds < 120)
        g_snprintf(text, size, "%.2f s", seconds);
    else if (seconds < 48 * 3600)
        g_snprintf(text, size, "%.1f h", seconds / 3600);
    else
        g_snprintf(text, size, "%.1f d", seconds / 86400);
}

void sim_progress_step(SimProgress *p, SimTime now, uint64_t events) {
    if (!p->shown) return;
    int64_t wall = g_get_monotonic_time();
    if (wall - p->printed < PRINT_EVERY_US) return;
    p->printed = wall;
    double spent = (double)(wall - p->began) / 1e6;
    double done = (double)now / (double)p->duration;
    char at[32], end[32], line[COLUMNS + 1];
    print_time(at, sizeof at, (double)now / SIM_S);
    print_time(end, sizeof end, (double)p->duration / SIM_S);
    int n = g_snprintf(line, sizeof line, "%.30s  %s of %s  %.0f %%  %.1f M events/s", p->name, at,
                       end, done * 100, (double)events / spent / 1e6);
    if (done > 0.01 && n < COLUMNS)
        g_snprintf(line + n, sizeof line - (size_t)n, "  %.0f s left", spent / done - spent);
    int width = (int)strlen(line);
    fprintf(stderr, "\r%s%*s", line, MAX(0, p->width - width), "");
    fflush(stderr);
    p->width = width;
}

void sim_progress_end(SimProgress *p) {
    if (p->shown && p->width) {
        fprintf(stderr, "\r%*s\r", p->width, "");
        fflush(stderr);
    }
    p->width = 0;
}
