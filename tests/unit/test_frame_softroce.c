/* links: rackcast_models sim_base PkgConfig::GLIB */
/* test_frame_softroce.c: frames of other makers. The ICRC of five frames of hardware and of every
 * kind that Linux Soft-RoCE sends; what its captures (tests/soft-roce) say of AckReq, segments and
 * message numbers; and every packet of the captures themselves, where they are at hand. */
#include <check.h>
#include <gio/gio.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/frame/frame.h"
#include "tests/soft-roce/digest.h"
#include "tests/unit/frame_hex.h"

/* --- hardware --- */

/* Captured on adapters or computed by them, from the tests of the packet library Scapy: CNP of a
 * ConnectX-4 Lx; RoCE v1 WRITE and ACK of another ConnectX; two frames of the unreliable connection
 * service, over IPv4 and IPv6, which frame_parse does not read. */
static const struct {
    const char *hex;
    FrameKind kind;
    FrameError parses;
    uint32_t wire; /* the ICRC as its bytes stand */
} hardware[] = {
    {"e41d2dab2bc27cfe90643b32080045c2003c718c4000401191610a0011010a001201000012b7002800008100ffff"
     "40000118000000000000000000000000000000000000000082fd002a",
     FRAME_V2_IPV4, FRAME_OK, 0x82FD002A},
    {"7cfe90753cd87cfe90753cd889156020000000281b4000000000000000000000ffff0f0000020000000000000000"
     "0000ffff0f0000020a70ffff0000010a80a788bc000055d4c0726000000047b3000000050000000001000000e3d8"
     "56bb",
     FRAME_V1, FRAME_OK, 0xE3D856BB},
    {"7cfe90753cd87cfe90753cd889156020000000141b4000000000000000000000ffff0f0000020000000000000000"
     "0000ffff0f0000021140ffff0000010900a788c00000000525f0c038",
     FRAME_V1, FRAME_OK, 0x25F0C038},
    {"248a07a8fa22248a07a8fa22080045010040047840004011b4d5c0a80007c0a80007c00012b7002caca22460ffff"
     "000000d300cf17104630818be28935d90e9a95505401be885e50000078f353f3",
     FRAME_V2_IPV4, FRAME_BAD_OPCODE, 0x78F353F3},
    {"248a07a8fa22248a07a8fa2286dd6e21face002c11ff202200000000000000000000000010232023000000000000"
     "0000000000001024c00012b7002ce7c52460ffff000000d300cf17104630818be28935d90e9a95505401be885e50"
     "00003e5b743b",
     FRAME_V2_IPV6, FRAME_BAD_OPCODE, 0x3E5B743B},
};

START_TEST(test_hardware) {
    for (size_t i = 0; i < sizeof hardware / sizeof *hardware; i++) {
        uint8_t bytes[256];
        size_t n = frame_from_hex(hardware[i].hex, bytes), network = FRAME_ETHERNET_BYTES;
        uint32_t icrc = frame_icrc(hardware[i].kind, bytes + network, n - network - 4);
        ck_assert_uint_eq(__builtin_bswap32(icrc), hardware[i].wire);
        Frame f;
        ck_assert_int_eq(frame_parse(bytes, n, &f), hardware[i].parses);
        bytes[n - 5] ^= 1;
        ck_assert_uint_ne(frame_icrc(hardware[i].kind, bytes + network, n - network - 4), icrc);
    }
}
END_TEST

/* --- one frame of each kind --- */

/* Parses with a right ICRC, and builds to the same bytes again. */
static void expect_same_again(const uint8_t *bytes, size_t n, const char *where) {
    uint8_t built[FRAME_MAX_BUILT];
    Frame f;
    FrameError error = frame_parse(bytes, n, &f);
    ck_assert_msg(error == FRAME_OK, "%s: %s", where, frame_error_text(error));
    size_t m = frame_build(&f, built, sizeof built);
    ck_assert_msg(m == n && memcmp(built, bytes, n) == 0, "%s: not the same again", where);
    bool datagram = frame_opcode_has(f.opcode) & FRAME_HAS_DETH;
    if (!datagram) /* both ends of these captures use one number */
        ck_assert_uint_eq(frame_udp_source_port(f.to_qp, f.to_qp), f.udp_from);
}

