/* links: sim_app rackcast_models */
/* timeout: 120 */
#include <check.h>
#include <glib.h>
#include <stdlib.h>
#include <string.h>

#include "models/frame/frame.h"
#include "sim/app/session.h"
#include "sim/core/trace.h"

/* What is kept of a frame. */
typedef struct Shot {
    uint32_t interface, size, crc;
    SimTime at;
    bool outbound;
} Shot;

typedef struct Sink {
    SimTrace trace;
    GPtrArray *names; /* by interface */
    GArray *shots;
    GHashTable *addresses; /* seen, as text */
    SimTime settled;
    uint32_t opcodes[256];
    uint32_t pauses, resumes, naks, announcements, tcp, syns, fpdus[FRAME_IWARP_OPCODES];
    FrameKind kind;      /* of the last RoCE frame */
    uint64_t asked, got; /* bytes promised by RETHs, and sent, towards node1/1 */
} Sink;

static int32_t sink_port(void *data, const char *name, int64_t bps) {
    Sink *s = data;
    if (!bps) return -1;
    g_ptr_array_add(s->names, g_strdup(name));
    return (int32_t)s->names->len - 1;
}

static void note_address(Sink *s, const Frame *f) {
    char *text = g_strdup_printf("%02x:%02x:%02x:%02x:%02x:%02x %d.%d.%d.%d", f->net.from_mac[0],
                                 f->net.from_mac[1], f->net.from_mac[2], f->net.from_mac[3],
                                 f->net.from_mac[4], f->net.from_mac[5], f->net.from_ip[0],
                                 f->net.from_ip[1], f->net.from_ip[2], f->net.from_ip[3]);
    g_hash_table_add(s->addresses, text);
}

static void check_roce(Sink *s, const Frame *f, const char *name, bool outbound) {
    uint32_t has = frame_opcode_has(f->opcode);
    s->opcodes[f->opcode]++;
    s->kind = f->kind;
    note_address(s, f);
    ck_assert_uint_eq(f->net.from_mac[0], 0x02);
    ck_assert_uint_eq(f->net.to_mac[0], 0x02);
    ck_assert_mem_ne(f->net.from_ip, f->net.to_ip, f->kind == FRAME_V2_IPV4 ? 4 : 16);
    ck_assert(f->kind == FRAME_V1 || f->udp_from >= 0xC000);
    ck_assert_uint_ge(f->to_qp, 1);
    if (f->opcode == FRAME_ACK && f->syndrome == FRAME_SYNDROME_SEQUENCE) s->naks++;
    if (strcmp(name, "node1/1") != 0 || outbound) return;
    bool write = f->opcode >= FRAME_WRITE_FIRST && f->opcode <= FRAME_WRITE_ONLY_IMM;
    if (write && (has & FRAME_HAS_RETH)) s->asked += f->length;
    if (write) s->got += f->payload_bytes;
}

/* iWARP: a segment is an FPDU, whose CRC is right. */
static void check_tcp(Sink *s, const FrameTcp *t) {
    FrameIwarp f;
    size_t used;
    s->tcp++;
    s->syns += (t->flags & FRAME_TCP_SYN) != 0;
    bool iwarp = t->from_port == FRAME_TCP_PORT_IWARP || t->to_port == FRAME_TCP_PORT_IWARP;
    if (!iwarp || !t->payload_bytes) return;
    FrameError error =
        frame_parse_iwarp(t->payload, t->payload_bytes, FRAME_IWARP_UNMARKED, NULL, &f, &used);
    ck_assert_msg(error == FRAME_OK, "%s", frame_error_text(error));
    ck_assert_uint_eq(used, t->payload_bytes);
    s->fpdus[f.opcode]++;
}

static void check_frame(Sink *s, const uint8_t *bytes, uint32_t size, const char *name,
                        bool outbound) {
    Frame f;
    FramePause pause;
    FrameTcp tcp;
    if (frame_parse_pause(bytes, size, &pause) == FRAME_OK) {
        bool any = false;
        for (int i = 0; i < 8; i++)
            any |= pause.quanta[i] > 0;
        s->pauses += any;
        s->resumes += !any;
        return;
    }
    if (bytes[0] == 0xFF) {
        s->announcements++;
        return;
    }
    FrameError error = frame_parse(bytes, size, &f);
    if (error == FRAME_OTHER) {
        error = frame_parse_tcp(bytes, size, &tcp);
        if (error == FRAME_OK) check_tcp(s, &tcp);
    } else if (error == FRAME_OK) {
        check_roce(s, &f, name, outbound); /* its ICRC is right: frame_parse has seen to it */
    }
    ck_assert_msg(error == FRAME_OK, "%s: %s", name, frame_error_text(error));
}

