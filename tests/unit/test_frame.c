/* links: rackcast_models sim_base */
/* test_frame.c: frame sizes against the goodput they allow, frames rebuilt byte for byte, and bytes
 * that are no frames. */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "models/frame/frame.h"
#include "tests/unit/frame_hex.h"

/* --- sizes --- */

/* Frame bytes with FCS and efficiency in 1/100 %: rate x payload / (frame + 20). */
static const struct {
    FrameKind kind;
    bool tagged;
    uint32_t payload, frame, efficiency;
} goodput[] = {
    {FRAME_V1, true, 256, 334, 7232},         {FRAME_V1, true, 512, 590, 8393},
    {FRAME_V1, true, 1024, 1102, 9127},       {FRAME_V1, true, 2048, 2126, 9543},
    {FRAME_V1, true, 4096, 4174, 9766},       {FRAME_V2_IPV4, false, 256, 318, 7574},
    {FRAME_V2_IPV4, false, 512, 574, 8620},   {FRAME_V2_IPV4, false, 1024, 1086, 9259},
    {FRAME_V2_IPV4, false, 2048, 2110, 9615}, {FRAME_V2_IPV4, false, 4096, 4158, 9804},
    {FRAME_V2_IPV4, true, 256, 322, 7485},    {FRAME_V2_IPV4, true, 512, 578, 8562},
    {FRAME_V2_IPV4, true, 1024, 1090, 9225},  {FRAME_V2_IPV4, true, 2048, 2114, 9597},
    {FRAME_V2_IPV4, true, 4096, 4162, 9794},  {FRAME_V2_IPV6, true, 1024, 1110, 9062},
    {FRAME_V2_IPV6, true, 4096, 4182, 9748},
};

START_TEST(test_goodput) {
    for (size_t i = 0; i < sizeof goodput / sizeof *goodput; i++) {
        uint32_t payload = goodput[i].payload;
        uint32_t bytes =
            frame_bytes(goodput[i].kind, goodput[i].tagged, FRAME_WRITE_MIDDLE, payload);
        uint32_t line =
            frame_line_bytes(goodput[i].kind, goodput[i].tagged, FRAME_WRITE_MIDDLE, payload);
        ck_assert_uint_eq(bytes, goodput[i].frame);
        ck_assert_uint_eq((20000 * payload + line) / (2 * line), goodput[i].efficiency);
    }
}
END_TEST

START_TEST(test_control_sizes) {
    ck_assert_uint_eq(frame_line_bytes(FRAME_V2_IPV4, false, FRAME_ACK, 0), 86);
    ck_assert_uint_eq(frame_line_bytes(FRAME_V1, true, FRAME_ACK, 0), 102);
    ck_assert_uint_eq(frame_bytes(FRAME_V2_IPV4, false, FRAME_CNP, 0), 78);
    ck_assert_uint_eq(frame_line_bytes(FRAME_V2_IPV4, false, FRAME_CNP, 0), 98);
    ck_assert_uint_eq(FRAME_PAUSE_BYTES + FRAME_GAP_BYTES, 84);
    /* RETH 16, ImmDt 4, AETH 4 beyond a bare SEND. */
    uint32_t send = frame_bytes(FRAME_V2_IPV4, false, FRAME_SEND_ONLY, 1024);
    ck_assert_uint_eq(frame_bytes(FRAME_V2_IPV4, false, FRAME_WRITE_ONLY, 1024), send + 16);
    ck_assert_uint_eq(frame_bytes(FRAME_V2_IPV4, false, FRAME_WRITE_ONLY_IMM, 1024), send + 20);
    ck_assert_uint_eq(frame_bytes(FRAME_V2_IPV4, false, FRAME_READ_ONLY, 1024), send + 4);
    ck_assert_uint_eq(frame_bytes(FRAME_V2_IPV4, false, FRAME_SEND_ONLY_INV, 1024), send + 4);
    ck_assert_uint_eq(frame_bytes(FRAME_V2_IPV4, false, FRAME_READ_REQUEST, 0), send - 1024 + 16);
    ck_assert_uint_eq(frame_extension_bytes(FRAME_COMPARE_SWAP), 28);
    ck_assert_uint_eq(frame_extension_bytes(FRAME_ATOMIC_ACK), 12);
    ck_assert_uint_eq(frame_extension_bytes(FRAME_UD_SEND_ONLY), 8);
    ck_assert_uint_eq(frame_extension_bytes(FRAME_UD_SEND_ONLY_IMM), 12);
    ck_assert(!frame_opcode_known(0x15) && !frame_opcode_known(0x18) && !frame_opcode_known(256));
    ck_assert_str_eq(frame_opcode_name(0x0A), "WRITE_ONLY");
}
END_TEST

