/* gnuplot.c: see gnuplot.h. Every figure in the data is printed by integer division. */
#include "sim/report/gnuplot.h"

#include <glib/gstdio.h>
#include <inttypes.h>
#include <string.h>

#include "sim/report/busiest.h"
#include "sim/report/human.h"
#include "sim/report/page.h"
#include "sim/report/write.h"

enum {
    MOST_CURVES = 12, /* of the latency picture */
    MOST_LINES = 8,   /* of the throughput picture */
    MOST_BARS = 20,   /* of the utilization picture */
    MOST_A_KIND = 8,
    NAME_WIDTH = 34,
};

static const char *const palette[] = {"#0072B2", "#D55E00", "#009E73", "#CC79A7",
                                      "#E69F00", "#56B4E9", "#000000", "#999933"};
static const char *const blocked_colour = "#E69F00", *const use_colour = "#0072B2",
                         *const full_colour = "#D55E00";

typedef struct Picture {
    const SimResult *r;
    const char *folder;
    GError **error;
} Picture;

static void put_value(FILE *out, SimValue v, int decimals) {
    char text[SIM_VALUE_TEXT];
    sim_value_print(v, decimals, text, sizeof text);
    fputs(v.den == 0 ? "NaN" : text, out);
}

/* A name as a gnuplot string: shortened, in single quotes, which gnuplot takes literally. */
static void put_name(FILE *out, const char *text, int width) {
    char *fitted = sim_page_fit(&(SimPage){NULL, false, true}, text, width);
    fputc('\'', out);
    for (const char *c = fitted; *c != 0; c++) {
        if (*c == '\'') fputc('\'', out);
        fputc(*c, out);
    }
    fputc('\'', out);
    g_free(fitted);
}

/* Terminal, fonts, grid and frame, the same for all three. */
static void put_style(FILE *out, const char *name, int width, int height) {
    fprintf(out, "# gnuplot %s.gp draws %s.svg from %s.dat\n", name, name, name);
    fprintf(out,
            "set terminal svg size %d,%d dynamic noenhanced font 'Helvetica,15' linewidth 1.5 "
            "background '#ffffff'\n",
            width, height);
    fprintf(out, "set output '%s.svg'\n", name);
    fputs("set encoding utf8\n"
          "set border 3 linecolor '#606060' linewidth 0.8\n"
          "set tics nomirror out scale 0.6 textcolor '#303030'\n"
          "set grid back linecolor '#d8d8d8' linewidth 0.6 dashtype solid\n"
          "set xlabel textcolor '#303030'\n"
          "set ylabel textcolor '#303030'\n",
          out);
}

static void put_title(FILE *out, const SimResult *r, const char *what) {
    char *title = g_strdup_printf("%s: %s", r->scenario, what);
    fputs("set title ", out);
    put_name(out, title, 70);
    fputs(" font 'Helvetica,18' textcolor '#101010' offset 0,0.3\n", out);
    g_free(title);
}

/* ---- latency ---- */

typedef struct Curve {
    uint32_t distribution, window;
} Curve;

/* With faults the windows of interest are healthy, the faults and recovered; without, all. */
static bool is_curve(const SimResult *r, const SimDistribution *d, uint32_t w) {
    if (d->window[w] == NULL || d->window[w]->count == 0 || strcmp(d->metric, "all") == 0)
        return false;
    return r->n_windows <= 2 ? w == 0 : w > 0;
}

static GArray *curves_of(const SimResult *r) {
    GArray *curves = g_array_new(FALSE, FALSE, sizeof(Curve));
    for (uint32_t d = 0; d < r->distributions.n; d++)
        for (uint32_t w = 0; w < r->n_windows; w++)
            if (is_curve(r, &r->distributions.items[d], w) && curves->len < MOST_CURVES)
                g_array_append_val(curves, ((Curve){d, w}));
    return curves;
}

static const SimHistogram *histogram_of(const SimResult *r, Curve c) {
    return r->distributions.items[c.distribution].window[c.window];
}