static void sink_frame(void *data, uint32_t interface, SimTime at, bool outbound,
                       const uint8_t *bytes, uint32_t size, const char *comment) {
    Sink *s = data;
    ck_assert_uint_lt(interface, s->names->len);
    ck_assert_int_ge(at, s->settled);
    ck_assert_uint_ge(size, FRAME_MIN_BYTES);
    uint32_t fcs = frame_crc32(0, bytes, size - FRAME_FCS_BYTES);
    for (uint32_t i = 0; i < FRAME_FCS_BYTES; i++)
        ck_assert_uint_eq(bytes[size - FRAME_FCS_BYTES + i], fcs >> 8 * i & 0xFF);
    check_frame(s, bytes, size - FRAME_FCS_BYTES, s->names->pdata[interface], outbound);
    ck_assert(!comment || strstr(comment, "CNP")); /* each took its line as long as it is */
    Shot shot = {interface, size, frame_crc32(0, bytes, size), at, outbound};
    shot.crc ^= fcs;
    g_array_append_val(s->shots, shot);
}

static void sink_settled(void *data, SimTime before) {
    Sink *s = data;
    ck_assert_int_ge(before, s->settled);
    s->settled = before;
}

static void sink_init(Sink *s) {
    *s = (Sink){.trace = {s, sink_port, sink_frame, sink_settled}, .settled = INT64_MIN};
    s->names = g_ptr_array_new_with_free_func(g_free);
    s->shots = g_array_new(FALSE, FALSE, sizeof(Shot));
    s->addresses = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

static void sink_clear(Sink *s) {
    g_ptr_array_free(s->names, TRUE);
    g_array_free(s->shots, TRUE);
    g_hash_table_destroy(s->addresses);
}

/* Runs tests/cli/data/<name>, all ports captured; the fingerprint. `set`: split at spaces. */
static uint64_t capture(const char *name, const char *set, Sink *s) {
    const char *source = getenv("SOURCE");
    char *file = g_build_filename(source ? source : ".", "tests", "cli", "data", name, NULL);
    char **sets = g_strsplit(set ? set : "", " ", -1);
    int code = 0;
    SimScenario *scenario = sim_session_load(file, sets, &code);
    ck_assert_ptr_nonnull(scenario);
    SimSessionOptions options = {.trace = s ? &s->trace : NULL};
    SimResult *result = sim_session_run(scenario, &options, NULL);
    ck_assert_int_eq(sim_session_audits(result), 0);
    uint64_t fingerprint = result->fingerprint;
    sim_result_free(result);
    sim_scenario_free(scenario);
    g_strfreev(sets);
    g_free(file);
    return fingerprint;
}

static uint32_t interface_named(const Sink *s, const char *name) {
    for (guint i = 0; i < s->names->len; i++)
        if (strcmp(s->names->pdata[i], name) == 0) return i;
    ck_abort_msg("no %s", name);
    return 0;
}

START_TEST(every_frame_is_whole_and_right) {
    Sink s;
    sink_init(&s);
    uint64_t with = capture("capture.yaml", NULL, &s);
    ck_assert_uint_eq(with, capture("capture.yaml", NULL, NULL)); /* looking changes nothing */
    ck_assert_uint_eq(s.names->len, 8);
    static const FrameOpcode ops[] = {FRAME_WRITE_FIRST,  FRAME_WRITE_MIDDLE, FRAME_WRITE_LAST,
                                      FRAME_WRITE_ONLY,   FRAME_SEND_FIRST,   FRAME_SEND_LAST,
                                      FRAME_READ_REQUEST, FRAME_READ_FIRST,   FRAME_READ_MIDDLE,
                                      FRAME_READ_LAST,    FRAME_ACK};
    for (size_t i = 0; i < sizeof ops / sizeof *ops; i++)
        ck_assert_msg(s.opcodes[ops[i]] > 10, "%s", frame_opcode_name(ops[i]));
    ck_assert_uint_gt(s.naks, 1);
    ck_assert_uint_gt(s.pauses, 1);
    ck_assert_uint_gt(s.resumes, 1);
    ck_assert_uint_eq(g_hash_table_size(s.addresses), 4);
    /* what RETHs promise is sent, but for what is lost and sent again, and for the end of the run
     */
    ck_assert_uint_gt(s.asked, 1000000);
    ck_assert_uint_lt(s.got, s.asked + s.asked / 5);
    ck_assert_uint_gt(s.got, s.asked - s.asked / 5);
    sink_clear(&s);
}
END_TEST

/* What leaves one end comes in at the other: the same bytes, a cable's delay later. */
START_TEST(both_ends_of_a_cable_see_the_same) {
    Sink s;
    sink_init(&s);
    capture("capture.yaml", "hosts[0].nic.bit_errors=0", &s);
    uint32_t out = interface_named(&s, "node2/1"), in = interface_named(&s, "tor/2"), n = 0;
    const Shot *shot = (const Shot *)s.shots->data, *end = shot + s.shots->len, *far = shot;
    SimTime delay = 0;
    for (; shot < end; shot++) {
        if (shot->interface != out || !shot->outbound) continue;
        while (far < end && (far->interface != in || far->outbound))
            far++;
        ck_assert(far < end);
        ck_assert_uint_eq(shot->crc, far->crc);
        ck_assert_uint_eq(shot->size, far->size);
        if (n++ == 0) delay = far->at - shot->at;
        ck_assert_int_gt(delay, 0);
        ck_assert_int_eq(far++->at - shot->at, delay);
    }
    ck_assert_uint_gt(n, 100);
    sink_clear(&s);
}
END_TEST

/* Addresses come from paths: with one host more the others keep theirs. */
START_TEST(an_address_is_its_owners_alone) {
    Sink few, many;
    sink_init(&few);
    sink_init(&many);
    capture("capture.yaml", NULL, &few);
    capture("capture.yaml", "hosts[0].count=5", &many);
    GHashTableIter i;
    gpointer address;
    g_hash_table_iter_init(&i, few.addresses);
    while (g_hash_table_iter_next(&i, &address, NULL))
        ck_assert_msg(g_hash_table_contains(many.addresses, address), "%s", (char *)address);
    sink_clear(&few);
    sink_clear(&many);
}
END_TEST

/* Failover announces, a broken connection is set up again: neither is left out. */
START_TEST(management_is_shown_too) {
    Sink s;
    sink_init(&s);
    capture("small.yaml", NULL, &s);
    ck_assert_uint_gt(s.announcements, 0);
    sink_clear(&s);
    sink_init(&s);
    capture("broken.yaml", NULL, &s);
    ck_assert_uint_gt(s.opcodes[FRAME_UD_SEND_ONLY], 1);
    sink_clear(&s);
}
END_TEST

START_TEST(every_protocol_is_shown) {
    Sink s;
    sink_init(&s);
    capture("capture.yaml", "hosts[0].nic.roce=v1", &s);
    ck_assert_uint_eq(s.kind, FRAME_V1);
    ck_assert_uint_gt(s.opcodes[FRAME_WRITE_MIDDLE], 100);
    sink_clear(&s);
    sink_init(&s);
    capture("capture.yaml", "hosts[0].nic.ip=v6", &s);
    ck_assert_uint_eq(s.kind, FRAME_V2_IPV6);
    ck_assert_uint_gt(s.opcodes[FRAME_WRITE_MIDDLE], 100);
    sink_clear(&s);
    sink_init(&s);
    capture("capture.yaml",
            "hosts[0].nic.congestion=dcqcn-vendor classes.storage.ecn.kmin=5kB "
            "classes.storage.ecn.kmax=50kB",
            &s);
    ck_assert_uint_gt(s.opcodes[FRAME_CNP], 10);
    sink_clear(&s);
    sink_init(&s);
    capture("small.yaml",
            "hosts[0].nic.protocol=iwarp hosts[0].nic.iwarp=true hosts[0].team=none "
            "hosts[0].failover=1ms hosts[0].nic.tcp.reconnect=15ms",
            &s);
    ck_assert_uint_gt(s.tcp, 1000);
    ck_assert_uint_gt(s.syns, 1);
    ck_assert_uint_gt(s.fpdus[FRAME_IWARP_WRITE], 10);
    ck_assert_uint_gt(s.fpdus[FRAME_IWARP_SEND], 10);
    sink_clear(&s);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("capture");
    TCase *tests = tcase_create("capture");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, every_frame_is_whole_and_right);
    tcase_add_test(tests, both_ends_of_a_cable_see_the_same);
    tcase_add_test(tests, an_address_is_its_owners_alone);
    tcase_add_test(tests, management_is_shown_too);
    tcase_add_test(tests, every_protocol_is_shown);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
