/* timeout: 60 */
/* test_latency.c: the latency of an unloaded operation, to the tick, over chains of switches.
 *
 * Bytes on the line, written out from the standards: preamble and gap 20, Ethernet 14 + 4
 * (IEEE 802.3), tag 4 (802.1Q), IPv4 20, UDP 8, BTH 12, ICRC 4 = 82 or 86; RETH 16 with the first
 * packet of a WRITE and with a READ request, AETH 4 with an ACK and with the first, last and only
 * response (IBTA volume 1); payload padded to 4.
 *
 * A link: start + (bytes x 8 / rate, unless a cut-through switch takes it at its head) + 5.05 ns a
 * metre, rounded up to a tick + the latency of whoever sends (tx, hosts) and takes it. */
#include <glib.h>

#include "sim/base/rng.h"
#include "tests/analytic/probe.h"

enum { LINKS_MOST = 6, PACKETS_MOST = 64 };

typedef struct Chain {
    uint32_t links; /* host - switch - ... - switch - host */
    int64_t gbps[LINKS_MOST], mm[LINKS_MOST];
    int64_t latency_ns[LINKS_MOST]; /* of switch i, between links i and i + 1 */
    bool cut_through[LINKS_MOST];
    int64_t tx_ns, rx_ns, mtu;
    bool tagged;
    int64_t clock[LINKS_MOST][2]; /* bytes sent so far, by direction, for rates with remainder */
} Chain;

/* ---- the sum by hand ---- */

static SimTime line_ticks(Chain *c, uint32_t link, int direction, int64_t bytes) {
    int64_t *sent = &c->clock[link][direction];
    __int128 before = (__int128)*sent * 800 / c->gbps[link];
    *sent += bytes;
    return (SimTime)((__int128)*sent * 800 / c->gbps[link] - before);
}

/* When each of n frames, all ready at `start` at one end, has come in at the other. */
static SimTime last_arrival(Chain *c, bool back, SimTime start, const int64_t *bytes, uint32_t n) {
    SimTime ready[PACKETS_MOST];
    for (uint32_t j = 0; j < n; j++)
        ready[j] = start;
    for (uint32_t i = 0; i < c->links; i++) {
        uint32_t link = back ? c->links - 1 - i : i, after = back ? link - 1 : link + 1;
        bool last = i + 1 == c->links;
        uint32_t sw = back ? link - 1 : link; /* that takes it, unless last */
        SimTime delay = (c->mm[link] * 505 + 999) / 1000;
        delay += (i == 0 ? c->tx_ns * 100 : 0) + (last ? c->rx_ns : c->latency_ns[sw]) * 100;
        SimTime idle = 0;
        for (uint32_t j = 0; j < n; j++) {
            SimTime begin = ready[j] > idle ? ready[j] : idle;
            SimTime line = line_ticks(c, link, back, bytes[j]);
            idle = begin + line;
            bool whole = last || !c->cut_through[sw] || c->gbps[after] > c->gbps[link];
            ready[j] = begin + delay + (whole ? line : 0);
        }
    }
    return ready[n - 1];
}

static uint32_t frames_of(const Chain *c, int64_t bytes, int64_t first, int64_t end, int64_t *out) {
    int64_t around = c->tagged ? 86 : 82;
    uint32_t n = (uint32_t)((bytes + c->mtu - 1) / c->mtu);
    for (uint32_t j = 0; j < n; j++) {
        int64_t payload = j + 1 < n ? c->mtu : bytes - (int64_t)j * c->mtu;
        out[j] = around + (payload + 3) / 4 * 4;
        bool is_first = j == 0, is_last = j + 1 == n;
        out[j] += is_first ? first : 0;
        out[j] += end && (is_first || is_last) ? end : 0;
        if (out[j] < 84) out[j] = 84; /* 64 bytes at least */
    }
    return n;
}

static SimTime by_hand(Chain *c, TransportVerb verb, int64_t bytes, SimTime *received) {
    int64_t line[PACKETS_MOST], around = c->tagged ? 86 : 82;
    memset(c->clock, 0, sizeof c->clock);
    if (verb == TRANSPORT_READ) {
        int64_t request = around + 16;
        SimTime asked = last_arrival(c, false, 0, &request, 1);
        uint32_t n = frames_of(c, bytes, 0, 4, line);
        return last_arrival(c, true, asked, line, n);
    }
    uint32_t n = frames_of(c, bytes, verb == TRANSPORT_WRITE ? 16 : 0, 0, line);
    *received = last_arrival(c, false, 0, line, n);
    int64_t ack = around + 4;
    return last_arrival(c, true, *received, &ack, 1);
}

/* ---- the same as a scenario ---- */

#define SPEEDS "[3Gbps,7Gbps,10Gbps,11Gbps,20Gbps,25Gbps,40Gbps,50Gbps,100Gbps]"