static bool fill_latency_data(FILE *out, void *data) {
    const SimResult *r = ((Picture *)data)->r;
    GArray *curves = curves_of(r);
    fputs("# time in us, share of I/Os done within it in %; a block for each curve\n", out);
    for (guint i = 0; i < curves->len; i++) {
        Curve c = g_array_index(curves, Curve, i);
        const SimHistogram *h = histogram_of(r, c);
        fprintf(out, "\n\n# %s %s, %s\n", r->distributions.items[c.distribution].entity,
                r->distributions.items[c.distribution].metric, r->windows[c.window].name);
        put_value(out, (SimValue){h->min > 0 ? h->min : 1, SIM_US}, 5);
        fputs(" 0\n", out);
        uint64_t seen = 0;
        for (uint32_t b = sim_histogram_index(h->min); b <= sim_histogram_index(h->max); b++) {
            if (h->bucket[b] == 0) continue;
            seen += h->bucket[b];
            int64_t high = sim_histogram_high(b);
            high = high > h->max ? h->max : high;
            put_value(out, (SimValue){high > 0 ? high : 1, SIM_US}, 5);
            fputc(' ', out);
            put_value(out, (SimValue){(__int128)seen * 100, (int64_t)h->count}, 5);
            fputc('\n', out);
        }
    }
    g_array_free(curves, TRUE);
    return !ferror(out);
}

static void put_curve(FILE *out, const SimResult *r, const Curve *c, guint index,
                      const char *colour) {
    const SimDistribution *d = &r->distributions.items[c->distribution];
    uint32_t dash = c->window > 0 ? (c->window - 1) % 5 + 1 : 1;
    char *title = r->n_windows <= 2 ? g_strdup_printf("%s %s", d->entity, d->metric)
                                    : g_strdup_printf("%s %s, %s", d->entity, d->metric,
                                                      r->windows[c->window].name);
    fprintf(out,
            "%s 'latency-cdf.dat' index %u using 1:(y($2)) with steps linewidth 2 "
            "linecolor '%s' dashtype %u title ",
            index == 0 ? "plot" : ", \\\n    ", index, colour, dash);
    put_name(out, title, NAME_WIDTH);
    g_free(title);
}

/* 1, 2, 5 x 10^k ticks: the mark at or below `t` (> 0), and the next one. */
static int64_t mark_below(int64_t t, int64_t *lead) {
    int64_t mark = 1;
    *lead = 1;
    while (t / mark >= 10)
        mark *= 10;
    if (t / mark >= 5)
        *lead = 5;
    else if (t / mark >= 2)
        *lead = 2;
    return mark * *lead;
}

static int64_t mark_after(int64_t mark, int64_t *lead) {
    int64_t next = *lead == 2 ? mark / 2 * 5 : mark * 2;
    *lead = *lead == 1 ? 2 : *lead == 2 ? 5 : 1;
    return next;
}

/* The time axis from the mark below the least to the one above the greatest latency; every mark
 * is named where they are few, else the powers of ten. */
static void put_latency_axis(FILE *out, const SimResult *r, const GArray *curves) {
    int64_t least = INT64_MAX, most = 1, lead;
    for (guint i = 0; i < curves->len; i++) {
        const SimHistogram *h = histogram_of(r, g_array_index(curves, Curve, i));
        least = MIN(least, MAX(h->min, 1));
        most = MAX(most, h->max);
    }
    most = MIN(most, INT64_MAX / 100); /* leaves room for the mark above */
    int64_t first = mark_below(least, &lead), mark = first;
    bool all = most / least < 100;
    fputs("set xtics (", out);
    for (;; mark = mark_after(mark, &lead)) {
        char label[SIM_HUMAN_TEXT];
        char *end = strchr(sim_human_time(mark, label), '.');
        if (end != NULL) memmove(end, strchr(end, ' '), strlen(strchr(end, ' ')) + 1);
        fprintf(out, "%s'%s' ", mark == first ? "" : ", ", all || lead == 1 ? label : "");
        put_value(out, (SimValue){mark, SIM_US}, 5);
        if (lead != 1 && !all) fputs(" 1", out); /* a minor tic */
        if (mark > most) break;
    }
    fputs(")\nset xrange [", out);
    put_value(out, (SimValue){first, SIM_US}, 5);
    fputs(":", out);
    put_value(out, (SimValue){mark, SIM_US}, 5);
    fputs("]\n", out);
}

