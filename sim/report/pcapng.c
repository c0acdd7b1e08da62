#include "sim/report/pcapng.h"

#include <errno.h>
#include <glib.h>
#include <inttypes.h>
#include <string.h>

#include "sim/base/assert.h"

enum {
    BLOCK_SECTION = 0x0A0D0D0A,
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 6,
    BYTE_ORDER_MAGIC = 0x1A2B3C4D,
    LINK_ETHERNET = 1,
    FCS_BYTES = 4,
};

enum {
    OPTION_END = 0,
    OPTION_COMMENT = 1,
    SECTION_APPLICATION = 4,
    INTERFACE_NAME = 2,
    INTERFACE_SPEED = 8,
    INTERFACE_RESOLUTION = 9,
    INTERFACE_FCS = 13,
    PACKET_FLAGS = 2,
};

enum { FLAG_INBOUND = 1, FLAG_OUTBOUND = 2, FLAG_FCS_SHIFT = 5 };

/* A packet's block that waits for its turn. */
typedef struct Held {
    SimTime at;
    uint32_t interface;
    bool outbound;
    GByteArray *block;
} Held;

struct SimPcapng {
    FILE *out;
    GArray *heap; /* of Held, the first at the root; children of i: 2i+1, 2i+2 */
    uint32_t interfaces;
    int error; /* the first errno */
};

/* ---- blocks ---- */

static void put(GByteArray *block, uint64_t value, unsigned bytes) {
    uint8_t at[8];
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> 8 * i);
    g_byte_array_append(block, at, bytes);
}

static void put_padded(GByteArray *block, const void *bytes, size_t size) {
    static const uint8_t zeros[4];
    g_byte_array_append(block, bytes, (guint)size);
    g_byte_array_append(block, zeros, (guint)(-size & 3));
}

static void put_option(GByteArray *block, unsigned code, const void *bytes, size_t size) {
    put(block, code, 2);
    put(block, size, 2);
    put_padded(block, bytes, size);
}

/* A text longer than an option can be loses its end. */
static void put_text(GByteArray *block, unsigned code, const char *text) {
    size_t size = strlen(text);
    put_option(block, code, text, size < UINT16_MAX ? size : UINT16_MAX);
}

static void put_number(GByteArray *block, unsigned code, uint64_t value, unsigned bytes) {
    put(block, code, 2);
    put(block, bytes, 2);
    put(block, value, bytes);
    if (bytes & 3) put(block, 0, 4 - (bytes & 3));
}

static GByteArray *block_begin(uint32_t type, size_t room) {
    GByteArray *block = g_byte_array_sized_new((guint)room);
    put(block, type, 4);
    put(block, 0, 4); /* its length, known at the end */
    return block;
}

static void block_end(GByteArray *block) {
    put(block, OPTION_END, 4); /* the code and a length of 0 */
    uint32_t size = block->len + 4;
    put(block, size, 4);
    for (unsigned i = 0; i < 4; i++)
        block->data[4 + i] = (uint8_t)(size >> 8 * i);
}

static void block_write(SimPcapng *p, GByteArray *block) {
    errno = 0;
    if (!p->error && fwrite(block->data, 1, block->len, p->out) != block->len)
        p->error = errno ? errno : EIO;
    g_byte_array_unref(block);
}

SimPcapng *sim_pcapng_new(FILE *out, const char *application) {
    SimPcapng *p = g_new0(SimPcapng, 1);
    p->out = out;
    p->heap = g_array_new(FALSE, FALSE, sizeof(Held));
    GByteArray *block = block_begin(BLOCK_SECTION, 64);
    put(block, BYTE_ORDER_MAGIC, 4);
    put(block, 1, 2); /* version 1.0 */
    put(block, 0, 2);
    put(block, UINT64_MAX, 8); /* length of the section: not said */
    put_text(block, SECTION_APPLICATION, application);
    block_end(block);
    block_write(p, block);
    return p;
}

