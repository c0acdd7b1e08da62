/* links: rackcast_models sim_base */
/* test_frame_tcp.c: TCP segments and the FPDUs of iWARP in them: sizes, bytes that Wireshark's
 * dissectors found whole (checksums and CRC32C right, also with markers), and bytes that are none.
 */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "models/frame/frame.h"
#include "tests/unit/frame_hex.h"

static const uint8_t counting[32] = {0,  1,  2,  3,  4,  5,  6,  7,  8,  9,  10,
                                     11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21,
                                     22, 23, 24, 25, 26, 27, 28, 29, 30, 31};

/* --- TCP --- */

static const char hex_syn[] =
    "02000000000202000000000108004502004000014000400626b30a0000010a000002c3501545000003e8"
    "00000000b0c2ffff44b40000020405b4010104020101080a000000050000000001030308";
static const char hex_sack[] =
    "020000000001020000000002810062c786dd6030000000410640fe800000000000000000000000000002"
    "fe8000000000000000000000000000011545c35200001b6d000005dcf018ffffb75900000101080a0000"
    "0005000000050101051a000007d0000009c400000bb800000dac00000fa0000011940001020304";

static FrameTcp syn(void) {
    return (FrameTcp){.net = {.to_mac = {2, 0, 0, 0, 0, 2},
                              .from_mac = {2, 0, 0, 0, 0, 1},
                              .traffic_class = FRAME_ECN_ECT0,
                              .ip_id = 1,
                              .hop_limit = 64,
                              .from_ip = {10, 0, 0, 1},
                              .to_ip = {10, 0, 0, 2}},
                      .from_port = 50000,
                      .to_port = FRAME_TCP_PORT_IWARP,
                      .seq = 1000,
                      .flags = FRAME_TCP_SYN | FRAME_TCP_ECE | FRAME_TCP_CWR,
                      .window = 65535,
                      .mss = 1460,
                      .sack_permitted = true,
                      .stamped = true,
                      .stamp = 5,
                      .scaled = true,
                      .scale = 8};
}

static FrameTcp sack(void) {
    return (FrameTcp){.ipv6 = true,
                      .net = {.to_mac = {2, 0, 0, 0, 0, 1},
                              .from_mac = {2, 0, 0, 0, 0, 2},
                              .tagged = true,
                              .pcp = 3,
                              .vid = 711,
                              .traffic_class = FRAME_ECN_CE,
                              .hop_limit = 64,
                              .from_ip = {0xFE, 0x80, [15] = 2},
                              .to_ip = {0xFE, 0x80, [15] = 1}},
                      .from_port = FRAME_TCP_PORT_IWARP,
                      .to_port = 50002,
                      .seq = 7021,
                      .ack = 1500,
                      .flags = FRAME_TCP_ACK | FRAME_TCP_PSH,
                      .window = 65535,
                      .stamped = true,
                      .stamp = 5,
                      .echo = 5,
                      .sacks = 3,
                      .sack = {{2000, 2500}, {3000, 3500}, {4000, 4500}},
                      .payload = counting,
                      .payload_bytes = 5};
}

static void expect_same(const FrameTcp *a, const FrameTcp *b) {
    ck_assert(a->ipv6 == b->ipv6 && a->net.tagged == b->net.tagged);
    ck_assert(a->net.pcp == b->net.pcp && a->net.dei == b->net.dei && a->net.vid == b->net.vid);
    ck_assert_mem_eq(a->net.to_mac, b->net.to_mac, 6);
    ck_assert_mem_eq(a->net.from_mac, b->net.from_mac, 6);
    ck_assert_mem_eq(a->net.from_ip, b->net.from_ip, 16);
    ck_assert_mem_eq(a->net.to_ip, b->net.to_ip, 16);
    ck_assert_uint_eq(a->net.traffic_class, b->net.traffic_class);
    ck_assert_uint_eq(a->net.flow_label, b->net.flow_label);
    ck_assert(a->net.ip_id == b->net.ip_id && a->net.hop_limit == b->net.hop_limit);
    ck_assert(a->from_port == b->from_port && a->to_port == b->to_port);
    ck_assert(a->seq == b->seq && a->ack == b->ack && a->flags == b->flags);
    ck_assert(a->window == b->window && a->urgent == b->urgent && a->mss == b->mss);
    ck_assert(a->sack_permitted == b->sack_permitted && a->stamped == b->stamped);
    ck_assert(a->stamp == b->stamp && a->echo == b->echo);
    ck_assert(a->scaled == b->scaled && a->scale == b->scale && a->sacks == b->sacks);
    ck_assert_mem_eq(a->sack, b->sack, sizeof a->sack);
    ck_assert_uint_eq(a->payload_bytes, b->payload_bytes);
    if (a->payload_bytes) ck_assert_mem_eq(a->payload, b->payload, a->payload_bytes);
}

