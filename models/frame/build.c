/* build.c: RoCE frames and pauses to bytes. */
#include "models/frame/bytes.h"
#include "models/frame/frame.h"

#include "sim/base/assert.h"

static uint8_t *put_network(uint8_t *at, const Frame *f, size_t transport) {
    if (f->kind == FRAME_V1) return frame_put_ip(at, &f->net, true, FRAME_NEXT_IBA, transport);
    size_t udp = FRAME_UDP_BYTES + transport;
    at = frame_put_ip(at, &f->net, f->kind == FRAME_V2_IPV6, FRAME_NEXT_UDP, udp);
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
    if (has & FRAME_HAS_DETH) {
        at = frame_put(at, f->queue_key, 4);
        at = frame_put(at, f->from_qp & 0xFFFFFF, 4);
    }
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

/* After the ICRC, which this checksum covers and which takes it as ones. */
static void put_udp_checksum(uint8_t *udp, const Frame *f, size_t size) {
    uint16_t sum =
        frame_transport_checksum(&f->net, f->kind == FRAME_V2_IPV6, FRAME_NEXT_UDP, udp, size);
    frame_put(udp + 6, sum ? sum : 0xFFFF, 2);
}

size_t frame_build(const Frame *f, uint8_t *out, size_t room) {
    static const uint16_t types[FRAME_KINDS] = {FRAME_TYPE_ROCE_V1, FRAME_TYPE_IPV4,
                                                FRAME_TYPE_IPV6};
    size_t bytes =
        frame_bytes(f->kind, f->net.tagged, f->opcode, f->payload_bytes) - FRAME_FCS_BYTES;
    SIM_CHECK(room >= bytes);
    unsigned pad = -f->payload_bytes & 3;
    size_t transport = FRAME_BTH_BYTES + frame_extension_bytes(f->opcode) + f->payload_bytes + pad +
                       FRAME_ICRC_BYTES;
    uint8_t *network = frame_put_ethernet(out, &f->net, types[f->kind]);
    uint8_t *bth = put_network(network, f, transport);
    uint8_t *at = put_bth(bth, f, pad);
    at = put_extensions(at, f);
    at = frame_put_payload(at, f->payload, f->payload_bytes);
    at = frame_put(at, 0, pad);
    uint32_t icrc = frame_icrc(f->kind, network, (size_t)(at - network));
    at = frame_put(at, __builtin_bswap32(icrc), 4);
    if (f->udp_checksum && f->kind != FRAME_V1)
        put_udp_checksum(bth - FRAME_UDP_BYTES, f, FRAME_UDP_BYTES + transport);
    memset(at, 0, bytes - (size_t)(at - out));
    return bytes;
}

uint16_t frame_udp_source_port(uint32_t local_qp, uint32_t remote_qp) {
    uint64_t v = (uint64_t)local_qp * remote_qp;
    v ^= v >> 20;
    v ^= v >> 40;
    uint32_t label = v & 0xFFFFF;
    return (uint16_t)(0xC000 | ((label & 0x3FFF) ^ label >> 14));
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
