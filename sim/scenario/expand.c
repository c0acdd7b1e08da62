#include <ctype.h>
#include <inttypes.h>
#include <string.h>

#include "sim/scenario/loader.h"
#include "sim/scenario/suggest.h"
#include "sim/scenario/units.h"

/* ---- templates ---- */

void sim_expand_templates(SimLoader *l) {
    SimNode *node = sim_node_get(l->root, "templates");
    if (!node || !sim_check_is_map(&l->check, node, "a mapping from names to values",
                                   "templates: {fast: {rate: 25Gbps}}"))
        return;
    for (uint32_t i = 0; i < node->n; i++) {
        SimNode *item = node->items[i];
        if (!item->bad) sim_check_is_map(&l->check, item, "a mapping", "fast: {rate: 25Gbps}");
        g_hash_table_insert(l->templates, (gpointer)item->key, item);
    }
}

static void report_unknown_template(SimLoader *l, const SimNode *use) {
    SimGuess guess;
    sim_guess_init(&guess, use->text, &l->guesses);
    if (sim_diagnostics_full(l->out) || g_hash_table_size(l->templates) > 1000) {
        sim_node_report(l->arena, l->out, "E130", use, NULL, NULL, "there is no template \"%.60s\"",
                        use->text);
        return;
    }
    GList *keys = g_list_sort(g_hash_table_get_keys(l->templates), (GCompareFunc)strcmp);
    GString *names = g_string_new(NULL);
    for (GList *at = keys; at; at = at->next) {
        const char *key = at->data;
        sim_guess_offer(&guess, key);
        if (names->len < 200) g_string_append_printf(names, "%s%s", names->len ? ", " : "", key);
    }
    sim_node_report(l->arena, l->out, "E130", use, names->len ? names->str : NULL, guess.best,
                    "there is no template \"%.60s\"", use->text);
    g_list_free(keys);
    g_string_free(names, TRUE);
}

/* Appends the templates that `use:` names, nearest first. False where one is wrong. */
static bool layers_take_templates(SimLoader *l, SimLayers *layers, const SimKind *kind,
                                  const SimNode *item) {
    const SimNode *use = sim_node_get(item, "use");
    int first = layers->n;
    while (use && !use->bad && use->shape == SIM_NODE_SCALAR) {
        SimNode *template = g_hash_table_lookup(l->templates, use->text);
        if (!template) {
            report_unknown_template(l, use);
            return false;
        }
        if (template->bad || template->shape != SIM_NODE_MAP) {
            template->checked = kind;
            return false;
        }
        if (template->checked != kind) {
            int extras = SIM_EXTRA_USE | (kind->part ? SIM_EXTRA_PART : 0);
            sim_check_map(&l->check, template, kind->params, extras);
            template->checked = kind;
        }
        for (int i = first; i < layers->n; i++) {
            if (layers->items[i] != template) continue;
            sim_node_report(
                l->arena, l->out, "E131", use, NULL, NULL,
                "the templates use each other in a circle: \"%.60s\" comes back to itself",
                use->text);
            return false;
        }
        if (layers->n - first == SIM_TEMPLATES_DEEP) {
            sim_node_report(l->arena, l->out, "E131", use, NULL, NULL,
                            "more than %d templates use each other", SIM_TEMPLATES_DEEP);
            return false;
        }
        layers->items[layers->n++] = template;
        use = sim_node_get(template, "use");
    }
    return !use || !use->bad;
}

/* ---- one item as written ---- */

static const SimParam count_param = {
    .key = "count", .type = SIM_COUNT, .doc = "How many of this item there are."};
static const SimParam name_param = {.key = "name", .type = SIM_NAME, .doc = "Its name."};

/* How many the entry makes; 1 where that cannot be told. */
static int64_t entry_count(SimLoader *l, const SimSection *section, SimEntry *entry) {
    const SimNode *node = sim_node_get(entry->node, "count");
    SimParsed value;
    SimValueError error;
    if (!node) return 1;
    entry->counted = true;
    if (node->bad) {
        entry->open = true;
    } else if (!sim_value_parse(&count_param, node->text, &value, &error)) {
        sim_node_report(l->arena, l->out, error.code, node, error.allowed, error.meant, "%s",
                        error.text);
        entry->open = true;
    } else if (value.integer == 0) {
        sim_node_report(l->arena, l->out, "E113", node, "1 or more", NULL,
                        "zero %s; leave the item out instead", section->kind->section);
        entry->open = true;
    } else {
        return value.integer;
    }
    return 1;
}

