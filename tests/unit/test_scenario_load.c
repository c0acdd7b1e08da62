/* links: sim_scenario sim_base */
/* test_scenario_load.c: what a good scenario becomes: values, layers, copies, references,
 * windows, expectations, parts. */
#include <check.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/test_scenario_models.h"

#define HEADER "schema: 1\nname: rack\ndescription: Does it load?\nwarmup: 500ms\nduration: 6s\n"

/* Loads what must be good, and says why it is not. */
static SimScenario *load(const char *text, const char *set) {
    SimDiagnostics *out = sim_diagnostics_new("t.yaml");
    SimOverride sets[] = {{set}};
    SimScenario *s = sim_scenario_load_bytes("t.yaml", text, strlen(text), sets, set ? 1 : 0, out);
    if (!s || sim_diagnostics_warnings(out)) sim_diagnostics_print(out, stdout, false);
    ck_assert_ptr_nonnull(s);
    sim_diagnostics_free(out);
    return s;
}

static const void *items(const SimScenario *s, const char *kind, uint32_t n) {
    uint32_t found;
    const void *list = sim_scenario_items(s, kind, &found);
    ck_assert_uint_eq(found, n);
    return list;
}

static const char rack[] =
    HEADER "x-note: {any: [thing]}\n"
           "classes:\n"
           "  storage: {priority: 3, pfc: true, share: 50%}\n"
           "  cluster: {priority: 7}\n"
           "defaults:\n"
           "  hosts: {note: common, nic: {part: cx4lx, cables: [tor1, tor2/7]}}\n"
           "templates:\n"
           "  fast: {use: base, nic: {rate: 100Gbps}}\n"
           "  base: {note: from base, nic: {rate: 1Gbps, ports: 4}}\n"
           "switches:\n"
           "  - {name: tor, count: 2, part: mellanox-sn2410, latency: 1us}\n"
           "cables:\n"
           "  - {from: tor1, to: tor2, count: 2}\n"
           "  - {name: up, from: tor2/3, to: big, loss: 1e-12}\n"
           "hosts:\n"
           "  - name: node\n"
           "    count: 3\n"
           "    vnics:\n"
           "      - {name: smb1, vlan: 711, class: storage, rdma: true}\n"
           "      - {name: smb2}\n"
           "    drives: {part: p4510, count: 4}\n"
           "  - {name: big, use: fast, tags: [a, b-c], weights: 7}\n"
           "workloads:\n"
           "  - {name: vms, hosts: node, diskspd: {read: 70%, outstanding: 32}}\n"
           "  - {name: some, hosts: node2..3, stream: {}}\n"
           "faults:\n"
           "  - {name: tor1-dead, at: 2s, for: 2s, down: tor1}\n"
           "  - {name: cut, at: 3s, for: 2s, down: tor1-tor2.1}\n"
           "expect:\n"
           "  healthy:\n"
           "    - vms.write.p99 <= 1ms\n"
           "  tor1-dead:\n"
           "    - vms.iops >= 80% of healthy\n"
           "    - no frame lost\n"
           "    - outage under 150 ms\n"
           "    - tor1-tor2.1.dropped == 0\n";

START_TEST(values_come_from_their_layers) {
    SimScenario *s = load(rack, NULL);
    const TestHost *hosts = items(s, "host", 4);
    ck_assert_str_eq(hosts[0].item.name, "node1");
    ck_assert_str_eq(hosts[2].item.base, "node");
    ck_assert_uint_eq(hosts[2].item.index, 3);
    ck_assert_uint_eq(hosts[3].item.index, 0);
    ck_assert_str_eq(hosts[0].note, "common");                   /* defaults */
    ck_assert_str_eq(hosts[3].note, "from base");                /* template over defaults */
    ck_assert_int_eq(hosts[0].nic->rate, INT64_C(25000000000));  /* part */
    ck_assert_int_eq(hosts[3].nic->rate, INT64_C(100000000000)); /* nearer template */
    ck_assert_int_eq(hosts[3].nic->ports, 4);                    /* farther template over part */
    ck_assert_int_eq(hosts[0].nic->roce, 1);                     /* table */
    const TestSwitch *switches = items(s, "switch", 2);
    ck_assert_int_eq(switches[1].latency, SIM_US); /* item over part */
    ck_assert_int_eq(switches[1].ports, 48);
    ck_assert_int_eq(switches[1].buffer, 16000000);
    ck_assert_ptr_null(hosts[3].drives);
    ck_assert_int_eq(hosts[1].drives->count, 4);
    ck_assert_int_eq(hosts[1].drives->speed, INT64_C(3200000000));
    sim_scenario_free(s);
}
END_TEST

