/* links: sim_scenario sim_base */
/* timeout: 180 */
/* test_scenario_bad.c: each kind of bad input gets its sentence, at its place, and no nonsense
 * beside it. */
#include <check.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/test_scenario_models.h"

#define HEADER "schema: 1\nname: rack\ndescription: x\nduration: 6s\n" /* 4 lines */
#define SWITCH "switches: [{name: tor, count: 2, part: mellanox-sn2410}]\n"
#define HOST "hosts: [{name: node, count: 4, nic: {rate: 1Gbps}}]\n"

typedef struct Answer {
    char *text;
    uint32_t errors, warnings;
} Answer;

static Answer answer_bytes(const void *bytes, size_t size, const char *set) {
    SimDiagnostics *out = sim_diagnostics_new("t");
    SimOverride sets[] = {{set}};
    SimScenario *s = sim_scenario_load_bytes("t", bytes, size, sets, set ? 1 : 0, out);
    Answer a = {NULL, sim_diagnostics_errors(out), sim_diagnostics_warnings(out)};
    size_t length;
    FILE *stream = open_memstream(&a.text, &length);
    sim_diagnostics_print(out, stream, false);
    fclose(stream);
    ck_assert((s == NULL) == (a.errors > 0));
    sim_scenario_free(s);
    sim_diagnostics_free(out);
    return a;
}

/* Exactly one error, whose text holds each of the words. */
static void one(const char *text, const char *set, const char *word1, const char *word2) {
    Answer a = answer_bytes(text, strlen(text), set);
    ck_assert_msg(a.errors == 1, "%u errors in\n%s\n%s", a.errors, text, a.text);
    ck_assert_msg(strstr(a.text, word1), "no \"%s\" in:\n%s", word1, a.text);
    if (word2) ck_assert_msg(strstr(a.text, word2), "no \"%s\" in:\n%s", word2, a.text);
    free(a.text);
}

static void bad(const char *text, const char *word1, const char *word2) {
    one(text, NULL, word1, word2);
}

/* ---- the file as YAML ---- */

START_TEST(files_that_are_no_scenario) {
    bad("", "t: error E003: the file is empty", NULL);
    bad("# nothing but a remark\n", "E003", NULL);
    bad("---\n", "t:2:1: error E013", NULL);
    bad("just words\n", "t:1:1: error E013", "schema: 1");
    bad("- a\n- b\n", "t:1:1: error E013", NULL);
    bad("a: [1, 2\n", "t:2:1: error E004: this is not valid YAML", NULL);
    bad("schema: 1\n\tname: x\n", "t:2:1: error E004", "not tabs");
    bad("name: a: b\n", "E004", "quotes");
    bad(HEADER "---\n" HEADER, "t:5:1: error E005: a second document", NULL);
    bad("name: caf\351\n", "t:1:10: error E006: the byte 0xe9", NULL);
    bad("\377\376s\n", "E006", NULL);
    Answer a = answer_bytes("schema: 1\nna\0me: x\n", 19, NULL);
    ck_assert(a.errors == 1 && strstr(a.text, "t:2:3: error E007"));
    free(a.text);
    bad(HEADER "x-a: {y: \"a\\0b\"}\n", "t:5:10: error E007", NULL);
    bad(HEADER "x-a:\n  ? [k]\n  : v\n", "E014", NULL);
}
END_TEST

START_TEST(no_aliases_anchors_tags_merge_keys) {
    bad(HEADER "x-a: &a [1]\n", "t:5:6: error E010: anchors (&a)", "`templates:` with `use:`");
    bad(HEADER "x-a: *a\n", "t:5:6: error E010: aliases (*a)", "`defaults:`");
    bad(HEADER "x-a: !!int 3\n", "t:5:6: error E011: tags", NULL);
    bad(HEADER "x-a: {<<: {b: 1}}\n", "t:5:7: error E012: merge keys", "`defaults:`");
    GString *bomb = g_string_new(HEADER "x-0: &n0 [lol, lol, lol]\n");
    for (int i = 1; i < 12; i++)
        g_string_append_printf(bomb, "x-%d: &n%d [*n%d, *n%d, *n%d, *n%d, *n%d]\n", i, i, i - 1,
                               i - 1, i - 1, i - 1, i - 1);
    Answer a = answer_bytes(bomb->str, bomb->len, NULL);
    ck_assert_uint_eq(a.errors, 12 + 11); /* each name once */
    ck_assert(!strstr(a.text, "E100"));
    free(a.text);
    g_string_free(bomb, TRUE);
}
END_TEST

