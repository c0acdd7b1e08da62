/* tcp_newreno.c: what the window algorithms share, and the plainest of them. */
#include "models/nic/tcp_congestion.h"

void tcp_window_set(TcpWindow *w, int64_t segments) {
    w->size = segments;
    w->base.window = segments * w->segment;
}

void tcp_window_start(TcpWindow *w, const TcpWindowParams *params, uint32_t segment) {
    w->segment = segment;
    w->threshold = INT64_MAX;
    w->base.wake = SIM_NEVER;
    tcp_window_set(w, params->initial_window);
}

int64_t tcp_window_acked(TcpWindow *w, const NicAcked *a) {
    w->timed_out = false;
    w->rest += a->bytes;
    int64_t n = w->rest / w->segment;
    w->rest -= n * w->segment;
    if (w->recovering || (w->hold && a->position <= w->hold)) return 0;
    /* A sender that has not used the window learns nothing of it (RFC 7661); in slow start half of
     * it is use enough. */
    bool used =
        a->limited || (w->size < w->threshold && w->base.window < 2 * (a->in_flight + a->bytes));
    return used ? n : 0;
}

int64_t tcp_window_slow_start(TcpWindow *w, int64_t n) {
    if (w->size >= w->threshold) return n;
    int64_t room = w->threshold - w->size, step = n < room ? n : room;
    tcp_window_set(w, w->size + step);
    return n - step;
}

void tcp_window_avoid(TcpWindow *w, int64_t every, int64_t n) {
    int64_t steps = 0;
    if (w->count >= every) { /* `every` has become less meanwhile */
        w->count = 0;
        steps = 1;
    }
    w->count += n;
    if (w->count >= every) {
        steps += w->count / every;
        w->count %= every;
    }
    if (steps) tcp_window_set(w, w->size + steps);
}

bool tcp_window_marked(const TcpWindow *w, const NicAcked *a) {
    return a->marked && !w->recovering && (!w->hold || a->position > w->hold);
}

void tcp_window_hold(TcpWindow *w, const NicAcked *a, int64_t segments) {
    w->hold = a->sent;
    w->threshold = segments;
    w->count = 0;
    tcp_window_set(w, segments);
}

void tcp_window_lost(TcpWindow *w, int64_t segments) {
    w->recovering = true;
    w->threshold = segments;
    w->count = 0;
    tcp_window_set(w, segments);
}

void tcp_window_recovered(NicCongestion *c, SimTime now) {
    (void)now;
    ((TcpWindow *)c)->recovering = false;
}

void tcp_window_expired(TcpWindow *w, int64_t segments) {
    if (!w->recovering && !w->timed_out) w->threshold = segments;
    w->recovering = false;
    w->timed_out = true;
    w->count = 0;
    w->hold = 0;
    tcp_window_set(w, 1);
}

/* ---- NewReno ---- */

static void newreno_start(NicCongestion *c, const void *params, int64_t line, uint32_t segment) {
    c->rate = line;
    tcp_window_start((TcpWindow *)c, params, segment);
}

static void newreno_acked(NicCongestion *c, SimTime now, const NicAcked *a) {
    (void)now;
    TcpWindow *w = (TcpWindow *)c;
    int64_t n = tcp_window_acked(w, a);
    if (tcp_window_marked(w, a)) {
        tcp_window_hold(w, a, tcp_window_half(w));
        return;
    }
    n = n ? tcp_window_slow_start(w, n) : 0;
    if (n) tcp_window_avoid(w, w->size, n);
}

static void newreno_lost(NicCongestion *c, SimTime now, int64_t in_flight) {
    (void)now;
    (void)in_flight;
    tcp_window_lost((TcpWindow *)c, tcp_window_half((TcpWindow *)c));
}

static void newreno_expired(NicCongestion *c, SimTime now, int64_t in_flight) {
    (void)now;
    (void)in_flight;
    tcp_window_expired((TcpWindow *)c, tcp_window_half((TcpWindow *)c));
}

const NicCongestionOps nic_tcp_newreno = {
    .name = "newreno",
    .size = sizeof(TcpWindow),
    .start = newreno_start,
    .acked = newreno_acked,
    .lost = newreno_lost,
    .recovered = tcp_window_recovered,
    .expired = newreno_expired,
};
