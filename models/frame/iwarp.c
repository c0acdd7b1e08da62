/* iwarp.c: what iWARP puts into a TCP stream: FPDUs, their markers, and MPA's start-up.
 *
 * An FPDU is first laid out whole and then cut by its markers; they stand where the stream's
 * position is a multiple of 512, and each says how far back its FPDU began. */
#include "models/frame/bytes.h"
#include "models/frame/frame.h"

#include "sim/base/assert.h"

#define LENGTH_BYTES 2
#define TAGGED_BYTES 14
#define UNTAGGED_BYTES 18
#define READ_BYTES 28 /* of a READ request, behind its header */
#define CRC_BYTES 4

#define DDP_TAGGED 0x80
#define DDP_LAST 0x40
#define DDP_VERSION 1
#define RDMAP_VERSION 0x40
#define MPA_KEY_BYTES 16
#define MPA_MARKERS 0x80
#define MPA_CRC 0x40
#define MPA_REJECTED 0x20

typedef struct Opcode {
    const char *name;
    bool tagged, invalidates;
    uint8_t queue;
} Opcode;

static const Opcode opcodes[FRAME_IWARP_OPCODES] = {
    [FRAME_IWARP_WRITE] = {.name = "WRITE", .tagged = true},
    [FRAME_IWARP_READ_REQUEST] = {.name = "READ_REQUEST", .queue = 1},
    [FRAME_IWARP_READ_RESPONSE] = {.name = "READ_RESPONSE", .tagged = true},
    [FRAME_IWARP_SEND] = {.name = "SEND"},
    [FRAME_IWARP_SEND_INV] = {.name = "SEND_INV", .invalidates = true},
    [FRAME_IWARP_SEND_SE] = {.name = "SEND_SE"},
    [FRAME_IWARP_SEND_SE_INV] = {.name = "SEND_SE_INV", .invalidates = true},
    [FRAME_IWARP_TERMINATE] = {.name = "TERMINATE", .queue = 2},
};

/* --- sizes --- */

bool frame_iwarp_tagged(FrameIwarpOpcode op) {
    SIM_CHECK(op < FRAME_IWARP_OPCODES);
    return opcodes[op].tagged;
}

const char *frame_iwarp_name(uint32_t opcode) {
    return opcode < FRAME_IWARP_OPCODES ? opcodes[opcode].name : NULL;
}

/* Between length field and payload. */
static uint32_t header_bytes(FrameIwarpOpcode op) {
    if (frame_iwarp_tagged(op)) return TAGGED_BYTES;
    return UNTAGGED_BYTES + (op == FRAME_IWARP_READ_REQUEST ? READ_BYTES : 0);
}

/* What the length field counts. */
static uint32_t unit_bytes(FrameIwarpOpcode op, uint32_t payload) {
    SIM_CHECK(payload == 0 || op != FRAME_IWARP_READ_REQUEST);
    return header_bytes(op) + payload;
}

uint32_t frame_iwarp_bytes(FrameIwarpOpcode op, uint32_t payload) {
    return ((LENGTH_BYTES + unit_bytes(op, payload) + 3) & ~UINT32_C(3)) + CRC_BYTES;
}

/* Bytes of the stream from `position` to the next marker, 0 where it is due. */
static uint32_t to_marker(uint64_t position) {
    return (uint32_t)(-position % FRAME_IWARP_INTERVAL);
}

uint32_t frame_iwarp_marker_bytes(uint64_t position, uint32_t bytes) {
    const uint32_t between = FRAME_IWARP_INTERVAL - FRAME_IWARP_MARKER_BYTES;
    uint32_t first = to_marker(position);
    if (first >= bytes) return 0;
    return FRAME_IWARP_MARKER_BYTES * (1 + (bytes - first - 1) / between);
}

uint32_t frame_iwarp_payload(FrameIwarpOpcode op, uint32_t room, bool markers) {
    uint32_t count = (room + FRAME_IWARP_INTERVAL - 1) / FRAME_IWARP_INTERVAL;
    uint32_t spent = LENGTH_BYTES + CRC_BYTES + room % 4 + header_bytes(op) +
                     (markers ? count * FRAME_IWARP_MARKER_BYTES : 0);
    if (op == FRAME_IWARP_READ_REQUEST || spent >= room) return 0;
    return room - spent;
}

/* --- build --- */

/* An FPDU on its way into the stream, markers put in where they are due. */
typedef struct Writer {
    uint8_t *begin, *at;
    const uint8_t *end;
    uint64_t position; /* of `begin`, or FRAME_IWARP_UNMARKED */
} Writer;

static bool marker_due(uint64_t position, size_t done) {
    return position != FRAME_IWARP_UNMARKED && to_marker(position + done) == 0;
}

/* What a marker says that stands `done` bytes behind the beginning of its FPDU: the bytes since the
 * length field, which comes behind a marker at the very beginning. */
