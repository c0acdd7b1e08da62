/* buffer.h: the packet buffer of a switch: who may hold how much of it.
 *
 * A waiting frame of a lossless priority is charged to the port it came in by, in this order:
 *
 *     reserved   the pair's own                          (port, priority)
 *     pool       shared, while the pair holds less than T
 *     headroom   the pair's own, for what still comes after XOFF
 *
 * T = alpha x (pool - used of it), or a fixed XOFF. The frame that takes the pair to T or beyond,
 * or finds it there because T has fallen, is still the pool's and has XOFF sent. What leaves is
 * taken off the headroom first. The pause ends when the headroom is empty and the pair's share has
 * fallen `xon` below T, or is nothing.
 *
 * A waiting frame of a lossy priority is charged to the lossy pool; a queue may take alpha_lossy
 * times what is free of it. A priority that is not counted is charged nowhere.
 *
 * Within the fabric; in a header because every waiting frame passes here twice. */
#ifndef MODELS_FABRIC_BUFFER_H
#define MODELS_FABRIC_BUFFER_H

#include "models/fabric/fabric.h"

static inline uint32_t buffer_bytes(const FabricSwitch *sw, const SimPacket *p) {
    return p->line_bytes - sw->fabric->gap; /* preamble and gap are not stored */
}

/* Whether `shared` bytes of the pool reach what one port and priority may hold now:
 * shared >= floor(free x alpha), without a division. */
static inline bool buffer_full(const FabricSwitch *sw, const FabricPort *in, int64_t shared) {
    if (in->xoff != SIM_ABSENT) return shared >= in->xoff;
    int64_t free = sw->pool - sw->pool_used;
    return free <= 0 || (shared + 1) * 1000000 > free * in->alpha;
}

/* What a port and priority hold of the pool. */
static inline int64_t buffer_shared(const FabricPort *in, uint32_t priority) {
    int64_t own = (int64_t)in->held[priority] - in->over[priority] - in->reserved;
    return own > 0 ? own : 0;
}

/* The pool's share is used up: into the headroom; false where that is full too. */
bool fabric_buffer_headroom(SimRun *run, FabricPort *in, const FabricPort *out, uint32_t priority,
                            uint32_t bytes);

static inline bool buffer_charge_lossless(SimRun *run, FabricSwitch *sw, FabricPort *in,
                                          const FabricPort *out, uint32_t priority,
                                          uint32_t bytes) {
    int64_t own = (int64_t)in->held[priority] - in->over[priority] - in->reserved;
    int64_t shared = own > 0 ? own : 0, then = own + bytes > 0 ? own + bytes : 0;
    if (__builtin_expect(then && buffer_full(sw, in, shared), 0))
        return fabric_buffer_headroom(run, in, out, priority, bytes);
    in->held[priority] += bytes;
    sw->pool_used += then - shared;
    if (__builtin_expect(then && buffer_full(sw, in, then), 0) &&
        !(in->pause_wanted >> priority & 1)) {
        in->pause_cause = out->name;
        fabric_port_want_pause(run, in, priority, true);
    }
    return true;
}

/* Takes a waiting frame into the buffer; false where it must be dropped. */
static inline bool buffer_charge(SimRun *run, FabricSwitch *sw, FabricPort *in,
                                 const FabricPort *out, const SimPacket *p) {
    uint32_t bytes = buffer_bytes(sw, p), priority = p->priority;
    if (!(sw->counted >> priority & 1)) return true;
    if (sw->used + bytes > sw->buffer) return false; /* the headrooms were promised twice */
    if (in->lossless >> priority & 1) {
        if (!buffer_charge_lossless(run, sw, in, out, priority, bytes)) return false;
    } else {
        int64_t free = sw->lossy_pool - sw->lossy_used;
        if (bytes > free || out->queued[priority] + bytes > free * sw->lossy_alpha / 1000000)
            return false;
        sw->lossy_used += bytes;
        in->held[priority] += bytes;
    }
    sw->used += bytes;
    if (sw->used > sw->peak_used) sw->peak_used = sw->used;
    return true;
}

/* The pause of a port and priority may end: called where it wants one. */
void fabric_buffer_resume(SimRun *run, FabricSwitch *sw, FabricPort *in, uint32_t priority);

static inline void buffer_release_lossless(SimRun *run, FabricSwitch *sw, FabricPort *in,
                                           uint32_t priority, uint32_t bytes) {
    int64_t shared = buffer_shared(in, priority);
    uint32_t over = in->over[priority] < bytes ? in->over[priority] : bytes;
    in->over[priority] -= over;
    in->held[priority] -= bytes;
    sw->pool_used += buffer_shared(in, priority) - shared;
    if (__builtin_expect(in->pause_wanted >> priority & 1, 0))
        fabric_buffer_resume(run, sw, in, priority);
}

static inline void buffer_release(SimRun *run, FabricSwitch *sw, const SimPacket *p) {
    uint32_t bytes = buffer_bytes(sw, p), priority = p->priority;
    if (!(sw->counted >> priority & 1)) return;
    FabricPort *in = &sw->port[p->port];
    sw->used -= bytes;
    if (in->lossless >> priority & 1) {
        buffer_release_lossless(run, sw, in, priority, bytes);
    } else {
        sw->lossy_used -= bytes;
        in->held[priority] -= bytes;
    }
}

#endif
