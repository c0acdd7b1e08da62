/* diagnose.c: see diagnose.h; the rules are in rules_*.c. */
#include "sim/report/diagnose.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/assert.h"
#include "sim/report/human.h"
#include "sim/report/jsontree.h"
#include "sim/report/page.h"
#include "sim/report/rules.h"

/* ---- reporting ---- */

static uint32_t rank_of(const char *id) {
    for (uint32_t i = 0; sim_causes[i].id; i++)
        if (strcmp(sim_causes[i].id, id) == 0) return i;
    SIM_CHECK(!"a cause that the table does not have");
    return 0;
}

SimFinding *rules_find(Rules *r, const char *cause, int score, double gravity, const char *where) {
    const SimCause *about = &sim_causes[rank_of(cause)];
    SimFinding *f = NULL;
    for (uint32_t i = 0; i < r->d->findings.n && !f; i++)
        if (r->d->findings.items[i].cause == about) f = &r->d->findings.items[i];
    if (f && (f->score > score || (f->score == score && f->gravity >= gravity))) {
        f->places++;
        return NULL;
    }
    uint32_t places = f ? f->places + 1 : 1;
    if (!f) f = SIM_PUSH(&r->d->arena, &r->d->findings);
    *f = (SimFinding){.cause = about,
                      .score = score,
                      .gravity = gravity,
                      .where = sim_arena_strdup(&r->d->arena, where),
                      .places = places};
    return f;
}

void rules_show(Rules *r, SimFinding *f, const char *who, const Count *c, double value,
                const char *limit) {
    SimEvidence *e = SIM_PUSH(&r->d->arena, &f->evidence);
    const char *name = c->column ? c->column->counter : "not in the file";
    e->who = sim_arena_strdup(&r->d->arena, who);
    e->counter = sim_arena_strdup(&r->d->arena, name);
    e->value = value;
    e->limit = limit;
    if (!c->column || !c->doc->instance) return;
    /* the priority stands in the instance, perhaps with the neighbour behind it */
    const char *instance = c->column->instance, *end = strstr(instance, " [");
    int n = (int)(end ? (size_t)(end - instance) : strlen(instance));
    e->counter = sim_arena_printf(&r->d->arena, "%s (%.*s)", name, n, instance);
}

const char *rules_port(Rules *r, const SymptomPort *port) {
    const char *machine = rules_machine(r, port)->name;
    if (!*port->name) return machine;
    return sim_arena_printf(&r->d->arena, "%s port %s", *machine ? machine : "this host",
                            port->name);
}

/* ---- what all rules look at ---- */

double rules_hosts(const Rules *r, HostCount which) {
    double sum = 0;
    for (uint32_t m = 0; m < r->s->machines.n; m++)
        sum += r->s->machines.items[m].count[which].total;
    return sum;
}

double rules_hosts_calm(const Rules *r, HostCount which) {
    double sum = 0;
    for (uint32_t m = 0; m < r->s->machines.n; m++)
        sum += symptoms_calm(r->s, &r->s->machines.items[m].count[which]);
    return sum;
}

bool rules_hosts_know(const Rules *r, HostCount which) {
    for (uint32_t m = 0; m < r->s->machines.n; m++)
        if (count_known(&r->s->machines.items[m].count[which])) return true;
    return false;
}

/* RDMA leaves in the priority whose bytes, headers included, are the least that can hold what the
 * host says its RDMA carried; retransmissions and other users only add to them. What came in may
 * stand in another priority, and tells only where nothing was sent. */
static int rdma_priority(const Symptoms *s, uint32_t machine) {
    const SymptomMachine *host = &s->machines.items[machine];
    bool sends = host->count[RDMA_OUT].total > 0;
    double rdma = host->count[sends ? RDMA_OUT : RDMA_IN].total, best = 0;
    int found = -1;
    if (!host->host || rdma <= 0) return -1;
    for (int p = 0; p < SYMPTOM_PRIORITIES; p++) {
        double bytes = 0;
        for (uint32_t i = 0; i < s->ports.n; i++)
            if (s->ports.items[i].machine == machine)
                bytes += s->ports.items[i].by_priority[sends ? TX_BYTES : RX_BYTES][p].total;
        if (bytes < 0.9 * rdma || (found >= 0 && bytes >= best)) continue;
        best = bytes;
        found = p;
    }
    return found;
}

