/* links: rackcast_models */
#include <check.h>
#include <stdlib.h>
#include <string.h>

#include "models/frame/frame.h"

static FrameUdp sample(void) {
    return (FrameUdp){.net = {.to_mac = {2, 1, 1, 1, 1, 1},
                              .from_mac = {2, 2, 2, 2, 2, 2},
                              .hop_limit = 64,
                              .from_ip = {10, 1, 2, 3},
                              .to_ip = {10, 4, 5, 6}},
                      .from_port = 3343,
                      .to_port = 3344,
                      .payload = (const uint8_t *)"abc",
                      .payload_bytes = 3};
}

START_TEST(fields_stand_where_udp_wants_them) {
    uint8_t out[100];
    FrameUdp f = sample();
    memset(out, 0xEE, sizeof out);
    ck_assert_uint_eq(frame_build_udp(&f, out, sizeof out), 60);
    /* RFC 768; the checksum was computed by another program */
    static const uint8_t udp[] = {0x0D, 0x0F, 0x0D, 0x10, 0, 11, 0x00, 0x00, 'a', 'b', 'c'};
    ck_assert_mem_eq(out + 12, "\x08\x00\x45", 3);
    ck_assert_uint_eq(out[14 + 9], 17);
    ck_assert_mem_eq(out + 34, udp, 6);
    ck_assert_uint_eq(out[40] << 8 | out[41], 0x0649);
    ck_assert_mem_eq(out + 42, udp + 8, 3);
    for (int i = 45; i < 60; i++)
        ck_assert_uint_eq(out[i], 0);
    ck_assert_uint_eq(out[60], 0xEE);

    f.ipv6 = f.net.tagged = true;
    for (int i = 0; i < 16; i++) {
        f.net.from_ip[i] = (uint8_t)(1 + i);
        f.net.to_ip[i] = (uint8_t)(17 + i);
    }
    ck_assert_uint_eq(frame_build_udp(&f, out, sizeof out), 14 + 4 + 40 + 11);
    ck_assert_mem_eq(out + 58, udp, 6);
    ck_assert_uint_eq(out[64] << 8 | out[65], 0x2046);
}
END_TEST

/* A sum of 0 is sent as ones: 0 would say that there is none. */
START_TEST(a_checksum_is_never_zero) {
    uint8_t out[100], payload[2];
    FrameUdp f = sample();
    f.payload = payload;
    f.payload_bytes = 2;
    bool ones = false;
    for (uint32_t i = 0; i < 65536; i++) {
        payload[0] = (uint8_t)(i >> 8);
        payload[1] = (uint8_t)i;
        frame_build_udp(&f, out, sizeof out);
        ck_assert(out[40] || out[41]);
        ones |= out[40] == 0xFF && out[41] == 0xFF;
    }
    ck_assert(ones);
}
END_TEST

START_TEST(sizes_hold_their_minimum) {
    ck_assert_uint_eq(frame_udp_bytes(false, false, 0), 64);
    ck_assert_uint_eq(frame_udp_bytes(false, false, 18), 64);
    ck_assert_uint_eq(frame_udp_bytes(false, false, 19), 65);
    ck_assert_uint_eq(frame_udp_bytes(true, true, 100), 14 + 4 + 40 + 8 + 100 + 4);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("frame_udp");
    TCase *tests = tcase_create("frame_udp");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, fields_stand_where_udp_wants_them);
    tcase_add_test(tests, a_checksum_is_never_zero);
    tcase_add_test(tests, sizes_hold_their_minimum);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
