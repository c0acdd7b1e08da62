/* links: rackcast_models */
/* test_tcp.c: TCP's two halves: recovery, timers, acknowledgements, windows. */
#include "models/nic/tcp_core.h"
#include "tests/tcp/path.h"

/* Microsoft, "Verifying the RSS hash calculation", the IPv4 rows with ports. */
START_TEST(toeplitz_of_the_verification_suite) {
#define IP(a, b, c, d) ((uint32_t)(a) << 24 | (b) << 16 | (c) << 8 | (d))
    static const struct {
        uint32_t from, to, hash;
        uint16_t from_port, to_port;
    } row[] = {
        {IP(66, 9, 149, 187), IP(161, 142, 100, 80), 0x51ccc178, 2794, 1766},
        {IP(199, 92, 111, 2), IP(65, 69, 140, 83), 0xc626b0ea, 14230, 4739},
        {IP(24, 19, 198, 95), IP(12, 22, 207, 184), 0x5c2b394a, 12898, 38024},
        {IP(38, 27, 205, 30), IP(209, 142, 163, 6), 0xafc7327f, 48228, 2217},
        {IP(153, 39, 163, 191), IP(202, 188, 127, 2), 0x10e828a2, 44251, 1303},
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++)
        ck_assert_uint_eq(
            nic_tcp_toeplitz(row[i].from, row[i].to, row[i].from_port, row[i].to_port),
            row[i].hash);
}
END_TEST

/* ---- transfers ---- */

enum { MSS = 1448 };

/* Drops the first `times` transmissions of each segment in [first, last] (in segments). */
typedef struct Loss {
    uint32_t first, last, times;
    uint32_t seen[1000];
} Loss;

static bool drop_segments(void *owner, uint64_t n, const TcpSegment *p) {
    (void)n;
    Loss *loss = owner;
    uint32_t i = (p->seq - (uint32_t)-100000) / MSS;
    return i >= loss->first && i <= loss->last && loss->seen[i]++ < loss->times;
}

static Path transfer(Loss *loss, uint32_t segments) {
    return (Path){.algorithm = &nic_tcp_newreno,
                  .rtt = 10 * SIM_MS,
                  .end = 100 * SIM_S,
                  .drop = loss ? drop_segments : NULL,
                  .owner = loss,
                  .audit = true,
                  .bytes = segments * MSS};
}

/* 10, 20, 40 ... segments a round trip: 700 take seven. */
START_TEST(slow_start_doubles) {
    Path path = transfer(NULL, 700);
    PathResult r = path_run(&path);
    ck_assert_int_eq(r.finished, 7 * path.rtt);
    ck_assert_int_eq(r.retransmissions, 0);
}
END_TEST

START_TEST(one_loss_costs_half_the_window) {
    Loss loss = {.first = 50, .last = 50, .times = 1};
    Path path = transfer(&loss, 150); /* four round trips without */
    PathResult r = path_run(&path);
    ck_assert_int_eq(r.retransmissions, 1);
    ck_assert_int_eq(r.expiries, 0);
    ck_assert_int_eq(r.finished, 7 * path.rtt);
}
END_TEST

START_TEST(a_block_of_losses_is_repaired_without_the_timer) {
    Loss loss = {.first = 40, .last = 55, .times = 1};
    Path path = transfer(&loss, 300);
    PathResult r = path_run(&path);
    ck_assert_int_eq(r.retransmissions, 16);
    ck_assert_int_eq(r.expiries, 0);
}
END_TEST

/* What was sent after the retransmission arrives, so it is lost too. */
START_TEST(a_lost_retransmission_is_repaired_without_the_timer) {
    Loss loss = {.first = 50, .last = 50, .times = 3};
    Path path = transfer(&loss, 900);
    PathResult r = path_run(&path);
    ck_assert_int_eq(r.retransmissions, 3);
    ck_assert_int_eq(r.expiries, 0);
}
END_TEST

/* Two segments above the hole: the retransmission waits a quarter of a round trip and the grain. */
START_TEST(too_few_reports_wait_a_little) {
    Loss loss = {.first = 7, .last = 7, .times = 1};
    Path path = transfer(&loss, 10);
    PathResult r = path_run(&path);
    ck_assert_int_eq(r.retransmissions, 1);
    ck_assert_int_eq(r.expiries, 0);
    ck_assert_int_eq(r.finished, 2 * path.rtt + path.rtt / 4 + 8 * SIM_MS);
}
END_TEST

