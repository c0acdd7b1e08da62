/* tcp_cubic.c: CUBIC (RFC 9438) with HyStart.
 *
 *   W(t) = C (t - K)^3 + W_max,   K = cbrt((W_max - W) / C),   C = 0.4, beta = 0.7
 *
 * W in segments; t in units of 1/1024 s, from the start of the epoch and one smallest round trip
 * ahead, so C t^3 is t^3 x 0.4 / 2^30. */
#include "models/nic/tcp_congestion.h"

enum {
    UNITS = 1024,      /* a second */
    BETA = 717,        /* 0.7 in 1/1024 */
    HYSTART_LOW = 16,  /* no HyStart below so many segments (Ha and Rhee) */
    HYSTART_COUNT = 8, /* round-trip times looked at in a round */
    FIRST_EVERY = 20   /* before the first loss: 1.05 x a round trip at least */
};

/* RFC 9438 leaves HyStart's figures to RFC 9406; these are those of the Linux stack. */
#define HYSTART_TRAIN (2 * SIM_MS)
#define HYSTART_MIN (4 * SIM_MS)
#define HYSTART_MAX (16 * SIM_MS)

typedef struct TcpCubic {
    TcpWindow window; /* first */
    int64_t last_max; /* W_max, segments; 0: none yet */
    int64_t origin, k;
    SimTime epoch; /* SIM_NEVER: begins with the next growth */
    SimTime min_rtt;
    int64_t reno, reno_count; /* the window that NewReno would have, segments */
    /* HyStart */
    uint64_t round;
    SimTime round_start, last_ack, round_rtt;
    int64_t samples;
} TcpCubic;

/* Largest r with r^3 <= x < 2^62: one bit a step, from the top. */
static int64_t cube_root(uint64_t x) {
    uint64_t r = 0;
    for (int bit = 20; bit >= 0; bit--) {
        uint64_t try = r | UINT64_C(1) << bit;
        if (try * try * try <= x) r = try;
    }
    return (int64_t)r;
}

static void cubic_forget(TcpCubic *q) {
    q->last_max = q->origin = q->k = 0;
    q->epoch = SIM_NEVER;
    q->reno = q->reno_count = 0;
    q->min_rtt = SIM_NEVER;
    q->round = 0;
    q->samples = 0;
    q->round_rtt = SIM_NEVER;
}

static void cubic_start(NicCongestion *c, const void *params, int64_t line, uint32_t segment) {
    c->rate = line;
    tcp_window_start((TcpWindow *)c, params, segment);
    cubic_forget((TcpCubic *)c);
}

/* ---- growth ---- */

static void cubic_epoch(TcpCubic *q, SimTime now) {
    int64_t size = q->window.size;
    q->epoch = now;
    q->reno = size;
    q->reno_count = 0;
    q->origin = size;
    q->k = 0;
    if (q->last_max > size) {
        /* K = cbrt(W / 0.4) s; cubed in units of 1/1024 s: W x 2^30 x 10 / 4 */
        int64_t less = q->last_max - size;
        if (less > INT64_C(1) << 30) less = INT64_C(1) << 30;
        q->k = cube_root((uint64_t)less * 5 / 2 << 30);
        q->origin = q->last_max;
    }
}

static int64_t cubic_target(const TcpCubic *q, SimTime now) {
    SimTime since = now - q->epoch + (q->min_rtt == SIM_NEVER ? 0 : q->min_rtt);
    int64_t t = (int64_t)((__int128)since * UNITS / SIM_S), from = t < q->k ? q->k - t : t - q->k;
    __int128 step = ((__int128)from * from * from * 2 / 5) >> 30;
    if (step > INT64_C(1) << 30) step = INT64_C(1) << 30;
    return t < q->k ? q->origin - (int64_t)step : q->origin + (int64_t)step;
}

