/* icrc.c: the CRC that survives routers. Whatever a switch or router may change on the way counts
 * as ones (IBTA volume 1 clause 7.8.1; Annex A17 for v2): in IP and GRH the traffic class, flow
 * label and hop limit, the checksums of IPv4 and UDP, and the byte of the BTH that holds FECN and
 * BECN. Eight bytes of ones stand for the header of InfiniBand's link. */
#include "models/frame/bytes.h"
#include "models/frame/frame.h"

#include "sim/base/assert.h"

/* Remainders of four bits, polynomial 0x04C11DB7 reflected. */
static const uint32_t nibbles[16] = {
    0x00000000, 0x1DB71064, 0x3B6E20C8, 0x26D930AC, 0x76DC4190, 0x6B6B51F4, 0x4DB26158, 0x5005713C,
    0xEDB88320, 0xF00F9344, 0xD6D6A3E8, 0xCB61B38C, 0x9B64C2B0, 0x86D3D2D4, 0xA00AE278, 0xBDBDF21C};

uint32_t frame_crc32(uint32_t crc, const uint8_t *bytes, size_t size) {
    crc = ~crc;
    for (size_t i = 0; i < size; i++) {
        crc ^= bytes[i];
        crc = crc >> 4 ^ nibbles[crc & 15];
        crc = crc >> 4 ^ nibbles[crc & 15];
    }
    return ~crc;
}

/* Sets what may change to ones in a copy of the network header; returns the header's bytes. */
static size_t mask_network(FrameKind kind, uint8_t *header) {
    if (kind == FRAME_V2_IPV4) {
        header[1] = 0xFF; /* TOS */
        header[8] = 0xFF; /* time to live */
        header[10] = header[11] = 0xFF;
        header[26] = header[27] = 0xFF; /* UDP checksum */
        return FRAME_IPV4_BYTES + FRAME_UDP_BYTES;
    }
    header[0] |= 0x0F; /* traffic class and flow label */
    header[1] = header[2] = header[3] = 0xFF;
    header[7] = 0xFF; /* hop limit */
    if (kind == FRAME_V1) return FRAME_GRH_BYTES;
    header[46] = header[47] = 0xFF; /* UDP checksum */
    return FRAME_IPV6_BYTES + FRAME_UDP_BYTES;
}

uint32_t frame_icrc(FrameKind kind, const uint8_t *network, size_t size) {
    static const uint8_t link[8] = {255, 255, 255, 255, 255, 255, 255, 255};
    uint8_t head[FRAME_IPV6_BYTES + FRAME_UDP_BYTES + FRAME_BTH_BYTES];
    size_t copied = size < sizeof head ? size : sizeof head;
    memcpy(head, network, copied);
    memset(head + copied, 0, sizeof head - copied);
    size_t bth = mask_network(kind, head);
    SIM_CHECK(size >= bth + FRAME_BTH_BYTES);
    head[bth + 4] = 0xFF; /* FECN, BECN, reserved */
    uint32_t crc = frame_crc32(0, link, sizeof link);
    crc = frame_crc32(crc, head, copied);
    return frame_crc32(crc, network + copied, size - copied);
}