/* The scale of a normal distribution, so that the body and the tail can both be seen. */
static void put_share_axis(FILE *out, const SimResult *r, const GArray *curves) {
    static const char *const shares[] = {"1",  "5",  "10", "25",   "50",    "75",
                                         "90", "95", "99", "99.9", "99.99", "99.999"};
    uint64_t most = 0;
    for (guint i = 0; i < curves->len; i++)
        most = MAX(most, histogram_of(r, g_array_index(curves, Curve, i))->count);
    size_t n = most >= 1000000 ? 12 : most >= 10000 ? 11 : 10;
    fprintf(out, "top = invnorm(%s/100.0)\nset yrange [invnorm(0.01):top]\nset ytics (",
            shares[n - 1]);
    for (size_t i = 0; i < n; i++)
        fprintf(out, "%s'%s %%%%' invnorm(%s/100.0)", i == 0 ? "" : ", ", shares[i], shares[i]);
    fputs(")\ny(share) = share >= 100 ? top : invnorm((share > 1 ? share : 1)/100.0)\n", out);
}

/* Colours go by distribution; `curve` is one of the list. */
static const char *colour_of(const GArray *curves, guint curve) {
    uint32_t colour = 0;
    for (guint i = 1; i <= curve; i++)
        colour += g_array_index(curves, Curve, i).distribution !=
                  g_array_index(curves, Curve, i - 1).distribution;
    return palette[colour % G_N_ELEMENTS(palette)];
}

static bool fill_latency_script(FILE *out, void *data) {
    const SimResult *r = ((Picture *)data)->r;
    GArray *curves = curves_of(r);
    put_style(out, "latency-cdf", 1000, 560);
    put_title(out, r, "latency of an I/O");
    fputs("set key outside right top Left reverse samplen 2.5 spacing 1.2 textcolor '#303030'\n"
          "set logscale x\n"
          "set xlabel 'latency (logarithmic)'\n"
          "set ylabel 'I/Os done within it (normal scale)'\n"
          "set grid xtics ytics back linecolor '#d8d8d8' linewidth 0.6\n"
          "set label 1 'dots: 99th percentile' at graph 0.985,0.04 right textcolor '#707070' "
          "font 'Helvetica,13'\n",
          out);
    put_latency_axis(out, r, curves);
    put_share_axis(out, r, curves);
    for (guint i = 0; i < curves->len; i++)
        put_curve(out, r, &g_array_index(curves, Curve, i), i, colour_of(curves, i));
    for (guint i = 0; i < curves->len; i++) {
        int64_t p99 =
            sim_histogram_percentile(histogram_of(r, g_array_index(curves, Curve, i)), 990000);
        fputs(", \\\n     '+' using (", out);
        put_value(out, (SimValue){p99 > 0 ? p99 : 1, SIM_US}, 5);
        fprintf(out,
                "):(y(99)) every ::0::0 with points pointtype 7 pointsize 0.6 linecolor '%s' "
                "notitle",
                colour_of(curves, i));
    }
    fputc('\n', out);
    g_array_free(curves, TRUE);
    return !ferror(out);
}

/* ---- throughput ---- */

static bool is_line(const SimSeriesRow *row) {
    return strcmp(row->metric, "throughput") == 0 && row->series.n > 0;
}

/* Value of a bucket in the row's unit; a rate counts over the width in seconds. */
static SimValue bucket_value(const SimSeriesRow *row, uint32_t i) {
    __int128 amount = (__int128)row->series.value[i] * row->scale;
    if (!row->per_second) return (SimValue){amount, 1};
    return (SimValue){amount * SIM_S, row->series.width};
}

static uint32_t lines_of(const SimResult *r, const SimSeriesRow **lines) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->series.n && n < MOST_LINES; i++)
        if (is_line(&r->series.items[i])) lines[n++] = &r->series.items[i];
    return n;
}

/* Time axis in the unit that gives readable numbers. */
static SimTime time_unit(const SimResult *r, const char **name) {
    static const struct {
        SimTime least, unit;
        const char *name;
    } units[] = {{2 * SIM_DAY, SIM_DAY, "days"},       {2 * SIM_H, SIM_H, "hours"},
                 {5 * SIM_MIN, SIM_MIN, "minutes"},    {5 * SIM_S, SIM_S, "seconds"},
                 {5 * SIM_MS, SIM_MS, "milliseconds"}, {0, SIM_US, "microseconds"}};
    size_t i = 0;
    while (r->duration < units[i].least)
        i++;
    *name = units[i].name;
    return units[i].unit;
}

