/* test_pause.c: the way into a host's memory: its buffer, its pauses, its caches. */
#include "models/nic/lru.h"
#include "tests/property/rack.h"

/* Host a writes to host b, whose adapter has further keys. */
static SimResult *run_pair(const char *class, const char *nic, const char *rdma) {
    char yaml[1024];
    snprintf(yaml, sizeof yaml,
             "schema: 1\nname: pair\ndescription: a slow receiver\nduration: 20ms\n"
             "classes: {storage: {priority: 3%s}}\n"
             "switches: [{name: s, ports: 4, rate: 40Gbps}]\n"
             "defaults: {hosts: {nic: {ports: 1, rate: 40Gbps, cables: [s]}}}\n"
             "hosts: [{name: a}, {name: b, nic: {%s}}]\n"
             "workloads: [{name: w, hosts: a, rdma: {to: b, %s}}]\n",
             class, nic, rdma);
    return rack_run(yaml);
}

#define BULK "message: 1MiB, outstanding: 4"

/* The host drains at 10 Gb/s: so does the sender, and nothing is lost. */
START_TEST(a_slow_host_pauses_the_switch) {
    SimResult *r = run_pair(", pfc: true", "receive: {pcie: 10Gbps}", BULK);
    double frame = 1024 + 58 + 4; /* what crosses PCIe of a frame of v2: header, FCS */
    double rate = rack_value(r, "w", "throughput");
    ck_assert_double_gt(rate, 0.97 * 10e9 * 1024 / frame);
    ck_assert_double_lt(rate, 1.03 * 10e9 * 1024 / frame);
    ck_assert_double_gt(rack_value(r, "b/1->s/2", "pauses_sent"), 10);
    ck_assert_double_eq(rack_value(r, "run", "lost"), 0);
    sim_result_free(r);
}
END_TEST

/* With the largest frames and a buffer of hardly more than headroom: still nothing is lost. */
START_TEST(headroom_holds_what_comes_after_xoff) {
    SimResult *r =
        run_pair(", pfc: true", "mtu: 4096B, receive: {pcie: 7Gbps, buffer: 64KiB}", BULK);
    ck_assert_double_gt(rack_value(r, "b/1->s/2", "pauses_sent"), 10);
    ck_assert_double_eq(rack_value(r, "run", "lost"), 0);
    sim_result_free(r);
    r = run_pair(", pfc: true", "receive: {pcie: 7Gbps, buffer: 64KiB, xoff: 64KiB}", BULK);
    ck_assert_double_gt(rack_value(r, "s/2->b/1", "frames"), 0);
    ck_assert_double_gt(rack_value(r, "run", "lost"), 0);
    ck_assert_double_eq(rack_value(r, "run", "lost"), rack_value(r, "b/1->s/2", "dropped.buffer"));
    sim_result_free(r);
}
END_TEST

/* Without PFC frames are lost at the adapter, and nobody is paused. */
START_TEST(a_slow_host_loses_lossy_frames) {
    SimResult *r = run_pair("", "receive: {pcie: 10Gbps}", BULK);
    ck_assert_double_eq(rack_value(r, "b/1->s/2", "pauses_sent"), 0);
    ck_assert_double_gt(rack_value(r, "b/1->s/2", "dropped.buffer"), 0);
    ck_assert_double_gt(rack_value(r, "a", "packet_seq_err"), 0);
    sim_result_free(r);
}
END_TEST

/* A pipe without limits changes nothing. */
START_TEST(a_pipe_without_limits_changes_nothing) {
    SimResult *with = run_pair(", pfc: true", "receive: {}", BULK);
    SimResult *without = run_pair(", pfc: true", "", BULK);
    ck_assert_double_eq(rack_value(with, "w", "bytes"), rack_value(without, "w", "bytes"));
    ck_assert_double_eq(rack_value(with, "run", "events"), rack_value(without, "run", "events"));
    sim_result_free(with);
    sim_result_free(without);
}
END_TEST

