/* test_scenario_models.h: a small rack for the tests of the loader, independent of models/.
 * Include in one file of a program only: it defines sim_models[]. */
#ifndef TESTS_UNIT_TEST_SCENARIO_MODELS_H
#define TESTS_UNIT_TEST_SCENARIO_MODELS_H

#include <stddef.h>
#include <string.h>

#include "sim/scenario/scenario.h"

typedef struct TestClass {
    SimItem item;
    int64_t priority;
    bool pfc;
    int64_t share;
} TestClass;

typedef struct TestSwitch {
    SimItem item;
    int64_t ports, rate;
    SimTime latency;
    int64_t buffer;
    int mode;
} TestSwitch;

typedef struct TestCable {
    SimItem item;
    SimRefs from, to;
    int64_t length, loss;
} TestCable;

typedef struct TestNic {
    int64_t ports, rate;
    int roce;
    SimRefs cables;
} TestNic;

typedef struct TestVnic {
    const char *name;
    int64_t vlan;
    SimRefs class;
    bool rdma;
} TestVnic;

typedef struct TestDrives {
    int64_t count, speed;
    SimTime read_time;
} TestDrives;

typedef struct TestHost {
    SimItem item;
    TestNic *nic;
    SimList vnics; /* TestVnic */
    TestDrives *drives;
    const char *note;
    SimList tags;    /* const char * */
    SimList weights; /* int64_t */
} TestHost;

typedef struct TestDiskspd {
    int64_t block, read, outstanding;
} TestDiskspd;

typedef struct TestWorkload {
    SimItem item;
    SimRefs hosts;
    TestDiskspd *diskspd, *stream;
} TestWorkload;

typedef struct TestFault {
    SimItem item;
    SimTime at, length;
    SimRefs down, only;
} TestFault;

#define AT(type, member) .offset = offsetof(type, member)

static const SimParam test_class_params[] = {
    {.key = "priority",
     .type = SIM_COUNT,
     .min = "0",
     .max = "7",
     AT(TestClass, priority),
     .doc = "Priority of the VLAN tag.",
     .source = "IEEE 802.1Q"},
    {.key = "pfc", .type = SIM_BOOL, .def = "false", AT(TestClass, pfc), .doc = "Pause on it."},
    {.key = "share", .type = SIM_RATIO, .max = "100%", AT(TestClass, share), .doc = "Its share."},
    {0}};

static const SimParam test_switch_params[] = {
    {.key = "ports",
     .type = SIM_COUNT,
     .required = true,
     .min = "1",
     .max = "256",
     AT(TestSwitch, ports),
     .doc = "Number of ports."},
    {.key = "rate",
     .type = SIM_RATE,
     .required = true,
     .min = "1Mbps",
     .max = "800Gbps",
     AT(TestSwitch, rate),
     .doc = "Rate of a port."},
    {.key = "latency",
     .type = SIM_TIME,
     .def = "500ns",
     AT(TestSwitch, latency),
     .doc = "Time through the switch.",
     .source = "assumption: A-switch-latency"},
    {.key = "buffer", .type = SIM_SIZE, .def = "16MB", AT(TestSwitch, buffer), .doc = "Shared."},
    {.key = "mode",
     .type = SIM_CHOICE,
     .choices = "cut-through|store-and-forward",
     .def = "cut-through",
     AT(TestSwitch, mode),
     .doc = "When it forwards."},
    {0}};

static const SimParam test_cable_params[] = {
    {.key = "from",
     .type = SIM_REF,
     .ref = "switch|host",
     .required = true,
     .with_port = true,
     .one = true,
     AT(TestCable, from),
     .doc = "One end."},
    {.key = "to",
     .type = SIM_REF,
     .ref = "switch|host",
     .required = true,
     .with_port = true,
     .one = true,
     AT(TestCable, to),
     .doc = "The other end."},
    {.key = "length",
     .type = SIM_LENGTH,
     .def = "3m",
     .max = "100km",
     AT(TestCable, length),
     .doc = "Its length."},
    {.key = "loss", .type = SIM_CHANCE, .def = "0", AT(TestCable, loss), .doc = "Of a bit."},
    {0}};

