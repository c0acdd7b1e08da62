#include <string.h>

#include "sim/scenario/explain.h"
#include "sim/scenario/loader.h"
#include "sim/scenario/suggest.h"
#include "sim/scenario/text.h"

static void append_value(GString *out, const SimNode *node) {
    if (node->shape == SIM_NODE_SCALAR) {
        g_string_append(out, node->text);
        return;
    }
    for (uint32_t i = 0; i < node->n; i++) {
        if (i) g_string_append(out, ", ");
        if (node->items[i]->key) g_string_append_printf(out, "%s ", node->items[i]->key);
        append_value(out, node->items[i]);
    }
}

/* "48 ports, rate 25Gbps, ..." as far as a line reaches. */
static void append_figures(GString *out, const SimPart *part, int width) {
    size_t start = out->len;
    for (uint32_t i = 0; i < part->values->n; i++) {
        const SimNode *node = part->values->items[i];
        GString *figure = g_string_new(i ? ", " : "");
        g_string_append_printf(figure, "%s ", node->key);
        append_value(figure, node);
        bool fits = out->len - start + figure->len <= (size_t)width;
        if (fits) g_string_append(out, figure->str);
        g_string_free(figure, TRUE);
        if (!fits) break;
    }
}

static void write_table(FILE *out, const SimCatalog *catalog, const char *kind) {
    int name = 4, wide = 4;
    for (uint32_t i = 0; i < catalog->n; i++) {
        const SimPart *part = &catalog->items[i];
        if (kind && strcmp(part->kind, kind) != 0) continue;
        if ((int)strlen(part->name) > name) name = (int)strlen(part->name);
        if ((int)strlen(part->kind) > wide) wide = (int)strlen(part->kind);
    }
    fprintf(out, "%-*s  %-*s  %s\n", name, "name", wide, "kind", "key figures");
    for (uint32_t i = 0; i < catalog->n; i++) {
        const SimPart *part = &catalog->items[i];
        if (kind && strcmp(part->kind, kind) != 0) continue;
        GString *figures = g_string_new(NULL);
        append_figures(figures, part, 80 - name - wide - 4);
        fprintf(out, "%-*s  %-*s  %s\n", name, part->name, wide, part->kind, figures->str);
        g_string_free(figures, TRUE);
    }
}

static void write_values(FILE *out, const SimPart *part, const SimNode *map, const char *before,
                         bool sources) {
    for (uint32_t i = 0; i < map->n; i++) {
        const SimNode *node = map->items[i];
        char *key = g_strconcat(before, node->key, NULL);
        if (node->shape == SIM_NODE_MAP) {
            char *inner = g_strconcat(key, ".", NULL);
            write_values(out, part, node, inner, sources);
            g_free(inner);
        } else {
            GString *value = g_string_new(NULL);
            append_value(value, node);
            const char *source = sources ? sim_part_source(part, key) : "";
            fprintf(out, "  %-16s %s\n", key, value->str);
            if (*source) sim_text_wrap(out, source, 19, 80);
            g_string_free(value, TRUE);
        }
        g_free(key);
    }
}

void sim_part_write(FILE *out, const SimPart *part) {
    fprintf(out, "%s (%s)\n", part->name, part->kind);
    sim_text_wrap(out, part->doc, 2, 80);
    write_values(out, part, part->values, "", true);
    if (part->facts && part->facts->shape == SIM_NODE_MAP)
        write_values(out, part, part->facts, "", false);
}

static bool has_kind(const SimCatalog *catalog, const char *kind) {
    for (uint32_t i = 0; i < catalog->n; i++)
        if (strcmp(catalog->items[i].kind, kind) == 0) return true;
    return false;
}

static void write_unknown(FILE *out, const SimCatalog *catalog, const char *which) {
    SimGuess guess;
    sim_guess_init(&guess, which, NULL);
    for (uint32_t i = 0; i < catalog->n; i++) {
        sim_guess_offer(&guess, catalog->items[i].name);
        sim_guess_offer(&guess, catalog->items[i].kind);
    }
    fprintf(out, "no part and no kind of part is called \"%s\"", which);
    if (guess.best) fprintf(out, "; did you mean %s?", guess.best);
    fprintf(out, "\n");
}

bool sim_parts_write(FILE *out, const char *which) {
    SimArena arena;
    SimCatalog catalog;
    sim_arena_init(&arena);
    sim_catalog_load(&catalog, &arena);
    bool good = true;
    if (!which || has_kind(&catalog, which)) {
        write_table(out, &catalog, which);
    } else {
        good = false;
        for (uint32_t i = 0; i < catalog.n; i++) {
            if (strcmp(catalog.items[i].name, which) != 0) continue;
            sim_part_write(out, &catalog.items[i]);
            good = true;
        }
        if (!good) write_unknown(out, &catalog, which);
    }
    sim_arena_clear(&arena);
    return good;
}
