/* symptoms.c: see symptoms.h. */
#include "sim/report/symptoms.h"

#include <math.h>
#include <string.h>

#include "sim/report/counters.h"

/* Ports beyond which the other end is not looked for by bytes: the work grows with the square. */
enum { MATCHED_PORTS_MAX = 256 };

static const char *const priority_metrics[PRIORITY_COUNTS] = {
    [RX_PACKETS] = "rx_prio#_packets",       [TX_PACKETS] = "tx_prio#_packets",
    [RX_BYTES] = "rx_prio#_bytes",           [TX_BYTES] = "tx_prio#_bytes",
    [RX_PAUSE] = "rx_prio#_pause",           [TX_PAUSE] = "tx_prio#_pause",
    [RX_PAUSED] = "rx_prio#_pause_duration", [TX_PAUSED] = "tx_prio#_pause_duration",
    [BUF_DISCARD] = "rx_prio#_buf_discard",  [TX_DISCARD] = "tx_prio#_discard",
};
static const char *const port_metrics[PORT_COUNTS] = {
    [RX_DISCARDS] = "rx_discards",     [CRC_ERRORS] = "rx_crc_errors",
    [OVERSIZE] = "rx_oversize",        [RX_LINK_PAUSE] = "rx_pause_ctrl",
    [TX_LINK_PAUSE] = "tx_pause_ctrl", [ECN_MARKED] = "tx_ecn_marked",
    [WATCHDOG] = "watchdog_events",    [LINK_DOWN] = "link_down_events",
};
static const char *const host_metrics[HOST_COUNTS] = {
    [OUT_OF_SEQUENCE] = "out_of_sequence",
    [PACKET_SEQ_ERR] = "packet_seq_err",
    [IMPLIED_NAK] = "implied_nak_seq_err",
    [ACK_TIMEOUT] = "local_ack_timeout_err",
    [RNR_NAK] = "rnr_nak_retry_err",
    [OUT_OF_BUFFER] = "out_of_buffer",
    [CNP_SENT] = "np_cnp_sent",
    [ECN_RECEIVED] = "np_ecn_marked_roce_packets",
    [CNP_HANDLED] = "rp_cnp_handled",
    [CQE_ERROR] = "req_cqe_error",
    [RDMA_INITIATED] = "rdma_initiated_connections",
    [RDMA_ACCEPTED] = "rdma_accepted_connections",
    [RDMA_ACTIVE] = "rdma_active_connections",
    [RDMA_ERRORS] = "rdma_connection_errors",
    [RDMA_FAILED] = "rdma_failed_connection_attempts",
    [RDMA_IN] = "rdma_in_bytes",
    [RDMA_OUT] = "rdma_out_bytes",
    [RDMA_IN_FRAMES] = "rdma_in_frames",
    [RDMA_OUT_FRAMES] = "rdma_out_frames",
    [TCP_SENT] = "tcp_segments_sent",
    [TCP_RECEIVED] = "tcp_segments_received",
    [TCP_AGAIN] = "tcp_segments_retransmitted",
    [CPU_BUSY] = "cpu_busy",
    [BEATS_MISSED] = "missed",
};

static int index_of(const char *const *names, int n, const char *name) {
    for (int i = 0; i < n; i++)
        if (strcmp(names[i], name) == 0) return i;
    return -1;
}

/* ---- columns into counts ---- */

/* What stands under a key, one more than its index; 0: nothing yet. */
static uint32_t looked_up(const Symptoms *s, const char *key) {
    return GPOINTER_TO_UINT(g_hash_table_lookup(s->index, key));
}

static void remember(Symptoms *s, const char *key, uint32_t index) {
    g_hash_table_insert(s->index, sim_arena_strdup(&s->arena, key), GUINT_TO_POINTER(index + 1));
}

static char *lower(SimArena *arena, const char *text) {
    char *copy = sim_arena_strdup(arena, text);
    for (char *p = copy; *p; p++)
        *p = g_ascii_tolower(*p);
    return copy;
}

