#include "sim/scenario/tree.h"

#include <glib.h>
#include <string.h>
#include <yaml.h>

#include "sim/base/assert.h"

/* ---- the nodes ---- */

SimNode *sim_node_get(const SimNode *map, const char *key) {
    if (!map || map->shape != SIM_NODE_MAP) return NULL;
    for (uint32_t i = 0; i < map->n; i++)
        if (strcmp(map->items[i]->as, key) == 0) return map->items[i];
    return NULL;
}

const char *sim_node_text(const SimNode *map, const char *key) {
    const SimNode *node = sim_node_get(map, key);
    bool good = node && !node->bad && node->shape == SIM_NODE_SCALAR && !sim_node_null(node);
    return good ? node->text : NULL;
}

bool sim_node_null(const SimNode *node) {
    static const char *const nulls[] = {"", "~", "null", "Null", "NULL"};
    if (node->shape != SIM_NODE_SCALAR || !node->plain) return false;
    for (size_t i = 0; i < sizeof nulls / sizeof *nulls; i++)
        if (strcmp(node->text, nulls[i]) == 0) return true;
    return false;
}

const char *sim_node_path(SimArena *arena, const SimNode *node) {
    const SimNode *chain[SIM_TREE_DEPTH + 4];
    int n = 0;
    for (const SimNode *at = node; at->parent && n < SIM_TREE_DEPTH + 4; at = at->parent)
        chain[n++] = at;
    GString *path = g_string_new(node->origin == SIM_FROM_SET ? "--set " : NULL);
    size_t head = path->len;
    while (n-- > 0) {
        if (chain[n]->key) {
            if (path->len > head) g_string_append_c(path, '.');
            g_string_append_len(path, chain[n]->key, (gssize)strnlen(chain[n]->key, 80));
        } else {
            g_string_append_printf(path, "[%u]", chain[n]->index);
        }
    }
    const char *copy = sim_arena_strdup(arena, path->str);
    g_string_free(path, TRUE);
    return copy;
}

void sim_node_report(SimArena *arena, SimDiagnostics *out, const char *code, const SimNode *node,
                     const char *allowed, const char *meant, const char *format, ...) {
    va_list args;
    va_start(args, format);
    sim_diagnostics_addv(out, code, node->line, node->column, sim_node_path(arena, node), allowed,
                         meant, format, args);
    va_end(args);
}

void sim_node_report_key(SimArena *arena, SimDiagnostics *out, const char *code,
                         const SimNode *node, const char *allowed, const char *meant,
                         const char *format, ...) {
    va_list args;
    va_start(args, format);
    uint32_t line = node->key ? node->key_line : node->line;
    uint32_t column = node->key ? node->key_column : node->column;
    sim_diagnostics_addv(out, code, line, column, sim_node_path(arena, node), allowed, meant,
                         format, args);
    va_end(args);
}

/* ---- the prescan ---- */

typedef struct Scan {
    yaml_parser_t parser;
    SimArena *arena;
    SimDiagnostics *out;
    SimOrigin origin;
    SimNode *stack[SIM_TREE_DEPTH];
    int depth;
    SimNode *root;
    bool have_key;   /* the next node is the value of `key` */
    bool key_is_bad; /* ... and does not count */
    const char *key;
    uint32_t key_line, key_column;
    uint32_t events, documents;
    GHashTable *aliases; /* names that were reported */
    bool stop;
} Scan;

static void scan_report(Scan *scan, const char *code, yaml_mark_t mark, const char *allowed,
                        const char *format, ...) __attribute__((format(printf, 5, 6)));

static void scan_report(Scan *scan, const char *code, yaml_mark_t mark, const char *allowed,
                        const char *format, ...) {
    bool file = scan->origin != SIM_FROM_SET;
    va_list args;
    va_start(args, format);
    sim_diagnostics_addv(scan->out, code, file ? (uint32_t)mark.line + 1 : 0,
                         file ? (uint32_t)mark.column + 1 : 0, NULL, allowed, NULL, format, args);
    va_end(args);
}

/* Hangs a new node below the one that is open, or makes it the root. */
static SimNode *scan_node(Scan *scan, SimNodeShape shape, yaml_mark_t mark) {
    SimNode *node = SIM_NEW(scan->arena, SimNode);
    SimNode *parent = scan->depth ? scan->stack[scan->depth - 1] : NULL;
    node->shape = shape;
    node->origin = scan->origin;
    node->text = "";
    if (scan->origin != SIM_FROM_SET) {
        node->line = (uint32_t)mark.line + 1;
        node->column = (uint32_t)mark.column + 1;
    }
    if (!parent) {
        if (!scan->root) scan->root = node;
        return node;
    }
    node->parent = parent;
    node->index = parent->n;
    if (parent->shape == SIM_NODE_MAP) {
        node->key = node->as = scan->key;
        node->key_line = scan->key_line;
        node->key_column = scan->key_column;
        scan->have_key = false;
        if (scan->key_is_bad) return node; /* lives on its own */
    }
    *SIM_PUSH(scan->arena, parent) = node;
    return node;
}

