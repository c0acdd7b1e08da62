/* The scenario with nothing left to look up: every item, every key in the order of the tables,
 * every default. */
#include <string.h>

#include "sim/scenario/loader.h"

static bool is_plain(const char *text) {
    static const char inner[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                                "._/%+-";
    return *text && !strchr("._/%+-", *text) && strspn(text, inner) == strlen(text) &&
           strcmp(text, "null") != 0 && strcmp(text, "Null") != 0 && strcmp(text, "NULL") != 0;
}

static bool is_printable(gunichar c) {
    return (c >= 0x20 && c < 0x7f) ||
           (c >= 0xa0 && c < 0xfffe && c != 0xfeff && c != 0x2028 && c != 0x2029) || c >= 0x10000;
}

static void put_scalar(GString *out, const char *text) {
    if (is_plain(text)) {
        g_string_append(out, text);
        return;
    }
    g_string_append_c(out, '"');
    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        if (c == '"' || c == '\\')
            g_string_append_printf(out, "\\%c", (char)c);
        else if (is_printable(c))
            g_string_append_unichar(out, c);
        else
            g_string_append_printf(out, "\\u%04x", c);
    }
    g_string_append_c(out, '"');
}

/* `indent` of the first key may stand there already ("- "). */
static void put_form(GString *out, const SimForm *form, int indent, bool started);

static void put_list(GString *out, const SimNode *list) {
    const char *comma = "";
    g_string_append(out, " [");
    for (uint32_t i = 0; i < list->n; i++) {
        if (list->items[i]->bad || list->items[i]->shape != SIM_NODE_SCALAR) continue;
        g_string_append(out, comma);
        put_scalar(out, list->items[i]->text);
        comma = ", ";
    }
    g_string_append(out, "]\n");
}

static bool form_is_empty(const SimForm *form) {
    for (uint32_t i = 0; i < form->n; i++)
        if (sim_slot_given(&form->slots[i])) return false;
    return true;
}

static void put_groups(GString *out, const SimSlot *slot, int indent) {
    if (!slot->n_groups) g_string_append(out, " []");
    g_string_append_c(out, '\n');
    for (uint32_t i = 0; i < slot->n_groups; i++) {
        bool empty = form_is_empty(slot->groups[i]);
        g_string_append_printf(out, "%*s- %s", indent, "", empty ? "{}\n" : "");
        put_form(out, slot->groups[i], indent + 2, true);
    }
}

static void put_form(GString *out, const SimForm *form, int indent, bool started) {
    for (uint32_t i = 0; i < form->n && out->len <= SIM_EFFECTIVE_BYTES; i++) {
        const SimSlot *slot = &form->slots[i];
        if (!sim_slot_given(slot)) continue;
        g_string_append_printf(out, "%*s%s:", started ? 0 : indent, "", slot->param->key);
        started = false;
        if (slot->group) {
            g_string_append(out, form_is_empty(slot->group) ? " {}\n" : "\n");
            put_form(out, slot->group, indent + 2, false);
        } else if (slot->groups) {
            put_groups(out, slot, indent + 2);
        } else if (slot->text) {
            g_string_append_c(out, ' ');
            put_scalar(out, slot->text);
            g_string_append_c(out, '\n');
        } else {
            put_list(out, slot->node);
        }
    }
}

static void put_name(GString *out, const SimSection *section, const SimForm *form,
                     const char *name) {
    if (section->kind->map) {
        g_string_append(out, "  ");
        put_scalar(out, name);
        g_string_append(out, form_is_empty(form) ? ": {}\n" : ":\n");
    } else {
        g_string_append(out, "  - name: ");
        put_scalar(out, name);
        g_string_append_c(out, '\n');
    }
}

/* Every copy by itself: what is loaded. */
static void put_copies(GString *out, const SimSection *section, const SimEntry *entry) {
    for (uint32_t k = 0; k < entry->count && out->len <= SIM_EFFECTIVE_BYTES; k++) {
        put_name(out, section, entry->form, section->names[entry->first + k]);
        put_form(out, entry->form, 4, false);
    }
}

/* Once, with its count: what is read, and can be run again. */
static void put_once(GString *out, const SimSection *section, const SimEntry *entry) {
    bool named = section->kind->map || sim_node_get(entry->node, "name");
    if (named) put_name(out, section, entry->form, entry->base);
    if (entry->counted)
        g_string_append_printf(out, "%scount: %u\n", named ? "    " : "  - ", entry->count);
    bool started = !named && !entry->counted;
    if (started) g_string_append(out, "  - ");
    put_form(out, entry->form, 4, started);
}

static void put_expect(GString *out, const SimLoader *l) {
    const char *window = NULL;
    if (l->lines.n) g_string_append(out, "expect:\n");
    for (uint32_t i = 0; i < l->lines.n; i++) {
        const SimExpectLine *line = &l->lines.items[i];
        if (line->window != window) {
            window = line->window;
            g_string_append(out, "  ");
            put_scalar(out, window);
            g_string_append(out, ":\n");
        }
        g_string_append(out, "    - ");
        put_scalar(out, line->node->text);
        g_string_append_c(out, '\n');
    }
}

const char *sim_effective_write(SimLoader *l, bool copies) {
    GString *out = g_string_new(NULL);
    put_form(out, l->header_form, 0, false);
    for (uint32_t i = 0; i < l->n_sections; i++) {
        const SimSection *section = &l->sections[i];
        if (!section->total) continue;
        g_string_append_printf(out, "%s:\n", section->kind->section);
        for (uint32_t k = 0; k < section->n; k++) {
            if (copies)
                put_copies(out, section, &section->items[k]);
            else
                put_once(out, section, &section->items[k]);
        }
    }
    put_expect(out, l);
    const char *text = NULL;
    if (out->len <= SIM_EFFECTIVE_BYTES)
        text = sim_arena_strdup(l->arena, out->str);
    else
        sim_diagnostics_add(l->out, "E017", 0, 0, NULL, "at most 32 MiB", NULL,
                            "the scenario is too large once counts and templates are expanded");
    g_string_free(out, TRUE);
    return text;
}
