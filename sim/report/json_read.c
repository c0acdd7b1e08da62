/* json_read.c: a result from its result.json. The file is somebody's: nothing in it is trusted,
 * and the first thing that is not as json.h says ends the reading with a sentence. */
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "sim/report/json.h"

enum { MOST_WINDOWS = 100000 };
#define MOST_VALUES 20000000u /* of all rows and windows: 640 MB */

typedef struct Reader {
    const char *path;
    json_t *root;
    SimResult *r;
    GHashTable *rows; /* kind/entity/metric, to notice doubles */
    char **keys;      /* of the windows, [0] unused */
    GError **error;
    bool failed;
} Reader;

static void fail(Reader *in, const char *format, ...) G_GNUC_PRINTF(2, 3);
static void fail(Reader *in, const char *format, ...) {
    if (in->failed) return; /* the first reason is the one to tell */
    in->failed = true;
    va_list list;
    va_start(list, format);
    char *reason = g_strdup_vprintf(format, list);
    va_end(list);
    g_set_error(in->error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s: not a result: %s", in->path,
                reason);
    g_free(reason);
}

/* ---- members by type; each fails with the name of what it missed ---- */

static const char *text_of(Reader *in, json_t *object, const char *key) {
    json_t *value = json_object_get(object, key);
    if (json_is_string(value)) return json_string_value(value);
    fail(in, "\"%s\" is missing or not text", key);
    return "";
}

static const char *text_or_null(Reader *in, json_t *object, const char *key) {
    json_t *value = json_object_get(object, key);
    if (value == NULL || json_is_null(value)) return NULL;
    if (!json_is_string(value)) {
        fail(in, "\"%s\" is not text", key);
        return NULL;
    }
    return sim_arena_strdup(&in->r->arena, json_string_value(value));
}

static int64_t integer_of(Reader *in, json_t *object, const char *key) {
    json_t *value = json_object_get(object, key);
    if (json_is_integer(value)) return json_integer_value(value);
    fail(in, "\"%s\" is missing or not a whole number", key);
    return 0;
}

static SimTime time_of(Reader *in, json_t *object, const char *key) {
    if (json_is_null(json_object_get(object, key))) return SIM_NEVER;
    int64_t ns = integer_of(in, object, key);
    if (ns >= SIM_NEVER / SIM_NS || ns <= -(SIM_NEVER / SIM_NS)) {
        fail(in, "\"%s\" is beyond the clock", key);
        return 0;
    }
    return ns * SIM_NS;
}

static bool bool_of(Reader *in, json_t *object, const char *key) {
    json_t *value = json_object_get(object, key);
    if (!json_is_boolean(value)) fail(in, "\"%s\" is missing or not true or false", key);
    return json_is_true(value);
}

static json_t *array_of(Reader *in, json_t *object, const char *key) {
    json_t *value = json_object_get(object, key);
    if (!json_is_array(value)) fail(in, "\"%s\" is missing or not a list", key);
    return value;
}

/* A number of so many decimals as an integer over a power of ten. The text of the double has all
 * the digits that were written, up to 15 of them. */
static SimValue value_of(Reader *in, json_t *number, int decimals, const char *key) {
    if (number == NULL || json_is_null(number)) return SIM_NULL;
    if (json_is_integer(number)) return (SimValue){json_integer_value(number), 1};
    if (!json_is_real(number)) {
        fail(in, "\"%s\" is not a number", key);
        return SIM_NULL;
    }
    double real = json_real_value(number);
    if (!(real > -1e18 && real < 1e18)) {
        fail(in, "\"%s\" is too large", key);
        return SIM_NULL;
    }
    char text[64], format[8];
    g_snprintf(format, sizeof format, "%%.%df", decimals);
    g_ascii_formatd(text, sizeof text, format, real);
    SimValue value = {0, 1};
    for (const char *c = text; *c != 0; c++)
        if (*c >= '0' && *c <= '9') value.num = value.num * 10 + (*c - '0');
    for (int i = 0; i < decimals; i++)
        value.den *= 10;
    if (text[0] == '-') value.num = -value.num;
    return value;
}

/* The member at "latency_ns.read.p99", or NULL. */
static json_t *at_path(json_t *object, const char *path) {
    char **keys = g_strsplit(path, ".", -1);
    for (char **key = keys; *key != NULL; key++)
        object = json_object_get(object, *key);
    g_strfreev(keys);
    return object;
}

static json_t *window_of(Reader *in, json_t *element, uint32_t w) {
    return w == 0 ? element : json_object_get(json_object_get(element, "windows"), in->keys[w]);
}

static void values_of(Reader *in, json_t *element, const char *key, int decimals,
                      SimValue *values) {
    for (uint32_t w = 0; w < in->r->n_windows; w++)
        values[w] = value_of(in, at_path(window_of(in, element, w), key), decimals, key);
}

/* ---- the parts of a result ---- */