static void expect_bytes(const FrameTcp *f, const char *hex) {
    uint8_t want[256], got[256];
    size_t n = frame_from_hex(hex, want);
    ck_assert_uint_eq(frame_build_tcp(f, got, sizeof got), n);
    ck_assert_mem_eq(got, want, n);
    FrameTcp read;
    ck_assert_int_eq(frame_parse_tcp(want, n, &read), FRAME_OK);
    expect_same(&read, f);
}

START_TEST(test_tcp_vectors) {
    FrameTcp a = syn(), b = sack();
    expect_bytes(&a, hex_syn);
    expect_bytes(&b, hex_sack);
}
END_TEST

START_TEST(test_tcp_sizes) {
    FrameTcp a = syn(), b = sack();
    ck_assert_uint_eq(frame_tcp_options(&a), 24);
    ck_assert_uint_eq(frame_tcp_options(&b), FRAME_TCP_MAX_OPTIONS);
    ck_assert_uint_eq(frame_tcp_data_options(false, 0), 0);
    ck_assert_uint_eq(frame_tcp_data_options(true, 0), 12);
    ck_assert_uint_eq(frame_tcp_data_options(false, 4), 36);
    ck_assert_uint_eq(frame_tcp_payload(false, 0, 1500), 1460);
    ck_assert_uint_eq(frame_tcp_payload(true, 12, 9000), 8928);
    ck_assert_uint_eq(frame_tcp_line_bytes(false, false, 0, 1460), 1538);
    ck_assert_uint_eq(frame_tcp_line_bytes(false, true, 12, 1448), 1542);
    ck_assert_uint_eq(frame_tcp_line_bytes(true, false, 12, 1428), 1538);
    ck_assert_uint_eq(frame_tcp_bytes(false, false, 0, 0), FRAME_MIN_BYTES); /* 58 alone */
    ck_assert_uint_eq(frame_tcp_bytes(false, true, 12, 0), 74);
}
END_TEST

/* Every set of options with payloads even and odd comes back as it was built. */
START_TEST(test_tcp_round_trip) {
    for (uint32_t i = 0; i < 512; i++) {
        FrameTcp f = i & 1 ? sack() : syn();
        f.mss = i & 2 ? 8960 : 0;
        f.sack_permitted = i & 4;
        f.scaled = i & 8;
        f.scale = f.scaled ? 14 : 0;
        f.stamped = i & 16;
        f.stamp = f.stamped ? UINT32_MAX - i : 0;
        f.echo = f.stamped ? i : 0;
        f.sacks = (uint8_t)(f.mss || f.sack_permitted || f.scaled ? 1 : i >> 5 & 3);
        memset(f.sack, 0, sizeof f.sack);
        for (uint32_t k = 0; k < f.sacks; k++) {
            f.sack[k][0] = UINT32_MAX - 10 * k;
            f.sack[k][1] = 7 + i;
        }
        f.net.flow_label = f.ipv6 ? 0xFFFFF - i : 0;
        f.flags = (uint8_t)i;
        f.window = (uint16_t)(i * 331);
        f.urgent = (uint16_t)(i * 7);
        f.payload = counting;
        f.payload_bytes = i % 32;
        uint8_t bytes[256];
        size_t n = frame_build_tcp(&f, bytes, sizeof bytes);
        FrameTcp read;
        ck_assert_int_eq(frame_parse_tcp(bytes, n, &read), FRAME_OK);
        expect_same(&read, &f);
        ck_assert_uint_eq(
            n + 4, frame_tcp_bytes(f.ipv6, f.net.tagged, frame_tcp_options(&f), f.payload_bytes));
    }
}
END_TEST