START_TEST(test_padding_and_minimum) {
    static const uint32_t padded[] = {64, 66, 66, 66, 66, 70};
    for (uint32_t payload = 0; payload < 6; payload++)
        ck_assert_uint_eq(frame_bytes(FRAME_V2_IPV4, false, FRAME_SEND_ONLY, payload),
                          padded[payload]);
    ck_assert_uint_eq(frame_bytes(FRAME_V2_IPV4, true, FRAME_SEND_ONLY, 0), 66);
}
END_TEST

/* --- byte vectors --- */

static const uint8_t sixteen[16] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15};

/* What the vectors have in common. */
static Frame basic(FrameOpcode opcode, uint32_t qp, uint32_t psn) {
    return (Frame){
        .kind = FRAME_V2_IPV4,
        .net = {.to_mac = {2, 0, 0, 0, 0, 2},
                .from_mac = {2, 0, 0, 0, 0, 1},
                .traffic_class = 26 << 2 | FRAME_ECN_ECT0,
                .hop_limit = 64,
                .from_ip = {10, 0, 0, 1},
                .to_ip = {10, 0, 0, 2}},
        .udp_from = 0xC001,
        .opcode = opcode,
        .migrated = true,
        .pkey = 0xFFFF,
        .to_qp = qp,
        .psn = psn,
    };
}

static Frame write_only(void) {
    Frame f = basic(FRAME_WRITE_ONLY, 0x11, 0x64);
    f.ack_request = true;
    f.address = 0x1000;
    f.key = 0x1234;
    f.length = 16;
    f.payload = sixteen;
    f.payload_bytes = 16;
    f.net.ip_id = 1;
    return f;
}

static Frame ack(uint8_t syndrome, uint32_t psn, uint32_t msn) {
    Frame f = basic(FRAME_ACK, 0x12, psn);
    f.syndrome = syndrome;
    f.msn = msn;
    return f;
}

static Frame tagged(Frame f) {
    f.net.tagged = true;
    f.net.pcp = 3;
    f.net.vid = 711;
    return f;
}

static void expect_same(const Frame *a, const Frame *b) {
    ck_assert_int_eq(a->kind, b->kind);
    ck_assert_mem_eq(a->net.to_mac, b->net.to_mac, 6);
    ck_assert_mem_eq(a->net.from_mac, b->net.from_mac, 6);
    ck_assert(a->net.tagged == b->net.tagged && a->net.pcp == b->net.pcp &&
              a->net.dei == b->net.dei && a->net.vid == b->net.vid);
    ck_assert(a->net.traffic_class == b->net.traffic_class &&
              a->net.flow_label == b->net.flow_label);
    ck_assert(a->net.ip_id == b->net.ip_id && a->net.hop_limit == b->net.hop_limit &&
              a->udp_from == b->udp_from);
    ck_assert_mem_eq(a->net.from_ip, b->net.from_ip, 16);
    ck_assert_mem_eq(a->net.to_ip, b->net.to_ip, 16);
    ck_assert(a->opcode == b->opcode && a->pkey == b->pkey);
    ck_assert(a->solicited == b->solicited && a->migrated == b->migrated);
    ck_assert(a->fecn == b->fecn && a->becn == b->becn && a->ack_request == b->ack_request);
    ck_assert(a->to_qp == b->to_qp && a->psn == b->psn);
    ck_assert(a->queue_key == b->queue_key && a->from_qp == b->from_qp);
    ck_assert(a->udp_checksum == b->udp_checksum);
    ck_assert(a->address == b->address && a->key == b->key && a->length == b->length);
    ck_assert(a->swap == b->swap && a->compare == b->compare && a->original == b->original);
    ck_assert(a->syndrome == b->syndrome && a->msn == b->msn);
    ck_assert(a->imm == b->imm && a->invalidate == b->invalidate);
    ck_assert_uint_eq(a->payload_bytes, b->payload_bytes);
    if (a->payload_bytes) ck_assert_mem_eq(a->payload, b->payload, a->payload_bytes);
}

