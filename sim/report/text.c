/* text.c: the forecast on a terminal; see text.h. */
#include "sim/report/text.h"

#include <inttypes.h>
#include <string.h>

#include "sim/report/busiest.h"
#include "sim/report/human.h"
#include "sim/report/page.h"

enum {
    LABEL = 18,  /* the first column of a workload's table */
    COLUMN = 12, /* one window */
    COLUMNS = 5, /* windows side by side */
    ANSWER = 14, /* indent of the answer */
    MOST_RESOURCES = 10,
    MOST_A_KIND = 3,
    MOST_ASSUMPTIONS = 20,
    BAR = 20
};

static SimPage page_of(const SimTextOptions *options, FILE *out) {
    return (SimPage){out, options->colour, options->utf8};
}

/* ---- the answer ---- */

static void answer(const SimPage *page, SimInk ink, const char *label, const char *text) {
    fputs("  ", page->out);
    sim_page_cell(page, ink, label, ANSWER - 2);
    sim_page_wrap(page, text, ANSWER, ANSWER);
}

static char *limit_sentence(const SimBottleneck *b) {
    char use[SIM_HUMAN_TEXT];
    if (b->resource == NULL) return g_strdup(b->limit != NULL ? b->limit : "the load itself");
    return g_strdup_printf("%s is %s busy%s%s", b->resource,
                           sim_human(b->utilization, "ratio", use), b->limit != NULL ? ": " : "",
                           b->limit != NULL ? b->limit : "");
}

static bool same_limit(const SimBottleneck *a, const SimBottleneck *b) {
    return g_strcmp0(a->resource, b->resource) == 0;
}

static void print_limits(const SimPage *page, const SimResult *r) {
    const SimBottleneck *all = &r->bottlenecks[0];
    char *limit = limit_sentence(all), figure[SIM_HUMAN_TEXT];
    answer(page, SIM_BOLD, "Limit", limit);
    g_free(limit);
    for (uint32_t w = 1; w < r->n_windows; w++) {
        if (same_limit(all, &r->bottlenecks[w])) continue;
        limit = limit_sentence(&r->bottlenecks[w]);
        char *sentence = g_strdup_printf("in %s: %s", r->windows[w].name, limit);
        answer(page, SIM_PLAIN, "", sentence);
        g_free(sentence);
        g_free(limit);
    }
    if (all->next != NULL) {
        char *next = g_strdup_printf("%s, %s busy", all->next,
                                     sim_human(all->next_utilization, "ratio", figure));
        answer(page, SIM_BOLD, all->resource != NULL ? "Next" : "Busiest", next);
        g_free(next);
    }
    if (all->headroom.den != 0) {
        const char *what = all->resource != NULL ? all->resource : all->next;
        char *room =
            g_strdup_printf("%s more load until %s is full",
                            sim_human(all->headroom, "ratio", figure), what != NULL ? what : "it");
        answer(page, SIM_BOLD, "Headroom", room);
        g_free(room);
    }
}

static void print_answer(const SimPage *page, const SimResult *r) {
    sim_page_heading(page, "Answer");
    print_limits(page, r);
    for (uint32_t i = 0; i < r->faults.n; i++) {
        const SimFaultRow *fault = &r->faults.items[i];
        char outage[SIM_HUMAN_TEXT], stall[SIM_HUMAN_TEXT];
        char *sentence = g_strdup_printf(
            "%s in %s (no I/O of the worst issuer done); longest I/O %s; %" PRId64 " failed",
            sim_human_time(fault->outage, outage), fault->name,
            sim_human_time(fault->longest_stall, stall), fault->failed);
        answer(page, SIM_BOLD, i == 0 ? "Outage" : "", sentence);
        g_free(sentence);
    }
}

/* ---- a table for each workload ---- */

typedef struct Line {
    const char *label, *metric, *unit;
} Line;