/* The limit of the kind and the limit of all, before memory is spent. */
static uint32_t limit_count(SimLoader *l, SimSection *section, SimEntry *entry, int64_t count) {
    int64_t room = SIM_ITEMS_MOST - (int64_t)l->total;
    int64_t kind_room = section->kind->limit - (int64_t)section->total;
    if (count <= room && count <= kind_room) return (uint32_t)count;
    const SimNode *node = sim_node_get(entry->node, "count");
    if (!node) node = entry->node;
    entry->open = true;
    uint32_t kept = room > 0 && kind_room > 0; /* one is enough to look for other mistakes */
    if (section->over) return kept;
    section->over = true;
    if (count > kind_room)
        sim_node_report(l->arena, l->out, "E121", node,
                        sim_arena_printf(l->arena, "at most %" PRId64 " %s", section->kind->limit,
                                         section->kind->section),
                        NULL, "%" PRId64 " %s are too many", count + section->total,
                        section->kind->section);
    else
        sim_node_report(l->arena, l->out, "E121", node, "at most 100000 items of all kinds", NULL,
                        "%" PRId64 " items are too many", count + (int64_t)l->total);
    return kept;
}

/* "{from}-{to}" with the texts of the slots; NULL where one has none. */
static const char *auto_name(SimLoader *l, const SimKind *kind, const SimForm *form) {
    GString *name = g_string_new(NULL);
    const char *at = kind->auto_name;
    bool good = true;
    while (*at && good) {
        const char *close = *at == '{' ? strchr(at, '}') : NULL;
        if (!close) {
            g_string_append_c(name, *at++);
            continue;
        }
        char *key = g_strndup(at + 1, (gsize)(close - at - 1));
        const SimSlot *slot = sim_form_slot(form, key);
        good = slot && !slot->bad && slot->text;
        if (good) g_string_append(name, slot->text);
        g_free(key);
        at = close + 1;
    }
    const char *copy = good ? sim_arena_strdup(l->arena, name->str) : NULL;
    g_string_free(name, TRUE);
    return copy;
}

static const char *nameless(SimLoader *l, const SimSection *section, SimEntry *entry) {
    entry->open = true;
    return sim_arena_printf(l->arena, "%s %u", section->kind->kind, section->n);
}

static const char *entry_name(SimLoader *l, const SimSection *section, SimEntry *entry) {
    const SimKind *kind = section->kind;
    const SimNode *node = kind->map ? entry->node : sim_node_get(entry->node, "name");
    const char *text = kind->map ? node->key : node ? node->text : NULL;
    SimParsed value;
    SimValueError error;
    if (!node) {
        const char *name = kind->auto_name ? auto_name(l, kind, entry->form) : NULL;
        entry->dotted = true;
        if (name) return name;
        if (!kind->auto_name)
            sim_node_report(l->arena, l->out, "E102", entry->node, "name: and a word", NULL,
                            "the %s has no name", kind->kind);
        return nameless(l, section, entry);
    }
    if ((node->bad && !kind->map) || !text) return nameless(l, section, entry);
    if (!sim_value_parse(&name_param, text, &value, &error)) {
        if (kind->map)
            sim_node_report_key(l->arena, l->out, error.code, node, error.allowed, error.meant,
                                "%s", error.text);
        else
            sim_node_report(l->arena, l->out, error.code, node, error.allowed, error.meant, "%s",
                            error.text);
        entry->open = true;
    }
    size_t length = strlen(text);
    if (length > 256) return nameless(l, section, entry); /* would be copied by every item */
    entry->dotted = length && isdigit((unsigned char)text[length - 1]);
    return text;
}

static void add_entry(SimLoader *l, SimSection *section, SimNode *node, const SimNode *defaults) {
    const SimKind *kind = section->kind;
    SimEntry *entry = SIM_PUSH(l->arena, section);
    int extras = kind->map ? 0 : SIM_EXTRA_NAME | SIM_EXTRA_COUNT;
    entry->node = node;
    if (!sim_check_is_map(&l->check, node, kind->map ? "a mapping" : "an item",
                          kind->map ? "storage: {...}" : "- name: and its keys")) {
        section->n--;
        section->open = true;
        return;
    }
    extras |= SIM_EXTRA_USE | (kind->part ? SIM_EXTRA_PART : 0);
    sim_check_map(&l->check, node, kind->params, extras);
    SimLayers layers = {.items = {node}, .n = 1};
    entry->lenient = !layers_take_templates(l, &layers, kind, node);
    if (defaults) layers.items[layers.n++] = defaults;
    entry->form = sim_form_fill(l, kind->params, &layers, kind->part, node, entry->lenient);
    entry->base = entry_name(l, section, entry);
    entry->first = section->total;
    entry->count = limit_count(l, section, entry, entry_count(l, section, entry));
    section->total += entry->count;
    l->total += entry->count;
}

