/* timeout: 120 */
/* test_headroom.c: the headroom behind XOFF: what the formula promises, that it suffices, and that
 * little of it is to spare.
 *
 * By hand, as in IEEE 802.1Qbb Annex O: from the moment in which XOFF is wanted
 *
 *     a frame that this end has just begun, the PFC frame (84 bytes of line)    on the way there
 *     cable and latencies there, the peer's response                             times the rate
 *     a frame that the peer has just begun, cable and latencies back            on the way here
 *
 * may pass; MTU means bytes on the line; the frame that crosses XOFF is the shared pool's. */
#include <glib.h>

#include "models/fabric/fabric.h"
#include "sim/base/rng.h"
#include "tests/property/rack.h"

/* Response by rate: quanta of 512 bit times (IEEE 802.3 31B.3.7). */
static const struct {
    int64_t gbps, quanta;
} allowance[] = {{10, 67}, {25, 80}, {40, 118}, {50, 147}, {100, 394}, {200, 453}};
enum { RATES = 6 };

static int64_t by_hand(uint32_t rate, SimTime round_trip, int64_t mtu) {
    int64_t byte = 800 / allowance[rate].gbps; /* ticks: whole at these rates */
    int64_t flying = (round_trip + byte - 1) / byte;
    return mtu + 84 + flying + allowance[rate].quanta * 64 + mtu;
}

/* ---- the formula ---- */

/* The table of the reference: no latencies, 5 ns a metre, MTU as given. */
START_TEST(headroom_as_tabled) {
    static const int64_t gbps[] = {10, 25, 40, 100}, metres[] = {2, 100, 300}, mtu[] = {1500, 9216};
    static const int64_t expected[4][6] = {{7397, 22829, 8622, 24054, 11122, 26554},
                                           {8266, 23698, 11329, 26761, 17579, 33011},
                                           {10736, 26168, 15636, 31068, 25636, 41068},
                                           {28550, 43982, 40800, 56232, 65800, 81232}};
    for (uint32_t i = 0; i < 4; i++)
        for (uint32_t k = 0; k < 6; k++) {
            SimTime there_and_back = 2 * metres[k / 2] * 5 * SIM_NS;
            int64_t got = fabric_headroom(gbps[i] * 1000000000, there_and_back, mtu[k % 2]);
            ck_assert_int_ge(got, expected[i][k]); /* the table cuts half bytes */
            ck_assert_int_le(got, expected[i][k] + 1);
        }
}
END_TEST

/* ---- a run ----
 *
 * a sends to r, whose cable is slower: the port at the switch that a's frames come in by asks for a
 * pause again and again. b sends to a all the while, so that the XOFF often finds a frame of b's
 * just begun before it. */

typedef struct Case {
    SimRng rng;
    uint32_t rate; /* of a and b, index into allowance */
    int64_t slow;  /* of r, Gb/s */
    int64_t mm, switch_ns, tx_ns, rx_ns;
    bool cut_through;
    int64_t payload, switch_mtu;
    int64_t message[3]; /* of a, of b, of a again; 0: none */
    int64_t start_ns[2], xoff;
    SimTime response;
    int64_t frames;   /* of 4 kB that a line carries in the run */
    int64_t headroom; /* SIM_ABSENT: as derived */
    const char *keys; /* more of the switch's */
} Case;

#define SPEEDS                                                                                     \
    "[1Gbps,2Gbps,4Gbps,5Gbps,7Gbps,10Gbps,11Gbps,20Gbps,25Gbps,33Gbps,40Gbps,50Gbps,60Gbps,"      \
    "90Gbps,"                                                                                      \
    "100Gbps,150Gbps,200Gbps]"

static void write_host(GString *y, const Case *c, const char *name, int64_t gbps) {
    g_string_append_printf(
        y,
        "  - {name: %s, nic: {ports: 1, rate: 200Gbps, speeds: " SPEEDS ", cables: [s], "
        "cable_rate: %dGbps, cable_length: %d.%03dm, tx_latency: %dns, rx_latency: %dns, "
        "mtu: %dB, pause_response: %d.%02dns, ack_timeout: 20}}\n",
        name, (int)gbps, (int)(c->mm / 1000), (int)(c->mm % 1000), (int)c->tx_ns, (int)c->rx_ns,
        (int)c->payload, (int)(c->response / 100), (int)(c->response % 100));
}