static void read_header(Reader *in) {
    SimResult *r = in->r;
    r->version = sim_arena_strdup(&r->arena, text_of(in, in->root, "version"));
    r->scenario = sim_arena_strdup(&r->arena, text_of(in, in->root, "scenario"));
    r->description = sim_arena_strdup(&r->arena, text_of(in, in->root, "description"));
    r->ingredients = sim_arena_strdup(&r->arena, text_of(in, in->root, "ingredients"));
    json_t *seed = json_object_get(in->root, "seed");
    if (json_is_string(seed)) {
        guint64 parsed = 0;
        if (!g_ascii_string_to_unsigned(json_string_value(seed), 10, 0, G_MAXUINT64, &parsed, NULL))
            fail(in, "\"seed\" is not a number");
        r->seed = parsed;
    } else {
        r->seed = (uint64_t)integer_of(in, in->root, "seed");
    }
    const char *fingerprint = text_of(in, in->root, "fingerprint");
    guint64 parsed = 0;
    if (!g_str_has_prefix(fingerprint, "0x") ||
        !g_ascii_string_to_unsigned(fingerprint + 2, 16, 0, G_MAXUINT64, &parsed, NULL))
        fail(in, "\"fingerprint\" is not a hexadecimal number");
    r->fingerprint = parsed;
    r->complete = bool_of(in, in->root, "complete");
    r->warmup = time_of(in, in->root, "warmup_ns");
    r->duration = time_of(in, in->root, "duration_ns");
    r->stopped_at = time_of(in, in->root, "stopped_at_ns");
}

static void read_windows(Reader *in, json_t *windows) {
    uint32_t n = in->r->n_windows;
    in->keys = g_new0(char *, n + 1);
    GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);
    for (uint32_t i = 0; i < n; i++) {
        json_t *window = json_array_get(windows, i);
        SimResultWindow *w = &in->r->windows[i];
        w->name = sim_arena_strdup(&in->r->arena, text_of(in, window, "name"));
        w->start = time_of(in, window, "start_ns");
        w->end = time_of(in, window, "end_ns");
        bool doubled = !g_hash_table_add(seen, (gpointer)w->name);
        in->keys[i] = doubled ? g_strdup_printf("%s#%u", w->name, i) : g_strdup(w->name);
    }
    g_hash_table_destroy(seen);
}

static void read_element(Reader *in, json_t *metric, json_t *element, const char *entity) {
    const char *kind = text_of(in, metric, "kind"), *name = text_of(in, metric, "metric"),
               *unit = text_of(in, metric, "unit"), *key = text_of(in, metric, "key");
    int64_t decimals = integer_of(in, metric, "decimals");
    if (decimals < 0 || decimals > SIM_VALUE_DECIMALS) fail(in, "\"decimals\" out of range");
    if (in->failed || at_path(element, key) == NULL) return;
    char *full = g_strjoin("\n", kind, entity, name, NULL);
    if (!g_hash_table_add(in->rows, full)) {
        fail(in, "%s of %s stands twice", name, entity);
        return;
    }
    if ((uint64_t)(in->r->rows.n + 1) * in->r->n_windows > MOST_VALUES) {
        fail(in, "more than %u values", MOST_VALUES);
        return;
    }
    SimValue *values = sim_result_row(in->r, kind, entity, name, unit, (int)decimals);
    values_of(in, element, key, (int)decimals, values);
}

static void read_rows(Reader *in) {
    json_t *dictionary = array_of(in, in->root, "metrics"), *metric;
    size_t i, k;
    json_array_foreach(dictionary, i, metric) {
        const char *kind = text_of(in, metric, "kind");
        if (in->failed) return;
        if (strcmp(kind, "run") == 0) {
            read_element(in, metric, json_object_get(in->root, "run"), "run");
            continue;
        }
        bool hissing = g_str_has_suffix(kind, "s") || g_str_has_suffix(kind, "ch");
        char *member = g_strconcat(kind, hissing ? "es" : "s", NULL);
        json_t *array = array_of(in, in->root, member), *element;
        g_free(member);
        json_array_foreach(array, k, element) {
            const char *entity = text_of(in, element, "name");
            if (in->failed) return;
            read_element(in, metric, element, entity);
        }
    }
}

static void read_resources(Reader *in) {
    json_t *array = array_of(in, in->root, "resources"), *element;
    GHashTable *seen = g_hash_table_new(g_str_hash, g_str_equal);
    size_t i;
    json_array_foreach(array, i, element) {
        if (json_object_get(element, "utilization") == NULL) continue; /* rows only */
        const char *name = text_of(in, element, "name"), *kind = text_of(in, element, "kind");
        if (!in->failed && !g_hash_table_add(seen, (gpointer)name))
            fail(in, "resource %s stands twice", name);
        if ((uint64_t)(i + 1) * in->r->n_windows > MOST_VALUES) fail(in, "too many resources");
        if (in->failed) break;
        SimResourceRow *row = sim_result_resource(in->r, name, kind);
        row->blocker = text_or_null(in, element, "blocker");
        values_of(in, element, "utilization", 6, row->utilization);
        values_of(in, element, "blocked", 6, row->blocked);
    }
    g_hash_table_destroy(seen);
}