START_TEST(every_shape_lands_in_its_struct) {
    SimScenario *s = load(rack, NULL);
    const TestHost *hosts = items(s, "host", 4);
    ck_assert_uint_eq(hosts[1].vnics.n, 2);
    const TestVnic *vnics = hosts[1].vnics.items;
    ck_assert_str_eq(vnics[0].name, "smb1");
    ck_assert_int_eq(vnics[0].vlan, 711);
    ck_assert(vnics[0].rdma && !vnics[1].rdma);
    ck_assert_int_eq(vnics[1].vlan, SIM_ABSENT);
    ck_assert_uint_eq(vnics[1].class.n, 0);
    ck_assert_uint_eq(vnics[0].class.n, 1);
    ck_assert_str_eq(vnics[0].class.items[0].kind->kind, "class");
    ck_assert_uint_eq(hosts[3].tags.n, 2);
    ck_assert_str_eq(((const char **)hosts[3].tags.items)[1], "b-c");
    ck_assert_int_eq(((const int64_t *)hosts[0].weights.items)[1], 2); /* default list */
    ck_assert_int_eq(((const int64_t *)hosts[3].weights.items)[0], 7); /* a list of one */
    ck_assert_uint_eq(hosts[0].tags.n, 0);
    const TestClass *classes = items(s, "class", 2);
    ck_assert_str_eq(classes[1].item.name, "cluster");
    ck_assert_int_eq(classes[0].share, 500000);
    ck_assert_int_eq(classes[1].share, SIM_ABSENT);
    ck_assert(classes[0].pfc && !classes[1].pfc);
    const TestWorkload *loads = items(s, "workload", 2);
    ck_assert_ptr_nonnull(loads[0].diskspd);
    ck_assert_ptr_null(loads[0].stream);
    ck_assert_int_eq(loads[1].stream->block, 4096);
    sim_scenario_free(s);
}
END_TEST

START_TEST(references_find_all_some_and_one) {
    SimScenario *s = load(rack, NULL);
    const TestWorkload *loads = items(s, "workload", 2);
    ck_assert_uint_eq(loads[0].hosts.n, 3);
    ck_assert_uint_eq(loads[1].hosts.n, 2);
    ck_assert_uint_eq(loads[1].hosts.items[0].index, 1);
    const TestHost *hosts = items(s, "host", 4);
    ck_assert_uint_eq(hosts[2].nic->cables.n, 2);
    ck_assert_uint_eq(hosts[2].nic->cables.items[0].port, 0);
    ck_assert_uint_eq(hosts[2].nic->cables.items[1].port, 7);
    ck_assert_uint_eq(hosts[2].nic->cables.items[1].index, 1);
    const TestCable *cables = items(s, "cable", 3);
    ck_assert_str_eq(cables[0].item.name, "tor1-tor2.1");
    ck_assert_str_eq(cables[2].item.name, "up");
    ck_assert_str_eq(cables[2].to.items[0].kind->kind, "host");
    ck_assert_uint_eq(cables[2].to.items[0].index, 3);
    ck_assert_uint_eq(cables[2].from.items[0].port, 3);
    ck_assert_int_eq(cables[2].loss, 1000000);
    const TestFault *faults = items(s, "fault", 2);
    ck_assert_str_eq(faults[1].down.items[0].kind->kind, "cable");
    sim_scenario_free(s);
}
END_TEST

