/* links: rackcast_models sim_base */
/* test_goodput.c: what a saturated line carries: the sizes that the simulator charges, against the
 * closed form with every header counted by hand, and against the table computed from it elsewhere.
 *
 *     goodput = rate x payload / (payload + headers + 20)
 *
 * Time is counted as the engine does: 10 Gb/s is 80 ticks of 10 ps a byte. */
#include <check.h>
#include <stdlib.h>

#include "models/frame/frame.h"

#define RATES 6
static const uint32_t gbps[RATES] = {10, 25, 40, 50, 100, 200};
static const uint32_t payloads[] = {256, 512, 1024, 2048, 4096};
#define PAYLOADS (sizeof payloads / sizeof *payloads)

static uint64_t ticks(uint64_t line_bytes, uint32_t rate) {
    return line_bytes * (800 / rate);
}

/* Goodput in kbit/s of `bytes` in `time` ticks, rounded down. */
static uint64_t goodput(uint64_t bytes, uint64_t time) {
    return bytes * 800000000 / time;
}

/* Within a thousandth of `rate` x `part` / `whole`. */
static void expect_formula(uint64_t got, uint32_t rate, uint64_t part, uint64_t whole) {
    uint64_t want = (uint64_t)rate * 1000000 * part / whole;
    uint64_t off = got > want ? got - want : want - got;
    ck_assert_msg(off * 1000 <= want, "%lu, the formula says %lu", (unsigned long)got,
                  (unsigned long)want);
    ck_assert_uint_le(off, 1); /* and exactly, but for the rounding */
}

/* --- RoCE --- */

/* Ethernet 14, tag 4, GRH 40 or IP and UDP 28 or 48, BTH 12, ICRC 4, FCS 4, preamble and gap 20. */
static uint32_t roce_overhead(FrameKind kind, bool tagged) {
    static const uint32_t network[] = {40, 28, 48};
    return 14 + (tagged ? 4 : 0) + network[kind] + 12 + 4 + 4 + 20;
}

START_TEST(test_overheads) {
    static const uint32_t untagged[] = {94, 82, 102}, tag[] = {98, 86, 106};
    for (int kind = 0; kind < FRAME_KINDS; kind++) {
        ck_assert_uint_eq(roce_overhead((FrameKind)kind, false), untagged[kind]);
        ck_assert_uint_eq(roce_overhead((FrameKind)kind, true), tag[kind]);
    }
}
END_TEST

/* An endless WRITE, every kind, tag, MTU and rate. */
START_TEST(test_roce) {
    for (int i = 0; i < FRAME_KINDS * 2; i++) {
        FrameKind kind = (FrameKind)(i / 2);
        bool tagged = i % 2;
        for (size_t m = 0; m < PAYLOADS; m++) {
            for (int r = 0; r < RATES; r++) {
                uint32_t line = frame_line_bytes(kind, tagged, FRAME_WRITE_MIDDLE, payloads[m]);
                expect_formula(goodput(payloads[m], ticks(line, gbps[r])), gbps[r], payloads[m],
                               payloads[m] + roce_overhead(kind, tagged));
            }
        }
    }
}
END_TEST

/* Line bytes of a message of `packets` full ones. */
static uint64_t message(FrameKind kind, const FrameOpcode ops[4], uint32_t payload, int packets) {
    uint64_t bytes = 0;
    for (int i = 0; i < packets; i++) {
        bool first = i == 0, last = i == packets - 1;
        FrameOpcode op = first && last ? ops[3] : first ? ops[0] : last ? ops[2] : ops[1];
        bytes += frame_line_bytes(kind, true, op, payload);
    }
    return bytes;
}

/* Whole messages: RETH once a WRITE; AETH on the first and the last response of a READ. */
START_TEST(test_messages) {
    static const FrameOpcode writes[] = {FRAME_WRITE_FIRST, FRAME_WRITE_MIDDLE, FRAME_WRITE_LAST,
                                         FRAME_WRITE_ONLY};
    static const FrameOpcode reads[] = {FRAME_READ_FIRST, FRAME_READ_MIDDLE, FRAME_READ_LAST,
                                        FRAME_READ_ONLY};
    static const FrameOpcode sends[] = {FRAME_SEND_FIRST, FRAME_SEND_MIDDLE, FRAME_SEND_LAST,
                                        FRAME_SEND_ONLY};
    for (int i = 0; i < FRAME_KINDS * RATES; i++) {
        FrameKind kind = (FrameKind)(i / RATES);
        uint32_t rate = gbps[i % RATES];
        for (size_t m = 0; m < PAYLOADS; m++) {
            for (int packets = 1; packets <= 64; packets *= 4) {
                uint64_t bytes = (uint64_t)payloads[m] * (unsigned)packets;
                uint64_t bare = bytes + (uint64_t)packets * roce_overhead(kind, true);
                uint64_t took = ticks(message(kind, writes, payloads[m], packets), rate);
                expect_formula(goodput(bytes, took), rate, bytes, bare + 16);
                took = ticks(message(kind, reads, payloads[m], packets), rate);
                expect_formula(goodput(bytes, took), rate, bytes, bare + (packets > 1 ? 8 : 4));
                took = ticks(message(kind, sends, payloads[m], packets), rate);
                expect_formula(goodput(bytes, took), rate, bytes, bare);
            }
        }
    }
}
END_TEST

