/* libcyaml takes the effective YAML. Its schema is composed here from the parameter tables, for
 * this very scenario: every scalar an optional string, every group an optional mapping. */
#include <cyaml/cyaml.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/assert.h"
#include "sim/scenario/loader.h"

#define BUDGET ((size_t)1 << 30)

struct SimLoaded {
    cyaml_config_t config;
    cyaml_schema_value_t schema;
    cyaml_data_t *data;
    size_t used; /* bytes that libcyaml holds */
    bool exhausted;
    char log[2048];
};

/* ---- libcyaml's environment ---- */

/* Before each block of libcyaml; keeps the alignment of malloc. */
typedef struct Block {
    _Alignas(16) size_t room;
} Block;

/* libcyaml grows a list by one entry at a time, so a block that grows gets room to spare. */
static void *budget_memory(void *context, void *pointer, size_t size) {
    SimLoaded *loaded = context;
    Block *block = pointer ? (Block *)pointer - 1 : NULL;
    size_t before = block ? block->room : 0;
    if (size == 0) {
        loaded->used -= before;
        free(block);
        return NULL;
    }
    if (block && size <= before) return pointer;
    size_t room = block && size < before + before / 2 ? before + before / 2 : size;
    if (size > BUDGET || loaded->used - before + room > BUDGET) {
        loaded->exhausted = true;
        return NULL;
    }
    Block *moved = realloc(block, sizeof *moved + room);
    if (!moved) sim_out_of_memory(room);
    moved->room = room;
    loaded->used += room - before;
    return moved + 1;
}

static void keep_log(cyaml_log_t level, void *context, const char *format, va_list args) {
    SimLoaded *loaded = context;
    size_t at = strlen(loaded->log);
    (void)level;
    vsnprintf(loaded->log + at, sizeof loaded->log - at, format, args);
}

/* ---- the schema ---- */

static const cyaml_schema_value_t text_entry = {
    CYAML_VALUE_STRING(CYAML_FLAG_POINTER, char, 0, UINT32_MAX)};

enum { OPTIONAL = CYAML_FLAG_POINTER | CYAML_FLAG_OPTIONAL };

static cyaml_schema_value_t text_value(void) {
    return (cyaml_schema_value_t){CYAML_VALUE_STRING(OPTIONAL, char, 0, UINT32_MAX)};
}

static cyaml_schema_value_t map_value(const cyaml_schema_field_t *fields, uint32_t rows) {
    cyaml_schema_value_t value = {.type = CYAML_MAPPING, .flags = (enum cyaml_flag)OPTIONAL};
    value.data_size = (uint32_t)sizeof(SimRaw) * (rows ? rows : 1);
    value.mapping.fields = fields;
    return value;
}

static cyaml_schema_value_t list_value(const cyaml_schema_value_t *entry) {
    cyaml_schema_value_t value = {.type = CYAML_SEQUENCE, .flags = (enum cyaml_flag)OPTIONAL};
    value.data_size = sizeof(void *);
    value.sequence.entry = entry;
    value.sequence.max = UINT32_MAX;
    return value;
}

static cyaml_schema_field_t field(const char *key, uint32_t row, cyaml_schema_value_t value) {
    uint32_t at = row * (uint32_t)sizeof(SimRaw);
    cyaml_schema_field_t f = {.key = key, .data_offset = at, .value = value};
    f.count_offset = at + (uint32_t)offsetof(SimRaw, n);
    f.count_size = sizeof(uint64_t);
    return f;
}

static const cyaml_schema_field_t *compose_fields(SimArena *arena, const SimParam *params,
                                                  bool name);

static cyaml_schema_value_t *compose_entry(SimArena *arena, const SimParam *params, bool name) {
    cyaml_schema_value_t *entry = SIM_NEW(arena, cyaml_schema_value_t);
    uint32_t rows = sim_param_count(params) + name;
    *entry = map_value(compose_fields(arena, params, name), rows);
    entry->flags = CYAML_FLAG_POINTER;
    return entry;
}

