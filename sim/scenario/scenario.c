#include "sim/scenario/scenario.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/assert.h"
#include "sim/scenario/loader.h"
#include "sim/scenario/units.h"

/* ---- the stages ---- */

static void make_sections(SimLoader *l) {
    uint32_t n = 0;
    for (const SimModel *const *model = sim_models; *model; model++)
        for (const SimKind *kind = (*model)->kinds; kind && kind->section; kind++)
            n++;
    l->sections = SIM_NEW_N(l->arena, SimSection, n);
    for (const SimModel *const *model = sim_models; *model; model++)
        for (const SimKind *kind = (*model)->kinds; kind && kind->section; kind++) {
            SimSection *section = &l->sections[l->n_sections++];
            section->kind = kind;
            section->node = sim_node_get(l->root, kind->section);
        }
}

static const char *const own_keys[] = {"defaults", "templates", "expect"};

static bool is_own_key(const char *key) {
    for (size_t i = 0; i < G_N_ELEMENTS(own_keys); i++)
        if (strcmp(own_keys[i], key) == 0) return true;
    return strncmp(key, "x-", 2) == 0;
}

static const SimKind *find_section(const char *key) {
    for (const SimModel *const *model = sim_models; *model; model++)
        for (const SimKind *kind = (*model)->kinds; kind && kind->section; kind++)
            if (strcmp(kind->section, key) == 0) return kind;
    return NULL;
}

static void append_sections(GPtrArray *keys) {
    for (const SimModel *const *model = sim_models; *model; model++)
        for (const SimKind *kind = (*model)->kinds; kind && kind->section; kind++)
            g_ptr_array_add(keys, (gpointer)kind->section);
}

static void check_top(SimLoader *l) {
    GPtrArray *keys = g_ptr_array_new();
    for (const SimParam *param = sim_header_params; param->key; param++)
        g_ptr_array_add(keys, (gpointer)param->key);
    append_sections(keys);
    for (size_t i = 0; i < G_N_ELEMENTS(own_keys); i++)
        g_ptr_array_add(keys, (gpointer)own_keys[i]);
    g_ptr_array_add(keys, NULL);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < l->root->n; i++) {
        SimNode *node = l->root->items[i];
        const SimParam *param = sim_param_find(sim_header_params, node->as);
        bool known = param || is_own_key(node->as) || find_section(node->as) || !*node->as;
        if (param) sim_check_value(&l->check, node, param);
        if (!known) sim_check_unknown(&l->check, node, (const char *const *)keys->pdata);
        if (*node->as) l->root->items[kept++] = node;
    }
    l->root->n = kept;
    g_ptr_array_free(keys, TRUE);
}

static void check_defaults(SimLoader *l) {
    SimNode *node = sim_node_get(l->root, "defaults");
    if (!node || !sim_check_is_map(&l->check, node, "a mapping from sections to values",
                                   "defaults: {hosts: {...}}"))
        return;
    GPtrArray *keys = g_ptr_array_new();
    append_sections(keys);
    g_ptr_array_add(keys, NULL);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < node->n; i++) {
        SimNode *item = node->items[i];
        const SimKind *kind = find_section(item->as);
        if (!kind && *item->as &&
            sim_check_unknown(&l->check, item, (const char *const *)keys->pdata))
            kind = find_section(item->as);
        if (kind && sim_check_is_map(&l->check, item, "a mapping", "hosts: {...}"))
            sim_check_map(&l->check, item, kind->params, kind->part ? SIM_EXTRA_PART : 0);
        if (*item->as) node->items[kept++] = item;
    }
    node->n = kept;
    g_ptr_array_free(keys, TRUE);
}

/* A scenario of another version is not judged by the rules of this one. */
static bool version_fits(SimLoader *l) {
    const char *text = sim_node_text(l->root, "schema");
    const SimNode *node = sim_node_get(l->root, "schema");
    int64_t version;
    SimValueError error;
    if (!text || !sim_number_parse(SIM_COUNT, text, &version, &error)) return true;
    if (version == SIM_SCHEMA_VERSION) return true;
    if (version > SIM_SCHEMA_VERSION)
        sim_node_report(l->arena, l->out, "E020", node, "schema: 1", NULL,
                        "schema %" PRId64 " is newer than this program; please upgrade rackcast",
                        version);
    else
        sim_node_report(l->arena, l->out, "E020", node, "schema: 1", "1",
                        "there is no schema %" PRId64, version);
    return version < SIM_SCHEMA_VERSION;
}