/* ---- names ---- */

static void add_symbol(SimLoader *l, SimSection *section, uint32_t entry_index, const char *name,
                       uint32_t first, uint32_t count) {
    const SimEntry *entry = &section->items[entry_index];
    SimSymbol *other = g_hash_table_lookup(section->symbols, name);
    if (!other) {
        SimSymbol *symbol = SIM_NEW(l->arena, SimSymbol);
        *symbol = (SimSymbol){entry_index, first, count};
        g_hash_table_insert(section->symbols, (gpointer)name, symbol);
        return;
    }
    const SimEntry *before = &section->items[other->entry];
    const SimNode *node = sim_node_get(entry->node, "name");
    const char *hint = node ? NULL : "a name: of its own, or one item with count:";
    if (other->entry == entry_index) return;
    sim_node_report(l->arena, l->out, "E122", node ? node : entry->node, hint, NULL,
                    "the %s name \"%.80s\" is taken by the one in line %u", section->kind->kind,
                    name, before->node->line);
}

static void name_items(SimLoader *l, SimSection *section) {
    section->names = SIM_NEW_N(l->arena, const char *, section->total);
    for (uint32_t i = 0; i < section->n; i++) {
        SimEntry *entry = &section->items[i];
        add_symbol(l, section, i, entry->base, entry->first, entry->count);
        for (uint32_t k = 0; k < entry->count; k++) {
            const char *name = entry->base;
            if (entry->counted)
                name = sim_arena_printf(l->arena, "%s%s%u", entry->base, entry->dotted ? "." : "",
                                        k + 1);
            section->names[entry->first + k] = name;
            if (entry->counted) add_symbol(l, section, i, name, entry->first + k, 1);
        }
    }
}

/* ---- sections ---- */

static const SimNode *section_defaults(SimLoader *l, const SimKind *kind) {
    const SimNode *all = sim_node_get(l->root, "defaults");
    if (!all || all->bad || all->shape != SIM_NODE_MAP) return NULL;
    SimNode *node = sim_node_get(all, kind->section);
    return node && !node->bad && node->shape == SIM_NODE_MAP ? node : NULL;
}

static void expand_section(SimLoader *l, SimSection *section) {
    const SimKind *kind = section->kind;
    const SimNode *defaults = section_defaults(l, kind);
    SimNode *node = section->node;
    section->symbols = g_hash_table_new(g_str_hash, g_str_equal);
    if (!node || node->bad) {
        section->open = node != NULL;
        return;
    }
    bool shape = node->shape == (kind->map ? SIM_NODE_MAP : SIM_NODE_LIST);
    if (!shape || node->n == 0) {
        const char *like = kind->map
                               ? sim_arena_printf(l->arena, "%s: {name: {...}}", kind->section)
                               : sim_arena_printf(l->arena,
                                                  "%s: and below it items that begin "
                                                  "with - name:",
                                                  kind->section);
        section->open = true;
        if (sim_node_null(node))
            sim_node_report(l->arena, l->out, "E103", node, like, NULL, "there is no value");
        else if (!shape)
            sim_node_report(l->arena, l->out, "E101", node, like, NULL, "this must be a %s",
                            kind->map ? "mapping from names to items" : "list of items");
        else
            sim_node_report(l->arena, l->out, "E113", node, NULL, NULL,
                            "zero %s; leave the section out instead", kind->section);
        return;
    }
    for (uint32_t i = 0; i < node->n && !l->too_large; i++)
        if (node->items[i]->bad)
            section->open = true;
        else
            add_entry(l, section, node->items[i], defaults);
    name_items(l, section);
}

static void warn_unused_templates(SimLoader *l) {
    const SimNode *all = sim_node_get(l->root, "templates");
    for (uint32_t i = 0; all && all->shape == SIM_NODE_MAP && i < all->n; i++) {
        const SimNode *node = all->items[i];
        if (!node->checked && !node->bad)
            sim_node_report_key(l->arena, l->out, "W101", node, NULL, NULL,
                                "the template \"%.60s\" is used by nobody and was not checked",
                                node->key);
    }
}

void sim_expand(SimLoader *l) {
    for (uint32_t i = 0; i < l->n_sections; i++)
        expand_section(l, &l->sections[i]);
    warn_unused_templates(l);
    if (l->too_large)
        sim_diagnostics_add(l->out, "E017", 0, 0, NULL, NULL, NULL,
                            "the scenario is too large once templates and lists are expanded");
}