static GString *case_yaml(const Case *c) {
    int64_t gbps = allowance[c->rate].gbps;
    GString *y = g_string_new("schema: 1\nname: headroom\ndescription: headroom\n"
                              "duration: ");
    g_string_append_printf(y, "%dus\n", (int)(c->frames * 4 * 8 / gbps));
    g_string_append_printf(y,
                           "switches:\n  - {name: s, ports: 3, rate: 200Gbps, speeds: " SPEEDS
                           ", mode: %s, latency: %dns, mtu: %dB%s",
                           c->cut_through ? "cut-through" : "store-and-forward", (int)c->switch_ns,
                           (int)c->switch_mtu, c->keys ? c->keys : "");
    if (c->xoff) g_string_append_printf(y, ", xoff: %dB", (int)c->xoff);
    if (c->headroom != SIM_ABSENT) g_string_append_printf(y, ", headroom: %dB", (int)c->headroom);
    g_string_append(y, "}\nhosts:\n");
    write_host(y, c, "a", gbps);
    write_host(y, c, "b", gbps);
    write_host(y, c, "r", c->slow);
    g_string_append(y, "workloads:\n");
    for (int i = 0; i < 3; i++) {
        if (!c->message[i]) continue;
        g_string_append_printf(y,
                               "  - {name: w%d, hosts: %s, rdma: {to: %s, verb: write, message: "
                               "%dB, outstanding: 400, start: %dns}}\n",
                               i, i == 1 ? "b" : "a", i == 1 ? "a" : "r", (int)c->message[i],
                               (int)c->start_ns[i % 2]);
    }
    return y;
}

typedef struct Seen {
    int64_t headroom, most; /* of a's port: kept, and ever used */
    int64_t pauses, lost;
} Seen;

static int64_t used_now(const FabricPort *port) {
    int64_t most = 0;
    for (uint32_t p = 0; p < FABRIC_PRIORITIES; p++)
        if (port->over[p] > most) most = port->over[p];
    return most;
}

static Seen case_run(const Case *c) {
    GString *y = case_yaml(c);
    SimScenario *s = rack_load(y->str);
    SimRun *run = rack_begin(s, 0);
    const FabricPort *port = &fabric_switch_at(run, 0)->port[0];
    Seen seen = {.headroom = port->headroom};
    while (sim_run_advance(run, 1)) {
        int64_t used = used_now(port);
        if (used > seen.most) seen.most = used;
    }
    SimResult *r = sim_session_end(run, s);
    rack_check_audits(r);
    seen.pauses = (int64_t)rack_value(r, "s/1->a/1", "pauses_sent");
    seen.lost = (int64_t)rack_value(r, "run", "lost");
    if (c->headroom == SIM_ABSENT && seen.lost) fputs(y->str, stderr);
    sim_result_free(r);
    sim_scenario_free(s);
    g_string_free(y, TRUE);
    return seen;
}

static int64_t case_headroom(const Case *c) {
    SimTime wire = (c->mm * 505 + 999) / 1000;
    SimTime round_trip = 2 * wire + (c->tx_ns + c->rx_ns + c->switch_ns) * SIM_NS;
    return by_hand(c->rate, round_trip, c->switch_mtu + 20);
}

static SimTime case_response(uint32_t rate) {
    return allowance[rate].quanta * 512 * 100 / allowance[rate].gbps; /* 1 Gb/s: 100 ticks a bit */
}

static int64_t between(SimRng *rng, int64_t low, int64_t high) {
    return low + (int64_t)sim_rng_below(rng, (uint64_t)(high - low + 1));
}

/* ---- it suffices ---- */

enum { RUNS = 1000 };

static Case case_draw(uint32_t seed) {
    static const int64_t slow[RATES][3] = {{2, 5, 7},    {7, 10, 20},  {10, 25, 33},
                                           {11, 25, 40}, {25, 60, 90}, {50, 100, 150}};
    static const char *const keys[] = {NULL, ", alpha: 0.1%", ", alpha: 800%, buffer: 1MB"};
    Case c = {.frames = 300, .headroom = SIM_ABSENT};
    SimRng *rng = &c.rng;
    sim_rng_init(rng, seed, "headroom", "draw");
    c.rate = (uint32_t)between(rng, 0, RATES - 1);
    c.slow = slow[c.rate][between(rng, 0, 2)];
    c.mm = between(rng, 0, 2) ? between(rng, 500, 10000) : between(rng, 10000, 300000);
    c.switch_ns = between(rng, 0, 1500);
    c.tx_ns = between(rng, 0, 900);
    c.rx_ns = between(rng, 0, 900);
    c.cut_through = between(rng, 0, 1);
    c.payload = 256 << between(rng, 0, 4);
    c.switch_mtu = between(rng, 0, 1) ? 9216 : c.payload + 78 > 1500 ? c.payload + 78 : 1500;
    for (int i = 0; i < 2; i++) {
        c.message[i] = between(rng, 0, 1) ? between(rng, 1, 20000) : c.payload * 40 + 1;
        c.start_ns[i] = between(rng, 0, 3000);
    }
    c.xoff = between(rng, 0, 2) ? between(rng, 2000, 40000) : 0;
    if (!c.xoff) c.keys = keys[between(rng, 1, 2)];
    /* at most what the standard allows */
    c.response =
        between(rng, 0, 1) ? case_response(c.rate) : between(rng, 0, case_response(c.rate));
    return c;
}