static void check_header(SimLoader *l) {
    const SimHeader *h = &l->header;
    const SimForm *form = l->header_form;
    const SimSlot *duration = sim_form_slot(form, "duration");
    bool known = h->duration != SIM_ABSENT && h->warmup != SIM_ABSENT;
    if (known && h->duration <= h->warmup)
        sim_node_report(l->arena, l->out, "E150", sim_slot_place(form, duration),
                        "more than warmup:", NULL, "the run is not longer than its warm-up");
    if (h->fidelity == 1)
        sim_node_report(l->arena, l->out, "E152",
                        sim_slot_place(form, sim_form_slot(form, "fidelity")), "packet", "packet",
                        "the fidelity flow is not supported yet");
}

static void finish(SimLoader *l) {
    SimScenario *s = l->scenario;
    s->name = l->header.name;
    s->description = l->header.description;
    s->seed = (uint64_t)l->header.seed;
    s->warmup = l->header.warmup;
    s->duration = l->header.duration;
    s->priv->sections = l->sections;
    s->priv->n_sections = l->n_sections;
}

static void run_lint(SimLoader *l) {
    for (const SimModel *const *model = sim_models; *model; model++)
        if ((*model)->lint) (*model)->lint(l->scenario, l->out);
}

/* After the tree has been read and overridden. */
static void run_stages(SimLoader *l) {
    if (!version_fits(l)) return;
    make_sections(l);
    check_top(l);
    for (uint32_t i = 0; i < l->n_sections; i++)
        l->sections[i].node = sim_node_get(l->root, l->sections[i].kind->section);
    check_defaults(l);
    sim_expand_templates(l);
    SimLayers layers = {.items = {l->root}, .n = 1};
    l->header_form = sim_form_fill(l, sim_header_params, &layers, NULL, l->root, false);
    sim_expand(l);
    sim_expect_collect(l);
    if (l->too_large) return;
    l->scenario->effective = sim_effective_write(l, false);
    const char *expanded = sim_effective_write(l, true);
    if (!expanded) return;
    SimLoaded *loaded = sim_load(l, expanded);
    if (!loaded) return;
    sim_convert(l, sim_loaded_root(loaded));
    check_header(l);
    sim_windows_make(l);
    sim_expect_read(l, sim_loaded_root(loaded));
    sim_loaded_free(loaded);
    finish(l);
    if (!sim_diagnostics_errors(l->out)) run_lint(l);
}

/* ---- the public functions ---- */

static void loader_clear(SimLoader *l) {
    for (uint32_t i = 0; i < l->n_sections; i++) {
        if (l->sections[i].symbols) g_hash_table_destroy(l->sections[i].symbols);
        l->sections[i].symbols = NULL;
    }
    g_hash_table_destroy(l->templates);
    g_hash_table_destroy(l->part_seen);
}

SimScenario *sim_scenario_load_bytes(const char *file, const void *bytes, size_t size,
                                     const SimOverride *sets, uint32_t n_sets,
                                     SimDiagnostics *out) {
    uint32_t before = sim_diagnostics_errors(out);
    sim_check_tables();
    SimScenario *s = g_new0(SimScenario, 1);
    s->priv = g_new0(struct SimScenarioPrivate, 1);
    sim_arena_init(&s->priv->arena);
    SimLoader l = {.arena = &s->priv->arena,
                   .out = out,
                   .scenario = s,
                   .parts = &s->priv->parts,
                   .guesses = 2000000,
                   .slots = SIM_SLOTS_MOST,
                   .refs = SIM_REFS_MOST};
    l.check = (SimChecker){l.arena, out, &l.guesses};
    l.templates = g_hash_table_new(g_str_hash, g_str_equal);
    l.part_seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    s->file = sim_arena_strdup(l.arena, file ? file : "");
    l.root = sim_tree_parse(l.arena, bytes, size, SIM_FROM_FILE, out);
    if (l.root && l.root->shape != SIM_NODE_MAP) {
        sim_node_report(l.arena, out, "E013", l.root, "keys and values, beginning with schema: 1",
                        NULL, "this is not a scenario");
    } else if (l.root) {
        for (uint32_t i = 0; i < n_sets; i++)
            sim_tree_set(l.arena, l.root, sets[i].text, out);
        sim_catalog_load(&l.catalog, l.arena);
        run_stages(&l);
    }
    loader_clear(&l);
    if (sim_diagnostics_errors(out) == before) return s;
    sim_scenario_free(s);
    return NULL;
}

