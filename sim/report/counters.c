/* counters.c: see counters.h. */
#include "sim/report/counters.h"

#include <glib.h>
#include <string.h>

#include "sim/report/human.h"
#include "sim/report/pdh.h"

#define CLUSTER "cluster"
enum { PRIORITIES = 8, DECIMALS = 6, FIGURE = 18 };

typedef struct Column {
    const SimCounterDoc *doc;
    uint32_t order; /* of the doc in all tables */
    int priority;   /* -1: none */
    const char *machine, *instance, *name;
    const int64_t *value;
} Column;

typedef struct Table {
    const SimResult *r;
    SimArena arena;
    SIM_RESULT_LIST(Column) columns;
    GHashTable *hosts; /* names of machines that count as hosts */
    bool used[PRIORITIES];
} Table;

SimTime sim_counters_interval(SimTime duration) {
    SimTime most = duration / SIM_COUNTERS_READINGS, step = 1;
    if (most < 1) return 1;
    while (step <= most / 10)
        step *= 10;
    return step * (most / step >= 5 ? 5 : most / step >= 2 ? 2 : 1);
}

/* ---- names ---- */

/* Whether `text` is `pattern` with a digit below 8 at its '#'; sets *priority where there is one.
 */
static bool matches(const char *pattern, const char *text, int *priority) {
    const char *hash = strchr(pattern, '#');
    if (!hash) return g_ascii_strcasecmp(pattern, text) == 0;
    size_t n = (size_t)(hash - pattern);
    if (g_ascii_strncasecmp(pattern, text, n) != 0) return false;
    if (strlen(text) <= n || text[n] < '0' || text[n] >= '0' + PRIORITIES) return false;
    if (g_ascii_strcasecmp(hash + 1, text + n + 1) != 0) return false;
    *priority = text[n] - '0';
    return true;
}

static const char *fill(SimArena *arena, const char *pattern, int priority) {
    const char *hash = strchr(pattern, '#');
    if (!hash) return pattern;
    return sim_arena_printf(arena, "%.*s%d%s", (int)(hash - pattern), pattern, priority, hash + 1);
}

/* Whether an instance has what `pattern` asks for ("Priority #", ":#", "System"), and its digit. */
static bool instance_priority(const char *pattern, const char *instance, int *priority) {
    size_t stem = strcspn(pattern, "#"); /* it ends every pattern that has it */
    bool digit_follows = pattern[stem] == '#';
    for (const char *p = instance; *p; p++) {
        if (g_ascii_strncasecmp(p, pattern, stem) != 0) continue;
        if (!digit_follows) return true;
        char digit = p[stem];
        if (digit < '0' || digit >= '0' + PRIORITIES || g_ascii_isdigit(p[stem + 1])) continue;
        *priority = digit - '0';
        return true;
    }
    return false;
}

const SimCounterDoc *sim_counters_find(const char *object, const char *instance, const char *name,
                                       int *priority) {
    const SimCounterDoc *other = NULL;
    int theirs = -1;
    for (uint32_t m = 0; sim_models[m]; m++) {
        for (const SimCounterDoc *d = sim_models[m]->counters; d && d->kind; d++) {
            int digit = -1;
            if (!matches(d->name, name, &digit)) continue;
            bool same = g_ascii_strcasecmp(d->object, object) == 0;
            if (same && d->instance && !instance_priority(d->instance, instance, &digit)) continue;
            if (same) {
                *priority = strchr(d->metric, '#') ? digit : -1;
                return d;
            }
            if (!other && strchr(name, '_') && (digit >= 0 || !strchr(d->metric, '#'))) {
                other = d;
                theirs = digit;
            }
        }
    }
    *priority = theirs;
    return other;
}

/* ---- the table of a run ---- */

/* "tor1/3->node2/1": machine "tor1", instance "3", peer "node2 1". */
static void split_entity(SimArena *arena, const char *kind, const char *entity,
                         const char **machine, const char **instance, const char **peer) {
    const char *slash = strchr(entity, '/'), *arrow = strstr(entity, "->");
    *peer = NULL;
    if (strcmp(kind, "port") != 0 && strcmp(kind, "host") != 0 && strcmp(kind, "switch") != 0) {
        *machine = CLUSTER;
        *instance = entity;
        return;
    }
    *machine = slash ? sim_arena_printf(arena, "%.*s", (int)(slash - entity), entity) : entity;
    const char *end = arrow ? arrow : entity + strlen(entity);
    *instance = slash ? sim_arena_printf(arena, "%.*s", (int)(end - slash - 1), slash + 1) : "";
    if (!arrow) return;
    char *other = sim_arena_strdup(arena, arrow + 2);
    for (char *p = other; *p; p++)
        if (*p == '/') *p = ' ';
    *peer = other;
}