/* The same formula evaluated elsewhere: Gb/s in hundredths. */
static const struct {
    FrameKind kind;
    bool tagged;
    uint32_t payload, want[RATES];
} table[] = {
    {FRAME_V1, true, 256, {723, 1808, 2893, 3616, 7232, 14463}},
    {FRAME_V1, true, 512, {839, 2098, 3357, 4197, 8393, 16787}},
    {FRAME_V1, true, 1024, {913, 2282, 3651, 4563, 9127, 18253}},
    {FRAME_V1, true, 2048, {954, 2386, 3817, 4772, 9543, 19087}},
    {FRAME_V1, true, 4096, {977, 2442, 3907, 4883, 9766, 19533}},
    {FRAME_V2_IPV4, false, 256, {757, 1893, 3030, 3787, 7574, 15148}},
    {FRAME_V2_IPV4, false, 512, {862, 2155, 3448, 4310, 8620, 17239}},
    {FRAME_V2_IPV4, false, 1024, {926, 2315, 3703, 4629, 9259, 18517}},
    {FRAME_V2_IPV4, false, 2048, {962, 2404, 3846, 4808, 9615, 19230}},
    {FRAME_V2_IPV4, false, 4096, {980, 2451, 3921, 4902, 9804, 19607}},
    {FRAME_V2_IPV4, true, 256, {749, 1871, 2994, 3743, 7485, 14971}},
    {FRAME_V2_IPV4, true, 512, {856, 2140, 3425, 4281, 8562, 17124}},
    {FRAME_V2_IPV4, true, 1024, {923, 2306, 3690, 4613, 9225, 18450}},
    {FRAME_V2_IPV4, true, 2048, {960, 2399, 3839, 4799, 9597, 19194}},
    {FRAME_V2_IPV4, true, 4096, {979, 2449, 3918, 4897, 9794, 19589}},
    {FRAME_V2_IPV6, true, 1024, {906, 2265, 3625, 4531, 9062, 18124}},
    {FRAME_V2_IPV6, true, 4096, {975, 2437, 3899, 4874, 9748, 19495}},
};

START_TEST(test_table) {
    for (size_t i = 0; i < sizeof table / sizeof *table; i++) {
        uint32_t payload = table[i].payload;
        uint32_t line =
            frame_line_bytes(table[i].kind, table[i].tagged, FRAME_WRITE_MIDDLE, payload);
        for (int r = 0; r < RATES; r++) {
            uint64_t got = goodput(payload, ticks(line, gbps[r]));
            ck_assert_msg((got + 5000) / 10000 == table[i].want[r], "%u bytes, %u Gb/s: %lu kbit/s",
                          payload, gbps[r], (unsigned long)got);
        }
    }
}
END_TEST

/* --- TCP and iWARP --- */

/* Ethernet 14, tag 4, IP 20 or 40, TCP 20, timestamps 12, FCS 4, preamble and gap 20. */
static uint32_t tcp_overhead(bool ipv6, bool tagged, bool stamped) {
    return 14 + (tagged ? 4 : 0) + (ipv6 ? 40 : 20) + 20 + (stamped ? 12 : 0) + 4 + 20;
}

static const uint32_t mtus[] = {1500, 2048, 4096, 9000, 9216};
#define MTUS (sizeof mtus / sizeof *mtus)

START_TEST(test_tcp) {
    for (int i = 0; i < 8 * RATES; i++) {
        bool ipv6 = i & 1, tagged = i & 2, stamped = i & 4;
        uint32_t rate = gbps[i / 8];
        for (size_t m = 0; m < MTUS; m++) {
            uint32_t options = frame_tcp_data_options(stamped, 0);
            uint32_t payload = frame_tcp_payload(ipv6, options, mtus[m]);
            ck_assert_uint_eq(payload, mtus[m] - (ipv6 ? 60 : 40) - (stamped ? 12 : 0));
            uint32_t line = frame_tcp_line_bytes(ipv6, tagged, options, payload);
            expect_formula(goodput(payload, ticks(line, rate)), rate, payload,
                           payload + tcp_overhead(ipv6, tagged, stamped));
        }
    }
}
END_TEST