static bool fill_throughput_data(FILE *out, void *data) {
    const SimResult *r = ((Picture *)data)->r;
    const SimSeriesRow *lines[MOST_LINES];
    uint32_t n = lines_of(r, lines);
    const char *unit;
    SimTime tick = time_unit(r, &unit);
    fprintf(out, "# middle of the interval in %s, Gb/s; a block for each workload\n", unit);
    for (uint32_t k = 0; k < n; k++) {
        const SimSeries *s = &lines[k]->series;
        fprintf(out, "\n\n# %s\n", lines[k]->entity);
        for (uint32_t i = 0; i < s->n; i++) {
            SimTime middle = s->start + (SimTime)i * s->width + s->width / 2;
            if (middle > r->stopped_at) break;
            put_value(out, (SimValue){middle, tick}, 6);
            fputc(' ', out);
            SimValue v = bucket_value(lines[k], i);
            __int128 bps;
            if (!sim_value_scale(v, 0, &bps)) bps = 0;
            put_value(out, (SimValue){bps, 1000000000}, 6);
            fputc('\n', out);
        }
    }
    return !ferror(out);
}

static void put_band(FILE *out, int id, SimTime from, SimTime to, SimTime tick,
                     const char *colour) {
    fprintf(out, "set object %d rectangle from ", id);
    put_value(out, (SimValue){from, tick}, 6);
    fputs(",graph 0 to ", out);
    put_value(out, (SimValue){to, tick}, 6);
    fprintf(out, ",graph 1 behind fillcolor '%s' fillstyle solid noborder\n", colour);
}

/* Several faults close together must not write over each other: three heights in turn. */
static void put_mark(FILE *out, int id, const char *text, SimTime at, SimTime tick, int line,
                     const char *colour) {
    fprintf(out, "set label %d ", id);
    put_name(out, text, 28);
    fputs(" at ", out);
    put_value(out, (SimValue){at, tick}, 6);
    fprintf(out, ",graph 0.97 offset 0.4,%d textcolor '%s' font 'Helvetica,13'\n", -line, colour);
}

static void put_faults(FILE *out, const SimResult *r, SimTime tick) {
    int id = 1;
    SimTime end = r->duration;
    if (r->warmup > 0) {
        put_band(out, id, 0, r->warmup, tick, "#eeeeee");
        put_mark(out, id, "warm-up", 0, tick, 0, "#707070");
    }
    for (uint32_t i = 0; i < r->faults.n; i++) {
        const SimFaultRow *f = &r->faults.items[i];
        id++;
        put_band(out, id, f->at, f->until < end ? f->until : end, tick, "#fbe3d6");
        put_mark(out, id, f->name, f->at, tick, (int)(i % 3), "#8a3b00");
        fprintf(out, "set arrow %d from ", id);
        put_value(out, (SimValue){f->at, tick}, 6);
        fputs(",graph 0 to ", out);
        put_value(out, (SimValue){f->at, tick}, 6);
        fputs(",graph 1 nohead linecolor '#D55E00' linewidth 1 dashtype 2\n", out);
    }
}

/* In bit/s, at least 1. */
static __int128 highest(const SimSeriesRow *const *lines, uint32_t n) {
    __int128 most = 1, bps;
    for (uint32_t k = 0; k < n; k++)
        for (uint32_t i = 0; i < lines[k]->series.n; i++)
            if (sim_value_scale(bucket_value(lines[k], i), 0, &bps)) most = MAX(most, bps);
    return most;
}

static bool fill_throughput_script(FILE *out, void *data) {
    const SimResult *r = ((Picture *)data)->r;
    const SimSeriesRow *lines[MOST_LINES];
    uint32_t n = lines_of(r, lines);
    const char *unit;
    SimTime tick = time_unit(r, &unit);
    put_style(out, "throughput", 1000, 480);
    put_title(out, r, "throughput over time");
    fputs("set key outside right top Left reverse samplen 2 spacing 1.2 textcolor '#303030'\n"
          "set ylabel 'throughput (Gb/s)'\n"
          "set yrange [0:",
          out);
    put_value(out, (SimValue){highest(lines, n) * 118, INT64_C(100000000000)}, 6);
    fputs("]\n", out);
    fprintf(out, "set xlabel 'simulated time (%s)'\nset xrange [0:", unit);
    put_value(out, (SimValue){r->duration, tick}, 6);
    fputs("]\n", out);
    put_faults(out, r, tick);
    for (uint32_t k = 0; k < n; k++) {
        fprintf(out,
                "%s 'throughput.dat' index %u using 1:2 with lines linewidth 2 "
                "linecolor '%s' title ",
                k == 0 ? "plot" : ", \\\n    ", k, palette[k % G_N_ELEMENTS(palette)]);
        put_name(out, lines[k]->entity, NAME_WIDTH);
    }
    fputc('\n', out);
    return !ferror(out);
}