/* MAC addresses, tag, and what routers change in IPv6 lie outside every checksum. */
static bool tcp_uncovered(size_t at, unsigned bit, const FrameTcp *f) {
    size_t network = f->net.tagged ? 18 : 14;
    if (at < 12 || (f->net.tagged && (at == 14 || at == 15))) return true;
    if (at < network || !f->ipv6) return false;
    size_t in = at - network;
    return (in == 0 && bit < 4) || (in >= 1 && in <= 3) || in == 7;
}

/* Cut anywhere or with any bit turned over, a segment is refused; read from a block of exactly its
 * size, so that a sanitizer sees any step beyond. */
START_TEST(test_tcp_damage) {
    const char *const vectors[] = {hex_syn, hex_sack};
    for (size_t v = 0; v < 2; v++) {
        uint8_t bytes[256];
        size_t n = frame_from_hex(vectors[v], bytes);
        FrameTcp whole, f;
        ck_assert_int_eq(frame_parse_tcp(bytes, n, &whole), FRAME_OK);
        for (size_t cut = 0; cut < n; cut++) {
            uint8_t *block = malloc(cut ? cut : 1);
            memcpy(block, bytes, cut);
            ck_assert_int_eq(frame_parse_tcp(block, cut, &f), FRAME_SHORT);
            free(block);
        }
        for (size_t i = 0; i < 8 * n; i++) {
            size_t at = i / 8;
            unsigned bit = i % 8;
            uint8_t *block = malloc(n);
            memcpy(block, bytes, n);
            block[at] ^= (uint8_t)(1u << bit);
            bool good = frame_parse_tcp(block, n, &f) == FRAME_OK;
            ck_assert_msg(good == tcp_uncovered(at, bit, &whole), "%zu byte %zu bit %u", v, at,
                          bit);
            free(block);
        }
    }
}
END_TEST

static FrameError tcp_with_byte(const char *hex, size_t at, uint8_t value) {
    uint8_t bytes[256];
    size_t n = frame_from_hex(hex, bytes);
    bytes[at] = value;
    FrameTcp f;
    return frame_parse_tcp(bytes, n, &f);
}

START_TEST(test_tcp_errors_named) {
    ck_assert_int_eq(tcp_with_byte(hex_syn, 12, 0x88), FRAME_OTHER);
    ck_assert_int_eq(tcp_with_byte(hex_syn, 23, 17), FRAME_OTHER);       /* UDP */
    ck_assert_int_eq(tcp_with_byte(hex_syn, 24, 0), FRAME_HEADER);       /* IPv4's checksum */
    ck_assert_int_eq(tcp_with_byte(hex_syn, 46, 0x40), FRAME_LENGTH);    /* a header of 16 bytes */
    ck_assert_int_eq(tcp_with_byte(hex_syn, 46, 0xF0), FRAME_LENGTH);    /* one of 60 */
    ck_assert_int_eq(tcp_with_byte(hex_syn, 55, 3), FRAME_LENGTH);       /* MSS of 3 bytes */
    ck_assert_int_eq(tcp_with_byte(hex_syn, 55, 1), FRAME_LENGTH);       /* of 1 */
    ck_assert_int_eq(tcp_with_byte(hex_syn, 77, 9), FRAME_BAD_CHECKSUM); /* scale */
    ck_assert_int_eq(tcp_with_byte(hex_syn, 54, 0x4D), FRAME_BAD_CHECKSUM); /* unknown option */
}
END_TEST

/* --- iWARP --- */

static const char hex_read[] =
    "002e4141000000000000000100000002000000000000000100000000000010000000100000000002"
    "0000000000002000989200cb";
static const char hex_invalidate[] =
    "001f414400000007000000000000000500000000000102030405060708090a0b0c0000002b0142ce";