static bool stands_at(const Table *t, const SimCounterDoc *d, const char *machine) {
    if (d->place == SIM_COUNTER_ANYWHERE) return true;
    return (g_hash_table_contains(t->hosts, machine) ? SIM_COUNTER_HOST : SIM_COUNTER_SWITCH) ==
           d->place;
}

static void add_column(Table *t, const SimCountRow *row, const SimCounterDoc *d, uint32_t order,
                       int priority) {
    const char *machine, *instance, *peer;
    split_entity(&t->arena, row->kind, row->entity, &machine, &instance, &peer);
    if (!stands_at(t, d, machine)) return;
    const char *more = d->instance ? fill(&t->arena, d->instance, priority) : "";
    instance = peer ? sim_arena_printf(&t->arena, "%s%s [%s]", instance, more, peer)
                    : sim_arena_printf(&t->arena, "%s%s", instance, more);
    *SIM_PUSH(&t->arena, &t->columns) = (Column){
        d, order, priority, machine, instance, fill(&t->arena, d->name, priority), row->value};
    if (priority >= 0 && row->value[t->r->n_samples - 1] != 0) t->used[priority] = true;
}

static void add_row(Table *t, const SimCountRow *row) {
    uint32_t order = 0;
    for (uint32_t m = 0; sim_models[m]; m++) {
        for (const SimCounterDoc *d = sim_models[m]->counters; d && d->kind; d++, order++) {
            int priority = -1;
            if (d->alias || strcmp(d->kind, row->kind) != 0) continue;
            if (matches(d->metric, row->metric, &priority)) add_column(t, row, d, order, priority);
        }
    }
}

static int column_compare(const void *a, const void *b) {
    const Column *x = a, *y = b;
    int by = sim_name_compare(x->machine, y->machine);
    if (!by) by = strcmp(x->doc->object, y->doc->object);
    if (!by) by = sim_name_compare(x->instance, y->instance);
    if (!by && x->priority != y->priority) by = x->priority < y->priority ? -1 : 1;
    if (!by && x->order != y->order) by = x->order < y->order ? -1 : 1;
    return by;
}

static void table_init(Table *t, const SimResult *r) {
    *t = (Table){.r = r, .hosts = g_hash_table_new(g_str_hash, g_str_equal)};
    sim_arena_init(&t->arena);
    for (uint32_t i = 0; i < r->counts.n; i++)
        if (strcmp(r->counts.items[i].kind, "host") == 0)
            g_hash_table_add(t->hosts, (char *)r->counts.items[i].entity);
    for (uint32_t i = 0; i < r->counts.n; i++)
        add_row(t, &r->counts.items[i]);
    uint32_t n = 0;
    for (uint32_t i = 0; i < t->columns.n; i++) {
        const Column *c = &t->columns.items[i];
        if (c->priority < 0 || t->used[c->priority]) t->columns.items[n++] = *c;
    }
    t->columns.n = n;
    qsort(t->columns.items, n, sizeof(Column), column_compare); /* total: entity and doc differ */
}

static void table_clear(Table *t) {
    g_hash_table_unref(t->hosts);
    sim_arena_clear(&t->arena);
}

/* The figure between two readings; null where there is no time between them. */
static SimValue figure(const Table *t, const Column *c, uint32_t from, uint32_t to) {
    SimTime time = t->r->sampled[to] - t->r->sampled[from];
    __int128 more = (__int128)c->value[to] - c->value[from];
    int64_t scale = c->doc->scale ? c->doc->scale : 1;
    switch (c->doc->form) {
    case SIM_COUNTER_RATE:
        return time ? (SimValue){more * SIM_S / scale, time} : SIM_NULL;
    case SIM_COUNTER_SHARE:
        return time ? (SimValue){more * 100, time} : SIM_NULL;
    default:
        return (SimValue){c->value[to], scale};
    }
}

/* ---- for people ---- */

