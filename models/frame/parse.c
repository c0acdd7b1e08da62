/* parse.c: bytes to RoCE frames and pauses. Every read is behind a check of what is left. */
#include "models/frame/bytes.h"
#include "models/frame/frame.h"

static FrameError parse_udp(FrameRest *rest, Frame *f) {
    if (rest->left < FRAME_UDP_BYTES) return FRAME_LENGTH;
    size_t covered = rest->left;
    f->udp_from = (uint16_t)frame_take(rest, 2);
    uint16_t to = (uint16_t)frame_take(rest, 2);
    size_t length = frame_take(rest, 2);
    f->udp_checksum = frame_take(rest, 2); /* the ICRC covers more */
    if (to != FRAME_UDP_PORT_ROCE_V2) return FRAME_OTHER;
    return length == covered ? FRAME_OK : FRAME_LENGTH;
}

static FrameError parse_network(FrameRest *rest, Frame *f, uint16_t type) {
    if (type == FRAME_TYPE_ROCE_V1) {
        f->kind = FRAME_V1;
        FrameError error = frame_take_ip(rest, &f->net, true, FRAME_NEXT_IBA);
        return error == FRAME_OTHER ? FRAME_HEADER : error;
    }
    if (type != FRAME_TYPE_IPV4 && type != FRAME_TYPE_IPV6) return FRAME_OTHER;
    f->kind = type == FRAME_TYPE_IPV4 ? FRAME_V2_IPV4 : FRAME_V2_IPV6;
    FrameError error = frame_take_ip(rest, &f->net, f->kind == FRAME_V2_IPV6, FRAME_NEXT_UDP);
    return error ? error : parse_udp(rest, f);
}

static FrameError parse_bth(FrameRest *rest, Frame *f, unsigned *pad) {
    if (rest->left < FRAME_BTH_BYTES + FRAME_ICRC_BYTES) return FRAME_LENGTH;
    uint8_t opcode = (uint8_t)frame_take(rest, 1);
    uint8_t flags = (uint8_t)frame_take(rest, 1);
    f->pkey = (uint16_t)frame_take(rest, 2);
    uint8_t congestion = (uint8_t)frame_take(rest, 1);
    f->to_qp = (uint32_t)frame_take(rest, 3);
    f->ack_request = frame_take(rest, 1) >> 7;
    f->psn = (uint32_t)frame_take(rest, 3);
    f->solicited = flags >> 7;
    f->migrated = flags >> 6 & 1;
    *pad = flags >> 4 & 3;
    f->fecn = congestion >> 7;
    f->becn = congestion >> 6 & 1;
    if (flags & 0x0F) return FRAME_HEADER; /* a later transport version */
    if (!frame_opcode_known(opcode)) return FRAME_BAD_OPCODE;
    f->opcode = (FrameOpcode)opcode;
    return FRAME_OK;
}

/* The caller has checked that frame_extension_bytes() are left. */
static void parse_extensions(FrameRest *rest, Frame *f) {
    uint32_t has = frame_opcode_has(f->opcode);
    if (has & FRAME_HAS_DETH) {
        f->queue_key = (uint32_t)frame_take(rest, 4);
        f->from_qp = frame_take(rest, 4) & 0xFFFFFF;
    }
    if (has & (FRAME_HAS_RETH | FRAME_HAS_ATOMIC)) {
        f->address = frame_take(rest, 8);
        f->key = (uint32_t)frame_take(rest, 4);
    }
    if (has & FRAME_HAS_RETH) f->length = (uint32_t)frame_take(rest, 4);
    if (has & FRAME_HAS_ATOMIC) {
        f->swap = frame_take(rest, 8);
        f->compare = frame_take(rest, 8);
    }
    if (has & FRAME_HAS_AETH) {
        f->syndrome = (uint8_t)frame_take(rest, 1);
        f->msn = (uint32_t)frame_take(rest, 3);
    }
    if (has & FRAME_HAS_ATOMIC_ACK) f->original = frame_take(rest, 8);
    if (has & FRAME_HAS_IMM) f->imm = (uint32_t)frame_take(rest, 4);
    if (has & FRAME_HAS_IETH) f->invalidate = (uint32_t)frame_take(rest, 4);
    if (has & FRAME_HAS_CNP) {
        rest->at += 16;
        rest->left -= 16;
    }
}