/* ---- utilization ---- */

static SimValue busy_of(const SimResourceRow *row) {
    return row->utilization[0].den != 0 ? row->utilization[0] : (SimValue){0, 1};
}

static bool is_full(const SimResourceRow *row) {
    return sim_value_compare(busy_of(row), (SimValue){95, 100}) >= 0;
}

static GPtrArray *bars_of(const SimResult *r) {
    return sim_busiest(r, MOST_BARS, MOST_A_KIND);
}

static bool fill_utilization_data(FILE *out, void *data) {
    const SimResult *r = ((Picture *)data)->r;
    GPtrArray *bars = bars_of(r);
    fputs("# place from the top, in use in %, held up by another in %, 1 where at least 95 % busy, "
          "name\n",
          out);
    for (guint i = 0; i < bars->len; i++) {
        const SimResourceRow *row = bars->pdata[i];
        SimValue use = busy_of(row), held = row->blocked[0];
        if (held.den == 0) held = (SimValue){0, 1};
        fprintf(out, "%u ", i + 1);
        put_value(out, (SimValue){use.num * 100, use.den}, 4);
        fputc(' ', out);
        put_value(out, (SimValue){held.num * 100, held.den}, 4);
        fprintf(out, " %d # ", is_full(row));
        put_name(out, row->name, 60);
        fputc('\n', out);
    }
    g_ptr_array_free(bars, TRUE);
    return !ferror(out);
}

static bool fill_utilization_script(FILE *out, void *data) {
    const SimResult *r = ((Picture *)data)->r;
    GPtrArray *bars = bars_of(r);
    bool held = false, full = false;
    for (guint i = 0; i < bars->len; i++) {
        const SimResourceRow *row = bars->pdata[i];
        held = held || (row->blocked[0].den != 0 && row->blocked[0].num > 0);
        full = full || is_full(row);
    }
    put_style(out, "utilization", 1000, 170 + 30 * (int)(bars->len < 3 ? 3 : bars->len));
    put_title(out, r, "the busiest resources");
    fputs(held || full ? "set bmargin 5.5\nset key at screen 0.5,0.02 bottom center horizontal "
                         "Left reverse samplen 1 width 2 "
                         "textcolor '#303030'\n"
                       : "unset key\n",
          out);
    fputs("set xlabel 'share of time in use'\n"
          "set xrange [0:110]\n"
          "set xtics 0,20,100 format '%g %%'\n"
          "set grid xtics noytics back linecolor '#d8d8d8' linewidth 0.6\n"
          "set border 1\n"
          "set style fill solid 1 noborder\n",
          out);
    fprintf(out, "set yrange [%u.5:0.4]\nset ytics scale 0 (", bars->len);
    for (guint i = 0; i < bars->len; i++) {
        if (i > 0) fputs(", ", out);
        put_name(out, ((SimResourceRow *)bars->pdata[i])->name, NAME_WIDTH);
        fprintf(out, " %u", i + 1);
    }
    fputs(")\nset arrow 1 from 95,graph 0 to 95,graph 1 nohead linecolor '#707070' linewidth 0.8 "
          "dashtype 2\n",
          out);
    fprintf(out,
            "plot 'utilization.dat' using 2:1:(0):2:($1-0.36):($1+0.36) with boxxyerror "
            "linecolor '%s' title 'in use', \\\n",
            use_colour);
    if (full)
        fprintf(out,
                "     '' using ($4 == 1 ? $2 : NaN):1:(0):2:($1-0.36):($1+0.36) with boxxyerror "
                "linecolor '%s' title 'in use, 95 %% or more', \\\n",
                full_colour);
    if (held)
        fprintf(out,
                "     '' using ($2+$3):1:2:($2+$3 > 100 ? 100 : $2+$3):($1-0.36):($1+0.36) with "
                "boxxyerror linecolor '%s' title 'held up by another', \\\n",
                blocked_colour);
    fputs("     '' using ($2+$3 > 100 ? 100 : $2+$3):1:(sprintf('%.1f %%', $2)) with labels left "
          "offset 0.5,0 textcolor '#303030' font 'Helvetica,13' notitle\n",
          out);
    g_ptr_array_free(bars, TRUE);
    return !ferror(out);
}

