/* links: sim_app rackcast_models */
/* diagnose: synthetic racks of two ToR switches and four hosts, each mistake planted in turn. Only
 * the counters that a mistake touches differ from the healthy rack. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "sim/report/counters.h"
#include "sim/report/diagnose.h"

enum { READINGS = 24, HOSTS = 4 };

typedef struct Line {
    char *path;
    double a_second[READINGS]; /* what is added from reading to reading */
} Line;

typedef struct Rack {
    GPtrArray *lines;
    bool bare; /* instances do not say who is at the other end */
} Rack;

static void line_free(void *data) {
    Line *line = data;
    g_free(line->path);
    g_free(line);
}

static Line *line_at(Rack *rack, const char *path) {
    for (guint i = 0; i < rack->lines->len; i++) {
        Line *line = g_ptr_array_index(rack->lines, i);
        if (strcmp(line->path, path) == 0) return line;
    }
    Line *line = g_new0(Line, 1);
    line->path = g_strdup(path);
    g_ptr_array_add(rack->lines, line);
    return line;
}

/* From reading `from` on, before `to`. */
G_GNUC_PRINTF(5, 6)
static void during(Rack *rack, int from, int to, double a_second, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *path = g_strdup_vprintf(format, args);
    va_end(args);
    Line *line = line_at(rack, path);
    for (int i = from; i < to; i++)
        line->a_second[i] = a_second;
    g_free(path);
}

#define always(rack, a_second, ...) during(rack, 0, READINGS, a_second, __VA_ARGS__)

static const char *at_host(const Rack *rack, int tor, int host) {
    static char text[2][32]; /* allow: a test */
    (void)host;
    g_snprintf(text[tor - 1], 32, rack->bare ? "%d" : "%d [tor%d %d]", tor, tor, host);
    return text[tor - 1];
}

static void host_traffic(Rack *rack, int host, int tor, int priority, double in, double out) {
    const char *at = at_host(rack, tor, host);
    always(rack, in, "\\\\NODE%d\\mlx5 ethtool(%s)\\rx_prio%d_bytes", host, at, priority);
    always(rack, out, "\\\\NODE%d\\mlx5 ethtool(%s)\\tx_prio%d_bytes", host, at, priority);
    always(rack, in / 1000, "\\\\NODE%d\\mlx5 ethtool(%s)\\rx_prio%d_packets", host, at, priority);
    always(rack, out / 1000, "\\\\NODE%d\\mlx5 ethtool(%s)\\tx_prio%d_packets", host, at, priority);
}

static void tor_traffic(Rack *rack, int tor, int host, int priority, double in, double out) {
    char peer[32] = "";
    if (!rack->bare) g_snprintf(peer, sizeof peer, " [node%d %d]", host, tor);
    const char *pg = "SAI Ingress Priority Group", *queue = "SAI Queue";
    always(rack, in, "\\\\TOR%d\\%s(%d:%d%s)\\SAI_INGRESS_PRIORITY_GROUP_STAT_BYTES", tor, pg, host,
           priority, peer);
    always(rack, in / 1000, "\\\\TOR%d\\%s(%d:%d%s)\\SAI_INGRESS_PRIORITY_GROUP_STAT_PACKETS", tor,
           pg, host, priority, peer);
    always(rack, out, "\\\\TOR%d\\%s(%d:%d%s)\\SAI_QUEUE_STAT_BYTES", tor, queue, host, priority,
           peer);
    always(rack, out / 1000, "\\\\TOR%d\\%s(%d:%d%s)\\SAI_QUEUE_STAT_PACKETS", tor, queue, host,
           priority, peer);
}

/* A count of a port of a switch. */
static void tor_count(Rack *rack, int tor, int host, const char *name, double a_second) {
    if (rack->bare)
        always(rack, a_second, "\\\\TOR%d\\SAI Port(%d)\\%s", tor, host, name);
    else
        always(rack, a_second, "\\\\TOR%d\\SAI Port(%d [node%d %d])\\%s", tor, host, host, tor,
               name);
}