START_TEST(test_frames) {
    char *path = digest_path("tests/soft-roce", "frames.hex"), *text = NULL;
    ck_assert_msg(g_file_get_contents(path, &text, NULL, NULL), "%s", path);
    char **lines = g_strsplit(text, "\n", -1);
    bool seen[256] = {false};
    for (size_t i = 0; *lines[i]; i++) {
        char name[64], hex[4096];
        uint8_t bytes[2048];
        ck_assert_int_eq(sscanf(lines[i], "%63s %*s %4095s", name, hex), 2);
        size_t n = frame_from_hex(hex, bytes);
        expect_same_again(bytes, n, lines[i]);
        Frame f;
        bytes[n - 5] ^= 0x10;
        ck_assert_int_eq(frame_parse(bytes, n, &f), FRAME_BAD_ICRC);
        seen[f.opcode] = true;
    }
    static const FrameOpcode kinds[] = {FRAME_SEND_FIRST,  FRAME_SEND_MIDDLE,  FRAME_SEND_LAST,
                                        FRAME_SEND_ONLY,   FRAME_WRITE_FIRST,  FRAME_WRITE_MIDDLE,
                                        FRAME_WRITE_LAST,  FRAME_WRITE_ONLY,   FRAME_READ_FIRST,
                                        FRAME_READ_MIDDLE, FRAME_READ_LAST,    FRAME_READ_ONLY,
                                        FRAME_ACK,         FRAME_READ_REQUEST, FRAME_FETCH_ADD,
                                        FRAME_ATOMIC_ACK,  FRAME_UD_SEND_ONLY};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
        ck_assert_msg(seen[kinds[i]], "%s", frame_opcode_name(kinds[i]));
    g_strfreev(lines);
    g_free(text);
    g_free(path);
}
END_TEST

/* --- the digests --- */

#define ASKERS 8

/* What one asker sent on one QP, by PSN. */
typedef struct Asker {
    int asker, qp;
    int unasked;                 /* packets since the last AckReq */
    int next;                    /* PSN after the highest sent */
    int nak;                     /* PSN of the last NAK, until it is answered; else -1 */
    int ends[DIGEST_PACKETS];    /* 1 where a SEND, WRITE or atomic ends; READ: at its first PSN */
    int lengths[DIGEST_PACKETS]; /* WRITE: where it begins, its length */
} Asker;

static Asker *asker_of(Asker *askers, int *count, const Packet *p) {
    for (int i = 0; i < *count; i++)
        if (askers[i].asker == p->asker && askers[i].qp == p->qp) return &askers[i];
    ck_assert_int_lt(*count, ASKERS);
    askers[*count] = (Asker){.asker = p->asker, .qp = p->qp, .nak = -1};
    return &askers[(*count)++];
}

static bool begins_message(int op) {
    return digest_ends_message(op) ? op != FRAME_SEND_LAST && op != FRAME_WRITE_LAST
                                   : op == FRAME_SEND_FIRST || op == FRAME_WRITE_FIRST;
}

static int messages_before(const Asker *a, int psn) {
    int count = 0;
    for (int i = 0; i < psn && i < DIGEST_PACKETS; i++)
        count += a->ends[i];
    return count;
}

/* AckReq: on the last packet of a message, on READ and atomic requests, and after more than 64
 * packets without, retransmitted ones counted. */
static void check_ack_request(Asker *a, const Packet *p) {
    bool wanted = digest_ends_message(p->opcode) || a->unasked > 64;
    a->unasked = wanted ? 0 : a->unasked + 1;
    ck_assert_int_eq(p->ack, wanted);
}