START_TEST(files_that_are_too_much) {
    size_t most = 64 << 20;
    GString *text = g_string_sized_new(most + 64);
    for (int i = 0; text->len < most; i++)
        g_string_append_printf(text, "key-%d: 1\n", i);
    Answer a = answer_bytes(text->str, text->len, NULL);
    ck_assert(a.errors == 1 && strstr(a.text, "t: error E002") && strstr(a.text, "16 MiB"));
    free(a.text);
    g_string_truncate(text, 10 << 20); /* within all limits */
    g_string_truncate(text, strrchr(text->str, '\n') + 1 - text->str);
    a = answer_bytes(text->str, text->len, NULL);
    ck_assert(strstr(a.text, "E100") && strstr(a.text, "\nand ") && a.errors > 100000);
    free(a.text);
    g_string_assign(text, "x-a: ");
    for (int i = 0; i < 10000; i++)
        g_string_append_c(text, '[');
    a = answer_bytes(text->str, text->len, NULL);
    ck_assert(a.errors == 1 && strstr(a.text, "t:1:37: error E008"));
    free(a.text);
    g_string_assign(text, "x-a: [");
    for (int i = 0; i < 2000001; i++)
        g_string_append(text, "a,");
    g_string_append(text, "]\n");
    a = answer_bytes(text->str, text->len, NULL);
    ck_assert(a.errors == 1 && strstr(a.text, "error E009"));
    free(a.text);
    g_string_free(text, TRUE);
}
END_TEST

START_TEST(files_that_cannot_be_read) {
    SimDiagnostics *out = sim_diagnostics_new("x");
    ck_assert_ptr_null(sim_scenario_load("/does/not/exist.yaml", NULL, 0, out));
    ck_assert(sim_diagnostics_has(out, "E001"));
    ck_assert_ptr_null(sim_scenario_load("/", NULL, 0, out));
    ck_assert_uint_eq(sim_diagnostics_errors(out), 2);
    sim_diagnostics_free(out);
}
END_TEST

/* ---- keys and shapes ---- */

START_TEST(keys_that_are_wrong) {
    bad(HEADER "seed: 1\nseed: 2\n", "t:6:1: error E015: seed: the key \"seed\" is given twice",
        "line 5");
    bad(HEADER SWITCH "switchs: []\n", "t:6:1: error E100", "did you mean switches?");
    bad(HEADER "banana: 1\n", "t:5:1: error E100: banana: unknown key", "allowed: schema, name");
    bad(HEADER "switches: [{name: a, ports: 4, rat: 1Gbps, rate: 1Gbps}]\n",
        "t:5:32: error E100: switches[0].rat", "did you mean rate?");
    bad(HEADER "switches: [{name: a, ports: 4, rat: 1Gbps}]\n", "E100", "rate?");
    bad(HEADER "hosts: [{name: a, nci: {rate: 1Gbps}}]\n", "t:5:19: error E100", "nic?");
    bad(HEADER "defaults: {host: {note: x}}\n", "t:5:12: error E100", "did you mean hosts?");
    bad(HEADER "switches: [{name: a, rate: 1Gbps}]\n", "t:5:12: error E102: switches[0].ports",
        "a whole number");
    bad(HEADER "switches: [{ports: 4, rate: 1Gbps}]\n", "t:5:12: error E102", "has no name");
    bad("schema: 1\nname: rack\nduration: 6s\n", "t:1:1: error E102: description", NULL);
    bad("schema: 1\nname: rack\ndescription: \"\"\nduration: 6s\n", "t:3:14: error E103", NULL);
}
END_TEST