/* Segments acknowledged for one segment more. */
static int64_t cubic_every(TcpCubic *q, SimTime now, int64_t n) {
    int64_t size = q->window.size;
    if (q->epoch == SIM_NEVER) cubic_epoch(q, now);
    int64_t target = cubic_target(q, now);
    int64_t every = target > size ? size / (target - size) : 100 * size;
    if (!q->last_max && every > FIRST_EVERY) every = FIRST_EVERY;
    /* Never slower than NewReno with beta 0.7: 3 (1 - beta) / (1 + beta) segments a round trip
     * (RFC 9438, 4.3), that is one for every 1.875 windows. */
    q->reno_count += n;
    int64_t step = size * 15 / 8;
    if (q->reno_count > step) {
        q->reno += q->reno_count / step;
        q->reno_count %= step;
    }
    if (q->reno > size && every > size / (q->reno - size)) every = size / (q->reno - size);
    return every > 2 ? every : 2;
}

/* ---- HyStart: ends slow start where ACKs still come in one train as long as half the round trip,
 * or where the round trip grows ---- */

static void hystart_acked(TcpCubic *q, SimTime now, const NicAcked *a) {
    TcpWindow *w = &q->window;
    if (a->position > q->round) {
        q->round = a->sent;
        q->round_start = q->last_ack = now;
        q->round_rtt = SIM_NEVER;
        q->samples = 0;
    }
    if (q->min_rtt == SIM_NEVER || w->size < HYSTART_LOW || w->size >= w->threshold) return;
    bool found = false;
    if (now - q->last_ack <= HYSTART_TRAIN) {
        q->last_ack = now;
        found = now - q->round_start > q->min_rtt / 2;
    }
    if (a->rtt != SIM_NEVER) {
        if (a->rtt < q->round_rtt) q->round_rtt = a->rtt;
        if (q->samples < HYSTART_COUNT) {
            q->samples++;
        } else {
            SimTime more = q->min_rtt / 8;
            more = more < HYSTART_MIN ? HYSTART_MIN : more > HYSTART_MAX ? HYSTART_MAX : more;
            found |= q->round_rtt > q->min_rtt + more;
        }
    }
    if (found) w->threshold = w->size;
}

/* ---- events ---- */

static int64_t cubic_lower(TcpCubic *q) {
    int64_t size = q->window.size, to = size * BETA / 1024;
    /* fast convergence: leave room for others when the window shrinks (RFC 9438, 4.7) */
    q->last_max = size < q->last_max ? size * (1024 + BETA) / 2048 : size;
    q->epoch = SIM_NEVER;
    return to > 2 ? to : 2;
}

static void cubic_acked(NicCongestion *c, SimTime now, const NicAcked *a) {
    TcpCubic *q = (TcpCubic *)c;
    TcpWindow *w = &q->window;
    int64_t n = tcp_window_acked(w, a);
    if (a->rtt < q->min_rtt) q->min_rtt = a->rtt;
    if (tcp_window_marked(w, a)) {
        tcp_window_hold(w, a, cubic_lower(q));
        return;
    }
    if (!n) return;
    if (w->size < w->threshold) hystart_acked(q, now, a);
    n = tcp_window_slow_start(w, n);
    if (n) tcp_window_avoid(w, cubic_every(q, now, n), n);
}

static void cubic_lost(NicCongestion *c, SimTime now, int64_t in_flight) {
    (void)now;
    (void)in_flight;
    tcp_window_lost((TcpWindow *)c, cubic_lower((TcpCubic *)c));
}

static void cubic_expired(NicCongestion *c, SimTime now, int64_t in_flight) {
    (void)now;
    (void)in_flight;
    tcp_window_expired((TcpWindow *)c, cubic_lower((TcpCubic *)c));
    cubic_forget((TcpCubic *)c); /* what was known of the path is in doubt */
}

const NicCongestionOps nic_tcp_cubic = {
    .name = "cubic",
    .size = sizeof(TcpCubic),
    .start = cubic_start,
    .acked = cubic_acked,
    .lost = cubic_lost,
    .recovered = tcp_window_recovered,
    .expired = cubic_expired,
};
