/* tree.c: see tree.h. */
#include "sim/report/tree.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/assert.h"

typedef enum Shape { LITERAL, TEXT, ARRAY, OBJECT } Shape;

typedef struct Member {
    const char *key; /* NULL in arrays */
    SimTree *value;
} Member;

struct SimTree {
    Shape shape;
    const char *text;
    struct {
        Member *items;
        uint32_t n, room;
    } members;
};

static SimTree *node(SimArena *arena, Shape shape, const char *text) {
    SimTree *tree = SIM_NEW(arena, SimTree);
    tree->shape = shape;
    tree->text = text;
    return tree;
}

SimTree *sim_tree_object(SimArena *arena) {
    return node(arena, OBJECT, NULL);
}

SimTree *sim_tree_array(SimArena *arena) {
    return node(arena, ARRAY, NULL);
}

SimTree *sim_tree_text(SimArena *arena, const char *text) {
    if (text == NULL) return node(arena, LITERAL, "null");
    return node(arena, TEXT, sim_arena_strdup(arena, text));
}

SimTree *sim_tree_bool(SimArena *arena, bool value) {
    return node(arena, LITERAL, value ? "true" : "false");
}

SimTree *sim_tree_integer(SimArena *arena, int64_t value) {
    return node(arena, LITERAL, sim_arena_printf(arena, "%" PRId64, value));
}

SimTree *sim_tree_value(SimArena *arena, SimValue value, int decimals) {
    char text[SIM_VALUE_TEXT];
    sim_value_print(value, decimals, text, sizeof text);
    return node(arena, LITERAL, sim_arena_strdup(arena, text));
}

static void add(SimArena *arena, SimTree *tree, const char *key, SimTree *value) {
    Member *member = SIM_PUSH(arena, &tree->members);
    member->key = key;
    member->value = value;
}

void sim_tree_put(SimArena *arena, SimTree *object, const char *key, SimTree *value) {
    SIM_CHECK(object->shape == OBJECT && key != NULL);
    add(arena, object, sim_arena_strdup(arena, key), value);
}

void sim_tree_append(SimArena *arena, SimTree *array, SimTree *value) {
    SIM_CHECK(array->shape == ARRAY);
    add(arena, array, NULL, value);
}

SimTree *sim_tree_get(const SimTree *object, const char *key) {
    for (uint32_t i = 0; i < object->members.n; i++)
        if (strcmp(object->members.items[i].key, key) == 0) return object->members.items[i].value;
    return NULL;
}

static int by_key(const void *a, const void *b) {
    return strcmp(((const Member *)a)->key, ((const Member *)b)->key);
}

static void sort_members(SimTree *object) {
    uint32_t n = object->members.n;
    if (n > 1) qsort(object->members.items, n, sizeof(Member), by_key);
    for (uint32_t i = 1; i < n; i++)
        SIM_CHECK(strcmp(object->members.items[i - 1].key, object->members.items[i].key) != 0);
}

static void print_text(const char *text, FILE *out) {
    fputc('"', out);
    for (const unsigned char *c = (const unsigned char *)text; *c != 0; c++) {
        if (*c == '"' || *c == '\\')
            fprintf(out, "\\%c", *c);
        else if (*c == '\n')
            fputs("\\n", out);
        else if (*c == '\t')
            fputs("\\t", out);
        else if (*c < 0x20 || *c == 0x7f)
            fprintf(out, "\\u%04x", *c);
        else
            fputc(*c, out);
    }
    fputc('"', out);
}

static void print_inline(SimTree *tree, FILE *out) {
    switch (tree->shape) {
    case LITERAL:
        fputs(tree->text, out);
        return;
    case TEXT:
        print_text(tree->text, out);
        return;
    case OBJECT:
        sort_members(tree);
        break;
    case ARRAY:
        break;
    }
    fputc(tree->shape == OBJECT ? '{' : '[', out);
    for (uint32_t i = 0; i < tree->members.n; i++) {
        Member *member = &tree->members.items[i];
        if (i > 0) fputs(", ", out);
        if (tree->shape == OBJECT) {
            print_text(member->key, out);
            fputs(": ", out);
        }
        print_inline(member->value, out);
    }
    fputc(tree->shape == OBJECT ? '}' : ']', out);
}

static void print_lines(SimTree *array, FILE *out) {
    if (array->members.n == 0) {
        fputs("[]", out);
        return;
    }
    fputs("[\n", out);
    for (uint32_t i = 0; i < array->members.n; i++) {
        fputs("    ", out);
        print_inline(array->members.items[i].value, out);
        fputs(i + 1 < array->members.n ? ",\n" : "\n", out);
    }
    fputs("  ]", out);
}

bool sim_tree_print(SimTree *root, FILE *out) {
    SIM_CHECK(root->shape == OBJECT);
    sort_members(root);
    fputs("{\n", out);
    for (uint32_t i = 0; i < root->members.n; i++) {
        Member *member = &root->members.items[i];
        fputs("  ", out);
        print_text(member->key, out);
        fputs(": ", out);
        if (member->value->shape == ARRAY)
            print_lines(member->value, out);
        else
            print_inline(member->value, out);
        fputs(i + 1 < root->members.n ? ",\n" : "\n", out);
    }
    fputs("}\n", out);
    return !ferror(out);
}