static const SimParam test_nic_params[] = {
    {.key = "ports",
     .type = SIM_COUNT,
     .def = "2",
     .min = "1",
     .max = "8",
     AT(TestNic, ports),
     .doc = "Number of ports."},
    {.key = "rate", .type = SIM_RATE, .required = true, AT(TestNic, rate), .doc = "Of a port."},
    {.key = "roce",
     .type = SIM_CHOICE,
     .choices = "v1|v2",
     .def = "v2",
     AT(TestNic, roce),
     .doc = "Version."},
    {.key = "cables",
     .shape = SIM_LIST,
     .type = SIM_REF,
     .ref = "switch",
     .with_port = true,
     AT(TestNic, cables),
     .doc = "Switches, a port each."},
    {0}};

static const SimParam test_vnic_params[] = {
    {.key = "name", .type = SIM_NAME, .required = true, AT(TestVnic, name), .doc = "Name."},
    {.key = "vlan",
     .type = SIM_COUNT,
     .min = "1",
     .max = "4094",
     AT(TestVnic, vlan),
     .doc = "VLAN."},
    {.key = "class",
     .type = SIM_REF,
     .ref = "class",
     .one = true,
     AT(TestVnic, class),
     .doc = "Class of its traffic."},
    {.key = "rdma", .type = SIM_BOOL, .def = "false", AT(TestVnic, rdma), .doc = "RDMA."},
    {0}};

static const SimParam test_drives_params[] = {
    {.key = "count",
     .type = SIM_COUNT,
     .def = "1",
     .min = "1",
     AT(TestDrives, count),
     .doc = "How many."},
    {.key = "speed", .type = SIM_SPEED, .required = true, AT(TestDrives, speed), .doc = "Of one."},
    {.key = "read_time",
     .type = SIM_TIME,
     .def = "100us",
     AT(TestDrives, read_time),
     .doc = "Of one read."},
    {0}};

static const SimParam test_host_params[] = {
    {.key = "nic",
     .shape = SIM_GROUP,
     .part = "cna",
     .fields = test_nic_params,
     .size = sizeof(TestNic),
     .required = true,
     AT(TestHost, nic),
     .doc = "The adapter."},
    {.key = "vnics",
     .shape = SIM_GROUPS,
     .fields = test_vnic_params,
     .size = sizeof(TestVnic),
     AT(TestHost, vnics),
     .doc = "Virtual adapters."},
    {.key = "drives",
     .shape = SIM_GROUP,
     .part = "drive",
     .fields = test_drives_params,
     .size = sizeof(TestDrives),
     AT(TestHost, drives),
     .doc = "Drives."},
    {.key = "note", .type = SIM_TEXT, AT(TestHost, note), .doc = "A remark."},
    {.key = "tags", .shape = SIM_LIST, .type = SIM_NAME, AT(TestHost, tags), .doc = "Words."},
    {.key = "weights",
     .shape = SIM_LIST,
     .type = SIM_COUNT,
     .def = "[1, 2]",
     AT(TestHost, weights),
     .doc = "Numbers."},
    {0}};

static const SimParam test_diskspd_params[] = {{.key = "block",
                                                .type = SIM_SIZE,
                                                .def = "4KiB",
                                                .min = "512B",
                                                AT(TestDiskspd, block),
                                                .doc = "Size of an I/O."},
                                               {.key = "read",
                                                .type = SIM_RATIO,
                                                .def = "0%",
                                                .max = "100%",
                                                AT(TestDiskspd, read),
                                                .doc = "Share of reads."},
                                               {.key = "outstanding",
                                                .type = SIM_COUNT,
                                                .def = "1",
                                                .min = "1",
                                                .max = "4096",
                                                AT(TestDiskspd, outstanding),
                                                .doc = "I/Os at a time."},
                                               {0}};

static const SimParam test_workload_params[] = {{.key = "hosts",
                                                 .type = SIM_REF,
                                                 .ref = "host",
                                                 .required = true,
                                                 AT(TestWorkload, hosts),
                                                 .doc = "Where it runs."},
                                                {.key = "diskspd",
                                                 .shape = SIM_GROUP,
                                                 .variant = true,
                                                 .fields = test_diskspd_params,
                                                 .size = sizeof(TestDiskspd),
                                                 AT(TestWorkload, diskspd),
                                                 .doc = "Closed loop."},
                                                {.key = "stream",
                                                 .shape = SIM_GROUP,
                                                 .variant = true,
                                                 .fields = test_diskspd_params,
                                                 .size = sizeof(TestDiskspd),
                                                 AT(TestWorkload, stream),
                                                 .doc = "One after the other."},
                                                {0}};

