/* tcp_core.c: who does the work of TCP in a host, and when. */
#include "models/nic/tcp_core.h"

/* ---- receive-side scaling ---- */

uint32_t nic_tcp_toeplitz(uint32_t from_ip, uint32_t to_ip, uint16_t from_port, uint16_t to_port) {
    /* Microsoft, "Verifying the RSS hash calculation"; 12 bytes of input use the first 16 */
    static const uint8_t key[16] = {0x6d, 0x5a, 0x56, 0xda, 0x25, 0x5b, 0x0e, 0xc2,
                                    0x41, 0x67, 0x25, 0x3d, 0x43, 0xa3, 0x8f, 0xb0};
    const uint32_t word[3] = {from_ip, to_ip, (uint32_t)from_port << 16 | to_port};
    uint32_t hash = 0, window = 0;
    for (uint32_t i = 0; i < 4; i++)
        window = window << 8 | key[i];
    for (uint32_t bit = 0; bit < 96; bit++) { /* each bit set adds the key as seen from it */
        if (word[bit / 32] >> (31 - bit % 32) & 1) hash ^= window;
        uint32_t in = bit + 32;
        window = window << 1 | (key[in / 8] >> (7 - in % 8) & 1);
    }
    return hash;
}

/* ---- queue ---- */

static NicTcpJob *core_push(NicTcpCore *core, NicTcpLane *lane, uint16_t epoch, uint32_t bytes) {
    NicTcpJob *j = sim_pool_get(core->jobs);
    *j = (NicTcpJob){.lane = lane, .epoch = epoch, .bytes = bytes};
    if (core->first)
        core->last->next = j;
    else
        core->first = j;
    core->last = j;
    return j;
}

static bool frame_follows(const NicTcpCore *core, const NicTcpLane *lane, const NicTcpFrame *f) {
    if (!lane->open || lane->newest->epoch != f->epoch) return false;
    const TcpSegment *a = &lane->newest->segment, *b = &f->segment;
    return a->bytes && b->bytes && a->seq + a->bytes == b->seq && a->ce == b->ce &&
           lane->open->bytes + b->bytes <= (uint32_t)core->params->lro;
}

/* Large receive offload: one job for what belongs together, in order of the first frames. */
static void core_take_frames(NicTcpCore *core) {
    NicTcpFrame *f = core->frames, *next;
    NicTcpJob *first = NULL;
    core->frames = core->frames_last = NULL;
    core->interrupt = SIM_NEVER;
    for (; f; f = next) {
        next = f->next;
        f->next = NULL;
        NicTcpLane *lane = f->lane;
        if (frame_follows(core, lane, f)) {
            lane->open->bytes += f->segment.bytes;
            lane->newest->next = f;
        } else {
            lane->open = core_push(core, lane, f->epoch, f->segment.bytes);
            lane->open->frames = f;
            if (!first) first = lane->open;
        }
        lane->newest = f;
    }
    for (NicTcpJob *j = first; j; j = j->next)
        j->lane->open = NULL;
}

static SimTime core_cost(const NicTcpCore *core, const NicTcpJob *job) {
    const NicTcpParams *p = core->params;
    SimTime each = job->frames ? p->receive_cost : p->send_cost;
    return p->packet_cost + (SimTime)((__int128)each * job->bytes / 1000);
}

/* Begins the next job, or waits for the interrupt. `looking`: it has just ended one, and sees
 * frames without an interrupt. */
static void core_go_on(SimRun *run, NicTcpCore *core, bool looking) {
    SimTime now = run->context.now;
    if (core->serving) return;
    if (core->frames && (looking || core->interrupt <= now)) core_take_frames(core);
    NicTcpJob *job = core->first;
    if (!job) {
        if (core->frames) sim_timer_set(run, &core->timer, core->interrupt);
        return;
    }
    core->first = job->next;
    core->serving = job;
    SimTime cost = core_cost(core, job);
    core->busy += cost;
    *core->all_busy += cost;
    core->busy_until = now + cost;
    sim_timer_set(run, &core->timer, core->busy_until);
}

static void core_timer(SimRun *run, void *owner) {
    NicTcpCore *core = owner;
    NicTcpJob *job = core->serving;
    bool ended = job && core->busy_until <= run->context.now;
    if (ended) {
        core->serving = NULL;
        core->done(run, job);
        sim_pool_put(core->jobs, job);
    }
    core_go_on(run, core, ended);
}

void nic_tcp_core_init(SimRun *run, NicTcpCore *core, SimDomain domain, const char *name) {
    core->interrupt = SIM_NEVER;
    sim_resource_init(&core->resource, name, "core", 1);
    sim_resource_watch(&core->resource, &core->busy, &core->busy_until);
    sim_meter_resource(run, &core->resource);
    sim_timer_add(run, domain, SIM_PHASE_TIMER, name, &core->timer, core_timer, core);
}

void nic_tcp_core_send(SimRun *run, NicTcpCore *core, NicTcpLane *lane, uint16_t epoch,
                       uint32_t bytes) {
    core_push(core, lane, epoch, bytes);
    core_go_on(run, core, false);
}

void nic_tcp_core_receive(SimRun *run, NicTcpCore *core, NicTcpFrame *frame) {
    frame->next = NULL;
    if (core->frames) {
        core->frames_last->next = frame;
    } else {
        core->frames = frame;
        core->interrupt = run->context.now + core->params->moderation;
    }
    core->frames_last = frame;
    core_go_on(run, core, false);
}