/* The same FPDU at the stream's beginning, behind a marker, and 40 bytes before the next, which
 * falls between pad and CRC. */
static const char hex_first[] =
    "0000000000248140000012340000000000008000000102030405060708090a0b0c0d0e0f10111213"
    "14150000d2aac8c8";
static const char hex_before_crc[] =
    "00248140000012340000000000008000000102030405060708090a0b0c0d0e0f1011121314150000"
    "0000002886ff68c0";

static FrameIwarp iwarp_read(void) {
    return (FrameIwarp){.opcode = FRAME_IWARP_READ_REQUEST,
                        .last = true,
                        .msn = 2,
                        .sink_tag = 1,
                        .source_tag = 2,
                        .sink_offset = 0x1000,
                        .source_offset = 0x2000,
                        .length = 4096};
}

static FrameIwarp iwarp_write(uint32_t payload) {
    return (FrameIwarp){.opcode = FRAME_IWARP_WRITE,
                        .tag = 0x1234,
                        .offset = 0x8000,
                        .payload = counting,
                        .payload_bytes = payload};
}

static void expect_same_fpdu(const FrameIwarp *a, const FrameIwarp *b) {
    ck_assert(a->opcode == b->opcode && a->last == b->last);
    ck_assert(a->tag == b->tag && a->offset == b->offset && a->invalidate == b->invalidate);
    ck_assert(a->msn == b->msn && a->message_offset == b->message_offset);
    ck_assert(a->sink_tag == b->sink_tag && a->source_tag == b->source_tag);
    ck_assert(a->sink_offset == b->sink_offset && a->source_offset == b->source_offset);
    ck_assert(a->length == b->length && a->payload_bytes == b->payload_bytes);
    for (uint32_t i = 0; i < a->payload_bytes; i++)
        ck_assert_uint_eq(a->payload[i], b->payload ? b->payload[i] : 0);
}

/* Builds, compares, parses from a block of exactly that size; returns the bytes. */
static size_t there_and_back(const FrameIwarp *f, uint64_t position, const char *hex) {
    uint8_t want[256], *got = malloc(FRAME_IWARP_MAX_FPDU), *scratch = malloc(2048);
    size_t n = frame_build_iwarp(f, position, got, FRAME_IWARP_MAX_FPDU), used = 0;
    uint32_t alone = frame_iwarp_bytes(f->opcode, f->payload_bytes);
    bool marked = position != FRAME_IWARP_UNMARKED;
    ck_assert_uint_eq(n, alone + (marked ? frame_iwarp_marker_bytes(position, alone) : 0));
    if (hex) {
        ck_assert_uint_eq(n, frame_from_hex(hex, want));
        ck_assert_mem_eq(got, want, n);
    }
    got = realloc(got, n);
    FrameIwarp read;
    ck_assert_int_eq(frame_parse_iwarp(got, n, position, scratch, &read, &used), FRAME_OK);
    ck_assert_uint_eq(used, n);
    expect_same_fpdu(&read, f);
    free(got);
    free(scratch);
    return n;
}

START_TEST(test_iwarp_vectors) {
    FrameIwarp f = iwarp_read();
    there_and_back(&f, FRAME_IWARP_UNMARKED, hex_read);
    f = (FrameIwarp){.opcode = FRAME_IWARP_SEND_INV,
                     .last = true,
                     .msn = 5,
                     .invalidate = 7,
                     .payload = counting,
                     .payload_bytes = 13};
    there_and_back(&f, FRAME_IWARP_UNMARKED, hex_invalidate);
    f = iwarp_write(22);
    there_and_back(&f, 0, hex_first);
    there_and_back(&f, 512 - 40, hex_before_crc);
}
END_TEST