static uint32_t machine_at(Symptoms *s, const char *name) {
    char *key = lower(&s->arena, name);
    uint32_t found = looked_up(s, key);
    if (found) return found - 1;
    SIM_PUSH(&s->arena, &s->machines)->name = key;
    remember(s, key, s->machines.n - 1);
    return s->machines.n - 1;
}

/* "3:3 [node2 1]" or "Ethernet 4 Priority 3": name "3" or "Ethernet 4", neighbour "node2 1". */
static char *port_name(SimArena *arena, const SimCounterDoc *doc, const char *instance,
                       const char **neighbour) {
    char *name = sim_arena_strdup(arena, instance);
    size_t n = strlen(name);
    char *open = strrchr(name, '[');
    *neighbour = NULL;
    if (open && n && name[n - 1] == ']' && strchr(open, ' ')) {
        name[n - 1] = 0;
        *neighbour = sim_arena_strdup(arena, open + 1);
        *open = 0;
    }
    if (doc->instance && strchr(doc->instance, '#')) { /* the digit stands there */
        size_t stem = strlen(doc->instance) - 1;
        for (char *p = name; *p; p++) {
            if (g_ascii_strncasecmp(p, doc->instance, stem) != 0 || !g_ascii_isdigit(p[stem]))
                continue;
            memmove(p, p + stem + 1, strlen(p + stem + 1) + 1);
            break;
        }
    }
    return g_strstrip(name);
}

static SymptomPort *port_at(Symptoms *s, uint32_t machine, const char *name,
                            const char *neighbour) {
    char *key = lower(&s->arena,
                      sim_arena_printf(&s->arena, "%s\n%s", s->machines.items[machine].name, name));
    uint32_t found = looked_up(s, key);
    if (!found) {
        *SIM_PUSH(&s->arena, &s->ports) =
            (SymptomPort){.machine = machine, .name = name, .peer = UINT32_MAX};
        remember(s, key, s->ports.n - 1);
        found = s->ports.n;
    }
    SymptomPort *port = &s->ports.items[found - 1];
    if (neighbour) port->neighbour = neighbour;
    return port;
}

/* Adds a column to a count: instances of one counter add up; a second name of it is left out. */
static void count_add(Symptoms *s, Count *c, const SimPdhColumn *column, const SimCounterDoc *doc) {
    if (c->step && strcmp(c->doc->object, doc->object) != 0) return;
    if (!c->step) {
        c->step = SIM_NEW_N(&s->arena, double, s->n_steps);
        c->column = column;
        c->doc = doc;
    }
    double before = column->value[0];
    for (uint32_t i = 0; i < s->n_steps; i++) {
        double now = column->value[i + 1];
        if (isnan(now)) continue;
        double time = s->pdh->seconds[i + 1] - s->pdh->seconds[i], more;
        if (doc->form == SIM_COUNTER_RATE)
            more = now * time;
        else if (doc->form == SIM_COUNTER_SHARE)
            more = now / 100 * time;
        else if (doc->form == SIM_COUNTER_LEVEL)
            more = now;
        else
            more = isnan(before) ? 0 : now >= before ? now - before : now; /* it was reset */
        before = now;
        c->step[i] += more;
    }
}

static void count_sum(const Symptoms *s, Count *c) {
    if (!c->step) return;
    for (uint32_t i = 0; i < s->n_steps; i++) {
        if (c->doc->form != SIM_COUNTER_LEVEL)
            c->total += c->step[i];
        else if (c->step[i] > c->total)
            c->total = c->step[i];
    }
}

static bool is_total(const char *instance) {
    return g_ascii_strcasecmp(instance, "_Total") == 0;
}

/* A key of a counter of a machine, whatever its instance. */
static char *counter_key(Symptoms *s, const SimPdhColumn *c) {
    return lower(&s->arena,
                 sim_arena_printf(&s->arena, "%s\n%s\n%s", c->machine, c->object, c->counter));
}

/* "_Total" repeats the instances beside it; so note who has any. */
static void note_instances(Symptoms *s) {
    for (uint32_t i = 0; i < s->pdh->n_columns; i++)
        if (!is_total(s->pdh->columns[i].instance))
            remember(s, counter_key(s, &s->pdh->columns[i]), i);
}