static void host_count(Rack *rack, int host, int tor, const char *name, double a_second) {
    always(rack, a_second, "\\\\NODE%d\\mlx5 ethtool(%s)\\%s", host, at_host(rack, tor, host),
           name);
}

static void hw(Rack *rack, int host, const char *name, double a_second) {
    always(rack, a_second, "\\\\NODE%d\\mlx5 hw_counters\\%s", host, name);
}

/* RDMA of a host leaves and comes in by both ToRs in priority p; node1 reads from the others. */
static double in_of(int host) {
    return host == 1 ? 300e6 : 1e6 * host;
}
static double out_of(int host) {
    return host == 1 ? 3e6 : 100e6 + 1e6 * host;
}

static void rdma_of(Rack *rack, int host, int p) {
    for (int tor = 1; tor <= 2; tor++) {
        host_traffic(rack, host, tor, p, in_of(host) * tor, out_of(host) * tor);
        tor_traffic(rack, tor, host, p, out_of(host) * tor, in_of(host) * tor);
    }
    double all = 3 / 1.05; /* of both ports, headers taken off */
    always(rack, in_of(host) * all, "\\\\NODE%d\\RDMA Activity(nic)\\RDMA Inbound Bytes/sec", host);
    always(rack, out_of(host) * all, "\\\\NODE%d\\RDMA Activity(nic)\\RDMA Outbound Bytes/sec",
           host);
}

/* Pauses of one priority on a cable: the switch's, as the host receives them. */
static void pauses(Rack *rack, int tor, int host, int p, double sent, double received) {
    char name[64];
    g_snprintf(name, sizeof name, "SAI_PORT_STAT_PFC_%d_TX_PKTS", p);
    tor_count(rack, tor, host, name, sent);
    g_snprintf(name, sizeof name, "rx_prio%d_pause", p);
    host_count(rack, host, tor, name, received);
    g_snprintf(name, sizeof name, "SAI_PORT_STAT_PFC_%d_RX_PKTS", p);
    tor_count(rack, tor, host, name, 0);
    g_snprintf(name, sizeof name, "tx_prio%d_pause", p);
    host_count(rack, host, tor, name, 0);
}

static const char *const quiet[] = {"out_of_sequence", "packet_seq_err", "implied_nak_seq_err",
                                    "local_ack_timeout_err"};

/* Incast without a mistake: pauses, CNPs, marks. `load` 1 to 3. */
static Rack rack_new(bool bare, double load) {
    Rack rack = {g_ptr_array_new_with_free_func(line_free), bare};
    for (int host = 1; host <= HOSTS; host++) {
        rdma_of(&rack, host, 3);
        for (size_t k = 0; k < G_N_ELEMENTS(quiet); k++)
            hw(&rack, host, quiet[k], 0);
        hw(&rack, host, "np_cnp_sent", host == 1 ? 3000 * load : 0);
        hw(&rack, host, "rp_cnp_handled", host == 1 ? 0 : 1000 * load);
        for (int tor = 1; tor <= 2; tor++) {
            pauses(&rack, tor, host, 3, host == 1 ? 0 : 2000 * load, host == 1 ? 0 : 2000 * load);
            tor_count(&rack, tor, host, "SAI_PORT_STAT_IF_IN_DISCARDS", 0);
            tor_count(&rack, tor, host, "SAI_PORT_STAT_ECN_MARKED_PACKETS",
                      host == 1 ? 5000 * load : 0);
        }
    }
    return rack;
}

static void rack_loses(Rack *rack) {
    hw(rack, 1, "out_of_sequence", 40);
    hw(rack, 2, "packet_seq_err", 35);
    hw(rack, 3, "local_ack_timeout_err", 2);
}