START_TEST(test_iwarp_sizes) {
    static const uint32_t untagged[] = {24, 28, 28, 28, 28, 32};
    for (uint32_t payload = 0; payload < 6; payload++)
        ck_assert_uint_eq(frame_iwarp_bytes(FRAME_IWARP_SEND, payload), untagged[payload]);
    ck_assert_uint_eq(frame_iwarp_bytes(FRAME_IWARP_WRITE, 1440), 1460);
    ck_assert_uint_eq(frame_iwarp_bytes(FRAME_IWARP_READ_REQUEST, 0), 52);
    ck_assert_uint_eq(frame_iwarp_payload(FRAME_IWARP_WRITE, 1460, false), 1440);
    ck_assert_uint_eq(frame_iwarp_payload(FRAME_IWARP_WRITE, 1448, false), 1428);
    ck_assert_uint_eq(frame_iwarp_payload(FRAME_IWARP_WRITE, 8960, false), 8940);
    ck_assert_uint_eq(frame_iwarp_payload(FRAME_IWARP_WRITE, 1460, true), 1428);
    ck_assert_uint_eq(frame_iwarp_payload(FRAME_IWARP_SEND, 1461, false), 1436); /* aligned */
    ck_assert_uint_eq(frame_iwarp_payload(FRAME_IWARP_SEND, 20, false), 0);
    ck_assert_uint_eq(frame_iwarp_payload(FRAME_IWARP_READ_REQUEST, 1460, false), 0);
    /* A marker due behind the last byte belongs to the next FPDU. */
    ck_assert_uint_eq(frame_iwarp_marker_bytes(0, 508), 4);
    ck_assert_uint_eq(frame_iwarp_marker_bytes(0, 512), 8);
    ck_assert_uint_eq(frame_iwarp_marker_bytes(4, 508), 0);
    ck_assert_uint_eq(frame_iwarp_marker_bytes(516, 512), 4);
    ck_assert(frame_iwarp_tagged(FRAME_IWARP_READ_RESPONSE) &&
              !frame_iwarp_tagged(FRAME_IWARP_SEND));
    ck_assert_str_eq(frame_iwarp_name(1), "READ_REQUEST");
    ck_assert_ptr_null(frame_iwarp_name(FRAME_IWARP_OPCODES));
}
END_TEST

START_TEST(test_iwarp_round_trip) {
    for (uint32_t op = 0; op < FRAME_IWARP_OPCODES; op++) {
        for (uint32_t i = 0; i < 12; i++) {
            bool tagged = frame_iwarp_tagged((FrameIwarpOpcode)op);
            FrameIwarp f = op == FRAME_IWARP_READ_REQUEST ? iwarp_read() : (FrameIwarp){0};
            f.opcode = (FrameIwarpOpcode)op;
            f.last = i & 1;
            f.tag = tagged ? UINT32_MAX - i : 0;
            f.offset = tagged ? UINT64_MAX - i : 0;
            f.msn = tagged ? 0 : UINT32_MAX - i;
            f.message_offset = tagged ? 0 : 1000 * i;
            bool invalidates = op == FRAME_IWARP_SEND_INV || op == FRAME_IWARP_SEND_SE_INV;
            f.invalidate = invalidates ? 0xDEADBEEF : 0;
            f.payload_bytes = op == FRAME_IWARP_READ_REQUEST ? 0 : 131 * i;
            there_and_back(&f, FRAME_IWARP_UNMARKED, NULL);
            there_and_back(&f, 4 * i, NULL);
        }
    }
}
END_TEST

/* What an opcode has no room for leaves no trace. */
START_TEST(test_iwarp_ignored) {
    FrameIwarp f = {.opcode = FRAME_IWARP_SEND, .msn = 1, .payload_bytes = 3}, g = f;
    g.invalidate = g.tag = g.sink_tag = 7;
    g.offset = 9;
    uint8_t a[64], b[64];
    size_t n = frame_build_iwarp(&f, FRAME_IWARP_UNMARKED, a, sizeof a);
    ck_assert_uint_eq(frame_build_iwarp(&g, FRAME_IWARP_UNMARKED, b, sizeof b), n);
    ck_assert_mem_eq(a, b, n);
}
END_TEST

/* A stream of marked FPDUs: markers stand at every multiple of 512 and nowhere else, and point to
 * the length field of their FPDU; none exceeds its segment. */