static GString *chain_yaml(const Chain *c) {
    GString *y = g_string_new("schema: 1\nname: chain\ndescription: a chain\nduration: 10ms\n"
                              "switches:\n");
    for (uint32_t i = 0; i + 1 < c->links; i++)
        g_string_append_printf(y,
                               "  - {name: s%u, ports: 4, rate: 200Gbps, speeds: " SPEEDS
                               ", mode: %s, latency: %dns}\n",
                               i + 1, c->cut_through[i] ? "cut-through" : "store-and-forward",
                               (int)c->latency_ns[i]);
    for (uint32_t i = 1; i + 1 < c->links; i++)
        g_string_append_printf(y,
                               "%s  - {name: c%u, from: s%u, to: s%u, rate: %dGbps, "
                               "length: %d.%03dm}\n",
                               i == 1 ? "cables:\n" : "", i, i, i + 1, (int)c->gbps[i],
                               (int)(c->mm[i] / 1000), (int)(c->mm[i] % 1000));
    g_string_append(y, "hosts:\n");
    for (uint32_t h = 0; h < 2; h++) {
        uint32_t link = h ? c->links - 1 : 0, sw = h ? c->links - 1 : 1;
        g_string_append_printf(
            y,
            "  - name: h%u\n    vnics: [{name: a, rdma: true, port: 1%s}]\n"
            "    nic: {ports: 1, rate: 200Gbps, speeds: " SPEEDS
            ", cables: [s%u], cable_rate: %dGbps, cable_length: %d.%03dm, mtu: %dB, "
            "tx_latency: %dns, rx_latency: %dns}\n",
            h, c->tagged ? ", vlan: 7" : "", sw, (int)c->gbps[link], (int)(c->mm[link] / 1000),
            (int)(c->mm[link] % 1000), (int)c->mtu, (int)c->tx_ns, (int)c->rx_ns);
    }
    return y;
}

static void check_chain(Chain *c, TransportVerb verb, uint32_t bytes) {
    Probe p = {.verb = verb, .bytes = bytes, .n = 1};
    GString *y = chain_yaml(c);
    SimResult *r = probe_run(&p, y->str);
    SimTime received = 0, expected = by_hand(c, verb, bytes, &received);
    ck_assert_uint_eq(p.n_completed, 1);
    ck_assert_int_eq(p.status[0], TRANSPORT_OK);
    if (p.completed[0] != expected) fputs(y->str, stderr);
    ck_assert_int_eq(p.completed[0], expected);
    ck_assert_uint_eq(p.n_received, verb == TRANSPORT_SEND);
    if (verb == TRANSPORT_SEND) ck_assert_int_eq(p.received[0], received);
    sim_result_free(r);
    g_string_free(y, TRUE);
}

/* Wholly by hand: 4 KiB over one cut-through switch of 300 ns, 25 Gb/s (32 ticks a byte), 3 m:
 *   data 4096 + 82 + 16 = 4194 bytes: 45000 + 1515 + 30000, then 134208 + 1515 + 40000
 *   ACK 86 bytes:                     45000 + 1515 + 30000, then   2752 + 1515 + 40000 */
START_TEST(one_switch_in_figures) {
    Chain c = {.links = 2,
               .gbps = {25, 25},
               .mm = {3000, 3000},
               .latency_ns = {300},
               .cut_through = {true},
               .tx_ns = 450,
               .rx_ns = 400,
               .mtu = 4096};
    SimTime received;
    ck_assert_int_eq(by_hand(&c, TRANSPORT_WRITE, 4096, &received), 252238 + 120782);
    check_chain(&c, TRANSPORT_WRITE, 4096);
    /* store and forward: the switch waits for the last bit, of the data and of the ACK */
    c.cut_through[0] = false;
    ck_assert_int_eq(by_hand(&c, TRANSPORT_WRITE, 4096, &received), 373020 + 134208 + 2752);
    check_chain(&c, TRANSPORT_WRITE, 4096);
    printf("write 4 KiB, one switch        %12.6f us to the tick\n", 3.7302);
}
END_TEST

static int64_t pick(SimRng *rng, const int64_t *list, uint64_t n) {
    return list[sim_rng_below(rng, n)];
}

static Chain chain_draw(SimRng *rng, const int64_t *rates, uint64_t n_rates, bool cut_through) {
    static const int64_t lengths[] = {100, 500, 1001, 2997, 3000, 30003, 300000, 2000001};
    Chain c = {.links = 2 + (uint32_t)sim_rng_below(rng, 5)};
    for (uint32_t i = 0; i < c.links; i++) {
        c.gbps[i] = pick(rng, rates, n_rates);
        c.mm[i] = pick(rng, lengths, 8);
        c.latency_ns[i] = (int64_t)sim_rng_below(rng, 2000);
        c.cut_through[i] = cut_through && sim_rng_below(rng, 2);
    }
    c.tx_ns = (int64_t)sim_rng_below(rng, 900);
    c.rx_ns = (int64_t)sim_rng_below(rng, 900);
    c.mtu = 256 << sim_rng_below(rng, 5);
    c.tagged = sim_rng_below(rng, 2);
    return c;
}