static bool same_group(const Column *a, const Column *b) {
    return strcmp(a->machine, b->machine) == 0 && strcmp(a->doc->object, b->doc->object) == 0 &&
           strcmp(a->instance, b->instance) == 0;
}

/* A machine or instance that saw nothing at all is left out, telling or not. */
static bool group_lives(const Table *t, uint32_t first, uint32_t end) {
    uint32_t last = t->r->n_samples - 1;
    bool telling = false, any = false, port = false;
    for (uint32_t i = first; i < end; i++) {
        const Column *c = &t->columns.items[i];
        any |= c->value[last] != 0;
        telling |= c->doc->telling;
        port |= strcmp(c->doc->kind, "port") == 0;
    }
    return any || (telling && !port);
}

/* Whether a zero is worth a line: of a priority only where this machine uses it. */
static bool tells(const Table *t, const Column *c, uint32_t from, uint32_t to) {
    uint32_t last = t->r->n_samples - 1;
    if (!c->doc->telling || c->priority < 0) return c->doc->telling;
    for (uint32_t i = from; i < to; i++)
        if (t->columns.items[i].priority == c->priority && t->columns.items[i].value[last] != 0)
            return true;
    return false;
}

/* Columns first..end-1 are of one instance, from..to-1 of its machine. */
static void put_group(const Table *t, uint32_t first, uint32_t end, uint32_t from, uint32_t to,
                      FILE *out) {
    uint32_t last = t->r->n_samples - 1;
    const Column *head = &t->columns.items[first];
    fprintf(out, "\n%s: %s", head->machine, head->doc->object);
    fprintf(out, *head->instance ? " (%s)\n" : "%s\n", head->instance);
    for (uint32_t i = first; i < end; i++) {
        const Column *c = &t->columns.items[i];
        char text[SIM_HUMAN_TEXT];
        if (c->value[last] == 0 && !tells(t, c, from, to)) continue;
        fprintf(out, "  %-*s %*s\n", 78 - FIGURE - 1, c->name, FIGURE,
                sim_human_grouped(figure(t, c, 0, last), text));
    }
}

static void put_machine(const Table *t, uint32_t from, uint32_t to, FILE *out) {
    for (uint32_t i = from, end; i < to; i = end) {
        for (end = i + 1; end < to; end++)
            if (!same_group(&t->columns.items[i], &t->columns.items[end])) break;
        if (group_lives(t, i, end)) put_group(t, i, end, from, to, out);
    }
}

bool sim_counters_text(const SimResult *r, FILE *out) {
    Table t;
    char text[SIM_HUMAN_TEXT];
    if (r->n_samples == 0) return true;
    table_init(&t, r);
    fprintf(out, "Counters over %s\n", sim_human_time(r->sampled[r->n_samples - 1], text));
    for (uint32_t i = 0, end; i < t.columns.n; i = end) {
        for (end = i + 1; end < t.columns.n; end++)
            if (strcmp(t.columns.items[i].machine, t.columns.items[end].machine) != 0) break;
        put_machine(&t, i, end, out);
    }
    table_clear(&t);
    return !ferror(out);
}

/* ---- for Performance Monitor ---- */

bool sim_counters_csv(const SimResult *r, FILE *out) {
    Table t;
    table_init(&t, r);
    sim_pdh_put_corner(out);
    for (uint32_t i = 0; i < t.columns.n; i++) {
        const Column *c = &t.columns.items[i];
        sim_pdh_put_path(out, c->machine, c->doc->object, c->instance, c->name);
    }
    bool fine = false;
    for (uint32_t s = 0; s < r->n_samples; s++)
        fine |= r->sampled[s] % SIM_MS != 0;
    for (uint32_t s = 0; s < r->n_samples; s++) {
        fputs("\r\n", out);
        sim_pdh_put_time(out, r->sampled[s] / SIM_US, fine);
        for (uint32_t i = 0; i < t.columns.n; i++) {
            char text[SIM_VALUE_TEXT] = " ";
            SimValue v = figure(&t, &t.columns.items[i], s ? s - 1 : 0, s);
            if (v.den) sim_value_print(v, v.den == 1 ? 0 : DECIMALS, text, sizeof text);
            fprintf(out, ",\"%s\"", text);
        }
    }
    fputs("\r\n", out);
    table_clear(&t);
    return !ferror(out);
}