START_TEST(test_iwarp_markers) {
    const uint32_t room = 1460, payload = frame_iwarp_payload(FRAME_IWARP_WRITE, room, true);
    static const uint8_t ones[1460] = {[0 ... 1459] = 0xFF};
    uint8_t fpdu[1500], plain[1500];
    uint64_t position = 0, markers = 0, expected = 0;
    bool filled = false;
    for (uint32_t i = 0; i < 600; i++) {
        FrameIwarp f = iwarp_write(i % 3 ? payload : 41 + 4 * i % 61);
        f.payload = ones;
        size_t n = frame_build_iwarp(&f, position, fpdu, sizeof fpdu), out = 0;
        filled |= n == room;
        ck_assert_uint_le(n, room);
        size_t first = position % 512 ? 0 : 4; /* where the length field stands */
        for (size_t at = 0; at < n; at++) {
            if ((position + at) % 512 == 0) {
                uint32_t pointer = (uint32_t)(at ? at - first : 0);
                ck_assert_uint_eq(fpdu[at] << 24 | fpdu[at + 1] << 16 | fpdu[at + 2] << 8 |
                                      fpdu[at + 3],
                                  pointer);
                markers++;
                at += 3;
            } else {
                plain[out++] = fpdu[at];
            }
        }
        uint8_t alone[1500];
        ck_assert_uint_eq(frame_build_iwarp(&f, FRAME_IWARP_UNMARKED, alone, sizeof alone), out);
        ck_assert_mem_eq(plain, alone, out - 4); /* but for the CRC */
        position += n;
    }
    for (uint64_t at = 0; at < position; at += 512)
        expected++;
    ck_assert_uint_eq(markers, expected);
    ck_assert(filled); /* and MULPDU leaves no room unused where three markers fall into one */
}
END_TEST

/* Every cut asks for more; every bit turned over is found, at the latest by the CRC, or, in the
 * length field, asks for more than there is. */
static void damage(const char *hex, uint64_t position) {
    uint8_t bytes[256], scratch[FRAME_IWARP_MAX_FPDU];
    size_t n = frame_from_hex(hex, bytes), used;
    FrameIwarp f;
    for (size_t cut = 0; cut < n; cut++) {
        uint8_t *block = malloc(cut ? cut : 1);
        memcpy(block, bytes, cut);
        ck_assert_int_eq(frame_parse_iwarp(block, cut, position, scratch, &f, &used), FRAME_SHORT);
        ck_assert(used == 0 || used == n);
        free(block);
    }
    for (size_t i = 0; i < 8 * n; i++) {
        /* Reserved bits, a queue or a marker's upper half may be judged before the CRC. */
        bytes[i / 8] ^= (uint8_t)(1u << i % 8);
        ck_assert_int_ne(frame_parse_iwarp(bytes, n, position, scratch, &f, &used), FRAME_OK);
        bytes[i / 8] ^= (uint8_t)(1u << i % 8);
    }
}

START_TEST(test_iwarp_damage) {
    damage(hex_read, FRAME_IWARP_UNMARKED);
    damage(hex_invalidate, FRAME_IWARP_UNMARKED);
    damage(hex_first, 0);
    damage(hex_before_crc, 512 - 40);
}
END_TEST

static FrameError iwarp_with_byte(const char *hex, uint64_t position, size_t at, uint8_t value) {
    uint8_t bytes[256], scratch[FRAME_IWARP_MAX_FPDU];
    size_t n = frame_from_hex(hex, bytes), used;
    bytes[at] = value;
    FrameIwarp f;
    return frame_parse_iwarp(bytes, n, position, scratch, &f, &used);
}