static void check_many(const int64_t *rates, uint64_t n_rates, bool cut_through, const char *name) {
    static const TransportVerb verbs[] = {TRANSPORT_WRITE, TRANSPORT_READ, TRANSPORT_SEND};
    SimRng rng;
    sim_rng_init(&rng, 1, "latency", name);
    for (uint32_t i = 0; i < 150; i++) {
        Chain c = chain_draw(&rng, rates, n_rates, cut_through);
        uint64_t most = i % 3 ? (uint64_t)c.mtu * 40 : (uint64_t)c.mtu;
        check_chain(&c, verbs[i % 3], 1 + (uint32_t)sim_rng_below(&rng, most));
    }
    printf("%-30s 150 chains to the tick\n", name);
}

START_TEST(store_and_forward) {
    static const int64_t rates[] = {10, 20, 25, 40, 50, 100};
    check_many(rates, 6, false, "store and forward");
}
END_TEST

START_TEST(cut_through) {
    static const int64_t rates[] = {10, 20, 25, 40, 50, 100};
    check_many(rates, 6, true, "cut-through, mixed");
}
END_TEST

/* Rates that have no whole number of ticks a byte. */
START_TEST(odd_rates) {
    static const int64_t rates[] = {3, 7, 11, 25};
    check_many(rates, 4, false, "odd rates");
}
END_TEST

/* ---- a connection that dies silently ---- */

/* (retries + 1) x 4.096 us x 2^t after the packet was sent the connection breaks; `reconnect`
 * after that, and again and again, the ends try to set it up: one MAD each way, 82 + 8 + 256
 * bytes. */
static void check_break(int t, int retries) {
    const SimTime black = SIM_US * 100, timeout = (SimTime)409600 << t;
    const SimTime posted = SIM_US * 200, reconnect = 3 * SIM_MS;
    const SimTime breaks = posted + timeout * (retries + 1);
    const SimTime restored = breaks + reconnect * 2 + SIM_MS; /* the third attempt gets through */
    char yaml[1024];
    snprintf(yaml, sizeof yaml,
             "schema: 1\nname: silent\ndescription: silent\nduration: 2s\n"
             "switches: [{name: s, ports: 4, rate: 25Gbps, mode: store-and-forward, "
             "latency: 500ns}]\n"
             "hosts: [{name: h, count: 2, nic: {ports: 1, rate: 25Gbps, cables: [s], "
             "cable_length: 2m, tx_latency: 450ns, rx_latency: 400ns, ack_timeout: %d, "
             "retries: %d, reconnect: 3ms}}]\n"
             "faults: [{name: hole, at: 100us, for: %ldns, down: h2/1, silent: true}]\n",
             t, retries, (long)((restored - black) / SIM_NS));
    Probe p = {.verb = TRANSPORT_WRITE, .bytes = 3000, .n = 3};
    p.at[0] = 0;
    p.at[1] = posted;
    p.at[2] = restored + 10 * SIM_MS;
    SimResult *r = probe_run(&p, yaml);
    ck_assert_uint_eq(p.n_completed, 3);
    ck_assert_int_eq(p.status[0], TRANSPORT_OK);
    ck_assert_int_eq(p.status[1], TRANSPORT_FLUSHED);
    ck_assert_int_eq(p.completed[1], breaks);
    ck_assert_int_eq(p.broke, breaks);
    ck_assert_uint_eq(p.breaks, 1);
    SimTime way = 346 * 32 * 2 + 2 * 1010 + 45000 + 50000 + 40000;
    ck_assert_int_eq(p.stood, breaks + 3 * reconnect + 2 * way);
    ck_assert_uint_eq(p.stands, 1);
    ck_assert_int_eq(p.status[2], TRANSPORT_OK);
    ck_assert_int_eq(p.completed[2] - p.at[2], p.completed[0]); /* as good as new */
    ck_assert_double_eq(rack_value(r, "h1", "local_ack_timeout_err"), retries + 1);
    printf("break, t %2d retries %d           %12.6f ms to the tick\n", t, retries,
           (double)(breaks - posted) / SIM_MS);
    sim_result_free(r);
}

START_TEST(silent_loss_breaks_the_connection) {
    check_break(14, 6);
    check_break(8, 7);
    check_break(10, 0);
    check_break(1, 3);
}
END_TEST

int main(void) {
    setvbuf(stdout, NULL, _IOLBF, BUFSIZ); /* figures of a failed test are wanted most */
    Suite *suite = suite_create("latency");
    TCase *tests = tcase_create("latency");
    suite_add_tcase(suite, tests);
    tcase_add_test(tests, one_switch_in_figures);
    tcase_add_test(tests, store_and_forward);
    tcase_add_test(tests, cut_through);
    tcase_add_test(tests, odd_rates);
    tcase_add_test(tests, silent_loss_breaks_the_connection);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