START_TEST(shapes_that_are_wrong) {
    bad(HEADER "switches: {a: 1}\n", "t:5:11: error E101: switches: this must be a list", NULL);
    bad(HEADER "classes: [a]\n", "t:5:10: error E101", "mapping from names");
    bad(HEADER "switches: [tor]\n", "t:5:12: error E101: switches[0]", "- name:");
    bad(HEADER "switches:\n", "error E103: switches: there is no value", NULL);
    bad(HEADER "hosts: [{name: a, nic: fast}]\n", "t:5:24: error E101: hosts[0].nic", "a mapping");
    bad(HEADER "hosts: [{name: a, nic: {rate: [1Gbps]}}]\n", "t:5:31: error E101", "1Gbps?");
    bad(HEADER "hosts: [{name: a, nic: {rate: }}]\n", "E103: hosts[0].nic.rate", NULL);
    bad(HEADER "hosts: [{name: a, nic: {rate: ~}}]\n", "E103: hosts[0].nic.rate", NULL);
    bad(HEADER SWITCH "hosts: [{name: a, nic: {rate: 1Gbps, cables: {tor1: 1}}}]\n",
        "t:6:46: error E101: hosts[0].nic.cables", "a list");
    bad(HEADER "hosts: [{name: a, nic: {rate: 1Gbps}, vnics: {name: v}}]\n", "E101", "a list");
    bad(HEADER "hosts: [{name: a, nic: {rate: 1Gbps}, vnics: [v]}]\n", "E101", "vnics[0]");
    bad(HEADER "expect: {all: x}\n", "E101: expect.all", NULL);
    bad(HEADER "templates: [a]\n", "t:5:12: error E101: templates", NULL);
}
END_TEST

START_TEST(nothing_where_something_belongs) {
    bad(HEADER "hosts: []\n", "t:5:8: error E113: hosts: zero hosts", NULL);
    bad(HEADER "classes: {}\n", "E113: classes: zero classes", NULL);
    bad(HEADER "switches: [{name: a, count: 0, part: mellanox-sn2410}]\n",
        "t:5:29: error E113: switches[0].count: zero switches", "1 or more");
    bad(HEADER "hosts: [{name: a, nic: {rate: 1Gbps}, tags: []}]\n", "E113: hosts[0].tags", NULL);
    bad(HEADER "expect: []\n", "E113", NULL);
}
END_TEST

/* ---- values ---- */

START_TEST(values_that_are_wrong) {
    bad(HEADER "switches: [{name: a, ports: 25Gbps, rate: 1Gbps}]\n",
        "t:5:29: error E105: switches[0].ports: \"25Gbps\" is a rate, but a count belongs here",
        "did you mean 25?");
    bad(HEADER "switches: [{name: a, ports: 4, rate: 25}]\n",
        "t:5:38: error E104: switches[0].rate: \"25\" has no unit", "did you mean 25Gbps?");
    bad(HEADER "switches: [{name: a, ports: 010, rate: 1Gbps}]\n", "E106", "did you mean 10?");
    bad(HEADER "switches: [{name: a, ports: 1e3, rate: 1Gbps}]\n", "E106", "exponent");
    bad(HEADER "switches: [{name: a, ports: 0x10, rate: 1Gbps}]\n", "E106", "hexadecimal");
    bad(HEADER "switches: [{name: a, ports: 300, rate: 1Gbps}]\n", "E107", "1 to 256");
    bad(HEADER "switches: [{name: a, ports: -4, rate: 1Gbps}]\n", "E114", "negative");
    bad(HEADER "classes: {a: {pfc: yes}}\n", "t:5:20: error E109: classes.a.pfc", "true?");
    bad(HEADER "classes: {Storage: {pfc: true}}\n", "t:5:11: error E110", "storage?");
    bad(HEADER "hosts: [{name: a, nic: {rate: 1Gbps, roce: v3}}]\n", "E108", "allowed: v1, v2");
    bad(HEADER "hosts: [{name: a, nic: {rate: 1Gbps}, weights: [1, two]}]\n",
        "t:5:52: error E106: hosts[0].weights[1]", NULL);
    bad("schema: 1\nname: a\ndescription: b\nduration: 5\n", "t:4:11: error E104", NULL);
}
END_TEST

