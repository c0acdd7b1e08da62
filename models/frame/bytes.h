/* bytes.h: network byte order. Private to this folder. */
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

static inline uint64_t frame_get(const uint8_t *at, unsigned bytes) {
    uint64_t value = 0;
    for (unsigned i = 0; i < bytes; i++)
        value = value << 8 | at[i];
    return value;
}

/* Sum of RFC 1071 over a header of IPv4; 0 over one whose checksum is right. */
static inline uint16_t frame_ipv4_checksum(const uint8_t *header) {
    uint32_t sum = 0;
    for (unsigned i = 0; i < FRAME_IPV4_BYTES; i += 2)
        sum += (uint32_t)frame_get(header + i, 2);
    sum = (sum & 0xFFFF) + (sum >> 16);
    sum = (sum & 0xFFFF) + (sum >> 16);
    return (uint16_t)~sum;
}

#endif
