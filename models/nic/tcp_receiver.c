/* tcp_receiver.c: what arrives, what is in order, and when an acknowledgement is due. */
#include <string.h>

#include "models/nic/tcp.h"

/* ---- ranges ---- */

TcpPiece *tcp_piece_new(SimPool *pool, uint32_t first, uint32_t end, TcpPieceState state) {
    TcpPiece *p = sim_pool_get(pool);
    *p = (TcpPiece){.first = first, .end = end, .state = state};
    return p;
}

void tcp_pieces_insert(TcpPieces *list, TcpPiece *at, TcpPiece *p) {
    p->before = at;
    p->next = at ? at->next : list->first;
    if (p->next)
        p->next->before = p;
    else
        list->last = p;
    if (at)
        at->next = p;
    else
        list->first = p;
}

void tcp_pieces_remove(TcpPieces *list, TcpPiece *p) {
    if (p->next)
        p->next->before = p->before;
    else
        list->last = p->before;
    if (p->before)
        p->before->next = p->next;
    else
        list->first = p->next;
}

/* ---- life ---- */

void tcp_receiver_init(TcpReceiver *r, uint32_t isn) {
    r->next = r->told = isn;
    r->quick = r->config->quick_acks;
    r->deadline = SIM_NEVER;
}

static void ahead_drop(TcpReceiver *r, TcpPiece *p) {
    tcp_pieces_remove(&r->ahead, p);
    sim_pool_put(r->pool, p);
}

void tcp_receiver_clear(TcpReceiver *r) {
    while (r->ahead.first)
        ahead_drop(r, r->ahead.first);
    r->n_recent = 0;
}

/* ---- blocks to report ---- */

/* Drops the blocks that lie within [first, end). */
static void recent_forget(TcpReceiver *r, uint32_t first, uint32_t end) {
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->n_recent; i++) {
        bool within = !tcp_before(r->recent[i][0], first) && !tcp_before(end, r->recent[i][1]);
        if (within) continue;
        memmove(r->recent[n], r->recent[i], sizeof r->recent[0]);
        n++;
    }
    r->n_recent = n;
}

/* RFC 2018, 4: the block of the newest segment comes first. */
static void recent_add(TcpReceiver *r, uint32_t first, uint32_t end) {
    recent_forget(r, first, end);
    if (r->n_recent == TCP_SACK_KEPT) r->n_recent--;
    memmove(r->recent[1], r->recent[0], r->n_recent * sizeof r->recent[0]);
    r->recent[0][0] = first;
    r->recent[0][1] = end;
    r->n_recent++;
}

/* ---- arrival ---- */

/* Keeps [first, end), which lies beyond a gap; false where all of it was there already. */
static bool ahead_add(TcpReceiver *r, uint32_t first, uint32_t end) {
    TcpPiece *at = r->ahead.last; /* the last that begins at or before `first` */
    while (at && tcp_before(first, at->first))
        at = at->before;
    if (at && !tcp_before(at->end, end)) {
        recent_add(r, at->first, at->end);
        return false;
    }
    if (at && !tcp_before(at->end, first)) {
        at->end = end;
    } else {
        TcpPiece *p = tcp_piece_new(r->pool, first, end, TCP_SACKED);
        tcp_pieces_insert(&r->ahead, at, p);
        at = p;
    }
    while (at->next && !tcp_before(at->end, at->next->first)) {
        if (tcp_before(at->end, at->next->end)) at->end = at->next->end;
        ahead_drop(r, at->next);
    }
    recent_add(r, at->first, at->end);
    return true;
}

/* In order up to `end`, and what had come before its time with it. */
static void receiver_advance(TcpReceiver *r, uint32_t end) {
    r->next = end;
    while (r->ahead.first && !tcp_before(r->next, r->ahead.first->first)) {
        if (tcp_before(r->next, r->ahead.first->end)) r->next = r->ahead.first->end;
        ahead_drop(r, r->ahead.first);
    }
    uint32_t n = 0;
    for (uint32_t i = 0; i < r->n_recent; i++)
        if (tcp_before(r->next, r->recent[i][0])) {
            memmove(r->recent[n], r->recent[i], sizeof r->recent[0]);
            n++;
        }
    r->n_recent = n;
}

/* Takes note of a mark, or of its absence. */
static void receiver_mark(TcpReceiver *r, const TcpSegment *p) {
    if (r->config->ecn == TCP_ECN_EXACT) {
        if (p->ce == r->ce) return;
        if (r->told != r->next && !r->early_due) { /* what waits came with the other mark */
            r->early_due = true;
            r->early_ce = r->ce;
            r->early = r->next;
        }
        r->ce = p->ce;
        r->due = true;
    } else if (r->config->ecn == TCP_ECN_CLASSIC) {
        if (p->cwr) r->ce = false;
        if (p->ce && !r->ce) r->quick = r->quick > 2 ? r->quick : 2; /* say it soon */
        r->ce |= p->ce;
    }
}

/* RFC 5681, 4.2: at once for every second full segment and while anything is out of order. */
static void receiver_schedule(TcpReceiver *r, SimTime now, bool pushed) {
    bool quick = r->quick > 0;
    if (quick) r->quick--;
    if (quick || pushed || r->next - r->told > r->config->mss) {
        r->due = true;
    } else if (r->deadline == SIM_NEVER) {
        r->deadline = now + r->config->delayed_ack;
    }
}

bool tcp_receiver_segment(TcpReceiver *r, SimTime now, const TcpSegment *p, bool pushed) {
    uint32_t first = p->seq, end = p->seq + p->bytes;
    receiver_mark(r, p);
    if (!tcp_before(r->told, first)) r->echo = p->stamp;
    if (!tcp_before(r->next, end)) { /* known: its ACK, or the segment in time, was lost */
        r->duplicates++;
        r->duplicate[0] = first;
        r->duplicate[1] = end;
        r->due = true;
        r->quick = r->config->quick_acks;
        return false;
    }
    if (tcp_before(r->next, first)) {
        r->out_of_order++;
        r->due = true;
        return ahead_add(r, first, end);
    }
    bool gap = r->ahead.first != NULL;
    if (gap)
        receiver_advance(r, end);
    else
        r->next = end;
    if (gap)
        r->due = true; /* it fills a hole, or leaves one */
    else
        receiver_schedule(r, now, pushed);
    return true;
}

void tcp_receiver_timer(TcpReceiver *r, SimTime now) {
    if (now < r->deadline) return;
    r->deadline = SIM_NEVER;
    if (r->told != r->next) r->due = true;
}

/* ---- acknowledgements ---- */

void tcp_receiver_ack(TcpReceiver *r, TcpSegment *out) {
    out->window = r->config->receive_window;
    out->echo = r->echo;
    out->n_sacks = 0;
    if (r->early_due) {
        r->early_due = false;
        out->ack = r->early;
        out->echo_ce = r->early_ce;
        r->told = r->early;
        return;
    }
    out->ack = r->told = r->next;
    out->echo_ce = r->ce;
    r->due = false;
    r->deadline = SIM_NEVER;
    if (__builtin_expect(!r->n_recent && r->duplicate[0] == r->duplicate[1], 1)) return;
    if (r->duplicate[0] != r->duplicate[1]) {
        memcpy(out->sack[out->n_sacks++], r->duplicate, sizeof r->duplicate);
        r->duplicate[0] = r->duplicate[1] = 0;
    }
    for (uint32_t i = 0; i < r->n_recent && out->n_sacks < TCP_SACK_BLOCKS; i++)
        memcpy(out->sack[out->n_sacks++], r->recent[i], sizeof r->recent[i]);
}
