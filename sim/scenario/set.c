/* --set path=value: one more hand that writes into the tree, before anything is checked. */
#include <ctype.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "sim/scenario/suggest.h"
#include "sim/scenario/tree.h"

typedef struct Setting {
    SimArena *arena;
    SimDiagnostics *out;
    const char *path; /* without the value */
} Setting;

static void refuse(const Setting *set, const char *allowed, const char *meant, const char *format,
                   ...) __attribute__((format(printf, 4, 5)));

static void refuse(const Setting *set, const char *allowed, const char *meant, const char *format,
                   ...) {
    va_list args;
    va_start(args, format);
    const char *path = sim_arena_printf(set->arena, "--set %s", set->path);
    sim_diagnostics_addv(set->out, "E016", 0, 0, path, allowed, meant, format, args);
    va_end(args);
}

static SimNode *member_new(const Setting *set, SimNode *map, const char *key) {
    SimNode *node = SIM_NEW(set->arena, SimNode);
    node->shape = SIM_NODE_MAP;
    node->origin = SIM_FROM_SET;
    node->text = "";
    node->key = node->as = key;
    node->parent = map;
    *SIM_PUSH(set->arena, map) = node;
    return node;
}

/* The item of a list by the name it has in the file. */
static SimNode *item_named(const Setting *set, const SimNode *list, const char *name) {
    SimGuess guess;
    sim_guess_init(&guess, name, NULL);
    GString *names = g_string_new(NULL);
    SimNode *found = NULL;
    for (uint32_t i = 0; i < list->n && !found; i++) {
        const char *other = sim_node_text(list->items[i], "name");
        if (!other) continue;
        if (strcmp(other, name) == 0) found = list->items[i];
        if (i < 200) sim_guess_offer(&guess, other);
        if (i < 10) g_string_append_printf(names, "%s%s", names->len ? ", " : "", other);
    }
    if (!found)
        refuse(set, names->len ? names->str : "an index such as [0]", guess.best,
               "no item here has the name \"%.40s\"", name);
    g_string_free(names, TRUE);
    return found;
}

static SimNode *step_index(const Setting *set, SimNode *at, const char *digits) {
    char *end;
    unsigned long index = strtoul(digits, &end, 10);
    if (at->shape != SIM_NODE_LIST) {
        refuse(set, NULL, NULL, "[%.20s] follows something that is no list", digits);
        return NULL;
    }
    if (end == digits || *end || !isdigit((unsigned char)*digits) || index >= at->n) {
        refuse(set, at->n ? sim_arena_printf(set->arena, "[0] to [%u]", at->n - 1) : NULL, NULL,
               "the list has no item [%.20s]", digits);
        return NULL;
    }
    return at->items[index];
}

static SimNode *step_key(const Setting *set, SimNode *at, const char *key) {
    if (at->shape == SIM_NODE_LIST) return item_named(set, at, key);
    if (at->shape == SIM_NODE_SCALAR) {
        refuse(set, NULL, NULL, "\"%.40s\" follows a plain value, which has no keys", key);
        return NULL;
    }
    SimNode *member = sim_node_get(at, key);
    return member ? member : member_new(set, at, key);
}

/* Splits "hosts[0].nic" into "hosts", "[0", "nic". NULL where it is no path. */
static char **path_split(const char *path) {
    GPtrArray *steps = g_ptr_array_new_with_free_func(g_free);
    const char *at = path;
    bool good = *at && *at != '[';
    while (good && *at) {
        bool index = *at == '[';
        size_t n = index ? strcspn(at, "]") : strcspn(at, ".[");
        good = n > (index ? 1u : 0u) && (!index || at[n] == ']');
        if (!good) break;
        g_ptr_array_add(steps, g_strndup(at, n));
        at += n + index;
        if (*at == '.') {
            at++;
            good = *at && *at != '[' && *at != '.';
        } else {
            good = !*at || *at == '[';
        }
    }
    if (steps->len > SIM_TREE_DEPTH - 2) good = false;
    g_ptr_array_add(steps, NULL);
    char **list = (char **)g_ptr_array_free(steps, FALSE);
    if (good) return list;
    g_strfreev(list);
    return NULL;
}

/* Puts `value` in the place of `target`, which keeps its key and its parent. */
static void replace(SimNode *target, const SimNode *value) {
    SimNode old = *target;
    *target = *value;
    target->key = old.key;
    target->as = old.as;
    target->parent = old.parent;
    target->index = old.index;
    for (uint32_t i = 0; i < target->n; i++)
        target->items[i]->parent = target;
}

static SimNode *value_parse(const Setting *set, const char *text) {
    SimDiagnostics *local = sim_diagnostics_new(NULL);
    SimNode *value = sim_tree_parse(set->arena, text, strlen(text), SIM_FROM_SET, local);
    if (sim_diagnostics_has(local, "E003"))
        refuse(set, NULL, NULL, "no value follows the =");
    else if (!value || sim_diagnostics_errors(local))
        refuse(set, "a value as in a scenario: 10s, v2, [tor1, tor2], {rate: 25Gbps}", NULL,
               "the value \"%.40s\" cannot be read", text);
    bool good = value && !sim_diagnostics_errors(local);
    sim_diagnostics_free(local);
    return good ? value : NULL;
}

void sim_tree_set(SimArena *arena, SimNode *root, const char *text, SimDiagnostics *out) {
    const char *equals = strchr(text, '=');
    Setting set = {arena, out, text};
    if (!equals || equals == text || !g_utf8_validate(text, -1, NULL)) {
        if (!g_utf8_validate(text, -1, NULL)) set.path = "";
        refuse(&set, "path=value, such as duration=10s or hosts.node.nic.roce=v2", NULL,
               "this is no override");
        return;
    }
    char *path = sim_arena_strdup(arena, text);
    path[equals - text] = 0;
    set.path = path;
    char **steps = path_split(path);
    if (!steps) {
        refuse(&set, "keys joined by dots, items by [0] or by name: hosts[0].nic.rate", NULL,
               "this is not a path");
        return;
    }
    SimNode *value = value_parse(&set, equals + 1), *at = value ? root : NULL;
    for (char **step = steps; at && *step; step++) {
        if ((*step)[0] == '[')
            at = step_index(&set, at, *step + 1);
        else
            at = step_key(&set, at, sim_arena_strdup(arena, *step));
    }
    if (at) replace(at, value);
    g_strfreev(steps);
}