static FrameError parse_payload(FrameRest *rest, Frame *f, unsigned pad) {
    size_t bytes = rest->left - FRAME_ICRC_BYTES;
    if (pad > bytes || (bytes & 3)) return FRAME_LENGTH;
    if (bytes && !(frame_opcode_has(f->opcode) & FRAME_HAS_PAYLOAD)) return FRAME_LENGTH;
    f->payload_bytes = (uint32_t)(bytes - pad);
    f->payload = f->payload_bytes ? rest->at : NULL;
    rest->at += bytes;
    return FRAME_OK;
}

FrameError frame_parse(const uint8_t *bytes, size_t size, Frame *f) {
    *f = (Frame){0};
    FrameRest rest = {bytes, size};
    uint16_t type = 0;
    unsigned pad = 0;
    FrameError error = frame_take_ethernet(&rest, &f->net, &type);
    if (error) return error;
    const uint8_t *network = rest.at;
    error = parse_network(&rest, f, type);
    if (!error) error = parse_bth(&rest, f, &pad);
    if (error) return error;
    if (rest.left < frame_extension_bytes(f->opcode) + FRAME_ICRC_BYTES) return FRAME_LENGTH;
    parse_extensions(&rest, f);
    error = parse_payload(&rest, f, pad);
    if (error) return error;
    uint32_t icrc = __builtin_bswap32((uint32_t)frame_get(rest.at, FRAME_ICRC_BYTES));
    return icrc == frame_icrc(f->kind, network, (size_t)(rest.at - network)) ? FRAME_OK
                                                                             : FRAME_BAD_ICRC;
}

FrameError frame_parse_pause(const uint8_t *bytes, size_t size, FramePause *pause) {
    *pause = (FramePause){0};
    FrameRest rest = {bytes, size};
    if (size < FRAME_ETHERNET_BYTES) return FRAME_SHORT;
    if (frame_get(bytes + 12, 2) != FRAME_TYPE_MAC_CONTROL) return FRAME_OTHER;
    if (size < FRAME_PAUSE_BYTES - FRAME_FCS_BYTES) return FRAME_SHORT;
    frame_take(&rest, 6);
    frame_take_bytes(&rest, pause->from_mac, 6);
    frame_take(&rest, 2);
    uint16_t control = (uint16_t)frame_take(&rest, 2);
    if (control == FRAME_CONTROL_PAUSE) {
        pause->all = true;
        pause->quanta[0] = (uint16_t)frame_take(&rest, 2);
        return FRAME_OK;
    }
    if (control != FRAME_CONTROL_PFC) return FRAME_BAD_OPCODE;
    uint16_t classes = (uint16_t)frame_take(&rest, 2);
    if (classes > 0xFF) return FRAME_HEADER;
    pause->classes = (uint8_t)classes;
    for (unsigned i = 0; i < 8; i++)
        pause->quanta[i] = (uint16_t)frame_take(&rest, 2);
    return FRAME_OK;
}

const char *frame_error_text(FrameError error) {
    static const char *const texts[FRAME_ERRORS] = {
        "a good frame",
        "another protocol",
        "the frame ends too early",
        "its length fields contradict each other",
        "a version, option, fragment or header checksum that is not used here",
        "an unknown opcode",
        "the ICRC does not fit the frame",
        "the TCP checksum does not fit the segment",
        "the CRC does not fit the FPDU",
        "a marker does not point to the beginning of its FPDU",
    };
    return error < FRAME_ERRORS ? texts[error] : "an unknown error";
}