static bool wants_key(const Scan *scan) {
    return scan->depth && scan->stack[scan->depth - 1]->shape == SIM_NODE_MAP && !scan->have_key;
}

static void scan_set_key(Scan *scan, const char *key, yaml_mark_t mark, bool bad) {
    scan->have_key = true;
    scan->key_is_bad = bad;
    scan->key = key;
    bool file = scan->origin != SIM_FROM_SET;
    scan->key_line = file ? (uint32_t)mark.line + 1 : 0;
    scan->key_column = file ? (uint32_t)mark.column + 1 : 0;
}

#define REUSE                                                                                      \
    "`defaults:` for all items of a section, `templates:` with `use:` for named sets of values"

static void refuse_extras(Scan *scan, yaml_mark_t mark, const yaml_char_t *anchor,
                          const yaml_char_t *tag) {
    if (anchor)
        scan_report(scan, "E010", mark, REUSE, "anchors (&%.40s) are not used",
                    (const char *)anchor);
    if (tag)
        scan_report(scan, "E011", mark, "the value without its tag", "tags (%.40s) are not used",
                    (const char *)tag);
}

static void scan_scalar(Scan *scan, const yaml_event_t *event) {
    yaml_mark_t mark = event->start_mark;
    const char *value = (const char *)event->data.scalar.value;
    size_t length = event->data.scalar.length;
    refuse_extras(scan, mark, event->data.scalar.anchor, event->data.scalar.tag);
    bool nul = memchr(value, 0, length) != NULL;
    if (nul) scan_report(scan, "E007", mark, NULL, "the text holds a NUL byte (\\0)");
    char *text = sim_arena_alloc(scan->arena, length + 1);
    memcpy(text, value, length);
    bool plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (!wants_key(scan)) {
        SimNode *node = scan_node(scan, SIM_NODE_SCALAR, mark);
        node->plain = plain;
        node->text = text;
        node->bad = nul;
        return;
    }
    bool merge = plain && strcmp(text, "<<") == 0;
    if (merge) scan_report(scan, "E012", mark, REUSE, "merge keys (<<) are not used");
    if (merge) scan->stack[scan->depth - 1]->partial = true;
    scan_set_key(scan, text, mark, merge || nul);
}

/* A list or mapping begins. One that stands where a key belongs is read and forgotten. */
static void scan_open(Scan *scan, SimNodeShape shape, yaml_mark_t mark) {
    if (scan->depth == SIM_TREE_DEPTH) {
        scan_report(scan, "E008", mark, NULL, "lists and mappings are nested more than %d deep",
                    SIM_TREE_DEPTH);
        scan->stop = true;
        return;
    }
    if (wants_key(scan)) {
        scan_report(scan, "E014", mark, NULL, "a key must be plain text, not a list or mapping");
        scan->stop = true;
        return;
    }
    SimNode *node = scan_node(scan, shape, mark);
    scan->stack[scan->depth++] = node;
}

static void report_duplicate(Scan *scan, SimNode *node, const SimNode *first) {
    node->bad = true;
    node->as = "";
    sim_node_report_key(scan->arena, scan->out, "E015", node, NULL, NULL,
                        "the key \"%.40s\" is given twice; the first is in line %u", node->key,
                        first->key_line);
}

static void scan_close(Scan *scan) {
    SimNode *node = scan->stack[--scan->depth];
    scan->have_key = false;
    if (node->shape != SIM_NODE_MAP || node->n < 2) return;
    GHashTable *seen = node->n > 16 ? g_hash_table_new(g_str_hash, g_str_equal) : NULL;
    for (uint32_t i = 0; i < node->n; i++) {
        SimNode *first = NULL, *item = node->items[i];
        if (seen)
            first = g_hash_table_lookup(seen, item->key);
        else
            for (uint32_t k = 0; k < i && !first; k++)
                if (strcmp(node->items[k]->key, item->key) == 0) first = node->items[k];
        if (first)
            report_duplicate(scan, item, first);
        else if (seen)
            g_hash_table_insert(seen, (gpointer)item->key, item);
    }
    if (seen) g_hash_table_destroy(seen);
}

/* Each name is reported once: a bomb has many. */
static void scan_alias(Scan *scan, const yaml_event_t *event) {
    char *name = g_strdup((const char *)event->data.alias.anchor);
    if (!g_hash_table_contains(scan->aliases, name))
        scan_report(scan, "E010", event->start_mark, REUSE, "aliases (*%.40s) are not used", name);
    g_hash_table_add(scan->aliases, name);
    if (wants_key(scan))
        scan_set_key(scan, "*", event->start_mark, true);
    else
        scan_node(scan, SIM_NODE_SCALAR, event->start_mark)->bad = true;
}

