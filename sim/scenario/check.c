#include "sim/scenario/check.h"

#include <glib.h>
#include <string.h>

#include "sim/base/assert.h"
#include "sim/core/model.h"
#include "sim/scenario/suggest.h"
#include "sim/scenario/units.h"

const SimParam *sim_param_find(const SimParam *params, const char *key) {
    for (; params && params->key; params++)
        if (strcmp(params->key, key) == 0) return params;
    return NULL;
}

uint32_t sim_param_count(const SimParam *params) {
    uint32_t n = 0;
    while (params && params[n].key)
        n++;
    return n;
}

/* ---- unknown keys ---- */

bool sim_check_unknown(const SimChecker *c, SimNode *node, const char *const *known) {
    node->bad = true;
    node->as = "";
    if (sim_diagnostics_full(c->out)) {
        sim_diagnostics_add(c->out, "E100", 0, 0, NULL, NULL, NULL, "unknown key");
        return false;
    }
    SimGuess guess;
    sim_guess_init(&guess, node->key, c->guesses);
    GString *allowed = g_string_new(NULL);
    for (; *known; known++) {
        sim_guess_offer(&guess, *known);
        g_string_append_printf(allowed, "%s%s", allowed->len ? ", " : "", *known);
    }
    sim_node_report_key(c->arena, c->out, "E100", node, allowed->str, guess.best,
                        "unknown key \"%.60s\"", node->key);
    g_string_free(allowed, TRUE);
    if (!guess.best || sim_node_get(node->parent, guess.best)) return false;
    node->as = guess.best;
    node->bad = node->shape == SIM_NODE_SCALAR;
    return true;
}

/* ---- shapes ---- */

static const char *shape_name(const SimNode *node) {
    if (sim_node_null(node)) return "nothing";
    if (node->shape == SIM_NODE_SCALAR) return "a plain value";
    return node->shape == SIM_NODE_LIST ? "a list" : "a mapping";
}

static void refuse_shape(const SimChecker *c, SimNode *node, const char *wanted, const char *like,
                         const char *meant) {
    node->bad = true;
    if (sim_node_null(node))
        sim_node_report(c->arena, c->out, "E103", node, like, NULL, "there is no value");
    else
        sim_node_report(c->arena, c->out, "E101", node, like, meant, "%s stands where %s belongs",
                        shape_name(node), wanted);
}

bool sim_check_is_map(const SimChecker *c, SimNode *node, const char *what, const char *like) {
    if (node->bad) return false;
    if (node->shape == SIM_NODE_MAP) return true;
    refuse_shape(c, node, what, like, NULL);
    return false;
}

static bool is_scalar(const SimChecker *c, SimNode *node, const char *what, const char *like) {
    if (node->bad) return false;
    if (node->shape == SIM_NODE_SCALAR && !sim_node_null(node)) return true;
    const char *meant = NULL;
    bool single = node->shape == SIM_NODE_LIST && node->n == 1;
    if (single && node->items[0]->shape == SIM_NODE_SCALAR) meant = node->items[0]->text;
    refuse_shape(c, node, what, like, meant);
    return false;
}

static bool is_list(const SimChecker *c, SimNode *node, const char *like) {
    if (node->shape != SIM_NODE_LIST) {
        refuse_shape(c, node, "a list", like, NULL);
        return false;
    }
    if (node->n) return true;
    node->bad = true;
    sim_node_report(c->arena, c->out, "E113", node, NULL, NULL,
                    "the list is empty; leave the key out instead");
    return false;
}

/* `hosts: node` says the same as `hosts: [node]`. */
static void list_of_one(const SimChecker *c, SimNode *node) {
    SimNode *item = SIM_NEW(c->arena, SimNode);
    *item = *node; /* with its key and parent, so that its path stays what was written */
    node->shape = SIM_NODE_LIST;
    node->text = "";
    node->items = SIM_NEW_N(c->arena, SimNode *, 1);
    node->items[0] = item;
    node->n = node->room = 1;
}

static const char *scalar_article(const SimParam *param) {
    return param->type == SIM_TEXT ? "text" : sim_type_name(param->type);
}

static const char *scalar_like(const SimChecker *c, const SimParam *param) {
    if (param->type != SIM_CHOICE) return sim_type_allowed(param->type);
    char **words = g_strsplit(param->choices, "|", -1);
    char *joined = g_strjoinv(", ", words);
    const char *like = sim_arena_strdup(c->arena, joined);
    g_strfreev(words);
    g_free(joined);
    return like;
}

static const char *list_like(const SimChecker *c, const SimParam *param) {
    return sim_arena_printf(c->arena, "a list in brackets: %s: [...]", param->key);
}

static const char *group_like(const SimChecker *c, const SimParam *param) {
    const SimParam *first = param->fields;
    return sim_arena_printf(c->arena, "a mapping such as %s: {%s: %s}", param->key,
                            first && first->key ? first->key : "",
                            first && first->def ? first->def : "...");
}