/* Builds `f`, expects `hex`, and reads the same fields back. */
static void expect_bytes(Frame frame, const char *hex) {
    const Frame *f = &frame;
    uint8_t want[256], got[256];
    size_t n = frame_from_hex(hex, want);
    ck_assert_uint_eq(frame_build(f, got, sizeof got), n);
    ck_assert_mem_eq(got, want, n);
    Frame read;
    ck_assert_int_eq(frame_parse(want, n, &read), FRAME_OK);
    expect_same(&read, f);
    ck_assert_uint_eq(frame_bytes(f->kind, f->net.tagged, f->opcode, f->payload_bytes), n + 4);
}

/* The first eight were decoded field by field by Wireshark and their ICRC computed with zlib; the
 * last is from a capture of Linux Soft-RoCE over IPv6. */
static const char hex_write[] =
    "0200000000020200000000010800456a004c00014000401126340a0000010a000002c00112b700380000"
    "0a40ffff000000118000006400000000000010000000123400000010000102030405060708090a0b0c0d"
    "0e0f06a07d36";
static const char hex_ack[] =
    "0200000000020200000000010800456a003000004000401126510a0000010a000002c00112b7001c0000"
    "1140ffff00000012000000641f0000017670e934";
static const char hex_sequence[] =
    "0200000000020200000000010800456a003000004000401126510a0000010a000002c00112b7001c0000"
    "1140ffff0000001200000065600000010ce9d53a";
static const char hex_rnr[] =
    "0200000000020200000000010800456a003000004000401126510a0000010a000002c00112b7001c0000"
    "1140ffff00000012000000652e00000102c61e41";
static const char hex_read[] =
    "0200000000020200000000010800456a003c00004000401126450a0000010a000002c00112b700280000"
    "0c40ffff00000011000000660000000000002000000012340000100014723850";
static const char hex_cnp[] =
    "020000000002020000000001080045c2003c00004000401125ed0a0000010a000002c00112b700280000"
    "8140ffff400000120000000000000000000000000000000000000000a7d3e430";
static const char hex_invalidate[] =
    "020000000002020000000001810062c70800456a004000004000401126410a0000010a000002c00112b7"
    "002c00001740ffff0000001180000067deadbeef000102030405060708090a0b0c0d0e0fc2970d2a";
static const char hex_v1[] =
    "020000000002020000000001810062c789156000000000301bfffe80000000000000000000fffe000001"
    "fe80000000000000000000fffe0000020a40ffff00000011800000640000000000001000000012340000"
    "0010000102030405060708090a0b0c0d0e0f3bb8ce19";
static const char hex_ipv6[] =
    "52540000000252540000000186dd60000000001c1140fe80000000000000505400fffe000001fe800000"
    "00000000505400fffe000002c48412b7001c00001100ffff0000002200ad875d1f0000013e9f32e0";

static Frame read_request(void) {
    Frame f = basic(FRAME_READ_REQUEST, 0x11, 0x66);
    f.address = 0x2000;
    f.key = 0x1234;
    f.length = 4096;
    return f;
}

static Frame cnp(void) {
    Frame f = basic(FRAME_CNP, 0x12, 0);
    f.net.traffic_class = 48 << 2 | 2;
    f.becn = true;
    return f;
}