static void window(const SimScenario *s, uint32_t i, const char *name, SimTime start, SimTime end,
                   uint32_t first, uint32_t last) {
    ck_assert_uint_lt(i, s->n_windows);
    const SimWindow *w = &s->windows[i];
    ck_assert_str_eq(w->name, name);
    ck_assert_int_eq(w->start, start);
    ck_assert_int_eq(w->end, end);
    ck_assert_uint_eq(w->first_segment, first);
    ck_assert_uint_eq(w->end_segment, last);
    ck_assert_int_eq(s->boundaries[first], start);
    ck_assert_int_eq(s->boundaries[last], end);
}

START_TEST(windows_cut_the_run) {
    SimScenario *s = load(rack, NULL);
    ck_assert_uint_eq(s->n_windows, 5);
    ck_assert_uint_eq(s->n_segments, 6);
    window(s, 0, "all", SIM_S / 2, 6 * SIM_S, 1, 6);
    window(s, 1, "healthy", SIM_S / 2, 2 * SIM_S, 1, 2);
    window(s, 2, "tor1-dead", 2 * SIM_S, 4 * SIM_S, 2, 4);
    window(s, 3, "cut", 3 * SIM_S, 5 * SIM_S, 3, 5);
    window(s, 4, "recovered", 5 * SIM_S, 6 * SIM_S, 5, 6);
    sim_scenario_free(s);
    s = load("schema: 1\nname: a\ndescription: b\nduration: 1s\n", NULL);
    ck_assert_uint_eq(s->n_windows, 2);
    ck_assert_uint_eq(s->n_segments, 1);
    window(s, 1, "healthy", 0, SIM_S, 0, 1);
    ck_assert_uint_eq(s->seed, 1);
    sim_scenario_free(s);
    s = load(HEADER "switches: [{name: t, ports: 2, rate: 1Gbps}]\n"
                    "faults: [{name: f, at: 0s, down: t}]\n",
             NULL);
    ck_assert_uint_eq(s->n_windows, 2); /* neither healthy nor recovered */
    window(s, 1, "f", SIM_S / 2, 6 * SIM_S, 1, 2);
    sim_scenario_free(s);
}
END_TEST

START_TEST(expectations_are_read) {
    SimScenario *s = load(rack, NULL);
    ck_assert_uint_eq(s->n_expects, 5);
    const SimExpect *e = s->expects;
    ck_assert_str_eq(e[0].window, "healthy");
    ck_assert_str_eq(e[0].entity, "vms");
    ck_assert_str_eq(e[0].metric, "write.p99");
    ck_assert_int_eq(e[0].op, SIM_LE);
    ck_assert_int_eq(e[0].num, 1000000);
    ck_assert_str_eq(e[0].unit, "ns");
    ck_assert_ptr_null(e[0].of);
    ck_assert_str_eq(e[1].of, "healthy");
    ck_assert_int_eq(e[1].num, 4);
    ck_assert_int_eq(e[1].den, 5);
    ck_assert_str_eq(e[2].entity, "run");
    ck_assert_str_eq(e[2].metric, "lost");
    ck_assert_int_eq(e[2].op, SIM_EQ);
    ck_assert_str_eq(e[3].entity, "*");
    ck_assert_int_eq(e[3].num, 150000000);
    ck_assert_str_eq(e[4].entity, "tor1-tor2.1"); /* the longest name that is known */
    ck_assert_str_eq(e[4].metric, "dropped");
    sim_scenario_free(s);
    s = load(HEADER "expect:\n  - run.events > 0\n", NULL);
    ck_assert_str_eq(s->expects[0].window, "all");
    ck_assert_int_eq(s->expects[0].op, SIM_GT);
    sim_scenario_free(s);
}
END_TEST

