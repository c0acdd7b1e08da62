/* udp.c: datagrams that are not RoCE. */
#include "models/frame/bytes.h"
#include "models/frame/frame.h"

#include "sim/base/assert.h"

uint32_t frame_udp_bytes(bool ipv6, bool tagged, uint32_t payload) {
    uint32_t bytes = FRAME_ETHERNET_BYTES + (tagged ? FRAME_TAG_BYTES : 0) +
                     (ipv6 ? FRAME_IPV6_BYTES : FRAME_IPV4_BYTES) + FRAME_UDP_BYTES + payload +
                     FRAME_FCS_BYTES;
    return bytes < FRAME_MIN_BYTES ? FRAME_MIN_BYTES : bytes;
}

size_t frame_build_udp(const FrameUdp *f, uint8_t *out, size_t room) {
    size_t bytes = frame_udp_bytes(f->ipv6, f->net.tagged, f->payload_bytes) - FRAME_FCS_BYTES;
    SIM_CHECK(room >= bytes);
    size_t length = FRAME_UDP_BYTES + f->payload_bytes;
    uint8_t *at = frame_put_ethernet(out, &f->net, f->ipv6 ? FRAME_TYPE_IPV6 : FRAME_TYPE_IPV4);
    uint8_t *udp = frame_put_ip(at, &f->net, f->ipv6, FRAME_NEXT_UDP, length);
    at = frame_put(udp, f->from_port, 2);
    at = frame_put(at, f->to_port, 2);
    at = frame_put(at, length, 2);
    at = frame_put(at, 0, 2);
    at = frame_put_payload(at, f->payload, f->payload_bytes);
    uint16_t sum = frame_transport_checksum(&f->net, f->ipv6, FRAME_NEXT_UDP, udp, length);
    frame_put(udp + 6, sum ? sum : 0xFFFF, 2); /* 0 would say that there is none */
    memset(at, 0, bytes - (size_t)(at - out));
    return bytes;
}