static GString *rack_write(const Rack *rack) {
    GString *text = g_string_new("\"(PDH-CSV 4.0) (UTC)(0)\"");
    for (guint i = 0; i < rack->lines->len; i++) {
        const Line *line = g_ptr_array_index(rack->lines, i);
        g_string_append_printf(text, ",\"%s\"", line->path);
    }
    g_string_append(text, "\r\n");
    double *sum = g_new0(double, rack->lines->len);
    for (int r = 0; r < READINGS; r++) {
        g_string_append_printf(text, "\"01/01/2026 00:00:%02d.000\"", r);
        for (guint i = 0; i < rack->lines->len; i++) {
            const Line *line = g_ptr_array_index(rack->lines, i);
            bool rate = g_str_has_suffix(line->path, "/sec");
            if (r) sum[i] += line->a_second[r];
            if (rate && r == 0)
                g_string_append(text, ",\" \"");
            else
                g_string_append_printf(text, ",\"%.6f\"", rate ? line->a_second[r] : sum[i]);
        }
        g_string_append(text, "\r\n");
    }
    g_free(sum);
    return text;
}

static SimDiagnosis *diagnose_text(const char *text, gsize size) {
    GError *error = NULL;
    SimPdh *pdh = sim_pdh_parse("test.csv", text, size, &error);
    if (!pdh) ck_abort_msg("%s", error->message);
    SimDiagnosis *d = sim_diagnose(pdh);
    sim_pdh_free(pdh);
    return d;
}

/* NULL: nothing unusual. Frees the rack. */
static void expect(Rack *rack, const char *cause) {
    GString *text = rack_write(rack);
    SimDiagnosis *d = diagnose_text(text->str, text->len);
    const char *found = d->findings.n ? d->findings.items[0].cause->id : NULL;
    if (g_strcmp0(found, cause) != 0)
        ck_abort_msg("%s in place of %s", found ? found : "nothing", cause ? cause : "nothing");
    if (d->findings.n) ck_assert_uint_gt(d->findings.items[0].evidence.n, 0);
    sim_diagnosis_free(d);
    g_string_free(text, TRUE);
    g_ptr_array_unref(rack->lines);
}

/* ---- racks without a mistake ---- */

START_TEST(healthy_incast) {
    Rack rack = rack_new(_i >= 3, _i % 3 + 1);
    expect(&rack, NULL);
}
END_TEST

START_TEST(healthy_tcp_drops) {
    Rack rack = rack_new(false, 1);
    for (int host = 1; host <= HOSTS; host++) {
        host_traffic(&rack, host, 1, 0, 50e6, 50e6);
        tor_traffic(&rack, 1, host, 0, 50e6, 50e6);
        tor_count(&rack, 1, host, "SAI_PORT_STAT_IF_IN_DISCARDS", 200);
        always(&rack, 50e3, "\\\\NODE%d\\TCPv4\\Segments Sent/sec", host);
        always(&rack, 300, "\\\\NODE%d\\TCPv4\\Segments Retransmitted/sec", host);
    }
    expect(&rack, NULL);
}
END_TEST