static const SimPartValue *part_value(const SimScenario *s, const char *part, const char *key) {
    uint32_t n;
    const SimPartValue *values = sim_scenario_part_values(s, &n);
    for (uint32_t i = 0; i < n; i++)
        if (!strcmp(values[i].part, part) && !strcmp(values[i].key, key)) return &values[i];
    return NULL;
}

START_TEST(parts_in_use_are_listed) {
    SimScenario *s = load(rack, NULL);
    ck_assert_str_eq(part_value(s, "mellanox-sn2410", "ports")->source, "product brief");
    ck_assert_ptr_null(part_value(s, "mellanox-sn2410", "latency")); /* overridden */
    ck_assert_str_eq(part_value(s, "cx4lx", "rate")->value, "25Gbps");
    ck_assert_str_eq(part_value(s, "p4510", "speed")->kind, "drive");
    uint32_t n;
    sim_scenario_part_values(s, &n);
    ck_assert_uint_eq(n, 6);
    sim_scenario_free(s);
}
END_TEST

START_TEST(overrides_write_into_the_file) {
    SimScenario *s = load(rack, "hosts[0].nic.roce=v1");
    ck_assert_int_eq(((const TestHost *)items(s, "host", 4))[0].nic->roce, 0);
    sim_scenario_free(s);
    s = load(rack, "hosts.node.nic.rate=10Gbps"); /* no nic: in that item yet */
    ck_assert_int_eq(((const TestHost *)items(s, "host", 4))[2].nic->rate, INT64_C(10000000000));
    sim_scenario_free(s);
    s = load(rack, "duration=10s");
    ck_assert_int_eq(s->duration, 10 * SIM_S);
    sim_scenario_free(s);
    s = load(rack, "workloads.vms.diskspd.read=0%");
    ck_assert_int_eq(((const TestWorkload *)items(s, "workload", 2))[0].diskspd->read, 0);
    sim_scenario_free(s);
    s = load(rack, "hosts.node.count=5");
    items(s, "host", 6);
    sim_scenario_free(s);
    s = load(rack, "hosts.big.tags=[x, y, z]");
    ck_assert_uint_eq(((const TestHost *)items(s, "host", 4))[3].tags.n, 3);
    sim_scenario_free(s);
    s = load(rack, "classes.storage.share=10%");
    ck_assert_int_eq(((const TestClass *)items(s, "class", 2))[0].share, 100000);
    sim_scenario_free(s);
}
END_TEST

START_TEST(a_nearer_variant_replaces_the_default_one) {
    SimScenario *s = load(HEADER "defaults: {workloads: {diskspd: {block: 8KiB}}}\n"
                                 "hosts: [{name: a, nic: {rate: 1Gbps}}]\n"
                                 "workloads:\n"
                                 "  - {name: x, hosts: a}\n"
                                 "  - {name: y, hosts: a, stream: {}}\n",
                          NULL);
    const TestWorkload *loads = items(s, "workload", 2);
    ck_assert_int_eq(loads[0].diskspd->block, 8192);
    ck_assert_ptr_null(loads[1].diskspd);
    ck_assert_int_eq(loads[1].stream->block, 4096);
    sim_scenario_free(s);
}
END_TEST

START_TEST(places_lead_back_to_the_file) {
    SimScenario *s = load("schema: 1\nname: a\ndescription: b\nduration: 1s\n"
                          "switches:\n"
                          "  - name: tor\n"
                          "    part: mellanox-sn2410\n"
                          "    latency: 1us\n"
                          "hosts:\n"
                          "  - name: h\n"
                          "    nic: {rate: 1Gbps, cables: [tor, tor/4]}\n",
                          NULL);
    uint32_t line, column;
    const TestSwitch *sw = items(s, "switch", 1);
    sim_scenario_place(s, &sw->item, "latency", &line, &column);
    ck_assert(line == 8 && column == 14);
    sim_scenario_place(s, &sw->item, "rate", &line, &column); /* by the part */
    ck_assert(line == 7 && column == 11);
    sim_scenario_place(s, &sw->item, "mode", &line, &column); /* by the table */
    ck_assert(line == 6 && column == 5);
    sim_scenario_place(s, &sw->item, NULL, &line, &column);
    ck_assert(line == 6 && column == 5);
    const TestHost *host = items(s, "host", 1);
    sim_scenario_place(s, &host->item, "nic.cables[1]", &line, &column);
    ck_assert(line == 11 && column == 38);
    sim_scenario_free(s);
}
END_TEST