/* The last segment: a probe after two round trips and the grain; without probes, the timer. */
START_TEST(a_lost_tail_is_probed_for) {
    Loss loss = {.first = 28, .last = 29, .times = 1};
    Path path = transfer(&loss, 30);
    PathResult r = path_run(&path);
    ck_assert_int_eq(r.expiries, 0);
    ck_assert_int_lt(r.finished, 100 * SIM_MS);
    Loss again = {.first = 28, .last = 29, .times = 1};
    path.owner = &again;
    path.without_probes = true;
    r = path_run(&path);
    ck_assert_int_eq(r.expiries, 1);
    ck_assert_int_gt(r.finished, 200 * SIM_MS);
}
END_TEST

/* The first segment alone is out: 1 s before there is a round trip, doubled each time. */
START_TEST(the_timer_backs_off) {
    Loss loss = {.first = 0, .last = 0, .times = 4};
    Path path = transfer(&loss, 1);
    PathResult r = path_run(&path);
    ck_assert_int_eq(r.expiries, 4);
    ck_assert_int_eq(r.finished, (1 + 2 + 4 + 8) * SIM_S + path.rtt);
}
END_TEST

START_TEST(everything_lost_is_sent_again) {
    Loss loss = {.first = 30, .last = 149, .times = 1};
    Path path = transfer(&loss, 150);
    PathResult r = path_run(&path);
    ck_assert_int_ge(r.expiries, 1);
    ck_assert_int_gt(r.finished, 0);
}
END_TEST

/* Any loss, any algorithm: everything arrives once, and nothing is kept. */
START_TEST(random_losses_are_repaired) {
    static const NicCongestionOps *const algorithms[] = {&nic_tcp_newreno, &nic_tcp_cubic,
                                                         &nic_tcp_dctcp};
    for (uint64_t seed = 1; seed <= 300; seed++) {
        Path path = transfer(NULL, 100 + seed % 200);
        path.bytes -= seed % 700;
        path.algorithm = algorithms[seed % 3];
        path.loss = UINT64_C(0x28f5c28f5c28f5c) * (seed % 40); /* a percent each */
        path.ecn = seed % 3 == 2 ? TCP_ECN_EXACT : TCP_ECN_CLASSIC;
        path.rate = seed % 2 ? 20000000 : 0;
        path.burst = 3100;
        path.mark = seed % 4 ? 3 * SIM_MS : 0;
        path.late_ppm = 100000;
        path.late = 5 * SIM_MS;
        path.end = SIM_H;
        path.seed = seed;
        PathResult r = path_run(&path);
        ck_assert_int_gt(r.finished, 0);
        ck_assert_int_ge(r.retransmissions, r.drops);
    }
}
END_TEST

/* ---- pieces by hand ---- */

typedef struct Pair {
    SimArena arena;
    SimPool pool;
    TcpConfig config;
    TcpSender sender;
    TcpReceiver receiver;
    TcpSegment sent[64];
    uint32_t n;
    NicCongestion *congestion;
} Pair;

static void pair_init(Pair *p, TcpEcn ecn) {
    memset(p, 0, sizeof *p);
    sim_arena_init(&p->arena);
    sim_pool_init(&p->pool, &p->arena, sizeof(TcpPiece));
    p->config = (TcpConfig){.mss = MSS,
                            .receive_window = 1 << 20,
                            .ecn = ecn,
                            .delayed_ack = 40 * SIM_MS,
                            .rto_min = 200 * SIM_MS,
                            .rto_initial = SIM_S,
                            .rto_max = 120 * SIM_S};
    p->congestion = sim_arena_alloc(&p->arena, nic_tcp_newreno.size);
    p->congestion->ops = &nic_tcp_newreno;
    nic_tcp_newreno.start(p->congestion, &(TcpWindowParams){20}, 0, MSS);
    p->sender.config = p->receiver.config = &p->config;
    p->sender.congestion = p->congestion;
    p->sender.pool = p->receiver.pool = &p->pool;
    tcp_sender_init(&p->sender, 1000);
    tcp_receiver_init(&p->receiver, 1000);
    tcp_sender_write(&p->sender, 64 * MSS);
}

