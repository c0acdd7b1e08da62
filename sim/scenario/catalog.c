#include "sim/scenario/catalog.h"

#include <stdio.h>
#include <string.h>

#include "sim/base/assert.h"
#include "sim/scenario/check.h"
#include "sim/scenario/units.h"

const SimPart *sim_catalog_find(const SimCatalog *catalog, const char *kind, const char *name) {
    for (uint32_t i = 0; i < catalog->n; i++) {
        const SimPart *part = &catalog->items[i];
        if (strcmp(part->name, name) == 0 && (!kind || strcmp(part->kind, kind) == 0)) return part;
    }
    return NULL;
}

const char *sim_part_source(const SimPart *part, const char *key) {
    const char *source = sim_node_text(part->sources, key);
    char head[64];
    const char *dot = strchr(key, '.');
    if (!source && dot && (size_t)(dot - key) < sizeof head) {
        memcpy(head, key, (size_t)(dot - key));
        head[dot - key] = 0;
        source = sim_node_text(part->sources, head);
    }
    if (!source) source = sim_node_text(part->sources, "*");
    return source ? source : "";
}

/* ---- the tables that take a kind of part ---- */

enum { TABLES_MOST = 32 };

typedef struct Tables {
    const SimParam *items[TABLES_MOST];
    int n;
} Tables;

static void tables_add(Tables *tables, const char *part, const SimParam *params,
                       const char *takes) {
    if (takes && strcmp(takes, part) == 0) {
        SIM_CHECK(tables->n < TABLES_MOST);
        tables->items[tables->n++] = params;
    }
    for (; params && params->key; params++)
        if (params->shape == SIM_GROUP || params->shape == SIM_GROUPS)
            tables_add(tables, part, params->fields, params->part);
}

static void tables_find(Tables *tables, const char *part) {
    tables->n = 0;
    for (const SimModel *const *model = sim_models; *model; model++)
        for (const SimKind *kind = (*model)->kinds; kind && kind->section; kind++)
            tables_add(tables, part, kind->params, kind->part);
}

/* ---- checking ---- */

static void check_scalar(const SimChecker *c, SimNode *node, const SimParam *param) {
    SimParsed value;
    SimValueError error;
    if (node->bad || node->shape != SIM_NODE_SCALAR) return;
    if (!sim_value_parse(param, node->text, &value, &error))
        sim_node_report(c->arena, c->out, error.code, node, error.allowed, error.meant, "%s",
                        error.text);
}

static void check_content(const SimChecker *c, SimNode *node, const SimParam *param) {
    if (node->bad) return;
    if (param->shape == SIM_SCALAR) {
        check_scalar(c, node, param);
    } else if (param->shape == SIM_LIST) {
        for (uint32_t i = 0; i < node->n; i++)
            check_scalar(c, node->items[i], param);
    } else if (param->shape == SIM_GROUP) {
        for (uint32_t i = 0; i < node->n; i++) {
            const SimParam *field = sim_param_find(param->fields, node->items[i]->as);
            if (field) check_content(c, node->items[i], field);
        }
    } else {
        sim_node_report(c->arena, c->out, "E101", node, NULL, NULL,
                        "a part cannot give a list of groups");
    }
}

static void check_values(const SimChecker *c, const SimPart *part) {
    Tables tables;
    tables_find(&tables, part->kind);
    if (!tables.n)
        sim_node_report(c->arena, c->out, "E132", part->values, NULL, NULL,
                        "no kind takes parts of kind \"%s\"", part->kind);
    for (uint32_t i = 0; tables.n && i < part->values->n; i++) {
        SimNode *node = part->values->items[i];
        const SimParam *param = NULL;
        for (int k = 0; k < tables.n && !param; k++)
            param = sim_param_find(tables.items[k], node->as);
        if (!param) {
            sim_node_report_key(c->arena, c->out, "E100", node, NULL, NULL, "unknown key \"%s\"",
                                node->key);
            continue;
        }
        sim_check_value(c, node, param);
        check_content(c, node, param);
    }
}

static void need(const SimChecker *c, const SimNode *node, bool good, const char *key) {
    if (!good)
        sim_node_report(c->arena, c->out, "E102", node, NULL, NULL, "%s: is missing or wrong", key);
}

static void add_part(const SimChecker *c, SimCatalog *catalog, const SimNode *node) {
    SimPart part = {.name = sim_node_text(node, "name"),
                    .kind = sim_node_text(node, "kind"),
                    .doc = sim_node_text(node, "doc"),
                    .values = sim_node_get(node, "values"),
                    .sources = sim_node_get(node, "sources"),
                    .facts = sim_node_get(node, "facts")};
    bool values = part.values && part.values->shape == SIM_NODE_MAP;
    need(c, node, part.name, "name");
    need(c, node, part.kind, "kind");
    need(c, node, part.doc, "doc");
    need(c, node, values, "values");
    if (!part.name || !part.kind || !part.doc || !values) return;
    if (sim_catalog_find(catalog, part.kind, part.name))
        sim_node_report(c->arena, c->out, "E122", node, NULL, NULL, "the part \"%s\" stands twice",
                        part.name);
    check_values(c, &part);
    *SIM_PUSH(c->arena, catalog) = part;
}

static void load_blob(SimCatalog *catalog, SimArena *arena, const SimBlob *blob) {
    SimDiagnostics *out = sim_diagnostics_new(blob->name);
    SimChecker checker = {arena, out, NULL};
    SimNode *root = sim_tree_parse(arena, blob->text, blob->size, SIM_FROM_PART, out);
    SimNode *parts = sim_node_get(root, "parts");
    if (root && (!parts || parts->shape != SIM_NODE_LIST))
        sim_node_report(arena, out, "E101", root, NULL, NULL, "a list parts: is missing");
    else
        for (uint32_t i = 0; parts && i < parts->n; i++)
            add_part(&checker, catalog, parts->items[i]);
    bool bad = sim_diagnostics_errors(out) > 0;
    if (bad) sim_diagnostics_print(out, stderr, false);
    SIM_CHECK(!bad && "the catalog of parts is not valid");
    sim_diagnostics_free(out);
}

void sim_catalog_load(SimCatalog *catalog, SimArena *arena) {
    *catalog = (SimCatalog){0};
    for (const SimModel *const *model = sim_models; *model; model++)
        for (const SimBlob *blob = (*model)->parts; blob && blob->name; blob++)
            load_blob(catalog, arena, blob);
}