/* What was expanded is itself a scenario wherever no name stands for several items. */
START_TEST(the_effective_text_is_stable) {
    SimScenario *s = load(HEADER "switches: [{name: a, part: mellanox-sn2410}]\n"
                                 "hosts:\n"
                                 "  - {name: h, note: \"tab\\t quote\\\" \\u00e9 \\x1b null: #\",\n"
                                 "     nic: {rate: 1Gbps}, vnics: [{name: v}]}\n"
                                 "  - {name: n, note: \"null\", nic: {rate: 1Gbps}}\n",
                          NULL);
    SimScenario *again = load(s->effective, NULL);
    ck_assert_str_eq(s->effective, again->effective);
    const TestHost *hosts = items(again, "host", 2);
    ck_assert_str_eq(hosts[0].note, "tab\t quote\" \303\251 \x1b null: #");
    ck_assert_str_eq(hosts[1].note, "null");
    sim_scenario_free(again);
    sim_scenario_free(s);
}
END_TEST

START_TEST(a_thousand_hosts_load_fast) {
    GString *text = g_string_new(rack);
    char *at = strstr(text->str, "count: 3");
    g_string_erase(text, at - text->str, 8);
    g_string_insert(text, at - text->str, "count: 1000");
    gint64 start = g_get_monotonic_time();
    SimScenario *s = load(text->str, NULL);
    gint64 took = g_get_monotonic_time() - start;
    items(s, "host", 1001);
    printf("1,000 hosts: %d ms\n", (int)(took / 1000));
    ck_assert_int_lt(took, 10 * G_USEC_PER_SEC); /* half a second; a sanitizer is slower */
    sim_scenario_free(s);
    g_string_free(text, TRUE);
}
END_TEST

START_TEST(a_file_is_read_like_bytes) {
    char *path = g_build_filename(g_get_tmp_dir(), "rackcast-load-XXXXXX", NULL);
    int fd = g_mkstemp(path);
    ck_assert_int_ge(fd, 0);
    FILE *file = fdopen(fd, "w");
    fputs(rack, file);
    fclose(file);
    SimDiagnostics *out = sim_diagnostics_new(path);
    SimScenario *s = sim_scenario_load(path, NULL, 0, out);
    ck_assert_ptr_nonnull(s);
    ck_assert_str_eq(s->file, path);
    ck_assert_str_eq(s->name, "rack");
    sim_scenario_free(s);
    sim_diagnostics_free(out);
    remove(path);
    g_free(path);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("scenario load");
    TCase *tests = tcase_create("load");
    tcase_add_test(tests, values_come_from_their_layers);
    tcase_add_test(tests, every_shape_lands_in_its_struct);
    tcase_add_test(tests, references_find_all_some_and_one);
    tcase_add_test(tests, windows_cut_the_run);
    tcase_add_test(tests, expectations_are_read);
    tcase_add_test(tests, parts_in_use_are_listed);
    tcase_add_test(tests, overrides_write_into_the_file);
    tcase_add_test(tests, a_nearer_variant_replaces_the_default_one);
    tcase_add_test(tests, places_lead_back_to_the_file);
    tcase_add_test(tests, the_effective_text_is_stable);
    tcase_add_test(tests, a_thousand_hosts_load_fast);
    tcase_add_test(tests, a_file_is_read_like_bytes);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