static const Line lines[] = {{"IOPS", "iops", "1/s"},          {"throughput", "throughput", "bps"},
                             {"read  p50", "read.p50", "ns"},  {"read  p99", "read.p99", "ns"},
                             {"write p50", "write.p50", "ns"}, {"write p99", "write.p99", "ns"},
                             {"outage", "outage", "ns"},       {"longest I/O", "longest", "ns"},
                             {"failed I/Os", "failed", ""},    {"retried I/Os", "retried", ""}};

static const SimRow *workload_row(const SimResult *r, const char *entity, const char *metric) {
    for (uint32_t i = 0; i < r->rows.n; i++) {
        const SimRow *row = &r->rows.items[i];
        if (strcmp(row->kind, "workload") == 0 && strcmp(row->entity, entity) == 0 &&
            strcmp(row->metric, metric) == 0)
            return row;
    }
    return NULL;
}

static bool has_any(const SimResult *r, const SimRow *row) {
    for (uint32_t w = 0; row != NULL && w < r->n_windows; w++)
        if (row->value[w].den != 0) return true;
    return false;
}

/* Without faults "healthy" is "all" over again. */
static uint32_t windows_shown(const SimResult *r) {
    bool twice = r->n_windows == 2 && r->windows[0].start == r->windows[1].start &&
                 r->windows[0].end == r->windows[1].end;
    return twice ? 1 : r->n_windows;
}

static void print_windows(const SimPage *page, const SimResult *r, const char *entity,
                          uint32_t first, uint32_t end) {
    fprintf(page->out, "  %*s", LABEL - 2, "");
    for (uint32_t w = first; w < end; w++) {
        fputc(' ', page->out);
        sim_page_cell(page, SIM_DIM, r->windows[w].name, -(COLUMN - 1));
    }
    fputc('\n', page->out);
    for (size_t i = 0; i < G_N_ELEMENTS(lines); i++) {
        const SimRow *row = workload_row(r, entity, lines[i].metric);
        if (!has_any(r, row)) continue;
        fputs("  ", page->out);
        sim_page_cell(page, SIM_PLAIN, lines[i].label, LABEL - 2);
        for (uint32_t w = first; w < end; w++) {
            char figure[SIM_HUMAN_TEXT] = "-";
            if (row->value[w].den != 0) sim_human(row->value[w], lines[i].unit, figure);
            fputc(' ', page->out);
            sim_page_cell(page, SIM_PLAIN, figure, -(COLUMN - 1));
        }
        fputc('\n', page->out);
    }
}

static void print_workloads(const SimPage *page, const SimResult *r) {
    const char *last = NULL;
    uint32_t shown = windows_shown(r);
    for (uint32_t i = 0; i < r->rows.n; i++) {
        const SimRow *row = &r->rows.items[i];
        if (strcmp(row->kind, "workload") != 0) continue;
        if (last != NULL && strcmp(last, row->entity) == 0) continue;
        last = row->entity;
        char *title = g_strconcat("Workload ", row->entity, NULL);
        char *fitted = sim_page_fit(page, title, SIM_TEXT_WIDTH);
        sim_page_heading(page, fitted);
        g_free(fitted);
        g_free(title);
        for (uint32_t w = 0; w < shown; w += COLUMNS)
            print_windows(page, r, row->entity, w, MIN(w + COLUMNS, shown));
    }
}

/* ---- resources ---- */

static void print_bar(const SimPage *page, SimValue use) {
    __int128 parts = 0;
    if (use.den != 0 && use.num > 0) sim_value_scale((SimValue){use.num * BAR, use.den}, 0, &parts);
    GString *bar = g_string_new(NULL);
    for (int i = 0; i < BAR; i++)
        g_string_append(bar,
                        i < parts ? (page->utf8 ? "\u2588" : "#") : (page->utf8 ? "\u2591" : "."));
    bool is_full = use.den != 0 && sim_value_compare(use, (SimValue){95, 100}) >= 0;
    sim_page_ink(page, is_full ? SIM_BAD : SIM_GOOD, bar->str);
    g_string_free(bar, TRUE);
}

