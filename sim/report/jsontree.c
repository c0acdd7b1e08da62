/* jsontree.c: see jsontree.h. */
#include "sim/report/jsontree.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/assert.h"

typedef enum Shape { LITERAL, TEXT, ARRAY, OBJECT } Shape;

typedef struct Member {
    const char *key; /* NULL in arrays */
    SimJson *value;
} Member;

struct SimJson {
    Shape shape;
    const char *text;
    struct {
        Member *items;
        uint32_t n, room;
    } members;
};

static SimJson *node(SimArena *arena, Shape shape, const char *text) {
    SimJson *tree = SIM_NEW(arena, SimJson);
    tree->shape = shape;
    tree->text = text;
    return tree;
}

SimJson *sim_json_object(SimArena *arena) {
    return node(arena, OBJECT, NULL);
}

SimJson *sim_json_array(SimArena *arena) {
    return node(arena, ARRAY, NULL);
}

SimJson *sim_json_text(SimArena *arena, const char *text) {
    if (text == NULL) return node(arena, LITERAL, "null");
    return node(arena, TEXT, sim_arena_strdup(arena, text));
}

SimJson *sim_json_bool(SimArena *arena, bool value) {
    return node(arena, LITERAL, value ? "true" : "false");
}

SimJson *sim_json_integer(SimArena *arena, int64_t value) {
    return node(arena, LITERAL, sim_arena_printf(arena, "%" PRId64, value));
}

SimJson *sim_json_value(SimArena *arena, SimValue value, int decimals) {
    char text[SIM_VALUE_TEXT];
    sim_value_print(value, decimals, text, sizeof text);
    return node(arena, LITERAL, sim_arena_strdup(arena, text));
}

static void add(SimArena *arena, SimJson *tree, const char *key, SimJson *value) {
    Member *member = SIM_PUSH(arena, &tree->members);
    member->key = key;
    member->value = value;
}

void sim_json_put(SimArena *arena, SimJson *object, const char *key, SimJson *value) {
    SIM_CHECK(object->shape == OBJECT && key != NULL);
    add(arena, object, sim_arena_strdup(arena, key), value);
}

void sim_json_append(SimArena *arena, SimJson *array, SimJson *value) {
    SIM_CHECK(array->shape == ARRAY);
    add(arena, array, NULL, value);
}

SimJson *sim_json_get(const SimJson *object, const char *key) {
    for (uint32_t i = 0; i < object->members.n; i++)
        if (strcmp(object->members.items[i].key, key) == 0) return object->members.items[i].value;
    return NULL;
}

static int by_key(const void *a, const void *b) {
    return strcmp(((const Member *)a)->key, ((const Member *)b)->key);
}

static void sort_members(SimJson *object) {
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

static void print_inline(SimJson *tree, FILE *out) {
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

static void print_lines(SimJson *array, FILE *out) {
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

bool sim_json_print(SimJson *root, FILE *out) {
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
