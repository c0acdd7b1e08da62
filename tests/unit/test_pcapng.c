/* links: sim_report sim_metrics */
#include <check.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "sim/report/pcapng.h"

typedef struct Bytes {
    uint8_t *data;
    size_t size, at;
} Bytes;

static uint64_t next(Bytes *b, unsigned bytes) {
    uint64_t value = 0;
    ck_assert_uint_le(b->at + bytes, b->size);
    for (unsigned i = 0; i < bytes; i++)
        value |= (uint64_t)b->data[b->at++] << 8 * i;
    return value;
}

static void next_text(Bytes *b, unsigned code, const char *text) {
    ck_assert_uint_eq(next(b, 2), code);
    size_t size = next(b, 2);
    ck_assert_uint_eq(size, strlen(text));
    ck_assert_mem_eq(b->data + b->at, text, size);
    b->at += size;
    while (b->at % 4)
        ck_assert_uint_eq(next(b, 1), 0);
}

/* Everything a small capture holds, byte by byte; the figures are the draft's. */
START_TEST(every_byte_is_where_the_format_wants_it) {
    Bytes b = {0};
    FILE *out = open_memstream((char **)&b.data, &b.size);
    SimPcapng *p = sim_pcapng_new(out, "rackcast 1.2.3");
    ck_assert_uint_eq(sim_pcapng_interface(p, "tor1/3", INT64_C(25000000000)), 0);
    const uint8_t frame[6] = {1, 2, 3, 4, 5, 6};
    sim_pcapng_frame(p, 0, INT64_C(5000000000) * SIM_NS + 7, true, frame, sizeof frame, "lost");
    ck_assert(sim_pcapng_free(p));
    fclose(out);

    ck_assert_uint_eq(next(&b, 4), 0x0A0D0D0A); /* section */
    ck_assert_uint_eq(next(&b, 4), 52);
    ck_assert_uint_eq(next(&b, 4), 0x1A2B3C4D);
    ck_assert_uint_eq(next(&b, 4), 1);
    ck_assert_uint_eq(next(&b, 8), UINT64_MAX);
    next_text(&b, 4, "rackcast 1.2.3");
    ck_assert_uint_eq(next(&b, 4), 0);
    ck_assert_uint_eq(next(&b, 4), 52);
    ck_assert_uint_eq(b.at, 52);

    ck_assert_uint_eq(next(&b, 4), 1); /* interface */
    size_t size = next(&b, 4);
    ck_assert_uint_eq(next(&b, 4), 1); /* Ethernet */
    ck_assert_uint_eq(next(&b, 4), 0);
    next_text(&b, 2, "tor1/3");
    ck_assert_uint_eq(next(&b, 4), 8 | 8 << 16); /* bit/s */
    ck_assert_uint_eq(next(&b, 8), UINT64_C(25000000000));
    ck_assert_uint_eq(next(&b, 4), 9 | 1 << 16); /* 10^-9 s */
    ck_assert_uint_eq(next(&b, 4), 9);
    ck_assert_uint_eq(next(&b, 4), 13 | 1 << 16); /* FCS */
    ck_assert_uint_eq(next(&b, 4), 4);
    ck_assert_uint_eq(next(&b, 4), 0);
    ck_assert_uint_eq(next(&b, 4), size);
    ck_assert_uint_eq(b.at, 52 + size);

    size_t begin = b.at;
    ck_assert_uint_eq(next(&b, 4), 6); /* packet */
    size = next(&b, 4);
    ck_assert_uint_eq(next(&b, 4), 0);
    uint64_t high = next(&b, 4);
    ck_assert_uint_eq(high << 32 | next(&b, 4), UINT64_C(5000000000));
    ck_assert_uint_eq(next(&b, 4), 6);
    ck_assert_uint_eq(next(&b, 4), 6);
    for (unsigned i = 1; i <= 6; i++)
        ck_assert_uint_eq(next(&b, 1), i);
    ck_assert_uint_eq(next(&b, 2), 0);
    ck_assert_uint_eq(next(&b, 4), 2 | 4 << 16);
    ck_assert_uint_eq(next(&b, 4), 0x82); /* outbound, FCS of 4 bytes */
    next_text(&b, 1, "5000000000.07 ns");
    next_text(&b, 1, "lost");
    ck_assert_uint_eq(next(&b, 4), 0);
    ck_assert_uint_eq(next(&b, 4), size);
    ck_assert_uint_eq(b.at, begin + size);
    ck_assert_uint_eq(b.at, b.size);
    free(b.data);
}
END_TEST