static void scan_event(Scan *scan, const yaml_event_t *event) {
    if (++scan->events > SIM_TREE_EVENTS) {
        scan_report(scan, "E009", event->start_mark, NULL, "more than %d YAML events",
                    SIM_TREE_EVENTS);
        scan->stop = true;
        return;
    }
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        if (++scan->documents == 2) {
            scan_report(scan, "E005", event->start_mark, "one scenario a file",
                        "a second document begins here");
            scan->stop = true;
        }
        break;
    case YAML_ALIAS_EVENT:
        scan_alias(scan, event);
        break;
    case YAML_SCALAR_EVENT:
        scan_scalar(scan, event);
        break;
    case YAML_SEQUENCE_START_EVENT:
        refuse_extras(scan, event->start_mark, event->data.sequence_start.anchor,
                      event->data.sequence_start.tag);
        scan_open(scan, SIM_NODE_LIST, event->start_mark);
        break;
    case YAML_MAPPING_START_EVENT:
        refuse_extras(scan, event->start_mark, event->data.mapping_start.anchor,
                      event->data.mapping_start.tag);
        scan_open(scan, SIM_NODE_MAP, event->start_mark);
        break;
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        scan_close(scan);
        break;
    case YAML_STREAM_END_EVENT:
        scan->stop = true;
        break;
    default:
        break;
    }
}

static void report_syntax(Scan *scan, SimDiagnostics *out) {
    const yaml_parser_t *p = &scan->parser;
    const char *problem = p->problem ? p->problem : "unknown problem";
    const char *hint = NULL;
    if (strstr(problem, "cannot start any token") || strstr(problem, "tab character"))
        hint = "blanks, not tabs, for indentation; quotes around text that begins with a sign";
    else if (strstr(problem, "mapping values are not allowed"))
        hint = "quotes around text that holds a colon and a blank; the same indentation for keys "
               "of one mapping";
    scan->out = out;
    scan_report(scan, "E004", p->problem_mark, hint, "this is not valid YAML: %s%s%s", problem,
                p->context ? ", " : "", p->context ? p->context : "");
}

/* False where the syntax is broken or a limit was reached; then only that is in `out`. */
static bool scan_run(Scan *scan, SimDiagnostics *out) {
    bool good = true;
    while (good && !scan->stop) {
        yaml_event_t event;
        good = yaml_parser_parse(&scan->parser, &event) != 0;
        if (!good) {
            report_syntax(scan, out);
            break;
        }
        scan_event(scan, &event);
        yaml_event_delete(&event);
    }
    if (good) sim_diagnostics_move(out, scan->out);
    return good;
}

/* ---- before libyaml sees it ---- */

static bool bytes_are_text(const char *bytes, size_t size, SimDiagnostics *out) {
    const char *end;
    if (g_utf8_validate_len(bytes, size, &end)) return true;
    uint32_t line = 1, column = 1;
    for (const char *at = bytes; at < end; at++) {
        if (*at == '\n') {
            line++;
            column = 0;
        }
        if (((unsigned char)*at & 0xc0) != 0x80) column++;
    }
    if (*end == 0)
        sim_diagnostics_add(out, "E007", line, column, NULL, NULL, NULL,
                            "a NUL byte: this looks like a binary file");
    else
        sim_diagnostics_add(out, "E006", line, column, NULL, NULL, NULL,
                            "the byte 0x%02x is not valid UTF-8", (unsigned char)*end);
    return false;
}

SimNode *sim_tree_parse(SimArena *arena, const void *bytes, size_t size, SimOrigin origin,
                        SimDiagnostics *out) {
    if (size > SIM_TREE_BYTES) {
        sim_diagnostics_add(out, "E002", 0, 0, NULL, "at most 16 MiB", NULL,
                            "the file is too large (%zu bytes)", size);
        return NULL;
    }
    if (!bytes_are_text(bytes, size, out)) return NULL;
    Scan scan = {.arena = arena, .origin = origin, .out = sim_diagnostics_new(NULL)};
    scan.aliases = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    if (!yaml_parser_initialize(&scan.parser)) sim_out_of_memory(sizeof scan.parser);
    SimDiagnostics *local = scan.out;
    yaml_parser_set_encoding(&scan.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&scan.parser, bytes, size);
    uint32_t before = sim_diagnostics_errors(out);
    bool good = scan_run(&scan, out);
    bool whole = scan.depth == 0;
    yaml_parser_delete(&scan.parser);
    g_hash_table_destroy(scan.aliases);
    sim_diagnostics_free(local);
    if (!good || !whole) return NULL;
    if (!scan.root && sim_diagnostics_errors(out) == before)
        sim_diagnostics_add(out, "E003", 0, 0, NULL, "a scenario, beginning with `schema: 1`", NULL,
                            "the file is empty");
    bool several = scan.documents > 1;
    return several ? NULL : scan.root;
}