static const SimParam test_fault_params[] = {
    {.key = "at", .type = SIM_TIME, .required = true, AT(TestFault, at), .doc = "When."},
    {.key = "for", .type = SIM_TIME, .min = "1ns", AT(TestFault, length), .doc = "How long."},
    {.key = "down",
     .type = SIM_REF,
     .ref = "switch|host|cable",
     .with_port = true,
     .required = true,
     AT(TestFault, down),
     .doc = "What fails."},
    {.key = "only",
     .type = SIM_REF,
     .ref = "switch|workload",
     AT(TestFault, only),
     .doc = "For tests of ambiguous names."},
    {0}};

static const SimKind test_kinds[] = {{.section = "classes",
                                      .kind = "class",
                                      .map = true,
                                      .params = test_class_params,
                                      .size = sizeof(TestClass),
                                      .limit = 8,
                                      .doc = "Classes of traffic."},
                                     {.section = "switches",
                                      .kind = "switch",
                                      .part = "switch",
                                      .params = test_switch_params,
                                      .size = sizeof(TestSwitch),
                                      .limit = 64,
                                      .doc = "Switches."},
                                     {.section = "cables",
                                      .kind = "cable",
                                      .auto_name = "{from}-{to}",
                                      .params = test_cable_params,
                                      .size = sizeof(TestCable),
                                      .limit = 4096,
                                      .doc = "Cables."},
                                     {.section = "hosts",
                                      .kind = "host",
                                      .params = test_host_params,
                                      .size = sizeof(TestHost),
                                      .limit = 2048,
                                      .doc = "Hosts."},
                                     {.section = "workloads",
                                      .kind = "workload",
                                      .params = test_workload_params,
                                      .size = sizeof(TestWorkload),
                                      .limit = 100000,
                                      .doc = "Loads."},
                                     {.section = "faults",
                                      .kind = "fault",
                                      .params = test_fault_params,
                                      .size = sizeof(TestFault),
                                      .limit = 256,
                                      .window = true,
                                      .doc = "Faults."},
                                     {0}};

static const char test_parts_text[] = "parts:\n"
                                      "  - name: mellanox-sn2410\n"
                                      "    kind: switch\n"
                                      "    doc: 48 ports of 25 Gb/s\n"
                                      "    values: {ports: 48, rate: 25Gbps, latency: 300ns}\n"
                                      "    sources: {latency: data sheet, \"*\": product brief}\n"
                                      "  - name: cx4lx\n"
                                      "    kind: cna\n"
                                      "    doc: two ports of 25 Gb/s\n"
                                      "    values: {ports: 2, rate: 25Gbps}\n"
                                      "    sources: {\"*\": user manual}\n"
                                      "  - name: p4510\n"
                                      "    kind: drive\n"
                                      "    doc: a 2 TB NVMe drive\n"
                                      "    values: {speed: 3.2GB/s, read_time: 77us}\n"
                                      "    facts: {year: 2018}\n";

static const SimBlob test_blobs[] = {{"test.yaml", test_parts_text, sizeof test_parts_text - 1},
                                     {0}};

static const SimAssumption test_assumptions[] = {
    {"A-switch-latency", "A switch takes 500 ns where no part says more.", "round number"}, {0}};

static const SimMetricDoc test_metrics[] = {
    {"workload", "iops", "1/s", "I/Os completed in a second."},
    {"workload", "write.p99", "ns", "99 of 100 writes take no longer."},
    {"workload", "outage", "ns", "Longest time without a completion."},
    {0}};

static const SimDiagnosticDoc test_diagnostics[] = {
    {"E310", "a port cabled twice", "A port takes one cable."}, {0}};

/* Says something about every host called "odd". */
static void test_lint(const SimScenario *s, SimDiagnostics *out) {
    uint32_t n, line, column;
    const TestHost *hosts = sim_scenario_items(s, "host", &n);
    for (uint32_t i = 0; i < n; i++) {
        if (strcmp(hosts[i].item.base, "odd") != 0) continue;
        sim_scenario_place(s, &hosts[i].item, "nic.rate", &line, &column);
        sim_diagnostics_add(out, "E310", line, column, hosts[i].item.name, NULL, NULL, "odd");
    }
}

static const SimModel test_model = {.abi = SIM_MODEL_ABI,
                                    .size = sizeof(SimModel),
                                    .name = "test",
                                    .doc = "A small rack.",
                                    .kinds = test_kinds,
                                    .parts = test_blobs,
                                    .assumptions = test_assumptions,
                                    .metrics = test_metrics,
                                    .diagnostics = test_diagnostics,
                                    .lint = test_lint};

const SimModel *const sim_models[] = {&test_model, NULL};

#endif
