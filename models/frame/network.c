/* network.c: Ethernet and IP, written and read. */
#include "models/frame/bytes.h"
#include "models/frame/frame.h"

/* The sum of RFC 1071, big-endian words, an odd byte at the end filled up with zero. Below 2^32 for
 * anything IP carries. */
static uint32_t add_words(uint32_t sum, const uint8_t *bytes, size_t size) {
    for (size_t i = 0; i + 1 < size; i += 2)
        sum += (uint32_t)frame_get(bytes + i, 2);
    return size % 2 ? sum + ((uint32_t)bytes[size - 1] << 8) : sum;
}

static uint16_t fold(uint32_t sum) {
    sum = (sum & 0xFFFF) + (sum >> 16);
    sum = (sum & 0xFFFF) + (sum >> 16);
    return (uint16_t)~sum;
}

uint16_t frame_transport_checksum(const FrameNetwork *net, bool ipv6, uint8_t next,
                                  const uint8_t *bytes, size_t size) {
    size_t address = ipv6 ? 16 : 4;
    uint32_t sum = next + (uint32_t)(size >> 16) + (uint32_t)(size & 0xFFFF);
    sum = add_words(sum, net->from_ip, address);
    sum = add_words(sum, net->to_ip, address);
    return fold(add_words(sum, bytes, size));
}

uint8_t *frame_put_ethernet(uint8_t *at, const FrameNetwork *net, uint16_t type) {
    at = frame_put_bytes(at, net->to_mac, 6);
    at = frame_put_bytes(at, net->from_mac, 6);
    if (net->tagged) {
        uint32_t dei = net->dei ? 1u << 12 : 0;
        at = frame_put(at, FRAME_TYPE_TAG, 2);
        at = frame_put(at, (net->pcp & 7u) << 13 | dei | (net->vid & 0xFFF), 2);
    }
    return frame_put(at, type, 2);
}

static uint8_t *put_ipv6(uint8_t *at, const FrameNetwork *net, uint8_t next, size_t length) {
    uint32_t first = 6u << 28 | (uint32_t)net->traffic_class << 20 | (net->flow_label & 0xFFFFF);
    at = frame_put(at, first, 4);
    at = frame_put(at, length, 2);
    at = frame_put(at, next, 1);
    at = frame_put(at, net->hop_limit, 1);
    at = frame_put_bytes(at, net->from_ip, 16);
    return frame_put_bytes(at, net->to_ip, 16);
}

static uint8_t *put_ipv4(uint8_t *at, const FrameNetwork *net, uint8_t next, size_t length) {
    uint8_t *header = at;
    at = frame_put(at, 0x45, 1); /* version 4, five words */
    at = frame_put(at, net->traffic_class, 1);
    at = frame_put(at, FRAME_IPV4_BYTES + length, 2);
    at = frame_put(at, net->ip_id, 2);
    at = frame_put(at, 0x4000, 2); /* do not fragment */
    at = frame_put(at, net->hop_limit, 1);
    at = frame_put(at, next, 1);
    at = frame_put(at, 0, 2);
    at = frame_put_bytes(at, net->from_ip, 4);
    at = frame_put_bytes(at, net->to_ip, 4);
    frame_put(header + 10, fold(add_words(0, header, FRAME_IPV4_BYTES)), 2);
    return at;
}

uint8_t *frame_put_ip(uint8_t *at, const FrameNetwork *net, bool ipv6, uint8_t next,
                      size_t length) {
    return ipv6 ? put_ipv6(at, net, next, length) : put_ipv4(at, net, next, length);
}

FrameError frame_take_ethernet(FrameRest *rest, FrameNetwork *net, uint16_t *type) {
    if (rest->left < FRAME_ETHERNET_BYTES) return FRAME_SHORT;
    frame_take_bytes(rest, net->to_mac, 6);
    frame_take_bytes(rest, net->from_mac, 6);
    *type = (uint16_t)frame_take(rest, 2);
    if (*type != FRAME_TYPE_TAG) return FRAME_OK;
    if (rest->left < FRAME_TAG_BYTES) return FRAME_SHORT;
    uint16_t tag = (uint16_t)frame_take(rest, 2);
    net->tagged = true;
    net->pcp = (uint8_t)(tag >> 13);
    net->dei = tag >> 12 & 1;
    net->vid = tag & 0xFFF;
    *type = (uint16_t)frame_take(rest, 2);
    return FRAME_OK;
}

static FrameError take_ipv6(FrameRest *rest, FrameNetwork *net, uint8_t next) {
    if (rest->left < FRAME_IPV6_BYTES) return FRAME_SHORT;
    uint32_t first = (uint32_t)frame_take(rest, 4);
    size_t length = frame_take(rest, 2);
    uint8_t found = (uint8_t)frame_take(rest, 1);
    net->traffic_class = (uint8_t)(first >> 20);
    net->flow_label = first & 0xFFFFF;
    net->hop_limit = (uint8_t)frame_take(rest, 1);
    frame_take_bytes(rest, net->from_ip, 16);
    frame_take_bytes(rest, net->to_ip, 16);
    if (first >> 28 != 6) return FRAME_HEADER;
    if (found != next) return FRAME_OTHER;
    if (length > rest->left) return FRAME_SHORT;
    rest->left = length;
    return FRAME_OK;
}

static FrameError take_ipv4(FrameRest *rest, FrameNetwork *net, uint8_t next) {
    const uint8_t *header = rest->at;
    if (rest->left < FRAME_IPV4_BYTES) return FRAME_SHORT;
    uint8_t version = (uint8_t)frame_take(rest, 1);
    net->traffic_class = (uint8_t)frame_take(rest, 1);
    size_t length = frame_take(rest, 2);
    net->ip_id = (uint16_t)frame_take(rest, 2);
    uint16_t fragment = (uint16_t)frame_take(rest, 2);
    net->hop_limit = (uint8_t)frame_take(rest, 1);
    uint8_t protocol = (uint8_t)frame_take(rest, 1);
    frame_take(rest, 2);
    frame_take_bytes(rest, net->from_ip, 4);
    frame_take_bytes(rest, net->to_ip, 4);
    if (protocol != next) return FRAME_OTHER;
    if (version != 0x45 || (fragment & 0x3FFF)) return FRAME_HEADER;
    if (fold(add_words(0, header, FRAME_IPV4_BYTES))) return FRAME_HEADER;
    if (length < FRAME_IPV4_BYTES) return FRAME_LENGTH;
    if (length - FRAME_IPV4_BYTES > rest->left) return FRAME_SHORT;
    rest->left = length - FRAME_IPV4_BYTES;
    return FRAME_OK;
}

FrameError frame_take_ip(FrameRest *rest, FrameNetwork *net, bool ipv6, uint8_t next) {
    return ipv6 ? take_ipv6(rest, net, next) : take_ipv4(rest, net, next);
}
