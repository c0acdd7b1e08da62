/* icrc.c: the CRC that survives routers. Whatever a switch or router may change on the way counts
 * as ones (IBTA volume 1 clause 7.8.1; Annex A17 for v2): in IP and GRH the traffic class, flow
 * label and hop limit, the checksums of IPv4 and UDP, and the byte of the BTH that holds FECN and
 * BECN. Eight bytes of ones stand for the header of InfiniBand's link. */
#include "models/frame/bytes.h"
#include "models/frame/frame.h"

#include "sim/base/assert.h"

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
