/* json.c: result.json from the rows; see json.h for the shape. */
#include "sim/report/json.h"

#include <inttypes.h>
#include <string.h>

#include "sim/report/jsontree.h"

#define RATIO_DECIMALS 6

/* ---- keys ---- */

char *sim_json_key(const char *kind, const char *metric, const char *unit) {
    if (strcmp(kind, "workload") == 0) {
        const char *dot = strchr(metric, '.');
        bool sided = g_str_has_prefix(metric, "read.") || g_str_has_prefix(metric, "write.") ||
                     g_str_has_prefix(metric, "all.");
        if (sided && strchr(dot + 1, '.') == NULL &&
            (strcmp(unit, "ns") == 0 || strcmp(dot, ".count") == 0))
            return g_strdup_printf("latency_ns.%s", metric);
    }
    bool suffixed = strcmp(unit, "ns") == 0 || strcmp(unit, "bps") == 0 || //
                    strcmp(unit, "bytes") == 0;
    if (g_str_has_suffix(metric, unit)) suffixed = false; /* "bytes" says it already */
    char *key = suffixed ? g_strdup_printf("%s_%s", metric, unit) : g_strdup(metric);
    return g_strdelimit(key, ".", '_');
}

/* Key of a window within "windows". */
static const char *window_key(const SimResult *r, SimArena *arena, uint32_t w) {
    for (uint32_t i = 0; i < w; i++)
        if (strcmp(r->windows[i].name, r->windows[w].name) == 0)
            return sim_arena_printf(arena, "%s#%" PRIu32, r->windows[w].name, w);
    return r->windows[w].name;
}

/* Puts a value at a path such as "latency_ns.read.p99". */
static void put_path(SimArena *arena, SimJson *object, const char *path, SimJson *value) {
    char **keys = g_strsplit(path, ".", -1);
    char **key = keys;
    for (; key[1] != NULL; key++) {
        SimJson *inner = sim_json_get(object, *key);
        if (inner == NULL) {
            inner = sim_json_object(arena);
            sim_json_put(arena, object, *key, inner);
        }
        object = inner;
    }
    sim_json_put(arena, object, *key, value);
    g_strfreev(keys);
}

/* ---- one element an entity ---- */

typedef struct Writer {
    const SimResult *r;
    SimArena *arena;
    SimJson *root;
} Writer;

static SimJson *windows_of(Writer *w, SimJson *element) {
    SimJson *windows = sim_json_get(element, "windows");
    if (windows != NULL) return windows;
    windows = sim_json_object(w->arena);
    sim_json_put(w->arena, element, "windows", windows);
    for (uint32_t i = 1; i < w->r->n_windows; i++)
        sim_json_put(w->arena, windows, window_key(w->r, w->arena, i), sim_json_object(w->arena));
    return windows;
}

static void put_values(Writer *w, SimJson *element, const char *key, const SimValue *values,
                       int decimals) {
    SimJson *windows = windows_of(w, element);
    put_path(w->arena, element, key, sim_json_value(w->arena, values[0], decimals));
    for (uint32_t i = 1; i < w->r->n_windows; i++) {
        SimJson *window = sim_json_get(windows, window_key(w->r, w->arena, i));
        put_path(w->arena, window, key, sim_json_value(w->arena, values[i], decimals));
    }
}

static void put_text(Writer *w, SimJson *object, const char *key, const char *text) {
    sim_json_put(w->arena, object, key, sim_json_text(w->arena, text));
}

static void put_integer(Writer *w, SimJson *object, const char *key, int64_t value) {
    sim_json_put(w->arena, object, key, sim_json_integer(w->arena, value));
}

static void put_time(Writer *w, SimJson *object, const char *key, SimTime t) {
    SimValue ns = t >= SIM_NEVER ? SIM_NULL : (SimValue){t, SIM_NS};
    sim_json_put(w->arena, object, key, sim_json_value(w->arena, ns, 0));
}

/* The array of a kind under the root, made where it is missing. */
static SimJson *array_of(Writer *w, const char *member) {
    SimJson *array = sim_json_get(w->root, member);
    if (array == NULL) {
        array = sim_json_array(w->arena);
        sim_json_put(w->arena, w->root, member, array);
    }
    return array;
}

static char *plural(const char *kind) {
    bool hissing = g_str_has_suffix(kind, "s") || g_str_has_suffix(kind, "ch");
    return g_strconcat(kind, hissing ? "es" : "s", NULL);
}