static uint64_t marker_value(uint64_t position, size_t done) {
    return done && marker_due(position, 0) ? done - FRAME_IWARP_MARKER_BYTES : done;
}

static void write_marker(Writer *w) {
    size_t done = (size_t)(w->at - w->begin);
    if (!marker_due(w->position, done)) return;
    SIM_CHECK(w->end - w->at >= FRAME_IWARP_MARKER_BYTES);
    w->at = frame_put(w->at, marker_value(w->position, done), FRAME_IWARP_MARKER_BYTES);
}

/* NULL writes zeros. */
static void write_bytes(Writer *w, const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i < size; i++) {
        write_marker(w);
        SIM_CHECK(w->at < w->end);
        *w->at++ = bytes ? bytes[i] : 0;
    }
}

/* Length field and headers; returns their bytes. */
static size_t put_header(uint8_t *begin, const FrameIwarp *f) {
    const Opcode *op = &opcodes[f->opcode];
    uint8_t *at = frame_put(begin, unit_bytes(f->opcode, f->payload_bytes), LENGTH_BYTES);
    at = frame_put(at, (op->tagged ? DDP_TAGGED : 0) | (f->last ? DDP_LAST : 0) | DDP_VERSION, 1);
    at = frame_put(at, RDMAP_VERSION | (uint32_t)f->opcode, 1);
    if (op->tagged) {
        at = frame_put(at, f->tag, 4);
        return (size_t)(frame_put(at, f->offset, 8) - begin);
    }
    at = frame_put(at, op->invalidates ? f->invalidate : 0, 4);
    at = frame_put(at, op->queue, 4);
    at = frame_put(at, f->msn, 4);
    at = frame_put(at, f->message_offset, 4);
    if (f->opcode == FRAME_IWARP_READ_REQUEST) {
        at = frame_put(at, f->sink_tag, 4);
        at = frame_put(at, f->sink_offset, 8);
        at = frame_put(at, f->length, 4);
        at = frame_put(at, f->source_tag, 4);
        at = frame_put(at, f->source_offset, 8);
    }
    return (size_t)(at - begin);
}

size_t frame_build_iwarp(const FrameIwarp *f, uint64_t position, uint8_t *out, size_t room) {
    uint8_t header[LENGTH_BYTES + UNTAGGED_BYTES + READ_BYTES], crc[CRC_BYTES];
    SIM_CHECK(unit_bytes(f->opcode, f->payload_bytes) <= UINT16_MAX);
    SIM_CHECK(position == FRAME_IWARP_UNMARKED || position % 4 == 0);
    Writer w = {out, out, out + room, position};
    size_t size = put_header(header, f);
    write_bytes(&w, header, size);
    write_bytes(&w, f->payload, f->payload_bytes);
    write_bytes(&w, NULL, -(size + f->payload_bytes) & 3);
    write_marker(&w); /* the CRC covers one right before it, too */
    uint32_t sum = frame_crc32c(0, out, (size_t)(w.at - out));
    frame_put(crc, __builtin_bswap32(sum), CRC_BYTES);
    write_bytes(&w, crc, CRC_BYTES);
    return (size_t)(w.at - out);
}

/* --- parse --- */

/* Takes the markers out of the first bytes of a stream until `want` bytes are in `out`. Says in
 * `*used` how many of the stream that took. */
static FrameError gather(const uint8_t *bytes, size_t size, uint64_t position, uint8_t *out,
                         size_t want, size_t *used) {
    size_t at = 0;
    for (size_t got = 0; got < want; got++) {
        if (marker_due(position, at)) {
            if (size - at < FRAME_IWARP_MARKER_BYTES) return FRAME_SHORT;
            if (frame_get(bytes + at + 2, 2) != marker_value(position, at)) return FRAME_BAD_MARKER;
            at += FRAME_IWARP_MARKER_BYTES;
        }
        if (at == size) return FRAME_SHORT;
        out[got] = bytes[at++];
    }
    *used = at;
    return FRAME_OK;
}

static FrameError parse_tagged(FrameIwarp *f, FrameRest *rest) {
    if (rest->left < TAGGED_BYTES - 2) return FRAME_LENGTH;
    f->tag = (uint32_t)frame_take(rest, 4);
    f->offset = frame_take(rest, 8);
    return FRAME_OK;
}