/* Segments: full ones but for the last, whose pad fills it up; RETH says the whole length. */
static void check_segment(Asker *a, const Packet *p, int mtu) {
    bool write = p->opcode >= FRAME_WRITE_FIRST && p->opcode <= FRAME_WRITE_ONLY;
    ck_assert_int_eq(p->pad, -p->payload & 3);
    ck_assert_int_le(p->payload, mtu);
    if (!digest_ends_message(p->opcode)) ck_assert_int_eq(p->payload, mtu);
    ck_assert_int_eq(p->length >= 0,
                     p->opcode == FRAME_READ_REQUEST || (write && begins_message(p->opcode)));
    if (!write) return;
    if (begins_message(p->opcode)) a->lengths[p->psn] = p->length;
    if (!digest_ends_message(p->opcode)) return;
    int first = p->psn;
    while (first > 0 && !a->lengths[first])
        first--;
    ck_assert_int_eq((p->psn - first) * mtu + p->payload, a->lengths[first]);
}

static int psns_of(const Packet *p, int mtu) {
    return p->opcode == FRAME_READ_REQUEST ? (p->length + mtu - 1) / mtu : 1;
}

/* PSNs follow each other or go back; after a NAK, where it `resumes`, to the PSN it names. */
static void check_psn(Asker *a, const Packet *p, int mtu, bool resumes) {
    if (p->psn == a->next) {
        a->next += psns_of(p, mtu);
        if (digest_ends_message(p->opcode)) a->ends[p->psn] = 1;
    } else {
        ck_assert_int_lt(p->psn, a->next); /* never forward */
    }
    if (resumes && a->nak >= 0) ck_assert_int_eq(p->psn, a->nak);
    a->nak = -1;
}

/* Syndrome, and the message number: messages that ended at or before an ACK's PSN, before a NAK's,
 * and READs begun. A READ asked for anew carries the number of now. */
static void check_response(Asker *a, const Packet *p) {
    ck_assert_int_eq(p->ack, 0);
    if (p->msn < 0) return;
    bool refused = p->opcode == FRAME_ACK && p->syndrome != FRAME_SYNDROME_ACK;
    int messages = messages_before(a, p->psn + (refused ? 0 : 1));
    if (p->opcode >= FRAME_READ_FIRST && p->opcode <= FRAME_READ_ONLY)
        ck_assert_int_ge(p->msn, messages);
    else
        ck_assert_int_eq(p->msn, messages);
    if (p->syndrome == FRAME_SYNDROME_SEQUENCE)
        a->nak = p->psn;
    else
        ck_assert(p->syndrome == FRAME_SYNDROME_ACK || p->syndrome == (FRAME_SYNDROME_RNR | 12));
}

static const char *const captures[] = {"atomic_fa",
                                       "loss1_read_srv_egress",
                                       "loss1_write_srv_ingress",
                                       "loss3_lat_cli_egress",
                                       "loss5_ack_srv_egress",
                                       "read_bw_64k",
                                       "read_lat_256",
                                       "send_bw_64k",
                                       "send_lat_64",
                                       "send_rnr",
                                       "send_size_1",
                                       "send_size_1025",
                                       "send_size_2049",
                                       "write_4qp_8k",
                                       "write_bw_64k",
                                       "write_ipv6",
                                       "write_lat_64",
                                       "write_mtu256"};
#define CAPTURES ((int)(sizeof captures / sizeof *captures))

START_TEST(test_rules) {
    static Packet packets[DIGEST_PACKETS];
    static Asker askers[ASKERS];
    const char *capture = captures[_i];
    int mtu = strcmp(capture, "write_mtu256") ? 1024 : 256, count = 0;
    bool naks = strcmp(capture, "loss1_write_srv_ingress") == 0;
    int n = digest_read(capture, packets);
    for (int i = 0; i < n; i++) {
        Asker *a = asker_of(askers, &count, &packets[i]);
        if (digest_is_response(packets[i].opcode)) {
            check_response(a, &packets[i]);
            continue;
        }
        check_ack_request(a, &packets[i]);
        check_segment(a, &packets[i], mtu);
        check_psn(a, &packets[i], mtu, naks);
    }
}
END_TEST