/* ---- files and drawing ---- */

typedef struct Kind {
    const char *name;
    bool (*data)(FILE *, void *);
    bool (*script)(FILE *, void *);
} Kind;

static const Kind kinds[] = {{"latency-cdf", fill_latency_data, fill_latency_script},
                             {"throughput", fill_throughput_data, fill_throughput_script},
                             {"utilization", fill_utilization_data, fill_utilization_script}};

static bool has_content(const SimResult *r, size_t kind) {
    if (kind == 2) return r->resources.n > 0;
    if (kind == 1) {
        const SimSeriesRow *lines[MOST_LINES];
        return r->duration > 0 && lines_of(r, lines) > 0;
    }
    GArray *curves = curves_of(r);
    bool any = curves->len > 0;
    g_array_free(curves, TRUE);
    return any;
}

static char *file_of(const char *folder, const char *name, const char *ending) {
    char *file = g_strconcat(name, ending, NULL);
    char *path = g_build_filename(folder, file, NULL);
    g_free(file);
    return path;
}

static void remove_file(const char *folder, const char *name, const char *ending) {
    char *path = file_of(folder, name, ending);
    (void)g_unlink(path);
    g_free(path);
}

static bool write_kind(Picture *p, const Kind *kind) {
    char *data = file_of(p->folder, kind->name, ".dat");
    char *script = file_of(p->folder, kind->name, ".gp");
    bool ok = sim_write_atomically(data, kind->data, p, p->error) &&
              sim_write_atomically(script, kind->script, p, p->error);
    g_free(script);
    g_free(data);
    return ok;
}

/* NULL, or a sentence on why there is no picture. -d: the user's own gnuplot settings stay out. */
static char *draw(const char *folder, const char *program, const char *name) {
    char *script = g_strconcat(name, ".gp", NULL), *complaint = NULL, *warning = NULL;
    char *argv[] = {(char *)program, (char *)"-d", script, NULL};
    GError *error = NULL;
    int status = 0;
    bool ran = g_spawn_sync(folder, argv, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDOUT_TO_DEV_NULL,
                            NULL, NULL, NULL, &complaint, &status, &error);
    if (!ran && g_error_matches(error, G_SPAWN_ERROR, G_SPAWN_ERROR_NOENT)) {
        warning = g_strdup_printf("%s is not installed: data and scripts are written, pictures are "
                                  "not drawn",
                                  program);
    } else if (!ran || !g_spawn_check_wait_status(status, &error)) {
        char *why = complaint != NULL ? g_strstrip(complaint) : NULL;
        bool told = why != NULL && why[0] != 0;
        warning =
            g_strdup_printf("%s did not draw %s: %s", program, script, told ? why : error->message);
    }
    if (warning != NULL) remove_file(folder, name, ".svg"); /* perhaps half of one */
    g_clear_error(&error);
    g_free(complaint);
    g_free(script);
    return warning;
}

bool sim_gnuplot_write(const SimResult *r, const char *folder, const char *program, char **warning,
                       GError **error) {
    Picture p = {r, folder, error};
    *warning = NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(kinds); i++) {
        remove_file(folder, kinds[i].name, ".svg"); /* of an earlier run */
        if (!has_content(r, i)) {
            remove_file(folder, kinds[i].name, ".dat");
            remove_file(folder, kinds[i].name, ".gp");
            continue;
        }
        if (!write_kind(&p, &kinds[i])) {
            g_clear_pointer(warning, g_free);
            return false;
        }
        char *failed = program != NULL ? draw(folder, program, kinds[i].name) : NULL;
        if (*warning == NULL)
            *warning = failed; /* the first is the one to tell */
        else
            g_free(failed);
    }
    return true;
}
