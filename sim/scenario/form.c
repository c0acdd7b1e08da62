#include <string.h>

#include "sim/base/assert.h"
#include "sim/scenario/loader.h"
#include "sim/scenario/suggest.h"
#include "sim/scenario/units.h"

bool sim_slot_given(const SimSlot *slot) {
    return !slot->bad && (slot->text || slot->node || slot->group || slot->groups);
}

const SimSlot *sim_form_slot(const SimForm *form, const char *key) {
    for (uint32_t i = 0; i < form->n; i++)
        if (strcmp(form->slots[i].param->key, key) == 0) return &form->slots[i];
    return NULL;
}

const SimNode *sim_slot_place(const SimForm *form, const SimSlot *slot) {
    if (slot && slot->node && slot->origin != SIM_FROM_PART && slot->origin != SIM_FROM_TABLE)
        return slot->node;
    if (slot && slot->origin == SIM_FROM_PART && form->part_node) return form->part_node;
    return form->where;
}

/* ---- one value out of layers ---- */

/* The member of the highest layer that has it. */
static const SimNode *layers_get(const SimLayers *layers, const char *key) {
    for (int i = 0; i < layers->n; i++) {
        const SimNode *node = sim_node_get(layers->items[i], key);
        if (node) return node;
    }
    return NULL;
}

static void layers_add(SimLayers *layers, const SimNode *node) {
    SIM_CHECK(layers->n < SIM_LAYERS_MOST);
    layers->items[layers->n++] = node;
}

static bool layers_take_part(SimLoader *l, SimLayers *layers, const char *kind,
                             const SimNode **part_node) {
    const SimNode *node = kind ? layers_get(layers, "part") : NULL;
    *part_node = layers->part_node;
    if (!node) return true;
    if (node->bad || node->shape != SIM_NODE_SCALAR) return false;
    const SimPart *part = sim_catalog_find(&l->catalog, kind, node->text);
    if (part) {
        layers_add(layers, part->values);
        *part_node = node;
        return true;
    }
    SimGuess guess;
    sim_guess_init(&guess, node->text, &l->guesses);
    GString *names = g_string_new(NULL);
    for (uint32_t i = 0; i < l->catalog.n; i++) {
        if (strcmp(l->catalog.items[i].kind, kind) != 0) continue;
        sim_guess_offer(&guess, l->catalog.items[i].name);
        g_string_append_printf(names, "%s%s", names->len ? ", " : "", l->catalog.items[i].name);
    }
    const SimPart *other = sim_catalog_find(&l->catalog, NULL, node->text);
    if (other)
        sim_node_report(l->arena, l->out, "E132", node, names->str, guess.best,
                        "\"%.60s\" is a %s, but a %s belongs here", node->text, other->kind, kind);
    else
        sim_node_report(l->arena, l->out, "E132", node, names->str, guess.best,
                        "the catalog has no %s \"%.60s\"", kind, node->text);
    g_string_free(names, TRUE);
    return false;
}

/* Which variant an item is: the one that the highest layer with any variant names. */
static const SimParam *choose_variant(SimLoader *l, const SimParam *params, const SimLayers *layers,
                                      const SimNode *where, bool lenient) {
    const SimParam *chosen = NULL;
    GString *names = g_string_new(NULL);
    for (int i = 0; i < layers->n && !chosen; i++) {
        for (const SimParam *param = params; param->key; param++) {
            const SimNode *node =
                param->variant ? sim_node_get(layers->items[i], param->key) : NULL;
            if (node && chosen)
                sim_node_report_key(l->arena, l->out, "E112", node, NULL, NULL,
                                    "\"%s\" and \"%s\" cannot both be given", chosen->key,
                                    param->key);
            else if (node)
                chosen = param;
        }
    }
    for (const SimParam *param = params; param->key; param++)
        if (param->variant)
            g_string_append_printf(names, "%s%s", names->len ? ", " : "", param->key);
    if (names->len && !chosen && !lenient)
        sim_node_report(l->arena, l->out, "E112", where, names->str, NULL,
                        "exactly one of several keys must be given, and none is");
    g_string_free(names, TRUE);
    return chosen;
}

/* ---- the slots ---- */

static void note_part_value(SimLoader *l, const SimForm *form, const SimSlot *slot) {
    const char *part_name = form->part_node->text;
    const SimNode *top = slot->node;
    GString *key = g_string_new(slot->node->key);
    for (top = slot->node->parent; top && top->key && strcmp(top->key, "values") != 0;
         top = top->parent) {
        g_string_prepend_c(key, '.');
        g_string_prepend(key, top->key);
    }
    char *id = g_strdup_printf("%s %s", part_name, key->str);
    if (g_hash_table_contains(l->part_seen, id)) {
        g_free(id);
        g_string_free(key, TRUE);
        return;
    }
    g_hash_table_add(l->part_seen, id);
    const SimPart *part = sim_catalog_find(&l->catalog, NULL, part_name);
    GString *value = g_string_new(slot->text);
    for (uint32_t i = 0; slot->node->shape == SIM_NODE_LIST && i < slot->node->n; i++)
        g_string_append_printf(value, "%s%s", i ? ", " : "", slot->node->items[i]->text);
    SimPartValue *use = SIM_PUSH(l->arena, l->parts);
    use->part = part->name;
    use->kind = part->kind;
    use->key = sim_arena_strdup(l->arena, key->str);
    use->value = sim_arena_strdup(l->arena, value->str);
    use->source = sim_part_source(part, use->key);
    g_string_free(key, TRUE);
    g_string_free(value, TRUE);
}