static void read_bottlenecks(Reader *in) {
    json_t *object = json_object_get(in->root, "bottleneck");
    if (!json_is_object(object)) fail(in, "\"bottleneck\" is missing");
    for (uint32_t w = 0; w < in->r->n_windows && !in->failed; w++) {
        json_t *window = window_of(in, object, w);
        SimBottleneck *b = &in->r->bottlenecks[w];
        b->resource = text_or_null(in, window, "resource");
        b->limit = text_or_null(in, window, "limit");
        b->next = text_or_null(in, window, "next");
        b->utilization = value_of(in, json_object_get(window, "utilization"), 6, "utilization");
        b->next_utilization =
            value_of(in, json_object_get(window, "next_utilization"), 6, "next_utilization");
        b->headroom = value_of(in, json_object_get(window, "headroom"), 6, "headroom");
    }
}

static void read_faults(Reader *in) {
    json_t *array = array_of(in, in->root, "faults"), *element;
    size_t i;
    json_array_foreach(array, i, element) {
        if (json_object_get(element, "at_ns") == NULL) continue; /* rows only */
        SimFaultRow *row =
            sim_result_fault(in->r, text_of(in, element, "name"), text_of(in, element, "target"));
        row->at = time_of(in, element, "at_ns");
        row->until = time_of(in, element, "until_ns");
        row->outage = time_of(in, element, "outage_ns");
        row->longest_stall = time_of(in, element, "longest_stall_ns");
        row->recovery = time_of(in, element, "recovery_ns");
        row->failed = integer_of(in, element, "failed");
        row->retried = integer_of(in, element, "retried");
        row->lost_frames = integer_of(in, element, "lost_frames");
    }
}

static void read_lists(Reader *in) {
    json_t *element;
    size_t i;
    json_array_foreach(array_of(in, in->root, "audit"), i, element) {
        const char *law = text_of(in, element, "law"), *entity = text_of(in, element, "entity"),
                   *detail = text_of(in, element, "detail");
        sim_result_audit(in->r, law, entity, bool_of(in, element, "passed"), "%s", detail);
    }
    json_array_foreach(array_of(in, in->root, "assumptions"), i, element) {
        const char *id = text_of(in, element, "id"), *text = text_of(in, element, "text"),
                   *source = text_of(in, element, "source");
        sim_result_assume(in->r, id, text, source);
    }
}

static void read_effective(Reader *in) {
    char *folder = g_path_get_dirname(in->path), *text = NULL;
    char *path = g_build_filename(folder, SIM_RESULT_EFFECTIVE, NULL);
    if (g_file_get_contents(path, &text, NULL, NULL))
        in->r->effective = sim_arena_strdup(&in->r->arena, text);
    g_free(text);
    g_free(path);
    g_free(folder);
}

static void read_all(Reader *in) {
    json_t *schema = json_object_get(in->root, "schema");
    if (!json_is_integer(schema)) {
        fail(in, "\"schema\" is missing");
        return;
    }
    if (json_integer_value(schema) != SIM_RESULT_SCHEMA) {
        fail(in, "its schema is %" JSON_INTEGER_FORMAT ", this program reads %d",
             json_integer_value(schema), SIM_RESULT_SCHEMA);
        return;
    }
    json_t *windows = array_of(in, in->root, "windows");
    size_t n = json_array_size(windows);
    if (!in->failed && (n == 0 || n > MOST_WINDOWS)) fail(in, "it has %zu windows", n);
    if (in->failed) return;
    in->r = sim_result_new((uint32_t)n);
    void (*const parts[])(Reader *) = {read_header,      read_rows,   read_resources,
                                       read_bottlenecks, read_faults, read_lists};
    read_windows(in, windows);
    for (size_t i = 0; i < G_N_ELEMENTS(parts) && !in->failed; i++)
        parts[i](in);
    for (size_t i = 0; i < n; i++)
        g_free(in->keys[i]);
    g_free(in->keys);
    if (!in->failed) read_effective(in);
}

SimResult *sim_json_read(const char *path, GError **error) {
    char *bytes = NULL;
    gsize size = 0;
    if (!g_file_get_contents(path, &bytes, &size, error)) return NULL;
    json_error_t problem;
    json_t *root = json_loadb(bytes, size, JSON_REJECT_DUPLICATES, &problem);
    g_free(bytes);
    if (root == NULL) {
        g_set_error(error, G_FILE_ERROR, G_FILE_ERROR_INVAL, "%s:%d:%d: not JSON: %s", path,
                    problem.line, problem.column, problem.text);
        return NULL;
    }
    Reader in = {.path = path, .root = root, .error = error};
    in.rows = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    read_all(&in);
    g_hash_table_destroy(in.rows);
    json_decref(root);
    if (in.failed) {
        sim_result_free(in.r);
        return NULL;
    }
    sim_result_freeze(in.r);
    return in.r;
}