void sim_check_value(const SimChecker *c, SimNode *node, const SimParam *param) {
    if (node->bad) return;
    int extras = param->part ? SIM_EXTRA_PART : 0;
    const char *what = sim_arena_printf(c->arena, "a %s", scalar_article(param));
    if (param->type == SIM_TEXT) what = "text";
    switch (param->shape) {
    case SIM_SCALAR:
        is_scalar(c, node, what, scalar_like(c, param));
        break;
    case SIM_LIST:
        if (node->shape == SIM_NODE_SCALAR && !sim_node_null(node)) list_of_one(c, node);
        if (!is_list(c, node, list_like(c, param))) break;
        for (uint32_t i = 0; i < node->n; i++)
            is_scalar(c, node->items[i], what, scalar_like(c, param));
        break;
    case SIM_GROUP:
        if (sim_check_is_map(c, node, "a mapping", group_like(c, param)))
            sim_check_map(c, node, param->fields, extras);
        break;
    case SIM_GROUPS:
        if (!is_list(c, node, list_like(c, param))) break;
        for (uint32_t i = 0; i < node->n; i++)
            if (sim_check_is_map(c, node->items[i], "a mapping", group_like(c, param)))
                sim_check_map(c, node->items[i], param->fields, extras);
        break;
    }
}

/* ---- mappings ---- */

static const struct {
    SimExtras bit;
    const char *key;
} extra_keys[] = {{SIM_EXTRA_NAME, "name"},
                  {SIM_EXTRA_COUNT, "count"},
                  {SIM_EXTRA_USE, "use"},
                  {SIM_EXTRA_PART, "part"}};

static bool is_extra(const char *key, int extras) {
    for (size_t i = 0; i < G_N_ELEMENTS(extra_keys); i++)
        if ((extras & extra_keys[i].bit) && strcmp(extra_keys[i].key, key) == 0) return true;
    return false;
}

static const char *const *known_keys(const SimChecker *c, const SimParam *params, int extras) {
    uint32_t n = sim_param_count(params), at = 0;
    const char **known = SIM_NEW_N(c->arena, const char *, n + G_N_ELEMENTS(extra_keys) + 1);
    for (size_t i = 0; i < G_N_ELEMENTS(extra_keys); i++)
        if (extras & extra_keys[i].bit) known[at++] = extra_keys[i].key;
    for (uint32_t i = 0; i < n; i++)
        if (!is_extra(params[i].key, extras)) known[at++] = params[i].key;
    return known;
}

void sim_check_map(const SimChecker *c, SimNode *node, const SimParam *params, int extras) {
    const char *const *known = NULL;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < node->n; i++) {
        SimNode *item = node->items[i];
        const SimParam *param = sim_param_find(params, item->as);
        if (!param && *item->as && !is_extra(item->as, extras)) {
            if (!known) known = known_keys(c, params, extras);
            if (sim_check_unknown(c, item, known)) param = sim_param_find(params, item->as);
        }
        if (param)
            sim_check_value(c, item, param);
        else if (*item->as)
            is_scalar(c, item, "a plain value", NULL);
        if (*item->as) node->items[kept++] = item; /* the rest means nothing to anybody */
    }
    node->n = kept;
}

/* ---- our own tables ---- */

static void check_default(const SimParam *param) {
    SimParsed value;
    SimValueError error;
    if (!param->def) {
        bool needs = param->shape == SIM_SCALAR && param->type == SIM_BOOL;
        SIM_CHECK(!needs && "a boolean parameter has no default");
        return;
    }
    SIM_CHECK(!param->required && "a required parameter has a default");
    if (param->shape != SIM_SCALAR || param->type == SIM_REF) return;
    bool good = sim_value_parse(param, param->def, &value, &error);
    SIM_CHECK(good && "a default in a parameter table is not valid");
}

static void check_params(const SimParam *params, size_t size, int depth) {
    SIM_CHECK(depth < 8 && "parameter tables are nested too deeply");
    for (const SimParam *param = params; param && param->key; param++) {
        SIM_CHECK(sim_param_find(params, param->key) == param && "a key stands twice in a table");
        SIM_CHECK(param->doc && *param->doc && "a parameter has no sentence");
        SIM_CHECK(param->offset < size && "a parameter lies outside of its struct");
        bool group = param->shape == SIM_GROUP || param->shape == SIM_GROUPS;
        if (group) {
            SIM_CHECK(param->fields && param->size && "a group has no table or size");
            check_params(param->fields, param->size, depth + 1);
            continue;
        }
        SIM_CHECK(param->type < SIM_TYPES);
        SIM_CHECK((param->type != SIM_CHOICE || param->choices) && "a choice has no words");
        SIM_CHECK((param->type != SIM_REF || param->ref) && "a reference has no kinds");
        check_default(param);
    }
}

static void check_window(const SimKind *kind) {
    const SimParam *at = sim_param_find(kind->params, "at");
    const SimParam *length = sim_param_find(kind->params, "for");
    bool good = at && at->type == SIM_TIME && at->required && length && length->type == SIM_TIME;
    SIM_CHECK((!kind->window || good) && "a kind that opens windows needs the times at and for");
}

void sim_check_tables(void) {
    for (const SimModel *const *model = sim_models; *model; model++) {
        SIM_CHECK((*model)->abi == SIM_MODEL_ABI && (*model)->size == sizeof(SimModel));
        for (const SimKind *kind = (*model)->kinds; kind && kind->section; kind++) {
            SIM_CHECK(kind->kind && kind->size >= sizeof(SimItem) && kind->limit > 0);
            check_params(kind->params, kind->size, 0);
            check_window(kind);
        }
    }
}