START_TEST(runs_that_cannot_be) {
    bad("schema: 2\nname: a\nfuture: b\n", "t:1:9: error E020", "upgrade");
    bad("schema: 0\nname: a\ndescription: b\nduration: 5s\n", "t:1:9: error E020", "schema: 1");
    bad("schema: one\nname: a\ndescription: b\nduration: 5s\n", "t:1:9: error E106", NULL);
    bad(HEADER "warmup: 6s\n", "t:4:11: error E150: duration", "longer than its warm-up");
    bad(HEADER "warmup: -1s\n", "t:5:9: error E114: warmup: \"-1s\" is negative", NULL);
    bad("schema: 1\nname: a\ndescription: b\nduration: 3000d\n",
        "t:4:11: error E151: duration: \"3000d\" is longer than the clock", "2.9 years");
    bad(HEADER "fidelity: flow\n", "t:5:11: error E152: fidelity", "packet");
    bad(HEADER SWITCH "faults: [{name: f, at: 7s, down: tor1}]\n", "t:6:24: error E153", "ended");
    bad(HEADER SWITCH "faults: [{name: f, at: -7s, down: tor1}]\n", "t:6:24: error E114", NULL);
    bad(HEADER SWITCH "faults: [{name: all, at: 1s, down: tor1}]\n", "t:6:17: error E123", NULL);
}
END_TEST

START_TEST(too_many_items) {
    bad(HEADER "hosts: [{name: node, count: 1000000, nic: {rate: 1Gbps}}]\n",
        "t:5:29: error E121: hosts[0].count: 1000000 hosts are too many", "at most 2048 hosts");
    bad(HEADER HOST "workloads: [{name: w, count: 100000, hosts: node, stream: {}}]\n",
        "E121: workloads[0].count: 100004 items are too many", "100000 items of all kinds");
    bad(HEADER HOST "workloads: [{name: w, count: 9223372036854775807, hosts: node, stream: {}}]\n",
        "E121", NULL);
    GString *text = g_string_new(HEADER HOST "templates: {t: {tags: [a");
    for (int i = 0; i < 4000; i++)
        g_string_append(text, ", abcdefgh");
    g_string_append(text, "]}}\nhosts: [{name: h, count: 2000, use: t, nic: {rate: 1Gbps}}]\n");
    char *twice = strstr(text->str, HOST);
    g_string_erase(text, twice - text->str, strlen(HOST));
    Answer a = answer_bytes(text->str, text->len, NULL);
    ck_assert_msg(a.errors == 1 && strstr(a.text, "E017"), "%s", a.text);
    free(a.text);
    g_string_free(text, TRUE);
}
END_TEST

/* ---- names, templates, parts, references ---- */

START_TEST(names_that_collide) {
    bad(HEADER "switches: [{name: a, part: mellanox-sn2410}, {name: a, part: mellanox-sn2410}]\n",
        "t:5:53: error E122", "is taken by the one in line 5");
    bad(HEADER SWITCH "cables: [{from: tor1, to: tor2}, {from: tor1, to: tor2}]\n",
        "t:6:34: error E122", "name: of its own");
    Answer a = answer_bytes(HEADER HOST "", strlen(HEADER HOST), "hosts[0].name=Node");
    ck_assert(a.errors == 1 && strstr(a.text, "--set: error E110: hosts[0].name"));
    free(a.text);
}
END_TEST

START_TEST(templates_that_are_wrong) {
    bad(HEADER "templates: {fast: {note: a}}\nhosts: [{name: a, use: fasst}, "
               "{name: b, use: fast, nic: {rate: 1Gbps}}]\n",
        "t:6:24: error E130: hosts[0].use: there is no template \"fasst\"", "did you mean fast?");
    bad(HEADER "templates: {a: {use: b}, b: {use: a}}\nhosts: [{name: h, use: a}]\n",
        "error E131: templates.b.use", "circle");
    bad(HEADER "templates: {a: {use: a}}\nhosts: [{name: h, use: a}]\n", "E131: templates.a.use",
        NULL);
    bad(HEADER "templates: {a: {name: x}}\nhosts: [{name: h, use: a, nic: {rate: 1Gbps}}]\n",
        "E100: templates.a.name", NULL);
    bad(HEADER "templates: {a: {nic: {rate: 25}}}\nhosts: [{name: h, count: 3, use: a}]\n",
        "t:5:29: error E104: templates.a.nic.rate", NULL);
    bad(HEADER "templates: {a: {nic: {rate: 25}}}\n"
               "hosts: [{name: h, use: a}, {name: i, use: a}]\n",
        "E104", NULL);
    Answer a = answer_bytes(HEADER "templates: {a: {b: c}}\n", strlen(HEADER) + 23, NULL);
    ck_assert(a.errors == 0 && a.warnings == 1 && strstr(a.text, "t:5:13: warning W101"));
    free(a.text);
}
END_TEST

