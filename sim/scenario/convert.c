/* From what libcyaml loaded to the structs of the models. The form beside it says where each
 * value was written. Copies of one entry repeat its mistakes; only the first one reports. */
#include <string.h>

#include "sim/base/assert.h"
#include "sim/scenario/loader.h"
#include "sim/scenario/units.h"

typedef struct Convert {
    SimLoader *l;
    bool quiet;
} Convert;

static size_t type_size(SimType type) {
    switch (type) {
    case SIM_TEXT:
    case SIM_NAME:
        return sizeof(const char *);
    case SIM_BOOL:
        return sizeof(bool);
    case SIM_CHOICE:
        return sizeof(int);
    default:
        return sizeof(int64_t);
    }
}

static void store(const SimParam *param, const SimParsed *value, void *at) {
    switch (param->type) {
    case SIM_TEXT:
    case SIM_NAME:
        memcpy(at, &value->text, sizeof value->text);
        break;
    case SIM_BOOL:
        memcpy(at, &value->truth, sizeof value->truth);
        break;
    case SIM_CHOICE:
        memcpy(at, &value->choice, sizeof value->choice);
        break;
    default:
        memcpy(at, &value->integer, sizeof value->integer);
    }
}

static void store_absent(const SimParam *param, char *dest) {
    if (param->shape != SIM_SCALAR || param->type == SIM_REF) return; /* zero already */
    SimParsed absent = {0};
    if (param->type == SIM_CHOICE)
        absent.choice = -1;
    else if (param->type > SIM_BOOL)
        absent.integer = SIM_ABSENT;
    store(param, &absent, dest + param->offset);
}

/* ---- scalars and lists ---- */

static bool scalar(const Convert *c, const SimParam *param, const char *text, const SimNode *at,
                   void *dest) {
    SimParsed value;
    SimValueError error;
    if (!sim_value_parse(param, text, &value, &error)) {
        if (!c->quiet)
            sim_node_report(c->l->arena, c->l->out, error.code, at, error.allowed, error.meant,
                            "%s", error.text);
        return false;
    }
    if (param->type == SIM_TEXT || param->type == SIM_NAME)
        value.text = sim_arena_strdup(c->l->arena, text);
    store(param, &value, dest);
    return true;
}

static void refs(const Convert *c, const SimParam *param, const char *text, const SimNode *at,
                 SimRefRoom *room) {
    SimDiagnostics *out = c->l->out;
    if (c->quiet) c->l->out = sim_diagnostics_new(NULL);
    sim_refs_resolve(c->l, param, text, at, room);
    if (c->quiet) {
        sim_diagnostics_free(c->l->out);
        c->l->out = out;
    }
}

static void store_refs(const SimRefRoom *room, void *dest) {
    SimRefs refs_found = {room->items, room->n};
    memcpy(dest, &refs_found, sizeof refs_found);
}

/* The next element that went into the effective list, from *at on. */
static const SimNode *next_element(const SimNode *written, uint32_t *at) {
    const SimNode *item = written->items[(*at)++];
    while (item->bad || item->shape != SIM_NODE_SCALAR)
        item = written->items[(*at)++];
    return item;
}

static void list(const Convert *c, const SimForm *form, const SimSlot *slot, const SimRaw *raw,
                 char *dest) {
    const SimParam *param = slot->param;
    char **texts = raw->pointer;
    SimRefRoom room = {0};
    size_t size = type_size(param->type);
    char *items = param->type == SIM_REF ? NULL : sim_arena_alloc_n(c->l->arena, raw->n, size);
    const SimNode *place = sim_slot_place(form, slot);
    uint32_t n = 0, next = 0;
    for (uint32_t i = 0; i < raw->n; i++) {
        const SimNode *at = next_element(slot->node, &next);
        if (place != slot->node) at = place;
        if (param->type == SIM_REF)
            refs(c, param, texts[i], at, &room);
        else
            n += scalar(c, param, texts[i], at, items + n * size);
    }
    SimList found = {items, n};
    if (param->type == SIM_REF)
        store_refs(&room, dest);
    else
        memcpy(dest, &found, sizeof found);
}