static void print_resources(const SimPage *page, const SimResult *r) {
    if (r->resources.n == 0) return;
    GPtrArray *busiest = sim_busiest(r, MOST_RESOURCES, MOST_A_KIND);
    sim_page_heading(page, "Busiest resources");
    for (guint i = 0; i < busiest->len; i++) {
        const SimResourceRow *row = busiest->pdata[i];
        char figure[SIM_HUMAN_TEXT];
        fputs("  ", page->out);
        sim_page_cell(page, SIM_PLAIN, row->name, 34);
        fputc(' ', page->out);
        sim_page_cell(page, SIM_DIM, row->kind, 10);
        sim_page_cell(page, SIM_PLAIN, sim_human(row->utilization[0], "ratio", figure), -10);
        fputs("  ", page->out);
        print_bar(page, row->utilization[0]);
        fputc('\n', page->out);
    }
    if (r->resources.n > busiest->len)
        fprintf(page->out, "  and %u more in result.json\n", r->resources.n - busiest->len);
    g_ptr_array_free(busiest, TRUE);
}

/* ---- faults ---- */

static void print_faults(const SimPage *page, const SimResult *r) {
    if (r->faults.n == 0) return;
    static const char *const titles[] = {"at", "for", "outage", "longest I/O", "recovery", "lost"};
    sim_page_heading(page, "Faults");
    fprintf(page->out, "  %*s", 22, "");
    for (size_t i = 0; i < G_N_ELEMENTS(titles); i++)
        sim_page_cell(page, SIM_DIM, titles[i], i == 3 ? -12 : -8 - (i != 5));
    fputc('\n', page->out);
    for (uint32_t i = 0; i < r->faults.n; i++) {
        const SimFaultRow *f = &r->faults.items[i];
        char text[6][SIM_HUMAN_TEXT];
        sim_human_time(f->at, text[0]);
        if (f->until >= SIM_NEVER)
            g_strlcpy(text[1], "the rest", sizeof text[1]);
        else
            sim_human_time(f->until - f->at, text[1]);
        sim_human_time(f->outage, text[2]);
        sim_human_time(f->longest_stall, text[3]);
        sim_human_time(f->recovery, text[4]);
        sim_human((SimValue){f->lost_frames, 1}, "", text[5]);
        fputs("  ", page->out);
        sim_page_cell(page, SIM_PLAIN, f->name, 22);
        for (size_t k = 0; k < G_N_ELEMENTS(titles); k++)
            sim_page_cell(page, SIM_PLAIN, text[k], k == 3 ? -12 : -8 - (k != 5));
        fputc('\n', page->out);
    }
}

/* ---- what must hold ---- */

static void print_expects(const SimPage *page, const SimExpectReport *report) {
    for (uint32_t i = 0; i < report->n; i++) {
        const SimExpectLine *line = &report->lines[i];
        fputs("  ", page->out);
        sim_page_ink(page, line->passed ? SIM_GOOD : SIM_BAD, line->passed ? "PASS" : "FAIL");
        fputs("  ", page->out);
        sim_page_wrap(page, line->expected, 8, 8);
        fprintf(page->out, "%*s", 8, "");
        char *got = g_strconcat("got ", line->got, NULL);
        sim_page_wrap(page, got, 8, 12);
        g_free(got);
        if (line->passed || line->hint == NULL) continue;
        fprintf(page->out, "%*s", 8, "");
        sim_page_wrap(page, line->hint, 8, 12);
    }
}

bool sim_text_expects(const SimExpectReport *report, const SimTextOptions *options, FILE *out) {
    SimPage page = page_of(options, out);
    print_expects(&page, report);
    return !ferror(out);
}