static void take_column(Symptoms *s, const SimPdhColumn *column) {
    int priority, index;
    const SimCounterDoc *doc =
        sim_counters_find(column->object, column->instance, column->counter, &priority);
    if (!doc) return;
    s->n_known++;
    if (is_total(column->instance) && looked_up(s, counter_key(s, column))) return;
    uint32_t at = machine_at(s, column->machine);
    SymptomMachine *machine = &s->machines.items[at];
    if (strcmp(doc->kind, "port") != 0) {
        machine->host = true;
        index = index_of(host_metrics, HOST_COUNTS, doc->metric);
        if (index >= 0) count_add(s, &machine->count[index], column, doc);
        return;
    }
    if (doc->place == SIM_COUNTER_HOST && g_ascii_strcasecmp(doc->object, column->object) == 0)
        machine->host = true;
    const char *neighbour;
    const char *name = port_name(&s->arena, doc, column->instance, &neighbour);
    SymptomPort *port = port_at(s, at, name, neighbour);
    if (priority >= 0) {
        index = index_of(priority_metrics, PRIORITY_COUNTS, doc->metric);
        if (index >= 0) count_add(s, &port->by_priority[index][priority], column, doc);
    } else {
        index = index_of(port_metrics, PORT_COUNTS, doc->metric);
        if (index >= 0) count_add(s, &port->count[index], column, doc);
    }
}

static void sum_all(Symptoms *s) {
    for (uint32_t i = 0; i < s->machines.n; i++)
        for (int k = 0; k < HOST_COUNTS; k++)
            count_sum(s, &s->machines.items[i].count[k]);
    for (uint32_t i = 0; i < s->ports.n; i++) {
        SymptomPort *port = &s->ports.items[i];
        for (int k = 0; k < PORT_COUNTS; k++)
            count_sum(s, &port->count[k]);
        for (int k = 0; k < PRIORITY_COUNTS; k++) {
            for (int p = 0; p < SYMPTOM_PRIORITIES; p++) {
                count_sum(s, &port->by_priority[k][p]);
                s->used[p] |= port->by_priority[k][p].total > 0;
            }
        }
    }
}

/* ---- the other ends ---- */

static void peers_by_name(Symptoms *s) {
    for (uint32_t i = 0; i < s->ports.n; i++) {
        SymptomPort *port = &s->ports.items[i];
        if (!port->neighbour) continue;
        char *key = lower(&s->arena, port->neighbour), *space = strrchr(key, ' ');
        if (space) *space = '\n';
        uint32_t found = looked_up(s, key);
        if (found) port->peer = found - 1;
    }
}

static double bytes_in_step(const SymptomPort *port, PriorityCount which, uint32_t step) {
    double sum = 0;
    for (int p = 0; p < SYMPTOM_PRIORITIES; p++)
        if (port->by_priority[which][p].step) sum += port->by_priority[which][p].step[step];
    return sum;
}

/* How far what `a` received is from what `b` sent, 0 to 1; 1 where there is nothing to tell by. */
static double unlikeness(const Symptoms *s, const SymptomPort *a, const SymptomPort *b) {
    double apart = 0, both = 0;
    for (uint32_t i = 0; i < s->n_steps; i++) {
        double in = bytes_in_step(a, RX_BYTES, i), out = bytes_in_step(b, TX_BYTES, i);
        apart += fabs(in - out);
        both += in + out;
    }
    return both > 0 ? apart / both : 1;
}

/* The port whose bytes are likest in both directions, if no other is nearly as like. */
static uint32_t likest(const Symptoms *s, uint32_t of) {
    const double alike = 0.05, clearly = 4; /* frames under way at a reading; next best */
    const SymptomPort *a = &s->ports.items[of];
    double best = 1, second = 1;
    uint32_t found = UINT32_MAX;
    for (uint32_t k = 0; k < s->ports.n; k++) {
        const SymptomPort *b = &s->ports.items[k];
        if (b->machine == a->machine) continue;
        double there = unlikeness(s, a, b), back = unlikeness(s, b, a);
        double both = there > back ? there : back;
        if (both < best) {
            second = best;
            best = both;
            found = k;
        } else if (both < second) {
            second = both;
        }
    }
    return best < alike && second > best * clearly ? found : UINT32_MAX;
}