static FrameError parse_untagged(FrameIwarp *f, FrameRest *rest) {
    const Opcode *op = &opcodes[f->opcode];
    if (rest->left < UNTAGGED_BYTES - 2) return FRAME_LENGTH;
    uint32_t key = (uint32_t)frame_take(rest, 4);
    f->invalidate = op->invalidates ? key : 0;
    uint32_t queue = (uint32_t)frame_take(rest, 4);
    f->msn = (uint32_t)frame_take(rest, 4);
    f->message_offset = (uint32_t)frame_take(rest, 4);
    if (queue != op->queue) return FRAME_HEADER;
    if (f->opcode != FRAME_IWARP_READ_REQUEST) return FRAME_OK;
    if (rest->left != READ_BYTES) return FRAME_LENGTH;
    f->sink_tag = (uint32_t)frame_take(rest, 4);
    f->sink_offset = frame_take(rest, 8);
    f->length = (uint32_t)frame_take(rest, 4);
    f->source_tag = (uint32_t)frame_take(rest, 4);
    f->source_offset = frame_take(rest, 8);
    return FRAME_OK;
}

/* What the length field covers. */
static FrameError parse_unit(FrameIwarp *f, FrameRest rest) {
    if (rest.left < 2) return FRAME_LENGTH;
    uint8_t ddp = (uint8_t)frame_take(&rest, 1), rdmap = (uint8_t)frame_take(&rest, 1);
    if ((ddp & 3) != DDP_VERSION || (rdmap & 0xC0) != RDMAP_VERSION) return FRAME_HEADER;
    if ((rdmap & 0x0F) >= FRAME_IWARP_OPCODES) return FRAME_BAD_OPCODE;
    f->opcode = (FrameIwarpOpcode)(rdmap & 0x0F);
    f->last = ddp & DDP_LAST;
    if (!(ddp & DDP_TAGGED) != !opcodes[f->opcode].tagged) return FRAME_HEADER;
    FrameError error = ddp & DDP_TAGGED ? parse_tagged(f, &rest) : parse_untagged(f, &rest);
    f->payload_bytes = (uint32_t)rest.left;
    f->payload = rest.left ? rest.at : NULL;
    return error;
}

FrameError frame_parse_iwarp(const uint8_t *bytes, size_t size, uint64_t position, uint8_t *scratch,
                             FrameIwarp *f, size_t *used) {
    uint8_t head[LENGTH_BYTES];
    size_t through = 0;
    bool marked = position != FRAME_IWARP_UNMARKED;
    *f = (FrameIwarp){0};
    *used = 0;
    FrameError error = gather(bytes, size, position, head, LENGTH_BYTES, &through);
    if (error) return error;
    size_t unit = frame_get(head, LENGTH_BYTES), body = (LENGTH_BYTES + unit + 3) & ~(size_t)3;
    size_t markers = marked ? frame_iwarp_marker_bytes(position, (uint32_t)body + CRC_BYTES) : 0;
    *used = body + markers + CRC_BYTES;
    if (size < *used) return FRAME_SHORT;
    const uint8_t *whole = bytes;
    if (marked) {
        error = gather(bytes, *used, position, scratch, body + CRC_BYTES, &through);
        if (error) return error;
        whole = scratch;
    }
    error = parse_unit(f, (FrameRest){whole + LENGTH_BYTES, unit});
    if (error) return error;
    uint32_t crc = __builtin_bswap32((uint32_t)frame_get(whole + body, CRC_BYTES));
    return crc == frame_crc32c(0, bytes, *used - CRC_BYTES) ? FRAME_OK : FRAME_BAD_CRC;
}

/* --- start-up --- */

static const char *start_key(bool reply) {
    return reply ? "MPA ID Rep Frame" : "MPA ID Req Frame";
}

size_t frame_build_mpa_start(const FrameMpaStart *start, uint8_t *out, size_t room) {
    SIM_CHECK(room >= FRAME_MPA_START_BYTES);
    uint8_t *at = frame_put_bytes(out, (const uint8_t *)start_key(start->reply), MPA_KEY_BYTES);
    at = frame_put(at,
                   (start->markers ? MPA_MARKERS : 0) | (start->crc ? MPA_CRC : 0) |
                       (start->reply && start->rejected ? MPA_REJECTED : 0),
                   1);
    at = frame_put(at, start->revision, 1);
    at = frame_put(at, 0, 2); /* private data */
    return (size_t)(at - out);
}

FrameError frame_parse_mpa_start(const uint8_t *bytes, size_t size, FrameMpaStart *start) {
    *start = (FrameMpaStart){0};
    if (size < FRAME_MPA_START_BYTES) return FRAME_SHORT;
    start->reply = memcmp(bytes, start_key(true), MPA_KEY_BYTES) == 0;
    if (!start->reply && memcmp(bytes, start_key(false), MPA_KEY_BYTES)) return FRAME_OTHER;
    uint8_t flags = bytes[MPA_KEY_BYTES];
    start->markers = flags & MPA_MARKERS;
    start->crc = flags & MPA_CRC;
    start->rejected = flags & MPA_REJECTED;
    start->revision = bytes[MPA_KEY_BYTES + 1];
    return frame_get(bytes + MPA_KEY_BYTES + 2, 2) ? FRAME_LENGTH : FRAME_OK;
}