START_TEST(test_iwarp_errors_named) {
    const uint64_t none = FRAME_IWARP_UNMARKED;
    ck_assert_int_eq(iwarp_with_byte(hex_invalidate, none, 20, 9), FRAME_BAD_CRC);
    ck_assert_int_eq(iwarp_with_byte(hex_invalidate, none, 2, 0x42), FRAME_HEADER);
    ck_assert_int_eq(iwarp_with_byte(hex_invalidate, none, 2, 0xC1), FRAME_HEADER); /* tagged */
    ck_assert_int_eq(iwarp_with_byte(hex_invalidate, none, 3, 0x84), FRAME_HEADER);
    ck_assert_int_eq(iwarp_with_byte(hex_invalidate, none, 3, 0x4F), FRAME_BAD_OPCODE);
    ck_assert_int_eq(iwarp_with_byte(hex_invalidate, none, 3, 0x41), FRAME_HEADER); /* queue 1 */
    ck_assert_int_eq(iwarp_with_byte(hex_read, none, 1, 0x2D), FRAME_LENGTH);
    ck_assert_int_eq(iwarp_with_byte(hex_read, none, 1, 0x05), FRAME_LENGTH);
    ck_assert_int_eq(iwarp_with_byte(hex_read, none, 1, 0x01), FRAME_LENGTH);
    ck_assert_int_eq(iwarp_with_byte(hex_read, none, 1, 0xFF), FRAME_SHORT);
    ck_assert_int_eq(iwarp_with_byte(hex_first, 0, 3, 4), FRAME_BAD_MARKER);
    ck_assert_int_eq(iwarp_with_byte(hex_before_crc, 472, 43, 36), FRAME_BAD_MARKER);
}
END_TEST

START_TEST(test_mpa_start) {
    uint8_t want[64], got[64];
    FrameMpaStart start = {.markers = true, .crc = true, .revision = 1}, read;
    size_t n = frame_from_hex("4d504120494420526571204672616d65c0010000", want);
    ck_assert_uint_eq(frame_build_mpa_start(&start, got, sizeof got), n);
    ck_assert_uint_eq(n, FRAME_MPA_START_BYTES);
    ck_assert_mem_eq(got, want, n);
    start = (FrameMpaStart){.reply = true, .rejected = true, .revision = 2};
    n = frame_from_hex("4d504120494420526570204672616d6520020000", want);
    ck_assert_uint_eq(frame_build_mpa_start(&start, got, sizeof got), n);
    ck_assert_mem_eq(got, want, n);
    ck_assert_int_eq(frame_parse_mpa_start(want, n, &read), FRAME_OK);
    ck_assert(read.reply && read.rejected && !read.crc && !read.markers && read.revision == 2);
    ck_assert_int_eq(frame_parse_mpa_start(want, n - 1, &read), FRAME_SHORT);
    want[19] = 4; /* private data */
    ck_assert_int_eq(frame_parse_mpa_start(want, n, &read), FRAME_LENGTH);
    want[0] = 'm';
    ck_assert_int_eq(frame_parse_mpa_start(want, n, &read), FRAME_OTHER);
}
END_TEST

/* Check values of RFC 3720, appendix B.4, and of the catalogue of CRCs. */
START_TEST(test_crc32c) {
    static const uint8_t zeros[32];
    ck_assert_uint_eq(frame_crc32c(0, (const uint8_t *)"123456789", 9), 0xE3069283);
    ck_assert_uint_eq(frame_crc32c(0, zeros, 32), 0x8A9136AA);
    ck_assert_uint_eq(frame_crc32c(0, counting, 32), 0x46DD794E);
    ck_assert_uint_eq(frame_crc32c(frame_crc32c(0, zeros, 5), zeros, 27), 0x8A9136AA);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("frame_tcp");
    TCase *tcase = tcase_create("frame_tcp");
    tcase_add_test(tcase, test_tcp_vectors);
    tcase_add_test(tcase, test_tcp_sizes);
    tcase_add_test(tcase, test_tcp_round_trip);
    tcase_add_test(tcase, test_tcp_damage);
    tcase_add_test(tcase, test_tcp_errors_named);
    tcase_add_test(tcase, test_iwarp_vectors);
    tcase_add_test(tcase, test_iwarp_sizes);
    tcase_add_test(tcase, test_iwarp_round_trip);
    tcase_add_test(tcase, test_iwarp_ignored);
    tcase_add_test(tcase, test_iwarp_markers);
    tcase_add_test(tcase, test_iwarp_damage);
    tcase_add_test(tcase, test_iwarp_errors_named);
    tcase_add_test(tcase, test_mpa_start);
    tcase_add_test(tcase, test_crc32c);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