static void look(Rules *r) {
    const Symptoms *s = r->s;
    r->priority = SIM_NEW_N(&r->d->arena, int, s->machines.n);
    for (uint32_t m = 0; m < s->machines.n; m++) {
        r->priority[m] = rdma_priority(s, m);
        r->rdma |= r->priority[m] >= 0;
    }
    r->lost = rules_hosts_calm(r, OUT_OF_SEQUENCE) + rules_hosts_calm(r, PACKET_SEQ_ERR) +
              rules_hosts_calm(r, IMPLIED_NAK) + rules_hosts_calm(r, ACK_TIMEOUT);
    double pauses = 0;
    for (uint32_t i = 0; i < s->ports.n; i++)
        pauses += s->ports.items[i].count[TX_LINK_PAUSE].total +
                  s->ports.items[i].count[RX_LINK_PAUSE].total;
    r->link_pause = r->rdma && pauses >= RULES_FEW;
}

static int finding_compare(const void *a, const void *b) {
    const SimFinding *x = a, *y = b;
    if (x->score != y->score) return x->score > y->score ? -1 : 1;
    return x->cause < y->cause ? -1 : x->cause > y->cause;
}

SimDiagnosis *sim_diagnose(const SimPdh *pdh) {
    static void (*const rules[])(Rules *) = {
        rules_oversize,         rules_bad_cable,      rules_swallowing_link,  rules_link_pause,
        rules_pausing_host,     rules_deaf_peer,      rules_full_headroom,    rules_lossy_hop,
        rules_never_paused,     rules_other_priority, rules_no_rdma,          rules_unanswered,
        rules_changed_priority, rules_no_cnp,         rules_starved_heartbeat};
    SimDiagnosis *d = g_new0(SimDiagnosis, 1);
    sim_arena_init(&d->arena);
    Symptoms *s = symptoms_new(pdh);
    Rules r = {.s = s, .d = d};
    d->seconds = s->seconds;
    d->n_readings = pdh->n_samples;
    d->n_columns = pdh->n_columns;
    d->n_known = s->n_known;
    d->n_machines = s->machines.n;
    d->n_ports = s->ports.n;
    look(&r);
    for (size_t i = 0; i < G_N_ELEMENTS(rules); i++)
        rules[i](&r);
    if (d->findings.n) /* total: one finding a cause */
        qsort(d->findings.items, d->findings.n, sizeof(SimFinding), finding_compare);
    symptoms_free(s);
    return d;
}

void sim_diagnosis_free(SimDiagnosis *d) {
    if (!d) return;
    sim_arena_clear(&d->arena);
    g_free(d);
}

/* ---- for people ---- */

static const char *figure_text(double value, char *buffer) {
    __int128 rounded = (__int128)(value + 0.5);
    return sim_human_grouped((SimValue){rounded, 1}, buffer);
}

static void put_finding(const SimPage *page, uint32_t number, const SimFinding *f) {
    enum { INDENT = 4, FIGURE = 14, TITLE = 58 };
    char text[SIM_HUMAN_TEXT];
    fprintf(page->out, "\n%2u  ", number);
    sim_page_cell(page, SIM_BOLD, f->cause->title, TITLE);
    fprintf(page->out, "  score %d\n%*s", f->score, INDENT, "");
    char *where = f->places > 1 ? g_strdup_printf("at %s and %u more", f->where, f->places - 1)
                                : g_strdup_printf("at %s", f->where);
    sim_page_wrap(page, where, INDENT, INDENT);
    g_free(where);
    for (uint32_t i = 0; i < f->evidence.n; i++) {
        const SimEvidence *e = &f->evidence.items[i];
        char *line = g_strdup_printf("%s, %s: %s", e->who, e->counter, e->limit);
        sim_page_cell(page, SIM_PLAIN, figure_text(e->value, text), -(INDENT + FIGURE));
        fputs("  ", page->out);
        sim_page_wrap(page, line, INDENT + FIGURE + 2, INDENT + FIGURE + 2);
        g_free(line);
    }
    fprintf(page->out, "%*s", INDENT, "");
    sim_page_wrap(page, f->cause->doc, INDENT, INDENT);
    char *fix = g_strdup_printf("Remedy: %s", f->cause->fix);
    fprintf(page->out, "%*s", INDENT, "");
    sim_page_wrap(page, fix, INDENT, INDENT);
    g_free(fix);
}