static Frame send_invalidate(void) {
    Frame f = basic(FRAME_SEND_ONLY_INV, 0x11, 0x67);
    f.ack_request = true;
    f.invalidate = 0xDEADBEEF;
    f.payload = sixteen;
    f.payload_bytes = 16;
    return tagged(f);
}

/* fe80::ff:fe00:1 and :2 */
static Frame v1_write(void) {
    Frame f = tagged(write_only());
    f.kind = FRAME_V1;
    f.net.traffic_class = 0;
    f.net.ip_id = f.udp_from = 0;
    f.net.hop_limit = 255;
    memcpy(f.net.from_ip, (uint8_t[16]){0xFE, 0x80, [11] = 0xFF, 0xFE, 0, 0, 1}, 16);
    memcpy(f.net.to_ip, (uint8_t[16]){0xFE, 0x80, [11] = 0xFF, 0xFE, 0, 0, 2}, 16);
    return f;
}

/* fe80::5054:ff:fe00:1 and :2 */
static Frame ipv6_ack(void) {
    Frame f = ack(FRAME_SYNDROME_ACK, 0xAD875D, 1);
    f.kind = FRAME_V2_IPV6;
    memcpy(f.net.to_mac, (uint8_t[6]){0x52, 0x54, 0, 0, 0, 2}, 6);
    memcpy(f.net.from_mac, (uint8_t[6]){0x52, 0x54, 0, 0, 0, 1}, 6);
    memcpy(f.net.from_ip, (uint8_t[16]){0xFE, 0x80, [8] = 0x50, 0x54, 0, 0xFF, 0xFE, 0, 0, 1}, 16);
    memcpy(f.net.to_ip, (uint8_t[16]){0xFE, 0x80, [8] = 0x50, 0x54, 0, 0xFF, 0xFE, 0, 0, 2}, 16);
    f.net.traffic_class = 0;
    f.migrated = false;
    f.udp_from = 0xC484;
    f.to_qp = 0x22;
    return f;
}

START_TEST(test_v2_data) {
    expect_bytes(write_only(), hex_write);
    expect_bytes(read_request(), hex_read);
    expect_bytes(send_invalidate(), hex_invalidate);
}
END_TEST

START_TEST(test_v2_control) {
    expect_bytes(ack(FRAME_SYNDROME_ACK, 0x64, 1), hex_ack);
    expect_bytes(ack(FRAME_SYNDROME_SEQUENCE, 0x65, 1), hex_sequence);
    expect_bytes(ack(FRAME_SYNDROME_RNR | 14, 0x65, 1), hex_rnr);
    expect_bytes(cnp(), hex_cnp);
}
END_TEST

START_TEST(test_v1_and_ipv6) {
    expect_bytes(v1_write(), hex_v1);
    expect_bytes(ipv6_ack(), hex_ipv6);
}
END_TEST