static void refuse_file(SimDiagnostics *out, const char *why) {
    sim_diagnostics_add(out, "E001", 0, 0, NULL, NULL, NULL, "the file cannot be read: %s", why);
}

/* Reads at most one byte more than is allowed. */
static char *read_some(FILE *in, size_t *size) {
    size_t room = 64 * 1024, most = (size_t)SIM_TREE_BYTES + 1;
    char *bytes = g_malloc(room);
    *size = 0;
    for (;;) {
        size_t got = fread(bytes + *size, 1, room - *size, in);
        *size += got;
        if (got == 0 || *size >= most) return bytes;
        if (*size < room) continue;
        room = room * 2 < most ? room * 2 : most;
        bytes = g_realloc(bytes, room);
    }
}

SimScenario *sim_scenario_load(const char *file, const SimOverride *sets, uint32_t n_sets,
                               SimDiagnostics *out) {
    FILE *in = fopen(file, "rb");
    if (!in) {
        refuse_file(out, g_strerror(errno));
        return NULL;
    }
    size_t size;
    char *bytes = read_some(in, &size);
    int wrong = ferror(in) ? errno : 0;
    fclose(in);
    SimScenario *s = NULL;
    if (wrong)
        refuse_file(out, g_strerror(wrong));
    else if (size > SIM_TREE_BYTES)
        sim_diagnostics_add(out, "E002", 0, 0, NULL, "at most 16 MiB", NULL,
                            "the file is too large");
    else
        s = sim_scenario_load_bytes(file, bytes, size, sets, n_sets, out);
    g_free(bytes);
    return s;
}

void sim_scenario_free(SimScenario *s) {
    if (!s) return;
    sim_arena_clear(&s->priv->arena);
    g_free(s->priv);
    g_free(s);
}

const SimPartValue *sim_scenario_part_values(const SimScenario *s, uint32_t *n) {
    *n = s->priv->parts.n;
    return s->priv->parts.items;
}

static const SimSection *section_of(const SimScenario *s, const char *kind) {
    for (uint32_t i = 0; i < s->priv->n_sections; i++)
        if (strcmp(s->priv->sections[i].kind->kind, kind) == 0) return &s->priv->sections[i];
    return NULL;
}

const void *sim_scenario_items(const SimScenario *s, const char *kind, uint32_t *n) {
    const SimSection *section = section_of(s, kind);
    *n = section ? section->total : 0;
    return section ? section->values : NULL;
}

/* The entry that an item was made from. */
static const SimEntry *entry_of(const SimScenario *s, const SimItem *item) {
    for (uint32_t i = 0; i < s->priv->n_sections; i++) {
        const SimSection *section = &s->priv->sections[i];
        uintptr_t at = (uintptr_t)item, start = (uintptr_t)section->values;
        if (!section->total || at < start) continue;
        uint64_t index = (at - start) / section->kind->size;
        if (index >= section->total) continue;
        for (uint32_t k = 0; k < section->n; k++)
            if (index - section->items[k].first < section->items[k].count)
                return &section->items[k];
    }
    return NULL;
}

void sim_scenario_place(const SimScenario *s, const SimItem *item, const char *key, uint32_t *line,
                        uint32_t *column) {
    const SimEntry *entry = entry_of(s, item);
    const SimForm *form = entry ? entry->form : NULL;
    *line = item->line;
    *column = item->column;
    char **steps = g_strsplit(key ? key : "", ".", -1);
    for (char **step = steps; form && *step && **step; step++) {
        char *bracket = strchr(*step, '[');
        unsigned long index = bracket ? strtoul(bracket + 1, NULL, 10) : 0;
        if (bracket) *bracket = 0;
        const SimSlot *slot = sim_form_slot(form, *step);
        if (!slot) break;
        const SimNode *place = sim_slot_place(form, slot);
        if (bracket && place == slot->node && place->shape == SIM_NODE_LIST && index < place->n)
            place = place->items[index];
        *line = place->line;
        *column = place->column;
        form = slot->groups ? (index < slot->n_groups ? slot->groups[index] : NULL) : slot->group;
    }
    g_strfreev(steps);
}