/* The first ToR's cable to node2 is cut at reading 10 and comes back at 16. */
START_TEST(healthy_failover) {
    Rack rack = rack_new(false, 1);
    const char *host = "\\\\NODE2\\mlx5 ethtool(1 [tor1 2])";
    const char *pg = "\\\\TOR1\\SAI Ingress Priority Group(2:3 [node2 1])";
    const char *queue = "\\\\TOR1\\SAI Queue(2:3 [node2 1])";
    for (int k = 0; k < 4; k++) {
        static const char *const names[] = {"rx_prio3_bytes", "tx_prio3_bytes", "rx_prio3_packets",
                                            "tx_prio3_packets"};
        during(&rack, 10, 16, 0, "%s\\%s", host, names[k]);
    }
    during(&rack, 10, 16, 0, "%s\\SAI_INGRESS_PRIORITY_GROUP_STAT_BYTES", pg);
    during(&rack, 10, 16, 0, "%s\\SAI_INGRESS_PRIORITY_GROUP_STAT_PACKETS", pg);
    during(&rack, 10, 16, 0, "%s\\SAI_QUEUE_STAT_BYTES", queue);
    during(&rack, 10, 16, 0, "%s\\SAI_QUEUE_STAT_PACKETS", queue);
    for (int h = 1; h <= HOSTS; h++) {
        during(&rack, 10, 11, 50, "\\\\NODE%d\\mlx5 hw_counters\\local_ack_timeout_err", h);
        during(&rack, 10, 11, 20, "\\\\NODE%d\\mlx5 hw_counters\\out_of_sequence", h);
        during(&rack, 16, 17, 5, "\\\\NODE%d\\mlx5 hw_counters\\packet_seq_err", h);
        during(&rack, 10, 11, 8, "\\\\NODE%d\\RDMA Activity(nic)\\RDMA Connection Errors", h);
        during(&rack, 10, 12, 2, "\\\\NODE%d\\Cluster NetFt Heartbeats\\Missing heartbeats", h);
    }
    during(&rack, 10, 11, 400, "\\\\TOR1\\SAI Port(2 [node2 1])\\SAI_PORT_STAT_IF_IN_DISCARDS");
    during(&rack, 10, 11, 400, "\\\\TOR1\\SAI Port(3 [node3 1])\\SAI_PORT_STAT_IF_IN_DISCARDS");
    expect(&rack, NULL);
}
END_TEST

START_TEST(healthy_rack_of_tcp) {
    Rack rack = {g_ptr_array_new_with_free_func(line_free), false};
    for (int host = 1; host <= HOSTS; host++) {
        host_traffic(&rack, host, 1, 0, 50e6, 50e6);
        tor_traffic(&rack, 1, host, 0, 50e6, 50e6);
        tor_count(&rack, 1, host, "SAI_PORT_STAT_IF_IN_DISCARDS", 200);
        tor_count(&rack, 1, host, "SAI_PORT_STAT_PAUSE_TX_PKTS", 20);
        always(&rack, 50e3, "\\\\NODE%d\\TCPv4\\Segments Sent/sec", host);
    }
    expect(&rack, NULL);
}
END_TEST

/* ---- one mistake each ---- */

START_TEST(host_ignores_pauses) {
    Rack rack = rack_new(_i, 1);
    pauses(&rack, 1, 3, 3, 2000, 0);
    rack_loses(&rack);
    expect(&rack, "pfc-off-on-a-hop");
}
END_TEST

START_TEST(switch_sends_no_pauses) {
    Rack rack = rack_new(_i, 1);
    for (int host = 1; host <= HOSTS; host++)
        pauses(&rack, 2, host, 3, 0, 0);
    tor_count(&rack, 2, 3, "SAI_PORT_STAT_IF_IN_DISCARDS", 50);
    rack_loses(&rack);
    expect(&rack, "pfc-off-on-a-hop");
}
END_TEST

START_TEST(headroom_overflows) {
    Rack rack = rack_new(false, 1);
    always(&rack, 3,
           "\\\\TOR1\\SAI Ingress Priority Group(3:3 [node3 1])"
           "\\SAI_INGRESS_PRIORITY_GROUP_STAT_DROPPED_PACKETS");
    rack_loses(&rack);
    expect(&rack, "headroom-too-small");
}
END_TEST

/* Hosts send in 3, the switches' PFC is on for 4: nobody pauses 3. */
START_TEST(all_in_another_priority) {
    Rack rack = rack_new(false, 1);
    for (int host = 1; host <= HOSTS; host++) {
        for (int tor = 1; tor <= 2; tor++) {
            pauses(&rack, tor, host, 3, 0, 0);
            tor_count(&rack, tor, host, "SAI_PORT_STAT_IF_IN_DISCARDS", host == 1 ? 0 : 30);
        }
    }
    rack_loses(&rack);
    expect(&rack, "priority-mismatch");
}
END_TEST