uint32_t sim_pcapng_interface(SimPcapng *p, const char *name, int64_t bps) {
    enum { NANOSECONDS = 9 }; /* 10^-9 */
    GByteArray *block = block_begin(BLOCK_INTERFACE, 96);
    put(block, LINK_ETHERNET, 2);
    put(block, 0, 2);
    put(block, 0, 4); /* frames are never cut short */
    put_text(block, INTERFACE_NAME, name);
    if (bps) put_number(block, INTERFACE_SPEED, (uint64_t)bps, 8);
    put_number(block, INTERFACE_RESOLUTION, NANOSECONDS, 1);
    put_number(block, INTERFACE_FCS, FCS_BYTES, 1);
    block_end(block);
    block_write(p, block);
    return p->interfaces++;
}

static GByteArray *packet_block(const Held *h, const uint8_t *bytes, uint32_t size,
                                const char *comment) {
    GByteArray *block = block_begin(BLOCK_PACKET, size + 128);
    uint64_t stamp = (uint64_t)(h->at / SIM_NS);
    put(block, h->interface, 4);
    put(block, stamp >> 32, 4);
    put(block, stamp & UINT32_MAX, 4);
    put(block, size, 4);
    put(block, size, 4);
    put_padded(block, bytes, size);
    put_number(block, PACKET_FLAGS,
               (h->outbound ? FLAG_OUTBOUND : FLAG_INBOUND) | FCS_BYTES << FLAG_FCS_SHIFT, 4);
    char exact[40];
    g_snprintf(exact, sizeof exact, "%" PRId64 ".%02d ns", h->at / SIM_NS, (int)(h->at % SIM_NS));
    put_text(block, OPTION_COMMENT, exact);
    if (comment) put_text(block, OPTION_COMMENT, comment);
    block_end(block);
    return block;
}

/* ---- order ---- */

static bool before(const Held *a, const Held *b) {
    if (a->at != b->at) return a->at < b->at;
    if (a->interface != b->interface) return a->interface < b->interface;
    return a->outbound < b->outbound;
}

static Held *held(SimPcapng *p, guint i) {
    return &g_array_index(p->heap, Held, i);
}

static void swap(SimPcapng *p, guint i, guint k) {
    Held other = *held(p, i);
    *held(p, i) = *held(p, k);
    *held(p, k) = other;
}

static void heap_push(SimPcapng *p, const Held *h) {
    g_array_append_val(p->heap, *h);
    for (guint i = p->heap->len - 1; i > 0 && before(held(p, i), held(p, (i - 1) / 2));
         i = (i - 1) / 2)
        swap(p, i, (i - 1) / 2);
}

static void heap_pop(SimPcapng *p) {
    guint n = p->heap->len - 1;
    swap(p, 0, n);
    g_array_set_size(p->heap, n);
    for (guint i = 0, least; 2 * i + 1 < n; i = least) {
        least = 2 * i + 1;
        if (least + 1 < n && before(held(p, least + 1), held(p, least))) least++;
        if (!before(held(p, least), held(p, i))) break;
        swap(p, i, least);
    }
}

void sim_pcapng_frame(SimPcapng *p, uint32_t interface, SimTime at, bool outbound,
                      const uint8_t *bytes, uint32_t size, const char *comment) {
    SIM_CHECK(interface < p->interfaces && at >= 0);
    if (p->error) return; /* it cannot be saved any more: keep no memory for it */
    Held h = {at, interface, outbound, NULL};
    h.block = packet_block(&h, bytes, size, comment);
    heap_push(p, &h);
}

void sim_pcapng_settle(SimPcapng *p, SimTime limit) {
    while (p->heap->len && held(p, 0)->at < limit) {
        block_write(p, held(p, 0)->block);
        heap_pop(p);
    }
}

bool sim_pcapng_free(SimPcapng *p) {
    sim_pcapng_settle(p, SIM_NEVER);
    int error = p->error;
    g_array_free(p->heap, TRUE);
    g_free(p);
    errno = error;
    return error == 0;
}