/* Every kind, tag, opcode and pad comes back as it was built. */
START_TEST(test_round_trip) {
    for (uint32_t opcode = 0; opcode < 256; opcode++) {
        if (!frame_opcode_known(opcode)) continue;
        uint32_t has = frame_opcode_has((FrameOpcode)opcode);
        for (uint32_t i = 0; i < 30; i++) {
            Frame f = i % 3 == FRAME_V1 ? v1_write() : basic(FRAME_ACK, 0, 0);
            f.kind = (FrameKind)(i % 3);
            f.opcode = (FrameOpcode)opcode;
            f.net.traffic_class = (uint8_t)(i * 37);
            f.net.flow_label = f.kind == FRAME_V2_IPV4 ? 0 : 0xFFFFF - i;
            f.net.ip_id = f.kind == FRAME_V2_IPV4 ? (uint16_t)(65535 - i) : 0;
            f.net.tagged = i & 1;
            f.net.pcp = f.net.tagged ? i % 8 : 0;
            f.net.dei = f.net.tagged && (i & 2);
            f.net.vid = f.net.tagged ? 4095 : 0;
            f.solicited = i & 4;
            f.fecn = i & 8;
            f.becn = i & 16;
            f.to_qp = 0xFFFFFF - i;
            f.psn = 0x800000 + i;
            f.udp_checksum = f.kind != FRAME_V1 && (i & 8);
            f.queue_key = has & FRAME_HAS_DETH ? 0x80010000 : 0;
            f.from_qp = has & FRAME_HAS_DETH ? 0xFFFFF0 : 0;
            bool address = has & (FRAME_HAS_RETH | FRAME_HAS_ATOMIC);
            f.address = address ? UINT64_MAX - i : 0;
            f.key = address ? UINT32_MAX - i : 0;
            f.length = has & FRAME_HAS_RETH ? UINT32_MAX : 0;
            f.swap = has & FRAME_HAS_ATOMIC ? UINT64_MAX - 1 : 0;
            f.compare = has & FRAME_HAS_ATOMIC ? UINT64_MAX - 2 : 0;
            f.syndrome = has & FRAME_HAS_AETH ? 0x63 : 0;
            f.msn = has & FRAME_HAS_AETH ? 0xFFFFFE : 0;
            f.original = has & FRAME_HAS_ATOMIC_ACK ? UINT64_MAX - 3 : 0;
            f.imm = has & FRAME_HAS_IMM ? 0x89ABCDEF : 0;
            f.invalidate = has & FRAME_HAS_IETH ? 0xFEDCBA98 : 0;
            f.payload = sixteen;
            f.payload_bytes = has & FRAME_HAS_PAYLOAD ? i % 17 : 0;
            uint8_t bytes[256];
            size_t n = frame_build(&f, bytes, sizeof bytes);
            Frame read;
            ck_assert_int_eq(frame_parse(bytes, n, &read), FRAME_OK);
            expect_same(&read, &f);
            ck_assert_uint_eq(n + 4, frame_bytes(f.kind, f.net.tagged, f.opcode, f.payload_bytes));
        }
    }
}
END_TEST

/* --- damage --- */

static const char *const vectors[] = {hex_write, hex_ack,        hex_sequence, hex_rnr, hex_read,
                                      hex_cnp,   hex_invalidate, hex_v1,       hex_ipv6};
#define VECTORS (sizeof vectors / sizeof *vectors)

/* A frame cut anywhere is refused; read from a block of exactly its size, so that a sanitizer sees
 * any step beyond. */
START_TEST(test_cut_short) {
    for (size_t v = 0; v < VECTORS; v++) {
        uint8_t bytes[256];
        size_t n = frame_from_hex(vectors[v], bytes);
        for (size_t cut = 0; cut < n; cut++) {
            uint8_t *block = malloc(cut ? cut : 1);
            memcpy(block, bytes, cut);
            Frame f;
            FrameError error = frame_parse(block, cut, &f);
            ck_assert_int_eq(error, FRAME_SHORT);
            free(block);
        }
    }
}
END_TEST

/* Bytes of the frame that no check covers: MAC addresses, the tag's value, the UDP checksum, and in
 * IPv6 and GRH what routers change. IPv4's own checksum covers its header. */
static bool uncovered(size_t at, unsigned bit, const Frame *f) {
    size_t network = f->net.tagged ? 18 : 14;
    if (at < 12 || (f->net.tagged && (at == 14 || at == 15))) return true;
    if (at < network) return false;
    size_t in = at - network;
    bool udp_checksum = f->kind == FRAME_V2_IPV4
                            ? in == 26 || in == 27
                            : f->kind == FRAME_V2_IPV6 && (in == 46 || in == 47);
    bool changes =
        f->kind != FRAME_V2_IPV4 && ((in == 0 && bit < 4) || (in >= 1 && in <= 3) || in == 7);
    size_t bth = f->kind == FRAME_V2_IPV4 ? 28 : f->kind == FRAME_V1 ? 40 : 48;
    return udp_checksum || changes || in == bth + 4;
}