/* node2's frames come in as priority 4, or, without a tag, as 0. */
static void comes_in_as(Rack *rack, int priority) {
    for (int tor = 1; tor <= 2; tor++) {
        tor_traffic(rack, tor, 2, 3, 0, in_of(2) * tor);
        tor_traffic(rack, tor, 2, priority, out_of(2) * tor, 0);
    }
}

START_TEST(taken_as_another_priority) {
    Rack rack = rack_new(_i, 1);
    comes_in_as(&rack, 4);
    expect(&rack, "priority-mismatch");
}
END_TEST

START_TEST(untagged) {
    Rack rack = rack_new(_i, 1);
    comes_in_as(&rack, 0);
    expect(&rack, "vlan-tag-missing");
}
END_TEST

START_TEST(short_mtu) {
    Rack rack = rack_new(false, 1);
    tor_count(&rack, 1, 2, "SAI_PORT_STAT_ETHER_RX_OVERSIZE_PKTS", 10);
    hw(&rack, 2, "local_ack_timeout_err", 3);
    expect(&rack, "mtu-mismatch");
}
END_TEST

START_TEST(versions_differ) {
    Rack rack = rack_new(false, 1);
    hw(&rack, 2, "local_ack_timeout_err", 3);
    hw(&rack, 2, "req_cqe_error", 1);
    expect(&rack, "roce-version-mismatch");
}
END_TEST

START_TEST(tor_refuses) {
    Rack rack = rack_new(false, 1);
    hw(&rack, 2, "local_ack_timeout_err", 3);
    tor_count(&rack, 1, 2, "SAI_PORT_STAT_IF_IN_DISCARDS", 8);
    for (int tor = 1; tor <= 2; tor++) /* no congestion either: nobody pauses */
        for (int host = 1; host <= HOSTS; host++)
            pauses(&rack, tor, host, 3, 0, 0);
    expect(&rack, "tor-without-roce-v2");
}
END_TEST

START_TEST(willing_host) {
    Rack rack = rack_new(false, 1);
    for (int tor = 1; tor <= 2; tor++) {
        const char *at = at_host(&rack, tor, 3);
        double out = out_of(3) * tor;
        during(&rack, 12, READINGS, 0, "\\\\NODE3\\mlx5 ethtool(%s)\\tx_prio3_bytes", at);
        during(&rack, 12, READINGS, out, "\\\\NODE3\\mlx5 ethtool(%s)\\tx_prio4_bytes", at);
    }
    expect(&rack, "dcbx-override");
}
END_TEST

START_TEST(flow_control) {
    Rack rack = rack_new(false, 1);
    for (int host = 2; host <= HOSTS; host++) {
        for (int tor = 1; tor <= 2; tor++) {
            pauses(&rack, tor, host, 3, 0, 0);
            tor_count(&rack, tor, host, "SAI_PORT_STAT_PAUSE_TX_PKTS", 500);
            host_count(&rack, host, tor, "rx_pause_ctrl_phy", 500);
        }
        always(&rack, 1, "\\\\NODE%d\\Cluster NetFt Heartbeats\\Missing heartbeats", host);
    }
    expect(&rack, "link-pause");
}
END_TEST

START_TEST(heartbeat_starves) {
    Rack rack = rack_new(false, 1);
    always(&rack, 1, "\\\\NODE2\\Cluster NetFt Heartbeats\\Missing heartbeats");
    expect(&rack, "ets-starves-heartbeat");
}
END_TEST

START_TEST(no_notification) {
    Rack rack = rack_new(false, 1);
    for (int host = 1; host <= HOSTS; host++) {
        hw(&rack, host, "np_cnp_sent", 0);
        hw(&rack, host, "rp_cnp_handled", 0);
        for (int tor = 1; tor <= 2; tor++)
            tor_count(&rack, tor, host, "SAI_PORT_STAT_ECN_MARKED_PACKETS", 0);
    }
    expect(&rack, "ecn-above-xoff");
}
END_TEST