START_TEST(parts_that_are_unknown) {
    bad(HEADER "switches: [{name: a, part: mellanox-sn2140}]\n",
        "t:5:28: error E132: switches[0].part", "did you mean mellanox-sn2410?");
    bad(HEADER "switches: [{name: a, part: cx4lx}]\n", "\"cx4lx\" is a cna, but a switch belongs",
        NULL);
    bad(HEADER "hosts: [{name: a, part: cx4lx, nic: {rate: 1Gbps}}]\n", "E100: hosts[0].part",
        NULL);
}
END_TEST

START_TEST(references_that_dangle) {
    bad(HEADER SWITCH "cables: [{from: tor1, to: tor3}]\n",
        "t:6:27: error E140: cables[0].to: there is no switch or host \"tor3\"",
        "did you mean tor");
    bad(HEADER HOST "workloads: [{name: w, hosts: node5, stream: {}}]\n",
        "t:6:30: error E140: workloads[0].hosts: there is no host \"node5\"",
        "node (node1 to node4)");
    bad(HEADER HOST "workloads: [{name: w, hosts: node3..9, stream: {}}]\n",
        "t:6:30: error E142: workloads[0].hosts", NULL);
    bad(HEADER HOST "workloads: [{name: w, hosts: node3..2, stream: {}}]\n", "E142", NULL);
    bad(HEADER HOST "workloads: [{name: w, hosts: node1/2, stream: {}}]\n",
        "t:6:30: error E143: workloads[0].hosts", "without a port");
    bad(HEADER SWITCH "cables: [{from: tor1/0, to: tor2}]\n", "E143", "tor1/5");
    bad(HEADER SWITCH "cables: [{from: tor1/x, to: tor2}]\n", "E143", NULL);
    bad(HEADER SWITCH "cables: [{from: tor, to: tor2}]\n",
        "t:6:17: error E144: cables[0].from: \"tor\" stands for 2 items", "tor1?");
    bad(HEADER SWITCH HOST "workloads: [{name: w, hosts: tor1, stream: {}}]\n",
        "\"tor1\" is a switch, but a host belongs here", NULL);
    bad(HEADER "switches: [{name: a, part: mellanox-sn2410}]\n"
               "hosts: [{name: a, nic: {rate: 1Gbps}}]\nfaults: [{name: f, at: 1s, down: a}]\n",
        "t:7:34: error E141: faults[0].down: \"a\" is ambiguous: it is a switch and also a host",
        NULL);
}
END_TEST

/* A mistake is not told again by everything that hangs on it. */
START_TEST(no_cascades) {
    bad(HEADER "swiches: [{name: tor, count: 2, part: mellanox-sn2410}]\n"
               "cables: [{from: tor1, to: tor2}]\n",
        "E100: swiches", "did you mean switches?");
    bad(HEADER "switches: [{name: tor, count: two, part: mellanox-sn2410}]\n"
               "cables: [{from: tor1, to: tor2}]\n",
        "E106: switches[0].count", NULL);
    bad(HEADER SWITCH "faults: [{name: f, at: 1, down: tor1}]\n"
                      "expect: {f: [no frame lost], healthy: [no frame lost]}\n",
        "E104: faults[0].at", NULL);
    bad(HEADER "switches: [{name: a, <<: {part: mellanox-sn2410}}]\n", "t:5:22: error E012", NULL);
    bad(HEADER "hosts: [{name: h, nic: {part: cx5}}]\n", "E132: hosts[0].nic.part", NULL);
}
END_TEST

