/* links: rackcast_models sim_base PkgConfig::YAML */
/* test_catalog.c: every part has a good name, only keys of its kind, and a source for each value.
 */
#include <check.h>
#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <yaml.h>

#include "models/catalog/catalog.h"

/* Each word once, spaces around. */
static const struct {
    const char *kind, *required, *keys;
} kinds[] = {
    {"switch", " ports rate ",
     " ports rate uplinks uplink_rate mode latency buffer mtu roce_v1 roce_v2 dcb "},
    {"cna", " ports rate ",
     " ports rate roce_v1 roce_v2 iwarp packet_direct sr_iov tx_latency rx_latency mtu "},
    {"cable", " length ", " length medium "},
    {"drive", " capacity ",
     " capacity units read_time read_jitter write_time write_jitter read_speed write_speed "
     "read_iops write_iops "},
};
#define KINDS (sizeof kinds / sizeof *kinds)

static const char *text(yaml_document_t *doc, int node) {
    yaml_node_t *n = yaml_document_get_node(doc, node);
    ck_assert(n && n->type == YAML_SCALAR_NODE);
    return (const char *)n->data.scalar.value;
}

/* The value of `key`, or NULL. */
static yaml_node_t *lookup(yaml_document_t *doc, yaml_node_t *map, const char *key) {
    ck_assert(map && map->type == YAML_MAPPING_NODE);
    yaml_node_pair_t *pair = map->data.mapping.pairs.start;
    for (; pair < map->data.mapping.pairs.top; pair++)
        if (!strcmp(text(doc, pair->key), key)) return yaml_document_get_node(doc, pair->value);
    return NULL;
}

static const char *lookup_text(yaml_document_t *doc, yaml_node_t *map, const char *key) {
    yaml_node_t *n = lookup(doc, map, key);
    ck_assert_msg(n && n->type == YAML_SCALAR_NODE, "no text %s", key);
    return (const char *)n->data.scalar.value;
}

static bool has_word(const char *words, const char *word) {
    char spaced[64];
    ck_assert_uint_lt(strlen(word), 60);
    snprintf(spaced, sizeof spaced, " %s ", word);
    return strstr(words, spaced) != NULL;
}

static void check_name(const char *name) {
    ck_assert_msg(islower((unsigned char)name[0]), "%s", name);
    for (const char *c = name; *c; c++)
        ck_assert_msg(islower((unsigned char)*c) || isdigit((unsigned char)*c) || *c == '-', "%s",
                      name);
}

/* Every value has a source, every source a value. */
static void check_sources(yaml_document_t *doc, const char *name, yaml_node_t *values,
                          yaml_node_t *sources) {
    ck_assert_msg(sources != NULL, "%s has no sources", name);
    bool rest = lookup(doc, sources, "*") != NULL;
    bool rest_used = false;
    yaml_node_pair_t *pair = values->data.mapping.pairs.start;
    for (; pair < values->data.mapping.pairs.top; pair++) {
        bool own = lookup(doc, sources, text(doc, pair->key)) != NULL;
        ck_assert_msg(own || rest, "%s.%s has no source", name, text(doc, pair->key));
        rest_used |= !own;
    }
    ck_assert_msg(rest == rest_used, "%s: \"*\" stands for nothing", name);
    for (pair = sources->data.mapping.pairs.start; pair < sources->data.mapping.pairs.top; pair++) {
        const char *key = text(doc, pair->key);
        ck_assert_msg(!strcmp(key, "*") || lookup(doc, values, key), "%s: source of nothing: %s",
                      name, key);
        ck_assert_uint_gt(strlen(text(doc, pair->value)), 5);
    }
}

static void check_part(yaml_document_t *doc, yaml_node_t *part) {
    const char *name = lookup_text(doc, part, "name");
    const char *kind = lookup_text(doc, part, "kind");
    check_name(name);
    ck_assert_uint_gt(strlen(lookup_text(doc, part, "doc")), 5);
    yaml_node_t *values = lookup(doc, part, "values");
    ck_assert_msg(values && values->type == YAML_MAPPING_NODE, "%s has no values", name);
    size_t k = 0;
    while (k < KINDS && strcmp(kinds[k].kind, kind))
        k++;
    ck_assert_msg(k < KINDS, "%s: kind %s", name, kind);
    char given[512] = " ";
    yaml_node_pair_t *pair = values->data.mapping.pairs.start;
    for (; pair < values->data.mapping.pairs.top; pair++) {
        const char *key = text(doc, pair->key);
        ck_assert_msg(has_word(kinds[k].keys, key), "%s: %s is no key of a %s", name, key, kind);
        ck_assert_msg(!has_word(given, key), "%s: %s twice", name, key);
        strcat(strcat(given, key), " ");
    }
    char required[64];
    strcpy(required, kinds[k].required);
    for (char *word = strtok(required, " "); word; word = strtok(NULL, " "))
        ck_assert_msg(has_word(given, word), "%s lacks %s", name, word);
    check_sources(doc, name, values, lookup(doc, part, "sources"));
}

static yaml_node_t *load(const SimBlob *blob, yaml_document_t *doc) {
    yaml_parser_t parser;
    ck_assert(yaml_parser_initialize(&parser));
    yaml_parser_set_input_string(&parser, (const unsigned char *)blob->text, blob->size);
    ck_assert_msg(yaml_parser_load(&parser, doc), "%s:%zu: %s", blob->name,
                  parser.problem_mark.line + 1, parser.problem);
    yaml_parser_delete(&parser);
    yaml_node_t *parts = lookup(doc, yaml_document_get_root_node(doc), "parts");
    ck_assert_msg(parts && parts->type == YAML_SEQUENCE_NODE, "%s has no parts", blob->name);
    return parts;
}

START_TEST(test_parts) {
    size_t n = 0;
    for (const SimBlob *blob = catalog_blobs; blob->name; blob++) {
        yaml_document_t doc;
        yaml_node_t *parts = load(blob, &doc);
        yaml_node_item_t *item = parts->data.sequence.items.start;
        for (; item < parts->data.sequence.items.top; item++, n++)
            check_part(&doc, yaml_document_get_node(&doc, *item));
        yaml_document_delete(&doc);
    }
    ck_assert_uint_gt(n, 30);
}
END_TEST

/* Names are unique over all files; those that documents and scenarios rely on are there. */
START_TEST(test_names) {
    static const char *const wanted[] = {"mellanox-sn2410", "mellanox-cx4lx-2x25",
                                         "intel-p4510-2tb", "intel-x710-2x10"};
    char names[8192] = " ";
    for (const SimBlob *blob = catalog_blobs; blob->name; blob++) {
        yaml_document_t doc;
        yaml_node_t *parts = load(blob, &doc);
        yaml_node_item_t *item = parts->data.sequence.items.start;
        for (; item < parts->data.sequence.items.top; item++) {
            const char *name = lookup_text(&doc, yaml_document_get_node(&doc, *item), "name");
            ck_assert_msg(!has_word(names, name), "%s twice", name);
            ck_assert_uint_lt(strlen(names) + strlen(name) + 2, sizeof names);
            strcat(strcat(names, name), " ");
        }
        yaml_document_delete(&doc);
    }
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
        ck_assert_msg(has_word(names, wanted[i]), "no %s", wanted[i]);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("catalog");
    TCase *tcase = tcase_create("catalog");
    tcase_add_test(tcase, test_parts);
    tcase_add_test(tcase, test_names);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