START_TEST(test_damage) {
    for (size_t v = 0; v < VECTORS; v++) {
        uint8_t bytes[256];
        size_t n = frame_from_hex(vectors[v], bytes);
        Frame whole;
        ck_assert_int_eq(frame_parse(bytes, n, &whole), FRAME_OK);
        for (size_t at = 0; at < n; at++) {
            for (unsigned bit = 0; bit < 8; bit++) {
                Frame f;
                bytes[at] ^= (uint8_t)(1u << bit);
                bool good = frame_parse(bytes, n, &f) == FRAME_OK;
                bytes[at] ^= (uint8_t)(1u << bit);
                ck_assert_msg(good == uncovered(at, bit, &whole), "vector %zu byte %zu bit %u: %s",
                              v, at, bit, good ? "accepted" : "refused");
            }
        }
    }
}
END_TEST

/* Reads the vector with one byte set to `value`. */
static FrameError with_byte(const char *hex, size_t at, uint8_t value) {
    uint8_t bytes[256];
    size_t n = frame_from_hex(hex, bytes);
    bytes[at] = value;
    Frame f;
    return frame_parse(bytes, n, &f);
}

START_TEST(test_errors_named) {
    ck_assert_int_eq(with_byte(hex_write, 12, 0x88), FRAME_OTHER);  /* type 0x8800 */
    ck_assert_int_eq(with_byte(hex_write, 23, 6), FRAME_OTHER);     /* TCP */
    ck_assert_int_eq(with_byte(hex_write, 37, 53), FRAME_OTHER);    /* another UDP port */
    ck_assert_int_eq(with_byte(hex_write, 14, 0x46), FRAME_HEADER); /* options */
    ck_assert_int_eq(with_byte(hex_write, 24, 0), FRAME_HEADER);    /* header checksum */
    ck_assert_int_eq(with_byte(hex_write, 39, 0x39), FRAME_LENGTH); /* UDP length */
    ck_assert_int_eq(with_byte(hex_write, 39, 0x37), FRAME_LENGTH);
    ck_assert_int_eq(with_byte(hex_write, 42, 0x24), FRAME_BAD_OPCODE); /* unreliable connection */
    ck_assert_int_eq(with_byte(hex_write, 43, 0x41), FRAME_HEADER);     /* transport version */
    ck_assert_int_eq(with_byte(hex_write, 70, 0xFF), FRAME_BAD_ICRC);   /* payload */
    ck_assert_int_eq(with_byte(hex_ack, 42, FRAME_READ_MIDDLE), FRAME_BAD_ICRC);
    ck_assert_int_eq(with_byte(hex_ack, 42, FRAME_READ_REQUEST), FRAME_LENGTH);
    ck_assert_int_eq(with_byte(hex_read, 42, FRAME_ACK), FRAME_LENGTH); /* ACK with payload */
    ck_assert_int_eq(with_byte(hex_v1, 19 + 5, 6), FRAME_HEADER);       /* GRH: next header */
    for (int e = 0; e < FRAME_ERRORS; e++)
        ck_assert_uint_gt(strlen(frame_error_text((FrameError)e)), 5);
}
END_TEST

/* The formula's own steps for 0x11 x 0x12 and for a product of 48 bits, by hand; never below
 * its range. */
START_TEST(test_source_port) {
    ck_assert_uint_eq(frame_udp_source_port(0x11, 0x12), 0xC000 + 0x132);
    ck_assert_uint_eq(frame_udp_source_port(0, 0xFFFFFF), 0xC000);
    /* FFFFFE000001 ^ FFFFFE0 (>> 20) = FFFFF1FFFFE1, ^ FF (>> 40) = ..FF1E; 3F1E ^ 3F (>> 14) */
    ck_assert_uint_eq(frame_udp_source_port(0xFFFFFF, 0xFFFFFF), 0xFF21);
    for (uint32_t qp = 1; qp < 100000; qp += 37)
        ck_assert_uint_ge(frame_udp_source_port(qp, qp + 1), 0xC000);
}
END_TEST