bool sim_diagnosis_text(const SimDiagnosis *d, const char *file, const SimTextOptions *options,
                        FILE *out) {
    SimPage page = {out, options->colour, options->utf8};
    char text[SIM_HUMAN_TEXT];
    SimTime span = (SimTime)(d->seconds * 1e6 + 0.5) * SIM_US;
    char *head = g_strdup_printf("%s: %u readings over %s; %u of %u columns known, of %u machines "
                                 "with %u ports",
                                 file, d->n_readings, sim_human_time(span, text), d->n_known,
                                 d->n_columns, d->n_machines, d->n_ports);
    sim_page_wrap(&page, head, 0, 2);
    g_free(head);
    if (d->n_known == 0)
        fputs("\nNo counter here is one that a rack can be judged by.\n", out);
    else if (d->findings.n == 0)
        fputs("\nNothing unusual.\n", out);
    for (uint32_t i = 0; i < d->findings.n; i++)
        put_finding(&page, i + 1, &d->findings.items[i]);
    return !ferror(out);
}

/* ---- for machines ---- */

static SimJson *finding_json(SimArena *arena, const SimFinding *f) {
    SimJson *object = sim_json_object(arena), *evidence = sim_json_array(arena);
    sim_json_put(arena, object, "cause", sim_json_text(arena, f->cause->id));
    sim_json_put(arena, object, "title", sim_json_text(arena, f->cause->title));
    sim_json_put(arena, object, "score", sim_json_integer(arena, f->score));
    sim_json_put(arena, object, "where", sim_json_text(arena, f->where));
    sim_json_put(arena, object, "places", sim_json_integer(arena, f->places));
    sim_json_put(arena, object, "remedy", sim_json_text(arena, f->cause->fix));
    for (uint32_t i = 0; i < f->evidence.n; i++) {
        const SimEvidence *e = &f->evidence.items[i];
        SimJson *item = sim_json_object(arena);
        sim_json_put(arena, item, "at", sim_json_text(arena, e->who));
        sim_json_put(arena, item, "counter", sim_json_text(arena, e->counter));
        SimValue milli = {(__int128)(e->value * 1000 + 0.5), 1000};
        sim_json_put(arena, item, "value", sim_json_value(arena, milli, 3));
        sim_json_put(arena, item, "threshold", sim_json_text(arena, e->limit));
        sim_json_append(arena, evidence, item);
    }
    sim_json_put(arena, object, "evidence", evidence);
    return object;
}

bool sim_diagnosis_json(const SimDiagnosis *d, const char *file, FILE *out) {
    SimArena arena;
    sim_arena_init(&arena);
    SimJson *root = sim_json_object(&arena), *causes = sim_json_array(&arena);
    for (uint32_t i = 0; i < d->findings.n; i++)
        sim_json_append(&arena, causes, finding_json(&arena, &d->findings.items[i]));
    sim_json_put(&arena, root, "file", sim_json_text(&arena, file));
    sim_json_put(&arena, root, "readings", sim_json_integer(&arena, d->n_readings));
    sim_json_put(&arena, root, "columns", sim_json_integer(&arena, d->n_columns));
    sim_json_put(&arena, root, "known", sim_json_integer(&arena, d->n_known));
    sim_json_put(&arena, root, "unusual", sim_json_bool(&arena, d->findings.n > 0));
    sim_json_put(&arena, root, "causes", causes);
    bool ok = sim_json_print(root, out);
    sim_arena_clear(&arena);
    return ok;
}