START_TEST(all_problems_at_once) {
    const char *text = HEADER "seed: x\n"
                              "switches: [{name: a, ports: 4, rate: 25, colour: red}]\n"
                              "hosts: [{name: h, nic: {rate: 1Gbps, cables: [b]}}]\n"
                              "expect: {never: [a.b == 1]}\n";
    Answer a = answer_bytes(text, strlen(text), NULL);
    ck_assert_uint_eq(a.errors, 5);
    const char *in_order[] = {"t:5:7: error E106", "t:6:38: error E104", "t:6:42: error E100",
                              "t:7:47: error E140", "t:8:10: error E161"};
    const char *at = a.text;
    for (size_t i = 0; i < G_N_ELEMENTS(in_order); i++) {
        at = strstr(at, in_order[i]);
        ck_assert_msg(at, "%s is missing or late in:\n%s", in_order[i], a.text);
    }
    free(a.text);
}
END_TEST

/* What stands below a misspelt section is checked as well. */
START_TEST(a_guessed_section_is_read) {
    const char *text = HEADER "swiches: [{name: a, ports: 4, rate: 25}]\n";
    Answer a = answer_bytes(text, strlen(text), NULL);
    ck_assert_uint_eq(a.errors, 2);
    ck_assert(strstr(a.text, "t:5:1: error E100: swiches"));
    ck_assert(strstr(a.text, "t:5:37: error E104: swiches[0].rate"));
    free(a.text);
}
END_TEST

START_TEST(variants_are_exclusive) {
    bad(HEADER HOST "workloads: [{name: w, hosts: node}]\n", "t:6:13: error E112: workloads[0]",
        "diskspd, stream");
    bad(HEADER HOST "workloads: [{name: w, hosts: node, stream: {}, diskspd: {}}]\n", "E112",
        "cannot both be given");
}
END_TEST

/* ---- expectations, overrides, lint ---- */

START_TEST(expectations_that_cannot_be) {
    bad(HEADER "expect: [run.lost = 0]\n", "t:5:10: error E160: expect[0]", "did you mean ==?");
    bad(HEADER "expect: [all is well]\n", "E160", "no comparison");
    bad(HEADER "expect: [lost == 0]\n", "E160", "entity.metric");
    bad(HEADER "expect: [run.lost == ]\n", "E106", NULL);
    bad(HEADER "expect: [run.a b == 1]\n", "E160", "blank");
    bad(HEADER "expect: [run.lost <= 5parsec]\n", "E105", "unknown unit");
    bad(HEADER "expect: [run.rate <= 5 gbps]\n", "E105", "did you mean 5Gbps?");
    bad(HEADER "expect: [outage under 5GB]\n", "E160", "a time");
    bad(HEADER "expect: [run.lost <= 5ms of healthy]\n", "E160", "80% of healthy");
    bad(HEADER "expect: [run.lost <= 5% of wealthy]\n", "t:5:10: error E161", "healthy?");
    bad(HEADER "expect: {recovered: [no frame lost]}\n", "t:5:10: error E161: expect.recovered",
        "allowed: all, healthy");
    const char *text = HEADER HOST "workloads: [{name: w, hosts: node, stream: {}}]\n"
                                   "expect: [w.iop > 1, v.iops > 1, w.iops > 1]\n";
    Answer a = answer_bytes(text, strlen(text), NULL);
    ck_assert(a.errors == 0 && a.warnings == 2);
    ck_assert(strstr(a.text, "t:7:10: warning W160") && strstr(a.text, "did you mean iops?"));
    ck_assert(strstr(a.text, "no item has the name \"v\""));
    free(a.text);
}
END_TEST