/* The sum of this one is 0, which would say that there is none. */
START_TEST(test_udp_checksum) {
    uint8_t bytes[256];
    Frame f = ack(FRAME_SYNDROME_ACK, 11287, 1);
    f.kind = FRAME_V2_IPV6;
    f.udp_checksum = true;
    frame_build(&f, bytes, sizeof bytes);
    ck_assert_uint_eq(bytes[60] << 8 | bytes[61], 0xFFFF);
    f.psn++;
    frame_build(&f, bytes, sizeof bytes);
    ck_assert_uint_ne(bytes[60] << 8 | bytes[61], 0xFFFF);
}
END_TEST

START_TEST(test_crc) {
    ck_assert_uint_eq(frame_crc32(0, (const uint8_t *)"123456789", 9), 0xCBF43926);
    uint32_t part = frame_crc32(0, (const uint8_t *)"1234", 4);
    ck_assert_uint_eq(frame_crc32(part, (const uint8_t *)"56789", 5), 0xCBF43926);
}
END_TEST

/* --- pauses --- */

static const char hex_xoff[] =
    "0180c2000001020000000001880801010008000000000000ffff00000000000000000000000000000000"
    "000000000000000000000000000000000000";
static const char hex_xon[] =
    "0180c2000001020000000001880801010008000000000000000000000000000000000000000000000000"
    "000000000000000000000000000000000000";
static const char hex_pause[] =
    "0180c200000102000000000188080001ffff000000000000000000000000000000000000000000000000"
    "000000000000000000000000000000000000";

static void expect_pause(const FramePause *pause, const char *hex) {
    uint8_t want[64], got[64];
    size_t n = frame_from_hex(hex, want);
    ck_assert_uint_eq(n, FRAME_PAUSE_BYTES - FRAME_FCS_BYTES);
    ck_assert_uint_eq(frame_build_pause(pause, got, sizeof got), n);
    ck_assert_mem_eq(got, want, n);
    FramePause read;
    ck_assert_int_eq(frame_parse_pause(want, n, &read), FRAME_OK);
    ck_assert(read.all == pause->all && read.classes == pause->classes);
    ck_assert_mem_eq(read.quanta, pause->quanta, sizeof read.quanta);
    ck_assert_mem_eq(read.from_mac, pause->from_mac, 6);
    ck_assert_int_eq(frame_parse_pause(want, n - 1, &read), FRAME_SHORT);
}

START_TEST(test_pauses) {
    FramePause pause = {.from_mac = {2, 0, 0, 0, 0, 1}, .classes = 8, .quanta = {[3] = 65535}};
    expect_pause(&pause, hex_xoff);
    pause.quanta[3] = 0;
    expect_pause(&pause, hex_xon);
    pause = (FramePause){.from_mac = {2, 0, 0, 0, 0, 1}, .all = true, .quanta = {65535}};
    expect_pause(&pause, hex_pause);
    uint8_t bytes[256];
    size_t n = frame_from_hex(hex_write, bytes);
    ck_assert_int_eq(frame_parse_pause(bytes, n, &pause), FRAME_OTHER);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("frame");
    TCase *tcase = tcase_create("frame");
    tcase_add_test(tcase, test_goodput);
    tcase_add_test(tcase, test_control_sizes);
    tcase_add_test(tcase, test_padding_and_minimum);
    tcase_add_test(tcase, test_v2_data);
    tcase_add_test(tcase, test_v2_control);
    tcase_add_test(tcase, test_v1_and_ipv6);
    tcase_add_test(tcase, test_round_trip);
    tcase_add_test(tcase, test_cut_short);
    tcase_add_test(tcase, test_damage);
    tcase_add_test(tcase, test_errors_named);
    tcase_add_test(tcase, test_source_port);
    tcase_add_test(tcase, test_udp_checksum);
    tcase_add_test(tcase, test_crc);
    tcase_add_test(tcase, test_pauses);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