/* ---- groups ---- */

static void convert_form(const Convert *c, const SimForm *form, const SimRaw *raw, char *dest);

static void groups(const Convert *c, const SimSlot *slot, const SimRaw *raw, char *dest) {
    SIM_CHECK(raw->n == slot->n_groups);
    size_t size = slot->param->size;
    char *items = sim_arena_alloc_n(c->l->arena, raw->n, size);
    SimRaw **each = raw->pointer;
    for (uint32_t i = 0; i < raw->n; i++)
        convert_form(c, slot->groups[i], each[i], items + i * size);
    SimList found = {items, (uint32_t)raw->n};
    memcpy(dest, &found, sizeof found);
}

static void slot_value(const Convert *c, const SimForm *form, const SimSlot *slot,
                       const SimRaw *raw, char *dest) {
    const SimParam *param = slot->param;
    const char *text = raw->pointer;
    switch (param->shape) {
    case SIM_SCALAR:
        SIM_CHECK(text && strcmp(text, slot->text) == 0);
        if (param->type == SIM_REF) {
            SimRefRoom room = {0};
            refs(c, param, text, sim_slot_place(form, slot), &room);
            store_refs(&room, dest);
        } else if (!scalar(c, param, text, sim_slot_place(form, slot), dest)) {
            store_absent(param, dest - param->offset);
        }
        break;
    case SIM_LIST:
        list(c, form, slot, raw, dest);
        break;
    case SIM_GROUP: {
        char *group = sim_arena_alloc(c->l->arena, param->size);
        SIM_CHECK(raw->pointer);
        convert_form(c, slot->group, raw->pointer, group);
        memcpy(dest, &group, sizeof group);
        break;
    }
    case SIM_GROUPS:
        groups(c, slot, raw, dest);
        break;
    }
}

static void convert_form(const Convert *c, const SimForm *form, const SimRaw *raw, char *dest) {
    for (uint32_t i = 0; i < form->n; i++) {
        const SimSlot *slot = &form->slots[i];
        store_absent(slot->param, dest);
        if (sim_slot_given(slot)) slot_value(c, form, slot, &raw[i], dest + slot->param->offset);
    }
}

/* ---- items ---- */

static void convert_entry(Convert *c, SimSection *section, const SimEntry *entry,
                          const SimRaw *items) {
    for (uint32_t k = 0; k < entry->count; k++) {
        uint32_t index = entry->first + k;
        const SimRaw *raw = section->kind->map ? items[index].pointer
                                               : ((SimRaw *const *)(const void *)items)[index];
        SIM_CHECK(raw);
        if (!section->kind->map) SIM_CHECK(strcmp(raw[0].pointer, section->names[index]) == 0);
        char *dest = (char *)section->values + index * section->kind->size;
        c->quiet = k > 0;
        convert_form(c, entry->form, raw + 1, dest);
        SimItem *item = (SimItem *)(void *)dest;
        *item = (SimItem){section->names[index], entry->base, entry->counted ? k + 1 : 0,
                          entry->node->line, entry->node->column};
        if (section->kind->map && entry->node->key) {
            item->line = entry->node->key_line;
            item->column = entry->node->key_column;
        }
    }
}

void sim_convert(SimLoader *l, const SimRaw *root) {
    Convert c = {l, false};
    convert_form(&c, l->header_form, root, (char *)&l->header);
    const SimRaw *raw = root + l->header_form->n;
    for (uint32_t i = 0; i < l->n_sections; i++) {
        SimSection *section = &l->sections[i];
        section->values = sim_arena_alloc_n(l->arena, section->total, section->kind->size);
        for (uint32_t k = 0; k < section->n; k++)
            convert_entry(&c, section, &section->items[k], raw[i].pointer);
    }
}
