/* build.c: frames to bytes. */
#include "models/frame/bytes.h"
#include "models/frame/frame.h"

#include "sim/base/assert.h"

static uint8_t *put_ethernet(uint8_t *at, const Frame *f) {
    static const uint16_t types[FRAME_KINDS] = {FRAME_TYPE_ROCE_V1, FRAME_TYPE_IPV4,
                                                FRAME_TYPE_IPV6};
    at = frame_put_bytes(at, f->to_mac, 6);
    at = frame_put_bytes(at, f->from_mac, 6);
    if (f->tagged) {
        at = frame_put(at, FRAME_TYPE_TAG, 2);
        at = frame_put(
            at, (uint64_t)(f->pcp & 7) << 13 | (f->dei ? 1u << 12 : 0) | (f->vid & 0xFFF), 2);
    }
    return frame_put(at, types[f->kind], 2);
}

/* The header of IPv6, which the GRH is too. */
static uint8_t *put_ipv6(uint8_t *at, const Frame *f, uint8_t next, size_t length) {
    at = frame_put(at, 6u << 28 | (uint32_t)f->traffic_class << 20 | (f->flow_label & 0xFFFFF), 4);
    at = frame_put(at, length, 2);
    at = frame_put(at, next, 1);
    at = frame_put(at, f->hop_limit, 1);
    at = frame_put_bytes(at, f->from_ip, 16);
    return frame_put_bytes(at, f->to_ip, 16);
}

static uint8_t *put_ipv4(uint8_t *at, const Frame *f, size_t length) {
    uint8_t *header = at;
    at = frame_put(at, 0x45, 1); /* version 4, five words */
    at = frame_put(at, f->traffic_class, 1);
    at = frame_put(at, FRAME_IPV4_BYTES + length, 2);
    at = frame_put(at, f->ip_id, 2);
    at = frame_put(at, 0x4000, 2); /* do not fragment */
    at = frame_put(at, f->hop_limit, 1);
    at = frame_put(at, FRAME_NEXT_UDP, 1);
    at = frame_put(at, 0, 2);
    at = frame_put_bytes(at, f->from_ip, 4);
    at = frame_put_bytes(at, f->to_ip, 4);
    frame_put(header + 10, frame_ipv4_checksum(header), 2);
    return at;
}

static uint8_t *put_network(uint8_t *at, const Frame *f, size_t transport) {
    if (f->kind == FRAME_V1) return put_ipv6(at, f, FRAME_NEXT_IBA, transport);
    size_t udp = FRAME_UDP_BYTES + transport;
    at = f->kind == FRAME_V2_IPV4 ? put_ipv4(at, f, udp) : put_ipv6(at, f, FRAME_NEXT_UDP, udp);
    at = frame_put(at, f->udp_from, 2);
    at = frame_put(at, FRAME_UDP_PORT_ROCE_V2, 2);
    at = frame_put(at, udp, 2);
    return frame_put(at, 0, 2);
}

static uint8_t *put_bth(uint8_t *at, const Frame *f, unsigned pad) {
    at = frame_put(at, f->opcode, 1);
    at = frame_put(at, (f->solicited ? 0x80u : 0) | (f->migrated ? 0x40u : 0) | pad << 4, 1);
    at = frame_put(at, f->pkey, 2);
    at = frame_put(at, (f->fecn ? 0x80u : 0) | (f->becn ? 0x40u : 0), 1);
    at = frame_put(at, f->to_qp, 3);
    at = frame_put(at, f->ack_request ? 0x80 : 0, 1);
    return frame_put(at, f->psn, 3);
}

static uint8_t *put_extensions(uint8_t *at, const Frame *f) {
    uint32_t has = frame_opcode_has(f->opcode);
    if (has & (FRAME_HAS_RETH | FRAME_HAS_ATOMIC)) {
        at = frame_put(at, f->address, 8);
        at = frame_put(at, f->key, 4);
    }
    if (has & FRAME_HAS_RETH) at = frame_put(at, f->length, 4);
    if (has & FRAME_HAS_ATOMIC) {
        at = frame_put(at, f->swap, 8);
        at = frame_put(at, f->compare, 8);
    }
    if (has & FRAME_HAS_AETH) {
        at = frame_put(at, f->syndrome, 1);
        at = frame_put(at, f->msn, 3);
    }
    if (has & FRAME_HAS_ATOMIC_ACK) at = frame_put(at, f->original, 8);
    if (has & FRAME_HAS_IMM) at = frame_put(at, f->imm, 4);
    if (has & FRAME_HAS_IETH) at = frame_put(at, f->invalidate, 4);
    if (has & FRAME_HAS_CNP) {
        memset(at, 0, 16);
        at += 16;
    }
    return at;
}

size_t frame_build(const Frame *f, uint8_t *out, size_t room) {
    size_t bytes = frame_bytes(f->kind, f->tagged, f->opcode, f->payload_bytes) - FRAME_FCS_BYTES;
    SIM_CHECK(room >= bytes);
    unsigned pad = -f->payload_bytes & 3;
    size_t transport = FRAME_BTH_BYTES + frame_extension_bytes(f->opcode) + f->payload_bytes + pad +
                       FRAME_ICRC_BYTES;
    uint8_t *network = put_ethernet(out, f);
    uint8_t *at = put_network(network, f, transport);
    at = put_bth(at, f, pad);
    at = put_extensions(at, f);
    memset(at, 0, f->payload_bytes + pad);
    if (f->payload && f->payload_bytes) memcpy(at, f->payload, f->payload_bytes);
    at += f->payload_bytes + pad;
    uint32_t icrc = frame_icrc(f->kind, network, (size_t)(at - network));
    at = frame_put(at, __builtin_bswap32(icrc), 4);
    memset(at, 0, bytes - (size_t)(at - out));
    return bytes;
}

size_t frame_build_pause(const FramePause *pause, uint8_t *out, size_t room) {
    static const uint8_t to[6] = {0x01, 0x80, 0xC2, 0x00, 0x00, 0x01};
    size_t bytes = FRAME_PAUSE_BYTES - FRAME_FCS_BYTES;
    SIM_CHECK(room >= bytes);
    memset(out, 0, bytes);
    uint8_t *at = frame_put_bytes(out, to, 6);
    at = frame_put_bytes(at, pause->from_mac, 6);
    at = frame_put(at, FRAME_TYPE_MAC_CONTROL, 2);
    if (pause->all) {
        at = frame_put(at, FRAME_CONTROL_PAUSE, 2);
        frame_put(at, pause->quanta[0], 2);
        return bytes;
    }
    at = frame_put(at, FRAME_CONTROL_PFC, 2);
    at = frame_put(at, pause->classes, 2);
    for (unsigned i = 0; i < 8; i++)
        at = frame_put(at, pause->quanta[i], 2);
    return bytes;
}