/* 2 K entries reach 8 MiB of small pages, 4 GiB of large ones. */
START_TEST(small_pages_stall_the_adapter) {
    const char *small = "receive: {pcie: 50Gbps, translations: 2048, memory: 16MiB}";
    const char *few = "receive: {pcie: 50Gbps, translations: 2048, memory: 4MiB}";
    const char *large = "receive: {pcie: 50Gbps, translations: 2048, memory: 16MiB, page: 2MiB}";
    SimResult *r = run_pair(", pfc: true", small, BULK);
    double pages = rack_value(r, "s/2->b/1", "bytes") / (1024 + 82) / 4;
    ck_assert_double_ge(rack_value(r, "b/1", "translation_misses"), pages - 60);
    ck_assert_double_le(rack_value(r, "b/1", "translation_misses"), pages + 1);
    ck_assert_double_gt(rack_value(r, "b/1->s/2", "pauses_sent"), 10);
    sim_result_free(r);
    r = run_pair(", pfc: true", few, BULK);
    ck_assert_double_eq(rack_value(r, "b/1", "translation_misses"), 1024);
    sim_result_free(r);
    r = run_pair(", pfc: true", large, BULK);
    ck_assert_double_eq(rack_value(r, "b/1", "translation_misses"), 8);
    ck_assert_double_eq(rack_value(r, "b/1->s/2", "pauses_sent"), 0);
    sim_result_free(r);
}
END_TEST

/* Two connections and room for one: every change of turn is a miss. */
START_TEST(contexts_are_fetched_again) {
    const char *yaml =
        "schema: 1\nname: contexts\ndescription: two queue pairs at one adapter\nduration: 5ms\n"
        "switches: [{name: s, ports: 4, rate: 40Gbps}]\n"
        "defaults: {hosts: {nic: {ports: 1, rate: 40Gbps, cables: [s]}}}\n"
        "hosts: [{name: a}, {name: c}, {name: b, nic: {receive: {contexts: %d}}}]\n"
        "workloads: [{name: w, hosts: [a, c], rdma: {to: b, message: 64KiB, total: 1MiB}}]\n";
    char text[1024];
    for (int n = 1; n <= 2; n++) {
        snprintf(text, sizeof text, yaml, n);
        SimResult *r = rack_run(text);
        ck_assert_double_eq(rack_value(r, "w", "bytes"), 2 << 20);
        if (n == 2) ck_assert_double_eq(rack_value(r, "b/1", "context_misses"), 2);
        if (n == 1) ck_assert_double_gt(rack_value(r, "b/1", "context_misses"), 1000);
        sim_result_free(r);
    }
}
END_TEST

/* Against a list searched and shifted by hand. */
START_TEST(lru_agrees_with_a_list) {
    SimArena arena;
    sim_arena_init(&arena);
    for (uint32_t room = 1; room <= 40; room += 13) {
        NicLru lru;
        nic_lru_init(&lru, &arena, room);
        uint64_t list[64], seed = room;
        uint32_t n = 0;
        for (uint32_t i = 0; i < 5000; i++) {
            seed = seed * UINT64_C(6364136223846793005) + 1442695040888963407u;
            uint64_t key = (seed >> 33) % (room * 3 / 2 + 1) << 32;
            uint32_t at = 0;
            while (at < n && list[at] != key)
                at++;
            ck_assert_int_eq(nic_lru_use(&lru, key), at < n);
            if (at == n && n < room) n++;
            if (at == room) at--;
            memmove(list + 1, list, at * sizeof *list);
            list[0] = key;
        }
    }
    sim_arena_clear(&arena);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("pause");
    TCase *tests = tcase_create("pause");
    tcase_set_timeout(tests, 60);
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, a_slow_host_pauses_the_switch);
    tcase_add_test(tests, headroom_holds_what_comes_after_xoff);
    tcase_add_test(tests, a_slow_host_loses_lossy_frames);
    tcase_add_test(tests, a_pipe_without_limits_changes_nothing);
    tcase_add_test(tests, small_pages_stall_the_adapter);
    tcase_add_test(tests, contexts_are_fetched_again);
    tcase_add_test(tests, lru_agrees_with_a_list);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