/* One tagged FPDU a segment: length 2, header 14, CRC 4; it must be a multiple of four, and with
 * markers room is kept for one every 512 bytes or part of them. */
START_TEST(test_iwarp) {
    for (int i = 0; i < 16 * RATES; i++) {
        bool ipv6 = i & 1, tagged = i & 2, stamped = i & 4, markers = i & 8;
        uint32_t rate = gbps[i / 16];
        for (size_t m = 0; m < MTUS; m++) {
            uint32_t options = frame_tcp_data_options(stamped, 0);
            uint32_t mss = frame_tcp_payload(ipv6, options, mtus[m]);
            uint32_t payload = frame_iwarp_payload(FRAME_IWARP_WRITE, mss, markers);
            uint32_t kept = markers ? (mss + 511) / 512 * 4 : 0;
            ck_assert_uint_eq(payload, mss / 4 * 4 - 2 - 14 - 4 - kept);
            /* Every marker that there is room for. */
            uint32_t segment = frame_iwarp_bytes(FRAME_IWARP_WRITE, payload) + kept;
            uint32_t line = frame_tcp_line_bytes(ipv6, tagged, options, segment);
            expect_formula(goodput(payload, ticks(line, rate)), rate, payload,
                           payload + 20 + kept + tcp_overhead(ipv6, tagged, stamped));
        }
    }
}
END_TEST

/* Efficiency in hundredths of a percent over IPv4, untagged. */
static uint32_t efficiency(uint32_t payload, bool stamped, uint32_t segment) {
    uint32_t line = frame_tcp_line_bytes(false, false, frame_tcp_data_options(stamped, 0), segment);
    return (20000 * payload + line) / (2 * line);
}

static uint32_t iwarp_efficiency(uint32_t mtu, bool stamped, bool markers) {
    uint32_t mss = frame_tcp_payload(false, frame_tcp_data_options(stamped, 0), mtu);
    return efficiency(frame_iwarp_payload(FRAME_IWARP_WRITE, mss, markers), stamped, mss);
}

static uint32_t tcp_efficiency(uint32_t mtu, bool stamped) {
    uint32_t mss = frame_tcp_payload(false, frame_tcp_data_options(stamped, 0), mtu);
    return efficiency(mss, stamped, mss);
}

START_TEST(test_efficiencies) {
    ck_assert_uint_eq(iwarp_efficiency(1500, false, false), 9363);
    ck_assert_uint_eq(iwarp_efficiency(1500, true, false), 9285);
    ck_assert_uint_eq(iwarp_efficiency(9000, false, false), 9892);
    ck_assert_uint_eq(iwarp_efficiency(9000, true, false), 9878);
    ck_assert_uint_eq(iwarp_efficiency(1500, false, true), 9363 - 78);
    ck_assert_uint_eq(iwarp_efficiency(9000, false, true), 9892 - 80);
    ck_assert_uint_eq(tcp_efficiency(1500, true), 9415);
    ck_assert_uint_eq(tcp_efficiency(9000, true), 9900);
    ck_assert_uint_eq(tcp_efficiency(1500, false), 9493);
    ck_assert_uint_eq(tcp_efficiency(9000, false), 9914);
}
END_TEST

/* Over a long stream the markers there are, 4 in 512 bytes, cost what they must: a stream of full
 * FPDUs is charged the very bytes that frame_build_iwarp writes. */
START_TEST(test_marked_stream) {
    uint32_t mss = frame_tcp_payload(false, 0, 1500);
    uint32_t payload = frame_iwarp_payload(FRAME_IWARP_WRITE, mss, true);
    uint32_t alone = frame_iwarp_bytes(FRAME_IWARP_WRITE, payload);
    uint64_t position = 0, line = 0, markers = 0;
    for (int i = 0; i < 10000; i++) {
        uint32_t extra = frame_iwarp_marker_bytes(position, alone);
        markers += extra;
        position += alone + extra;
        line += frame_tcp_line_bytes(false, false, 0, alone + extra);
    }
    ck_assert_uint_eq(markers, (position + 511) / 512 * 4);
    ck_assert_uint_eq(line, position + 10000 * (uint64_t)tcp_overhead(false, false, false));
}
END_TEST

int main(void) {
    Suite *suite = suite_create("goodput");
    TCase *tcase = tcase_create("goodput");
    tcase_add_test(tcase, test_overheads);
    tcase_add_test(tcase, test_roce);
    tcase_add_test(tcase, test_messages);
    tcase_add_test(tcase, test_table);
    tcase_add_test(tcase, test_tcp);
    tcase_add_test(tcase, test_iwarp);
    tcase_add_test(tcase, test_efficiencies);
    tcase_add_test(tcase, test_marked_stream);
    suite_add_tcase(suite, tcase);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_ENV);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? 1 : 0;
}