/* Rows are sorted by kind and entity, so an element is complete when the next entity comes.
 * `elements` maps names to the elements that resources and faults have already made. */
static void put_rows(Writer *w, GHashTable *elements) {
    for (uint32_t i = 0; i < w->r->rows.n; i++) {
        const SimRow *row = &w->r->rows.items[i];
        char *name = g_strconcat(row->kind, "/", row->entity, NULL);
        SimJson *element = g_hash_table_lookup(elements, name);
        if (element == NULL && strcmp(row->kind, "run") == 0) {
            element = sim_json_get(w->root, "run");
        } else if (element == NULL) {
            element = sim_json_object(w->arena);
            put_text(w, element, "name", row->entity);
            char *member = plural(row->kind);
            sim_json_append(w->arena, array_of(w, member), element);
            g_free(member);
            g_hash_table_insert(elements, g_strdup(name), element);
        }
        char *key = sim_json_key(row->kind, row->metric, row->unit);
        bool made = (strcmp(row->kind, "resource") == 0 || strcmp(row->kind, "fault") == 0) &&
                    sim_json_get(element, key) != NULL; /* a field of the resource or fault */
        if (!made) put_values(w, element, key, row->value, row->decimals);
        g_free(key);
        g_free(name);
    }
}

static void put_resources(Writer *w, GHashTable *elements) {
    SimJson *array = array_of(w, "resources");
    for (uint32_t i = 0; i < w->r->resources.n; i++) {
        const SimResourceRow *row = &w->r->resources.items[i];
        SimJson *element = sim_json_object(w->arena);
        put_text(w, element, "name", row->name);
        put_text(w, element, "kind", row->kind);
        put_text(w, element, "blocker", row->blocker);
        put_values(w, element, "utilization", row->utilization, RATIO_DECIMALS);
        put_values(w, element, "blocked", row->blocked, RATIO_DECIMALS);
        sim_json_append(w->arena, array, element);
        g_hash_table_insert(elements, g_strconcat("resource/", row->name, NULL), element);
    }
}

static void put_faults(Writer *w, GHashTable *elements) {
    SimJson *array = array_of(w, "faults");
    for (uint32_t i = 0; i < w->r->faults.n; i++) {
        const SimFaultRow *row = &w->r->faults.items[i];
        SimJson *element = sim_json_object(w->arena);
        put_text(w, element, "name", row->name);
        put_text(w, element, "target", row->target);
        put_time(w, element, "at_ns", row->at);
        put_time(w, element, "until_ns", row->until);
        put_time(w, element, "outage_ns", row->outage);
        put_time(w, element, "longest_stall_ns", row->longest_stall);
        put_time(w, element, "recovery_ns", row->recovery);
        put_integer(w, element, "failed", row->failed);
        put_integer(w, element, "retried", row->retried);
        put_integer(w, element, "lost_frames", row->lost_frames);
        sim_json_append(w->arena, array, element);
        g_hash_table_insert(elements, g_strconcat("fault/", row->name, NULL), element);
    }
}

/* ---- the rest ---- */

static void put_bottleneck_at(Writer *w, SimJson *object, const SimBottleneck *b) {
    put_text(w, object, "resource", b->resource);
    put_text(w, object, "limit", b->limit);
    put_text(w, object, "next", b->next);
    SimArena *arena = w->arena;
    sim_json_put(arena, object, "utilization",
                 sim_json_value(arena, b->utilization, RATIO_DECIMALS));
    sim_json_put(arena, object, "next_utilization",
                 sim_json_value(arena, b->next_utilization, RATIO_DECIMALS));
    sim_json_put(arena, object, "headroom", sim_json_value(arena, b->headroom, RATIO_DECIMALS));
}

static void put_bottleneck(Writer *w) {
    SimJson *object = sim_json_object(w->arena);
    put_bottleneck_at(w, object, &w->r->bottlenecks[0]);
    SimJson *windows = windows_of(w, object);
    for (uint32_t i = 1; i < w->r->n_windows; i++)
        put_bottleneck_at(w, sim_json_get(windows, window_key(w->r, w->arena, i)),
                          &w->r->bottlenecks[i]);
    sim_json_put(w->arena, w->root, "bottleneck", object);
}