START_TEST(headroom_suffices) {
    int64_t pauses = 0, runs_with_pauses = 0;
    double most = 0;
    for (uint32_t i = 1; i <= RUNS; i++) {
        Case c = case_draw(i);
        Seen seen = case_run(&c);
        ck_assert_int_eq(seen.headroom, case_headroom(&c));
        ck_assert_msg(seen.lost == 0, "run %u lost %d frames", i, (int)seen.lost);
        double part = (double)seen.most / (double)seen.headroom;
        if (part > most) most = part;
        pauses += seen.pauses;
        runs_with_pauses += seen.pauses > 0;
    }
    printf("headroom as derived       %d runs, %ld with pauses, %ld pauses, lost 0, used at most "
           "%.2f%%\n",
           RUNS, (long)runs_with_pauses, (long)pauses, most * 100);
    ck_assert_int_gt(runs_with_pauses, RUNS / 2);
}
END_TEST

/* ---- and little is to spare ---- */

/* Frames of one size as large as the switch takes, a peer that takes all the time it may. */
static Case tight_case(uint32_t rate, int64_t mm, bool cut_through, uint32_t phase) {
    Case c = {.rate = rate,
              .slow = 1, /* next to nothing leaves while the headroom fills */
              .mm = mm,
              .switch_ns = 600,
              .tx_ns = 450,
              .rx_ns = 400,
              .cut_through = cut_through,
              .payload = 4096,
              .switch_mtu = 4174, /* 14 + 20 + 8 + 12 + 16 + 4096 + 4 + 4 */
              .response = case_response(rate),
              .frames = 1000,
              .headroom = SIM_ABSENT};
    sim_rng_init(&c.rng, phase, "headroom", "phase");
    /* mixed sizes meet every phase; cut-through, where XOFF is wanted at the head of the frame that
     * crosses it, some frames had better be short */
    c.message[0] = 4096 * between(&c.rng, 1, 8) + between(&c.rng, 1, 4095);
    if (cut_through) c.message[2] = between(&c.rng, 1, 200);
    c.message[1] = 4096 * between(&c.rng, 1, 3) + between(&c.rng, 1, 4095);
    c.start_ns[1] = between(&c.rng, 0, 3000);
    c.xoff = between(&c.rng, 2000, 30000);
    return c;
}

enum { PHASES = 20, PHASES_MOST = 400 };

START_TEST(nine_tenths_lose) {
    static const int64_t metres[] = {2, 100, 300};
    for (uint32_t i = 0; i < RATES * 3 * 2; i++) {
        uint32_t rate = i / 6;
        int64_t mm = metres[i % 3] * 1000;
        bool cut_through = i / 3 % 2;
        int64_t lost = 0, most = 0, kept = 0;
        uint32_t phase = 0;
        for (; phase < PHASES || (!lost && phase < PHASES_MOST); phase++) {
            Case c = tight_case(rate, mm, cut_through, phase);
            Seen seen = case_run(&c);
            ck_assert_int_eq(seen.lost, 0);
            kept = seen.headroom;
            if (seen.most > most) most = seen.most;
            c.headroom = kept * 9 / 10;
            lost += case_run(&c).lost;
        }
        printf("headroom %3d G %3d m %-17s %7d B used %6.2f%%, of 90%% lost %d in %u\n",
               (int)allowance[rate].gbps, (int)(mm / 1000),
               cut_through ? "cut-through" : "store-and-forward", (int)kept,
               100.0 * (double)most / (double)kept, (int)lost, phase);
        ck_assert_int_gt(lost, 0);
    }
}
END_TEST

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* figures of a failed test are wanted most */
    Suite *suite = suite_create("headroom");
    TCase *tests = tcase_create("headroom");
    suite_add_tcase(suite, tests);
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, headroom_as_tabled);
    tcase_add_test(tests, headroom_suffices);
    tcase_add_test(tests, nine_tenths_lose);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