/* Stamps of the packets of a capture, in ticks, with 10 x interface + outbound behind. */
static size_t order_of(Bytes *b, int64_t (*seen)[2], size_t room) {
    size_t n = 0;
    while (b->at < b->size) {
        size_t begin = b->at;
        uint64_t type = next(b, 4), size = next(b, 4);
        if (type == 6) {
            ck_assert_uint_lt(n, room);
            int64_t interface = (int64_t)next(b, 4);
            b->at = begin + 28 + 4 + 4;
            seen[n][1] = 10 * interface + (next(b, 1) == 0x82);
            b->at = begin + 28 + 4 + 8 + 4;
            int64_t ns = strtoll((char *)b->data + b->at, NULL, 10);
            seen[n++][0] = ns;
        }
        b->at = begin + size;
    }
    return n;
}

START_TEST(packets_stand_in_the_order_of_their_stamps) {
    enum { N = 2000, WINDOW = 50 };
    Bytes b = {0};
    FILE *out = open_memstream((char **)&b.data, &b.size);
    SimPcapng *p = sim_pcapng_new(out, "x");
    sim_pcapng_interface(p, "a", 0);
    sim_pcapng_interface(p, "b", 0);
    const uint8_t frame[4] = {0};
    uint32_t random = 1, behind = 0;
    for (int64_t i = 0; i < N; i++) { /* each up to WINDOW ns in the past */
        random = random * 1664525 + 1013904223;
        int64_t back = random >> 16 & 31;
        behind += back > 0;
        uint32_t kind = (uint32_t)i & 3;
        sim_pcapng_frame(p, kind >> 1, (WINDOW + i / 4 - back) * SIM_NS, kind & 1, frame, 4, NULL);
        sim_pcapng_settle(p, (i / 4) * SIM_NS);
    }
    ck_assert_uint_gt(behind, N / 2);
    fflush(out);
    ck_assert_uint_gt(b.size, 60 * (N - 8 * WINDOW)); /* not all is held to the end */
    ck_assert(sim_pcapng_free(p));
    fclose(out);
    static int64_t seen[N + 1][2];
    ck_assert_uint_eq(order_of(&b, seen, N + 1), N);
    for (size_t i = 1; i < N; i++)
        ck_assert(seen[i - 1][0] < seen[i][0] ||
                  (seen[i - 1][0] == seen[i][0] && seen[i - 1][1] <= seen[i][1]));
    free(b.data);
}
END_TEST

START_TEST(a_full_disk_is_reported) {
    FILE *out = fopen("/dev/full", "w");
    ck_assert_ptr_nonnull(out);
    SimPcapng *p = sim_pcapng_new(out, "x");
    sim_pcapng_interface(p, "a", 0);
    const uint8_t frame[4000] = {0};
    for (int64_t i = 0; i < 10; i++)
        sim_pcapng_frame(p, 0, i, false, frame, sizeof frame, NULL);
    errno = 0;
    ck_assert(!sim_pcapng_free(p));
    ck_assert_int_eq(errno, ENOSPC);
    fclose(out);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("pcapng");
    TCase *tests = tcase_create("pcapng");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, every_byte_is_where_the_format_wants_it);
    tcase_add_test(tests, packets_stand_in_the_order_of_their_stamps);
    tcase_add_test(tests, a_full_disk_is_reported);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