/* READs after a gap in the responses: PSN, address and length are those of what is missing, and the
 * READs behind it follow whole. */
START_TEST(test_read_again) {
    static Packet packets[DIGEST_PACKETS];
    int n = digest_read("loss1_read_srv_egress", packets), next = 0, again = 0;
    for (int i = 0; i < n; i++) {
        const Packet *p = &packets[i];
        if (p->opcode != FRAME_READ_REQUEST) continue;
        if (p->psn % 64) {
            again++;
            ck_assert_int_eq(p->length, 65536 - p->psn % 64 * 1024);
            next = p->psn - p->psn % 64;
        } else {
            ck_assert_int_eq(p->length, 65536);
            ck_assert_int_eq(p->psn, next);
        }
        next += 64;
    }
    ck_assert_int_eq(again, 2);
}
END_TEST

/* --- the captures --- */

static uint32_t little(const uint8_t *at) {
    return at[0] | at[1] << 8 | at[2] << 16 | (uint32_t)at[3] << 24;
}

/* The unpacked file; NULL where it is not at hand. */
static GBytes *unpack(const char *path) {
    GFile *file = g_file_new_for_path(path);
    GFileInputStream *packed = g_file_read(file, NULL, NULL);
    g_object_unref(file);
    if (!packed) return NULL;
    GConverter *gunzip = G_CONVERTER(g_zlib_decompressor_new(G_ZLIB_COMPRESSOR_FORMAT_GZIP));
    GInputStream *in = g_converter_input_stream_new(G_INPUT_STREAM(packed), gunzip);
    GOutputStream *out = g_memory_output_stream_new_resizable();
    GOutputStreamSpliceFlags close =
        G_OUTPUT_STREAM_SPLICE_CLOSE_SOURCE | G_OUTPUT_STREAM_SPLICE_CLOSE_TARGET;
    ck_assert(g_output_stream_splice(out, in, close, NULL, NULL) > 24);
    GBytes *bytes = g_memory_output_stream_steal_as_bytes(G_MEMORY_OUTPUT_STREAM(out));
    g_object_unref(out);
    g_object_unref(in);
    g_object_unref(gunzip);
    g_object_unref(packed);
    return bytes;
}

static int check_capture(GBytes *file, const char *name) {
    gsize size = 0;
    const uint8_t *at = g_bytes_get_data(file, &size);
    int packets = 0;
    for (size_t offset = 24; offset < size; packets++) {
        ck_assert_uint_le(offset + 16, size);
        uint32_t kept = little(at + offset + 8);
        offset += 16;
        ck_assert_uint_le(offset + kept, size);
        expect_same_again(at + offset, kept, name);
        offset += kept;
    }
    return packets;
}

/* The captures are large and stay outside; their folder may be named, else it is looked for beside
 * the project. */
START_TEST(test_whole_captures) {
    const char *named = getenv("SOFT_ROCE_CAPTURES");
    int packets = 0, absent = 0;
    for (int i = 0; i <= CAPTURES; i++) {
        const char *capture = i < CAPTURES ? captures[i] : "send_ud_1024";
        char *name = g_strconcat(capture, ".pcap.gz", NULL);
        char *path = named ? g_build_filename(named, name, NULL)
                           : digest_path("../shared/data/soft-roce", name);
        GBytes *file = unpack(path);
        if (file) packets += check_capture(file, name);
        if (!file) absent++;
        if (file) g_bytes_unref(file);
        g_free(path);
        g_free(name);
    }
    if (absent)
        printf("skipped: %d of %d captures are not at hand\n", absent, CAPTURES + 1);
    else
        ck_assert_int_eq(packets, 9269);
    fflush(stdout);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("frame_softroce");
    TCase *tcase = tcase_create("frame_softroce");
    tcase_add_test(tcase, test_hardware);
    tcase_add_test(tcase, test_frames);
    tcase_add_loop_test(tcase, test_rules, 0, CAPTURES);
    tcase_add_test(tcase, test_read_again);
    tcase_add_test(tcase, test_whole_captures);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