START_TEST(rdma_off) {
    Rack rack = rack_new(false, 1);
    for (int tor = 1; tor <= 2; tor++) {
        host_traffic(&rack, 4, tor, 3, 0, 0);
        tor_traffic(&rack, tor, 4, 3, 0, 0);
        host_traffic(&rack, 4, tor, 0, 100e6 * tor, 100e6 * tor);
        tor_traffic(&rack, tor, 4, 0, 100e6 * tor, 100e6 * tor);
    }
    always(&rack, 0, "\\\\NODE4\\RDMA Activity(nic)\\RDMA Inbound Bytes/sec");
    always(&rack, 0, "\\\\NODE4\\RDMA Activity(nic)\\RDMA Outbound Bytes/sec");
    always(&rack, 40e3, "\\\\NODE4\\TCPv4\\Segments Sent/sec");
    expect(&rack, "rdma-disabled");
}
END_TEST

static void host_pauses(Rack *rack, double a_second) {
    tor_count(rack, 1, 1, "SAI_PORT_STAT_PFC_3_RX_PKTS", a_second);
    host_count(rack, 1, 1, "tx_prio3_pause", a_second);
}

START_TEST(slow_host) {
    Rack rack = rack_new(_i, 1);
    host_pauses(&rack, 300);
    expect(&rack, "slow-receiver");
}
END_TEST

START_TEST(storming_host) {
    Rack rack = rack_new(false, 1);
    host_pauses(&rack, 1000);
    host_traffic(&rack, 1, 1, 3, 0, 3e6);
    tor_traffic(&rack, 1, 1, 3, 3e6, 0);
    expect(&rack, "pfc-storm");
}
END_TEST

START_TEST(broken_cable) {
    Rack rack = rack_new(false, 1);
    tor_count(&rack, 1, 2, "SAI_PORT_STAT_DOT3_STATS_FCS_ERRORS", 30);
    rack_loses(&rack);
    expect(&rack, "bad-cable");
}
END_TEST

START_TEST(swallowing_cable) {
    Rack rack = rack_new(false, 1);
    tor_traffic(&rack, 1, 2, 3, out_of(2) * 0.98, in_of(2));
    expect(&rack, "link-swallows-frames");
}
END_TEST

/* ---- files as others write them ---- */

/* As a Windows host alone exports it: no switch, no topology, totals beside instances. */
START_TEST(windows_alone) {
    static const char text[] =
        "\xEF\xBB\xBF\"(PDH-CSV 4.0) (W. Europe Standard Time)(-60)\";"
        "\"\\\\HV01\\Mellanox WinOF-2 Port Traffic(_Total)\\Packets Received Bad CRC Error\";"
        "\"\\\\HV01\\Processor(_Total)\\% Processor Time\";"
        "\"\\\\hv01\\mellanox winof-2 port traffic(SLOT 3, Port 1)\\Packets Received Bad CRC "
        "Error\"\n"
        "\"11/24/2025 08:00:00.000\";\"10\";\" \";\"10\"\n"
        "\"11/24/2025 08:00:01.000\";\"60\";\"12,5\";\"60\"\n"
        "\"11/24/2025 08:00:02.000\";\"1,110\";\"12,25\";\"1,110\"\n";
    SimDiagnosis *d = diagnose_text(text, sizeof text - 1);
    ck_assert_uint_eq(d->n_readings, 3);
    ck_assert_uint_eq(d->n_ports, 1);
    ck_assert_uint_eq(d->findings.n, 1);
    const SimFinding *f = &d->findings.items[0];
    ck_assert_str_eq(f->cause->id, "bad-cable");
    ck_assert_str_eq(f->where, "hv01 port SLOT 3, Port 1");
    ck_assert(fabs(f->evidence.items[0].value - 1100) < 1e-9);
    sim_diagnosis_free(d);
}
END_TEST

