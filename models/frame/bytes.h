/* bytes.h: network byte order, and the layers below RoCE and TCP. Private to this folder. */
#ifndef MODELS_FRAME_BYTES_H
#define MODELS_FRAME_BYTES_H

#include <stdint.h>
#include <string.h>

#include "models/frame/frame.h"

#define FRAME_TYPE_IPV4 0x0800
#define FRAME_TYPE_IPV6 0x86DD
#define FRAME_TYPE_TAG 0x8100
#define FRAME_TYPE_MAC_CONTROL 0x8808
#define FRAME_CONTROL_PAUSE 0x0001
#define FRAME_CONTROL_PFC 0x0101
#define FRAME_NEXT_TCP 6
#define FRAME_NEXT_UDP 17
#define FRAME_NEXT_IBA 0x1B /* the GRH's own */
#define FRAME_GRH_BYTES 40
#define FRAME_IPV4_BYTES 20
#define FRAME_IPV6_BYTES 40
#define FRAME_UDP_BYTES 8

static inline uint8_t *frame_put(uint8_t *at, uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
    return at + bytes;
}

static inline uint8_t *frame_put_bytes(uint8_t *at, const uint8_t *bytes, size_t size) {
    memcpy(at, bytes, size);
    return at + size;
}

/* NULL stands for zeros. */
static inline uint8_t *frame_put_payload(uint8_t *at, const uint8_t *payload, size_t size) {
    if (size && payload) memcpy(at, payload, size);
    if (size && !payload) memset(at, 0, size);
    return at + size;
}

static inline uint64_t frame_get(const uint8_t *at, unsigned bytes) {
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return value;
}

/* What is still to be read. Who takes has checked that so much is left. */
typedef struct FrameRest {
    const uint8_t *at;
    size_t left;
} FrameRest;

static inline uint64_t frame_take(FrameRest *rest, unsigned bytes) {
    uint64_t value = frame_get(rest->at, bytes);
    rest->at += bytes;
    rest->left -= bytes;
    return value;
}

static inline void frame_take_bytes(FrameRest *rest, uint8_t *out, size_t size) {
    memcpy(out, rest->at, size);
    rest->at += size;
    rest->left -= size;
}

uint8_t *frame_put_ethernet(uint8_t *at, const FrameNetwork *net, uint16_t type);
/* `length` is what follows the header. The GRH is a header of IPv6. */
uint8_t *frame_put_ip(uint8_t *at, const FrameNetwork *net, bool ipv6, uint8_t next, size_t length);
/* Reads Ethernet and tag, and gives the type behind them. */
FrameError frame_take_ethernet(FrameRest *rest, FrameNetwork *net, uint16_t *type);
/* Leaves in `rest` what the header's length field covers. Another protocol than `next` is
 * FRAME_OTHER. */
FrameError frame_take_ip(FrameRest *rest, FrameNetwork *net, bool ipv6, uint8_t next);

/* The checksum of UDP or TCP over its header and payload (RFC 768, 8200, 9293), its own field taken
 * as it stands: 0 over a segment whose checksum is right. */
uint16_t frame_transport_checksum(const FrameNetwork *net, bool ipv6, uint8_t next,
                                  const uint8_t *bytes, size_t size);

#endif