START_TEST(overrides_that_cannot_be) {
    const char *good = HEADER HOST;
    one(good, "duration", "--set: error E016", "path=value");
    one(good, "=5s", "--set: error E016", NULL);
    one(good, "duration=", "--set: error E016: duration: no value", NULL);
    one(good, "a..b=1", "--set: error E016", "not a path");
    one(good, "hosts[=1", "E016", NULL);
    one(good, "hosts[0.nic=1", "E016", NULL);
    one(good, "hosts[7].note=a", "--set: error E016: hosts[7].note", "[0] to [0]");
    one(good, "hosts.nod.note=a", "E016", "did you mean node?");
    one(good, "hosts.node1.note=a", "E016", "node");
    one(good, "duration.x=1", "E016", "plain value");
    one(good, "name[0]=1", "E016", "no list");
    one(good, "duration=[", "E016", "cannot be read");
    one(good, "duration=*a", "E016", NULL);
    one(good, "duration=7", "--set: error E104: duration: \"7\" has no unit", NULL);
    one(good, "hosts.node.colour=red", "--set: error E100: hosts[0].colour", NULL);
    one(good, "hosts.node.count=1000000", "--set: error E121: hosts[0].count", "2048");
    one(good, "hosts=[]", "--set: error E113: hosts", NULL);
    one(good, "hosts[0].nic.rate=\377", "E016", NULL);
}
END_TEST

START_TEST(models_have_their_say) {
    bad(HEADER "hosts: [{name: odd, nic: {rate: 1Gbps}}]\n", "t:5:33: error E310: odd: odd", NULL);
    bad(HEADER "seed: x\nhosts: [{name: odd, nic: {rate: 1Gbps}}]\n", "E106", NULL); /* not yet */
}
END_TEST

/* Text of strangers cannot steer a terminal, and JSON stays JSON. */
START_TEST(output_is_safe) {
    const char *text = HEADER "\"x\\e[2J\\n\": 1\n";
    Answer a = answer_bytes(text, strlen(text), NULL);
    ck_assert(a.errors == 1 && !strchr(a.text, 0x1b) && strstr(a.text, "\\u001b[2J"));
    free(a.text);
    SimDiagnostics *out = sim_diagnostics_new("t");
    sim_scenario_load_bytes("t", text, strlen(text), NULL, 0, out);
    char *json;
    size_t size;
    FILE *stream = open_memstream(&json, &size);
    sim_diagnostics_json(out, stream);
    fclose(stream);
    ck_assert(strstr(json, "\"code\": \"E100\"") && strstr(json, "\"line\": 5"));
    ck_assert(strstr(json, "\\u001b") && !strchr(json, 0x1b));
    free(json);
    sim_diagnostics_free(out);
}
END_TEST

static void add_yaml(Suite *suite) {
    TCase *tests = tcase_create("yaml");
    tcase_set_timeout(tests, 120);
    tcase_add_test(tests, files_that_are_no_scenario);
    tcase_add_test(tests, no_aliases_anchors_tags_merge_keys);
    tcase_add_test(tests, files_that_are_too_much);
    tcase_add_test(tests, files_that_cannot_be_read);
    tcase_add_test(tests, keys_that_are_wrong);
    tcase_add_test(tests, shapes_that_are_wrong);
    tcase_add_test(tests, nothing_where_something_belongs);
    suite_add_tcase(suite, tests);
}

static void add_meaning(Suite *suite) {
    TCase *tests = tcase_create("meaning");
    tcase_add_test(tests, values_that_are_wrong);
    tcase_add_test(tests, runs_that_cannot_be);
    tcase_add_test(tests, too_many_items);
    tcase_add_test(tests, names_that_collide);
    tcase_add_test(tests, templates_that_are_wrong);
    tcase_add_test(tests, parts_that_are_unknown);
    tcase_add_test(tests, references_that_dangle);
    tcase_add_test(tests, no_cascades);
    tcase_add_test(tests, all_problems_at_once);
    tcase_add_test(tests, a_guessed_section_is_read);
    tcase_add_test(tests, variants_are_exclusive);
    tcase_add_test(tests, expectations_that_cannot_be);
    tcase_add_test(tests, overrides_that_cannot_be);
    tcase_add_test(tests, models_have_their_say);
    tcase_add_test(tests, output_is_safe);
    suite_add_tcase(suite, tests);
}

int main(void) {
    Suite *suite = suite_create("scenario bad");
    add_yaml(suite);
    add_meaning(suite);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