/* Whatever the order of the columns. */
START_TEST(shuffled) {
    Rack rack = rack_new(false, 1);
    comes_in_as(&rack, 0);
    for (guint i = 0; i < rack.lines->len; i++) {
        guint k = (i * 7919 + 13) % rack.lines->len;
        void *line = rack.lines->pdata[i];
        rack.lines->pdata[i] = rack.lines->pdata[k];
        rack.lines->pdata[k] = line;
    }
    expect(&rack, "vlan-tag-missing");
}
END_TEST

START_TEST(nothing_known) {
    static const char text[] = "time,\\\\A\\Memory\\Available MBytes\n"
                               "01/01/2026 00:00:00.0,1\n01/01/2026 00:00:01.0,2\n";
    SimDiagnosis *d = diagnose_text(text, sizeof text - 1);
    ck_assert_uint_eq(d->n_known, 0);
    ck_assert_uint_eq(d->findings.n, 0);
    sim_diagnosis_free(d);
}
END_TEST

/* ---- the tables ---- */

/* Every counter of the models is found again by its name, with its priority. */
START_TEST(names_are_found) {
    for (uint32_t m = 0; sim_models[m]; m++) {
        for (const SimCounterDoc *d = sim_models[m]->counters; d && d->kind; d++) {
            int priority;
            char name[128], instance[64];
            g_strlcpy(name, d->name, sizeof name);
            g_snprintf(instance, sizeof instance, "2%s [tor 1]", d->instance ? d->instance : "");
            if (strchr(name, '#')) *strchr(name, '#') = '5';
            if (strchr(instance, '#')) *strchr(instance, '#') = '5';
            const SimCounterDoc *found = sim_counters_find(d->object, instance, name, &priority);
            ck_assert_msg(found != NULL, "%s", name);
            ck_assert_str_eq(found->metric, d->metric);
            ck_assert_int_eq(priority, strchr(d->metric, '#') ? 5 : -1);
            ck_assert_msg(d->doc && *d->doc, "%s has no doc", d->name);
        }
    }
}
END_TEST

int main(void) {
    Suite *suite = suite_create("diagnose");
    TCase *healthy = tcase_create("healthy"), *mistakes = tcase_create("mistakes");
    TCase *files = tcase_create("files");
    tcase_add_loop_test(healthy, healthy_incast, 0, 6);
    tcase_add_test(healthy, healthy_tcp_drops);
    tcase_add_test(healthy, healthy_failover);
    tcase_add_test(healthy, healthy_rack_of_tcp);
    tcase_add_loop_test(mistakes, host_ignores_pauses, 0, 2);
    tcase_add_loop_test(mistakes, switch_sends_no_pauses, 0, 2);
    tcase_add_test(mistakes, headroom_overflows);
    tcase_add_test(mistakes, all_in_another_priority);
    tcase_add_loop_test(mistakes, taken_as_another_priority, 0, 2);
    tcase_add_loop_test(mistakes, untagged, 0, 2);
    tcase_add_test(mistakes, short_mtu);
    tcase_add_test(mistakes, versions_differ);
    tcase_add_test(mistakes, tor_refuses);
    tcase_add_test(mistakes, willing_host);
    tcase_add_test(mistakes, flow_control);
    tcase_add_test(mistakes, heartbeat_starves);
    tcase_add_test(mistakes, no_notification);
    tcase_add_test(mistakes, rdma_off);
    tcase_add_loop_test(mistakes, slow_host, 0, 2);
    tcase_add_test(mistakes, storming_host);
    tcase_add_test(mistakes, broken_cable);
    tcase_add_test(mistakes, swallowing_cable);
    tcase_add_test(files, windows_alone);
    tcase_add_test(files, shuffled);
    tcase_add_test(files, nothing_known);
    tcase_add_test(files, names_are_found);
    suite_add_tcase(suite, healthy);
    suite_add_tcase(suite, mistakes);
    suite_add_tcase(suite, files);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