static void pair_clear(Pair *p) {
    tcp_sender_clear(&p->sender);
    tcp_receiver_clear(&p->receiver);
    ck_assert_uint_eq(p->pool.in_use, 0);
    sim_arena_clear(&p->arena);
}

static void pair_send(Pair *p, SimTime now) {
    while (p->n < 64 && tcp_sender_next(&p->sender, now, &p->sent[p->n]))
        p->n++;
}

/* The i-th segment sent arrives; its ACK, if one is due, at once too. */
static bool pair_arrive(Pair *p, SimTime now, uint32_t i) {
    tcp_receiver_segment(&p->receiver, now, &p->sent[i], false);
    if (!tcp_receiver_owes(&p->receiver)) return false;
    TcpSegment a = {0};
    tcp_receiver_ack(&p->receiver, &a);
    tcp_sender_acked(&p->sender, now, &a);
    path_audit(&p->sender);
    return true;
}

/* Two places out of order are no loss; five are taken for one, once. */
START_TEST(reordering_is_learned) {
    Pair p;
    pair_init(&p, TCP_ECN_NONE);
    pair_send(&p, 0);
    static const uint32_t order[] = {0, 1, 3, 4, 2, 5, 7, 8, 9, 10, 11, 6};
    for (uint32_t i = 0; i < 6; i++)
        pair_arrive(&p, 10 * SIM_MS, order[i]);
    ck_assert_uint_eq(p.sender.lost, 0);
    ck_assert_uint_eq(p.sender.state, TCP_OPEN);
    ck_assert_uint_eq(p.sender.reordering, 3);
    for (uint32_t i = 6; i < 9; i++)
        pair_arrive(&p, 10 * SIM_MS, order[i]);
    ck_assert_uint_eq(p.sender.lost, MSS);
    ck_assert_uint_eq(p.sender.state, TCP_RECOVERY);
    for (uint32_t i = 9; i < 12; i++) /* the original, which nobody sent again */
        pair_arrive(&p, 10 * SIM_MS, order[i]);
    ck_assert_uint_eq(p.sender.lost, 0);
    ck_assert_uint_eq(p.sender.reordering, 6); /* that far ahead the newest had come */
    pair_clear(&p);
}
END_TEST

START_TEST(blocks_are_reported_newest_first) {
    Pair p;
    pair_init(&p, TCP_ECN_NONE);
    pair_send(&p, 0);
    static const uint32_t order[] = {1, 3, 5, 7, 4};
    TcpSegment a = {0};
    for (uint32_t i = 0; i < 5; i++) {
        tcp_receiver_segment(&p.receiver, SIM_MS, &p.sent[order[i]], false);
        tcp_receiver_ack(&p.receiver, &a);
    }
    ck_assert_uint_eq(a.ack, 1000);
    ck_assert_uint_eq(a.n_sacks, 3);
    ck_assert_uint_eq(a.sack[0][0], 1000 + 3 * MSS); /* 3, 4, 5 are one now */
    ck_assert_uint_eq(a.sack[0][1], 1000 + 6 * MSS);
    ck_assert_uint_eq(a.sack[1][0], 1000 + 7 * MSS);
    ck_assert_uint_eq(a.sack[2][0], 1000 + 1 * MSS);
    tcp_receiver_segment(&p.receiver, SIM_MS, &p.sent[0], false);
    tcp_receiver_ack(&p.receiver, &a);
    ck_assert_uint_eq(a.ack, 1000 + 2 * MSS);
    ck_assert_uint_eq(a.n_sacks, 2);
    tcp_receiver_segment(&p.receiver, SIM_MS, &p.sent[0], false);
    tcp_receiver_ack(&p.receiver, &a);
    ck_assert_uint_eq(a.sack[0][0], 1000); /* the duplicate, RFC 2883 */
    ck_assert_uint_eq(a.sack[0][1], 1000 + MSS);
    pair_clear(&p);
}
END_TEST