static cyaml_schema_value_t compose_value(SimArena *arena, const SimParam *param) {
    switch (param->shape) {
    case SIM_LIST:
        return list_value(&text_entry);
    case SIM_GROUP:
        return map_value(compose_fields(arena, param->fields, false),
                         sim_param_count(param->fields));
    case SIM_GROUPS:
        return list_value(compose_entry(arena, param->fields, false));
    default:
        return text_value();
    }
}

/* The rows of a table; with `name` an item, whose name comes first. */
static const cyaml_schema_field_t *compose_fields(SimArena *arena, const SimParam *params,
                                                  bool name) {
    uint32_t n = sim_param_count(params), at = 0;
    cyaml_schema_field_t *fields = SIM_NEW_N(arena, cyaml_schema_field_t, n + 2);
    if (name) fields[at++] = field("name", 0, text_value());
    for (uint32_t i = 0; i < n; i++) {
        fields[at] = field(params[i].key, at, compose_value(arena, &params[i]));
        at++;
    }
    return fields;
}

static cyaml_schema_value_t compose_section(SimArena *arena, const SimSection *section) {
    const SimKind *kind = section->kind;
    if (!kind->map) return list_value(compose_entry(arena, kind->params, true));
    uint32_t n = section->total, rows = sim_param_count(kind->params) + 1;
    cyaml_schema_field_t *fields = SIM_NEW_N(arena, cyaml_schema_field_t, n + 1);
    const cyaml_schema_field_t *inner = compose_fields(arena, kind->params, true);
    for (uint32_t i = 0; i < n; i++)
        fields[i] = field(section->names[i], i, map_value(inner, rows));
    return map_value(fields, n);
}

static cyaml_schema_value_t compose_expect(const SimLoader *l) {
    uint32_t n;
    const char *const *windows = sim_expect_windows(l, &n);
    cyaml_schema_field_t *fields = SIM_NEW_N(l->arena, cyaml_schema_field_t, n + 1);
    for (uint32_t i = 0; i < n; i++)
        fields[i] = field(windows[i], i, list_value(&text_entry));
    return map_value(fields, n);
}

static cyaml_schema_value_t compose_root(const SimLoader *l) {
    uint32_t n = sim_param_count(sim_header_params), at = 0;
    cyaml_schema_field_t *fields = SIM_NEW_N(l->arena, cyaml_schema_field_t, n + l->n_sections + 2);
    for (; at < n; at++)
        fields[at] = field(sim_header_params[at].key, at, text_value());
    for (uint32_t i = 0; i < l->n_sections; i++, at++)
        fields[at] =
            field(l->sections[i].kind->section, at, compose_section(l->arena, &l->sections[i]));
    fields[at] = field("expect", at, compose_expect(l));
    cyaml_schema_value_t root = map_value(fields, at + 1);
    root.flags = CYAML_FLAG_POINTER;
    return root;
}

/* ---- loading ---- */

SimLoaded *sim_load(SimLoader *l, const char *effective) {
    SimLoaded *loaded = g_new0(SimLoaded, 1);
    loaded->config = (cyaml_config_t){.log_fn = keep_log,
                                      .log_ctx = loaded,
                                      .mem_fn = budget_memory,
                                      .mem_ctx = loaded,
                                      .log_level = CYAML_LOG_ERROR,
                                      .flags = CYAML_CFG_NO_ALIAS};
    loaded->schema = compose_root(l);
    cyaml_err_t error = cyaml_load_data((const uint8_t *)effective, strlen(effective),
                                        &loaded->config, &loaded->schema, &loaded->data, NULL);
    if (error == CYAML_OK && loaded->data) return loaded;
    if (loaded->exhausted) {
        sim_diagnostics_add(l->out, "E017", 0, 0, NULL, NULL, NULL,
                            "the scenario needs more than 1 GiB once it is expanded");
        g_free(loaded);
        return NULL;
    }
    fprintf(stderr, "libcyaml: %s\n%s\n", cyaml_strerror(error), loaded->log);
    SIM_CHECK(!"libcyaml refuses the effective scenario");
    return NULL;
}

const SimRaw *sim_loaded_root(const SimLoaded *loaded) {
    return loaded->data;
}

void sim_loaded_free(SimLoaded *loaded) {
    if (!loaded) return;
    cyaml_free(&loaded->config, &loaded->schema, loaded->data, 0);
    g_free(loaded);
}
