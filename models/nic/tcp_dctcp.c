/* tcp_dctcp.c: DCTCP (RFC 8257). */
#include "models/nic/tcp_congestion.h"

/* alpha in units of 1/1024, begins at 1 (RFC 8257, 4.2: the first mark halves); g = 1/16. */
enum { ALPHA_ONE = 1024, G_SHIFT = 4 };

typedef struct TcpDctcp {
    TcpWindow window; /* first */
    int64_t alpha;
    int64_t acked, marked; /* bytes in the current window of data */
    uint64_t round;        /* which ends when this position is passed */
} TcpDctcp;

static void dctcp_start(NicCongestion *c, const void *params, int64_t line, uint32_t segment) {
    TcpDctcp *d = (TcpDctcp *)c;
    c->rate = line;
    tcp_window_start(&d->window, params, segment);
    d->alpha = ALPHA_ONE;
}

/* alpha <- (1 - g) alpha + g F, at least one unit down so that it reaches 0 without marks. */
static void dctcp_round(TcpDctcp *d, const NicAcked *a) {
    int64_t down = d->alpha >> G_SHIFT;
    d->alpha -= down ? down : d->alpha;
    if (d->marked) d->alpha += d->marked * (ALPHA_ONE >> G_SHIFT) / d->acked;
    if (d->alpha > ALPHA_ONE) d->alpha = ALPHA_ONE;
    d->acked = d->marked = 0;
    d->round = a->sent;
}

static void dctcp_acked(NicCongestion *c, SimTime now, const NicAcked *a) {
    (void)now;
    TcpDctcp *d = (TcpDctcp *)c;
    TcpWindow *w = &d->window;
    int64_t n = tcp_window_acked(w, a);
    d->acked += a->bytes;
    if (a->marked) d->marked += a->bytes;
    if (a->position > d->round && d->acked) dctcp_round(d, a);
    if (tcp_window_marked(w, a)) {
        int64_t to = w->size - (w->size * d->alpha) / (2 * ALPHA_ONE);
        tcp_window_hold(w, a, to > 2 ? to : 2);
        return;
    }
    n = n ? tcp_window_slow_start(w, n) : 0;
    if (n) tcp_window_avoid(w, w->size, n);
}

static void dctcp_lost(NicCongestion *c, SimTime now, int64_t in_flight) {
    (void)now;
    (void)in_flight;
    tcp_window_lost((TcpWindow *)c, tcp_window_half((TcpWindow *)c));
}

static void dctcp_expired(NicCongestion *c, SimTime now, int64_t in_flight) {
    (void)now;
    (void)in_flight;
    tcp_window_expired((TcpWindow *)c, tcp_window_half((TcpWindow *)c));
}

const NicCongestionOps nic_tcp_dctcp = {
    .name = "dctcp",
    .size = sizeof(TcpDctcp),
    .start = dctcp_start,
    .acked = dctcp_acked,
    .lost = dctcp_lost,
    .recovered = tcp_window_recovered,
    .expired = dctcp_expired,
};