START_TEST(every_second_segment_is_acknowledged) {
    Pair p;
    pair_init(&p, TCP_ECN_NONE);
    pair_send(&p, 0);
    ck_assert(!pair_arrive(&p, SIM_MS, 0));
    ck_assert_int_eq(p.receiver.deadline, 41 * SIM_MS);
    ck_assert(pair_arrive(&p, 2 * SIM_MS, 1));
    ck_assert_int_eq(p.receiver.deadline, SIM_NEVER);
    ck_assert(!pair_arrive(&p, 3 * SIM_MS, 2));
    tcp_receiver_timer(&p.receiver, 42 * SIM_MS);
    ck_assert(!tcp_receiver_owes(&p.receiver));
    tcp_receiver_timer(&p.receiver, 43 * SIM_MS);
    ck_assert(tcp_receiver_owes(&p.receiver));
    tcp_receiver_segment(&p.receiver, 44 * SIM_MS, &p.sent[3], true); /* a message ends */
    ck_assert(tcp_receiver_owes(&p.receiver));
    pair_clear(&p);
}
END_TEST

/* RFC 8257, 3.2: where marks begin or end, what waited is acknowledged with its own state. */
START_TEST(exact_echo_follows_the_marks) {
    Pair p;
    pair_init(&p, TCP_ECN_EXACT);
    pair_send(&p, 0);
    TcpSegment a = {0};
    tcp_receiver_segment(&p.receiver, SIM_MS, &p.sent[0], false);
    ck_assert(!tcp_receiver_owes(&p.receiver));
    p.sent[1].ce = true;
    tcp_receiver_segment(&p.receiver, SIM_MS, &p.sent[1], false);
    tcp_receiver_ack(&p.receiver, &a);
    ck_assert_uint_eq(a.ack, 1000 + MSS);
    ck_assert(!a.echo_ce);
    ck_assert(tcp_receiver_owes(&p.receiver));
    tcp_receiver_ack(&p.receiver, &a);
    ck_assert_uint_eq(a.ack, 1000 + 2 * MSS);
    ck_assert(a.echo_ce);
    ck_assert(!tcp_receiver_owes(&p.receiver));
    pair_clear(&p);
}
END_TEST

/* RFC 3168: echoed until the sender says that it has reduced. */
START_TEST(classic_echo_lasts_until_cwr) {
    Pair p;
    pair_init(&p, TCP_ECN_CLASSIC);
    pair_send(&p, 0);
    TcpSegment a = {0};
    p.sent[0].ce = true;
    p.sent[2].cwr = true;
    static const bool echo[] = {true, true, false};
    for (uint32_t i = 0; i < 3; i++) {
        tcp_receiver_segment(&p.receiver, SIM_MS, &p.sent[i], true);
        tcp_receiver_ack(&p.receiver, &a);
        ck_assert_int_eq(a.echo_ce, echo[i]);
    }
    pair_clear(&p);
}
END_TEST

/* ---- windows ---- */

typedef struct Loop {
    NicCongestion *c;
    uint64_t position;
    SimTime now;
} Loop;

/* A round trip in which the whole window is acknowledged, `marked` segments with a mark first. */
static void loop_round(Loop *l, SimTime rtt, int64_t marked) {
    int64_t n = l->c->window / MSS;
    uint64_t sent = l->position + (uint64_t)(n * MSS);
    for (int64_t i = 0; i < n; i++) {
        l->now += rtt / n;
        l->position += MSS;
        NicAcked a = {.bytes = MSS, .rtt = rtt, .limited = true, .marked = i < marked};
        a.position = l->position;
        a.sent = sent + (uint64_t)(i + 1) * MSS;
        a.in_flight = n * MSS;
        l->c->ops->acked(l->c, l->now, &a);
    }
}

static Loop loop_start(SimArena *arena, const NicCongestionOps *ops, int64_t window) {
    sim_arena_init(arena);
    Loop l = {.c = sim_arena_alloc(arena, ops->size)};
    l.c->ops = ops;
    ops->start(l.c, &(TcpWindowParams){window}, INT64_C(10000000000), MSS);
    return l;
}

START_TEST(newreno_adds_one_and_halves) {
    SimArena arena;
    Loop l = loop_start(&arena, &nic_tcp_newreno, 100);
    l.c->ops->lost(l.c, 0, 0);
    ck_assert_int_eq(l.c->window, 50 * MSS);
    loop_round(&l, 20 * SIM_MS, 0);
    ck_assert_int_eq(l.c->window, 50 * MSS); /* until the loss is repaired */
    l.c->ops->recovered(l.c, 0);
    for (int i = 0; i < 10; i++)
        loop_round(&l, 20 * SIM_MS, 0);
    ck_assert_int_eq(l.c->window, 60 * MSS);
    l.c->ops->expired(l.c, 0, 0);
    l.c->ops->expired(l.c, 0, 0); /* in a row: the threshold stays */
    ck_assert_int_eq(l.c->window, MSS);
    for (int i = 0; i < 5; i++)
        loop_round(&l, 20 * SIM_MS, 0);
    ck_assert_int_ge(l.c->window, 30 * MSS); /* slow start up to half */
    ck_assert_int_le(l.c->window, 32 * MSS);
    sim_arena_clear(&arena);
}
END_TEST