static void peers_by_bytes(Symptoms *s) {
    if (s->ports.n > MATCHED_PORTS_MAX) return;
    uint32_t *match = SIM_NEW_N(&s->arena, uint32_t, s->ports.n);
    for (uint32_t i = 0; i < s->ports.n; i++)
        match[i] = s->ports.items[i].peer == UINT32_MAX ? likest(s, i) : s->ports.items[i].peer;
    for (uint32_t i = 0; i < s->ports.n; i++)
        if (match[i] != UINT32_MAX && match[match[i]] == i) s->ports.items[i].peer = match[i];
}

/* ---- links that go and come ---- */

static bool carries(const SymptomPort *port, uint32_t step) {
    return bytes_in_step(port, RX_BYTES, step) + bytes_in_step(port, TX_BYTES, step) > 0;
}

static void disturb(Symptoms *s, uint32_t step) {
    uint32_t from = step ? step - 1 : 0;
    for (uint32_t i = from; i <= step + 1 && i < s->n_steps; i++)
        s->disturbed[i] = true;
}

/* A port that falls silent while the rack goes on, and perhaps speaks again, has lost its link; one
 * that does so often merely has little to say. Adapters count it themselves. */
static void find_disturbed(Symptoms *s) {
    enum { OFTEN = 4 };
    const double goes_on = 0.1; /* of the mean load: less is the end of the work */
    double *load = SIM_NEW_N(&s->arena, double, s->n_steps), mean = 0;
    s->disturbed = SIM_NEW_N(&s->arena, bool, s->n_steps);
    for (uint32_t i = 0; i < s->n_steps; i++) {
        for (uint32_t k = 0; k < s->ports.n; k++)
            load[i] += bytes_in_step(&s->ports.items[k], RX_BYTES, i);
        mean += load[i] / s->n_steps;
    }
    for (uint32_t k = 0; k < s->ports.n; k++) {
        const SymptomPort *port = &s->ports.items[k];
        const Count *down = &port->count[LINK_DOWN];
        uint32_t turns = 0;
        for (uint32_t i = 1; i < s->n_steps; i++)
            turns += carries(port, i) != carries(port, i - 1);
        for (uint32_t i = 0; i < s->n_steps; i++) {
            bool turned = i && turns <= OFTEN && load[i] > mean * goes_on &&
                          carries(port, i) != carries(port, i - 1);
            if (turned || (down->step && down->step[i] > 0)) disturb(s, i);
        }
    }
}

/* ---- life ---- */

Symptoms *symptoms_new(const SimPdh *pdh) {
    Symptoms *s = g_new0(Symptoms, 1);
    sim_arena_init(&s->arena);
    s->pdh = pdh;
    s->n_steps = pdh->n_samples - 1;
    s->seconds = pdh->seconds[s->n_steps];
    s->index = g_hash_table_new(g_str_hash, g_str_equal);
    note_instances(s);
    for (uint32_t i = 0; i < pdh->n_columns; i++)
        take_column(s, &pdh->columns[i]);
    sum_all(s);
    peers_by_name(s);
    peers_by_bytes(s);
    find_disturbed(s);
    return s;
}

void symptoms_free(Symptoms *s) {
    g_hash_table_unref(s->index);
    sim_arena_clear(&s->arena);
    g_free(s);
}

double symptoms_calm(const Symptoms *s, const Count *c) {
    double sum = 0;
    for (uint32_t i = 0; c->step && i < s->n_steps; i++)
        if (!s->disturbed[i]) sum += c->step[i];
    return sum;
}

uint32_t symptoms_steps(const Symptoms *s, const Count *c) {
    uint32_t n = 0;
    for (uint32_t i = 0; c->step && i < s->n_steps; i++)
        n += !s->disturbed[i] && c->step[i] > 0;
    return n;
}