static void report_missing(SimLoader *l, const SimParam *param, const SimNode *where) {
    const char *base = where->parent ? sim_node_path(l->arena, where) : "";
    const char *path = sim_arena_printf(l->arena, "%s%s%s", base, *base ? "." : "", param->key);
    bool scalar = param->shape == SIM_SCALAR || param->shape == SIM_LIST;
    const char *allowed = scalar ? sim_type_allowed(param->type) : NULL;
    if (param->type == SIM_CHOICE && scalar) allowed = param->choices;
    sim_diagnostics_add(l->out, "E102", where->line, where->column, path, allowed, NULL,
                        "is missing: %s", param->doc);
}

/* A default of the table that is a list or a group, as a tree. */
static const SimNode *table_default(SimLoader *l, const SimParam *param) {
    SimDiagnostics *local = sim_diagnostics_new(NULL);
    const SimNode *node =
        sim_tree_parse(l->arena, param->def, strlen(param->def), SIM_FROM_TABLE, local);
    SIM_CHECK(node && !sim_diagnostics_errors(local) && "a default in a table is not YAML");
    sim_diagnostics_free(local);
    bool list = param->shape == SIM_LIST || param->shape == SIM_GROUPS;
    SIM_CHECK(node->shape == (list ? SIM_NODE_LIST : SIM_NODE_MAP) && "a default's shape");
    return node;
}

static void fill_group(SimLoader *l, const SimForm *form, SimSlot *slot, const SimLayers *layers,
                       bool lenient) {
    const SimNode *where = form->where;
    SimLayers inner = {.part_node = form->part_node};
    for (int i = 0; i < layers->n; i++) {
        const SimNode *node = sim_node_get(layers->items[i], slot->param->key);
        if (node && !node->bad && node->shape == SIM_NODE_MAP) layers_add(&inner, node);
    }
    const SimNode *top = inner.n ? inner.items[0] : where;
    if (top->origin == SIM_FROM_PART || top->origin == SIM_FROM_TABLE) top = where;
    slot->group = sim_form_fill(l, slot->param->fields, &inner, slot->param->part, top, lenient);
}

static void fill_groups(SimLoader *l, SimSlot *slot, const SimNode *where, bool lenient) {
    const SimNode *list = slot->node;
    slot->groups = SIM_NEW_N(l->arena, SimForm *, list->n);
    for (uint32_t i = 0; i < list->n && !l->too_large; i++) {
        const SimNode *item = list->items[i];
        if (item->bad || item->shape != SIM_NODE_MAP) continue;
        SimLayers one = {.items = {item}, .n = 1};
        const SimNode *place = item->origin == SIM_FROM_TABLE ? where : item;
        slot->groups[slot->n_groups++] =
            sim_form_fill(l, slot->param->fields, &one, slot->param->part, place, lenient);
    }
}

static void fill_default(SimLoader *l, SimSlot *slot, const SimNode *where, bool lenient) {
    const SimParam *param = slot->param;
    slot->origin = SIM_FROM_TABLE;
    if (!param->def) {
        if (param->required && !lenient) report_missing(l, param, where);
        slot->bad = param->required;
        return;
    }
    if (param->shape == SIM_SCALAR) {
        slot->text = param->def;
        return;
    }
    slot->node = table_default(l, param);
    SimLayers one = {.items = {slot->node}, .n = 1};
    if (param->shape == SIM_GROUP)
        slot->group = sim_form_fill(l, param->fields, &one, param->part, where, lenient);
    else if (param->shape == SIM_GROUPS)
        fill_groups(l, slot, where, lenient);
}

static void fill_slot(SimLoader *l, SimForm *form, SimSlot *slot, const SimLayers *layers,
                      bool lenient) {
    const SimNode *node = layers_get(layers, slot->param->key);
    if (!node) {
        fill_default(l, slot, form->where, lenient);
        return;
    }
    slot->node = node;
    slot->origin = node->origin;
    slot->bad = node->bad;
    if (node->bad) return;
    switch (slot->param->shape) {
    case SIM_SCALAR:
        slot->text = node->text;
        break;
    case SIM_LIST:
        break;
    case SIM_GROUP:
        fill_group(l, form, slot, layers, lenient);
        break;
    case SIM_GROUPS:
        fill_groups(l, slot, form->where, lenient);
        break;
    }
    bool value = slot->param->shape == SIM_SCALAR || slot->param->shape == SIM_LIST;
    if (slot->origin == SIM_FROM_PART && form->part_node && value) note_part_value(l, form, slot);
}

SimForm *sim_form_fill(SimLoader *l, const SimParam *params, const SimLayers *given,
                       const char *part_kind, const SimNode *where, bool lenient) {
    SimForm *form = SIM_NEW(l->arena, SimForm);
    SimLayers layers = *given;
    form->params = params;
    form->n = sim_param_count(params);
    form->where = where;
    l->slots -= form->n + 1;
    if (l->slots < 0) {
        l->too_large = true;
        form->n = 0;
        return form;
    }
    for (int i = 0; i < layers.n; i++)
        lenient |= layers.items[i]->partial;
    if (!layers_take_part(l, &layers, part_kind, &form->part_node)) lenient = true;
    const SimParam *variant = form->n ? choose_variant(l, params, &layers, where, lenient) : NULL;
    form->slots = SIM_NEW_N(l->arena, SimSlot, form->n);
    for (uint32_t i = 0; i < form->n && !l->too_large; i++) {
        SimSlot *slot = &form->slots[i];
        slot->param = &params[i];
        if (params[i].variant && &params[i] != variant) continue;
        fill_slot(l, form, slot, &layers, lenient);
    }
    if (l->too_large) form->n = 0;
    return form;
}