static void put_lists(Writer *w) {
    SimJson *audit = array_of(w, "audit"), *assumptions = array_of(w, "assumptions"),
            *windows = array_of(w, "windows");
    for (uint32_t i = 0; i < w->r->audit.n; i++) {
        const SimAuditRow *row = &w->r->audit.items[i];
        SimJson *element = sim_json_object(w->arena);
        put_text(w, element, "law", row->law);
        put_text(w, element, "entity", row->entity);
        put_text(w, element, "detail", row->detail);
        sim_json_put(w->arena, element, "passed", sim_json_bool(w->arena, row->passed));
        sim_json_append(w->arena, audit, element);
    }
    for (uint32_t i = 0; i < w->r->assumptions.n; i++) {
        const SimAssumptionRow *row = &w->r->assumptions.items[i];
        SimJson *element = sim_json_object(w->arena);
        put_text(w, element, "id", row->id);
        put_text(w, element, "text", row->text);
        put_text(w, element, "source", row->source);
        sim_json_append(w->arena, assumptions, element);
    }
    for (uint32_t i = 0; i < w->r->n_windows; i++) {
        SimJson *element = sim_json_object(w->arena);
        put_text(w, element, "name", w->r->windows[i].name);
        put_time(w, element, "start_ns", w->r->windows[i].start);
        put_time(w, element, "end_ns", w->r->windows[i].end);
        sim_json_append(w->arena, windows, element);
    }
}

static int by_name(gconstpointer a, gconstpointer b) {
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* One entry for each (kind, metric), sorted. */
static void put_dictionary(Writer *w) {
    SimJson *array = array_of(w, "metrics");
    GHashTable *seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    GPtrArray *names = g_ptr_array_new();
    for (uint32_t i = 0; i < w->r->rows.n; i++) {
        const SimRow *row = &w->r->rows.items[i];
        char *name = g_strconcat(row->kind, "/", row->metric, NULL);
        if (g_hash_table_insert(seen, name, (gpointer)row)) g_ptr_array_add(names, name);
    }
    g_ptr_array_sort(names, by_name);
    for (guint i = 0; i < names->len; i++) {
        const SimRow *row = g_hash_table_lookup(seen, names->pdata[i]);
        char *key = sim_json_key(row->kind, row->metric, row->unit);
        SimJson *element = sim_json_object(w->arena);
        put_text(w, element, "kind", row->kind);
        put_text(w, element, "metric", row->metric);
        put_text(w, element, "unit", row->unit);
        put_text(w, element, "key", key);
        put_integer(w, element, "decimals", row->decimals);
        sim_json_append(w->arena, array, element);
        g_free(key);
    }
    g_ptr_array_free(names, TRUE);
    g_hash_table_destroy(seen);
}

static void put_header(Writer *w) {
    const SimResult *r = w->r;
    SimArena *arena = w->arena;
    put_integer(w, w->root, "schema", SIM_RESULT_SCHEMA);
    put_text(w, w->root, "version", r->version);
    put_text(w, w->root, "scenario", r->scenario);
    put_text(w, w->root, "description", r->description);
    if (r->seed <= INT64_MAX)
        put_integer(w, w->root, "seed", (int64_t)r->seed);
    else
        put_text(w, w->root, "seed", sim_arena_printf(arena, "%" PRIu64, r->seed));
    put_text(w, w->root, "fingerprint", sim_arena_printf(arena, "0x%016" PRIx64, r->fingerprint));
    put_text(w, w->root, "ingredients", r->ingredients);
    sim_json_put(arena, w->root, "complete", sim_json_bool(arena, r->complete));
    put_time(w, w->root, "warmup_ns", r->warmup);
    put_time(w, w->root, "duration_ns", r->duration);
    put_time(w, w->root, "stopped_at_ns", r->stopped_at);
}

bool sim_json_write(const SimResult *r, FILE *out) {
    static const char *const always[] = {"workloads", "classes", "ports", "switches", "hosts"};
    SimArena arena;
    sim_arena_init(&arena);
    Writer w = {r, &arena, sim_json_object(&arena)};
    GHashTable *elements = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);

    put_header(&w);
    for (size_t i = 0; i < G_N_ELEMENTS(always); i++)
        array_of(&w, always[i]);
    SimJson *run = sim_json_object(&arena);
    windows_of(&w, run);
    sim_json_put(&arena, w.root, "run", run);
    put_resources(&w, elements);
    put_faults(&w, elements);
    put_rows(&w, elements);
    put_bottleneck(&w);
    put_lists(&w);
    put_dictionary(&w);
    bool ok = sim_json_print(w.root, out);

    g_hash_table_destroy(elements);
    sim_arena_clear(&arena);
    return ok;
}