/* From 0.7 x 200 back to 200 in K = cbrt(60 / 0.4) = 5.31 s; concave: three quarters of the way
 * in a third of the time. */
START_TEST(cubic_comes_back_after_k) {
    SimArena arena;
    Loop l = loop_start(&arena, &nic_tcp_cubic, 200);
    l.c->ops->lost(l.c, 0, 0);
    ck_assert_int_eq(l.c->window / MSS, 140);
    l.c->ops->recovered(l.c, 0);
    while (l.now < 1770 * SIM_MS)
        loop_round(&l, 100 * SIM_MS, 0);
    ck_assert_int_ge(l.c->window / MSS, 179);
    ck_assert_int_le(l.c->window / MSS, 186); /* 182 after K/3, 184 with a round trip ahead */
    while (l.now < 5310 * SIM_MS)
        loop_round(&l, 100 * SIM_MS, 0);
    ck_assert_int_ge(l.c->window / MSS, 198);
    ck_assert_int_le(l.c->window / MSS, 201);
    while (l.now < 10000 * SIM_MS)
        loop_round(&l, 100 * SIM_MS, 0);
    ck_assert_int_ge(l.c->window / MSS, 235); /* 0.4 x 4.69^3 = 41 above */
    ck_assert_int_le(l.c->window / MSS, 250);
    sim_arena_clear(&arena);
}
END_TEST

/* alpha begins at 1 and stays there while all is marked; without marks it fades by 1/16 a round. */
START_TEST(dctcp_cuts_by_half_of_alpha) {
    SimArena arena;
    Loop l = loop_start(&arena, &nic_tcp_dctcp, 1000);
    l.c->ops->lost(l.c, 0, 0);
    l.c->ops->recovered(l.c, 0);
    loop_round(&l, SIM_MS, 500);
    ck_assert_int_eq(l.c->window / MSS, 250);
    loop_round(&l, SIM_MS, 250);
    loop_round(&l, SIM_MS, 250); /* once a window: a cut lasts until what was out is acknowledged */
    ck_assert_int_ge(l.c->window / MSS, 62);
    ck_assert_int_le(l.c->window / MSS, 126);
    for (int i = 0; i < 12; i++)
        loop_round(&l, SIM_MS, 0);
    int64_t before = l.c->window / MSS;
    loop_round(&l, SIM_MS, 1); /* alpha is (15/16)^10 to ^13: 0.52 to 0.43 */
    ck_assert_int_ge(l.c->window / MSS, before * 72 / 100);
    ck_assert_int_le(l.c->window / MSS, before * 80 / 100 + 1);
    sim_arena_clear(&arena);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("tcp");
    TCase *tests = tcase_create("tcp");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, toeplitz_of_the_verification_suite);
    tcase_add_test(tests, slow_start_doubles);
    tcase_add_test(tests, one_loss_costs_half_the_window);
    tcase_add_test(tests, a_block_of_losses_is_repaired_without_the_timer);
    tcase_add_test(tests, a_lost_retransmission_is_repaired_without_the_timer);
    tcase_add_test(tests, too_few_reports_wait_a_little);
    tcase_add_test(tests, a_lost_tail_is_probed_for);
    tcase_add_test(tests, the_timer_backs_off);
    tcase_add_test(tests, everything_lost_is_sent_again);
    tcase_add_test(tests, random_losses_are_repaired);
    tcase_add_test(tests, reordering_is_learned);
    tcase_add_test(tests, blocks_are_reported_newest_first);
    tcase_add_test(tests, every_second_segment_is_acknowledged);
    tcase_add_test(tests, exact_echo_follows_the_marks);
    tcase_add_test(tests, classic_echo_lasts_until_cwr);
    tcase_add_test(tests, newreno_adds_one_and_halves);
    tcase_add_test(tests, cubic_comes_back_after_k);
    tcase_add_test(tests, dctcp_cuts_by_half_of_alpha);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