static void print_audit(const SimPage *page, const SimResult *r) {
    uint32_t failed = 0;
    for (uint32_t i = 0; i < r->audit.n; i++)
        failed += !r->audit.items[i].passed;
    if (failed == 0) return; /* said in the last line */
    sim_page_heading(page, "Failed audits");
    for (uint32_t i = 0; i < r->audit.n; i++) {
        const SimAuditRow *row = &r->audit.items[i];
        if (row->passed) continue;
        char *sentence = g_strdup_printf("%s of %s: %s", row->law, row->entity, row->detail);
        fputs("  ", page->out);
        sim_page_ink(page, SIM_BAD, "FAIL");
        fputs("  ", page->out);
        sim_page_wrap(page, sentence, 8, 8);
        g_free(sentence);
    }
}

static void print_warnings(const SimPage *page, const SimTextOptions *options) {
    if (options->n_warnings == 0) return;
    sim_page_heading(page, "Warnings");
    for (uint32_t i = 0; i < options->n_warnings; i++) {
        sim_page_ink(page, SIM_WARN, "  ! ");
        sim_page_wrap(page, options->warnings[i], 4, 4);
    }
}

static void print_assumptions(const SimPage *page, const SimResult *r) {
    if (r->assumptions.n == 0) return;
    sim_page_heading(page, "Assumptions (sources in result.json)");
    for (uint32_t i = 0; i < MIN(r->assumptions.n, MOST_ASSUMPTIONS); i++) {
        const SimAssumptionRow *row = &r->assumptions.items[i];
        fputs("  ", page->out);
        sim_page_cell(page, SIM_DIM, row->id, 22);
        fputc(' ', page->out);
        sim_page_wrap(page, row->text, 25, 25);
    }
    if (r->assumptions.n > MOST_ASSUMPTIONS)
        fprintf(page->out, "  and %u more in result.json\n", r->assumptions.n - MOST_ASSUMPTIONS);
}

static void print_title(const SimPage *page, const SimResult *r) {
    char *title = sim_page_fit(page, r->scenario, SIM_TEXT_WIDTH), stopped[SIM_HUMAN_TEXT],
         whole[SIM_HUMAN_TEXT];
    sim_page_ink(page, SIM_BOLD, title);
    fputc('\n', page->out);
    g_free(title);
    if (r->description != NULL && r->description[0] != 0) sim_page_wrap(page, r->description, 0, 0);
    if (r->complete) return;
    char *sentence =
        g_strdup_printf("incomplete: the run ended at %s of %s",
                        sim_human_time(r->stopped_at, stopped), sim_human_time(r->duration, whole));
    sim_page_ink(page, SIM_BAD, sentence);
    fputc('\n', page->out);
    g_free(sentence);
}

static void print_end(const SimPage *page, const SimResult *r) {
    uint32_t passed = 0;
    for (uint32_t i = 0; i < r->audit.n; i++)
        passed += r->audit.items[i].passed;
    char *line = g_strdup_printf(
        "audits %u/%u hold, fingerprint 0x%016" PRIx64 " (%s), seed %" PRIu64 ", version %s",
        passed, r->audit.n, r->fingerprint, r->ingredients, r->seed, r->version);
    fputc('\n', page->out);
    sim_page_wrap(page, line, 0, 0);
    g_free(line);
}

bool sim_text_write(const SimResult *r, const SimTextOptions *options, FILE *out) {
    SimPage page = page_of(options, out);
    print_title(&page, r);
    print_answer(&page, r);
    print_workloads(&page, r);
    print_resources(&page, r);
    print_faults(&page, r);
    if (options->expects != NULL && options->expects->n > 0) {
        sim_page_heading(&page, "Expectations");
        print_expects(&page, options->expects);
    }
    print_audit(&page, r);
    print_warnings(&page, options);
    print_assumptions(&page, r);
    print_end(&page, r);
    return !ferror(out);
}
