/* parse.c: bytes to frames. Every read is behind a check of what is left. */
#include "models/frame/bytes.h"
#include "models/frame/frame.h"

/* What is still to be read. */
typedef struct Rest {
    const uint8_t *at;
    size_t left;
} Rest;

static uint64_t take(Rest *rest, unsigned bytes) {
    uint64_t value = frame_get(rest->at, bytes);
    rest->at += bytes;
    rest->left -= bytes;
    return value;
}

static void take_bytes(Rest *rest, uint8_t *out, size_t size) {
    memcpy(out, rest->at, size);
    rest->at += size;
    rest->left -= size;
}

static FrameError parse_ethernet(Rest *rest, Frame *f, uint16_t *type) {
    if (rest->left < FRAME_ETHERNET_BYTES) return FRAME_SHORT;
    take_bytes(rest, f->to_mac, 6);
    take_bytes(rest, f->from_mac, 6);
    *type = (uint16_t)take(rest, 2);
    if (*type != FRAME_TYPE_TAG) return FRAME_OK;
    if (rest->left < FRAME_TAG_BYTES) return FRAME_SHORT;
    uint16_t tag = (uint16_t)take(rest, 2);
    f->tagged = true;
    f->pcp = (uint8_t)(tag >> 13);
    f->dei = tag >> 12 & 1;
    f->vid = tag & 0xFFF;
    *type = (uint16_t)take(rest, 2);
    return FRAME_OK;
}

/* IPv6 or GRH. Leaves in `rest` what its length field covers. */
static FrameError parse_ipv6(Rest *rest, Frame *f, uint8_t next) {
    if (rest->left < FRAME_IPV6_BYTES) return FRAME_SHORT;
    uint32_t first = (uint32_t)take(rest, 4);
    size_t length = take(rest, 2);
    uint8_t found = (uint8_t)take(rest, 1);
    f->traffic_class = (uint8_t)(first >> 20);
    f->flow_label = first & 0xFFFFF;
    f->hop_limit = (uint8_t)take(rest, 1);
    take_bytes(rest, f->from_ip, 16);
    take_bytes(rest, f->to_ip, 16);
    if (first >> 28 != 6) return FRAME_HEADER;
    if (found != next) return next == FRAME_NEXT_UDP ? FRAME_NOT_ROCE : FRAME_HEADER;
    if (length > rest->left) return FRAME_SHORT;
    rest->left = length;
    return FRAME_OK;
}

static FrameError parse_ipv4(Rest *rest, Frame *f) {
    const uint8_t *header = rest->at;
    if (rest->left < FRAME_IPV4_BYTES) return FRAME_SHORT;
    uint8_t version = (uint8_t)take(rest, 1);
    f->traffic_class = (uint8_t)take(rest, 1);
    size_t length = take(rest, 2);
    f->ip_id = (uint16_t)take(rest, 2);
    uint16_t fragment = (uint16_t)take(rest, 2);
    f->hop_limit = (uint8_t)take(rest, 1);
    uint8_t protocol = (uint8_t)take(rest, 1);
    take(rest, 2);
    take_bytes(rest, f->from_ip, 4);
    take_bytes(rest, f->to_ip, 4);
    if (protocol != FRAME_NEXT_UDP) return FRAME_NOT_ROCE;
    if (version != 0x45 || (fragment & 0x3FFF) || frame_ipv4_checksum(header)) return FRAME_HEADER;
    if (length < FRAME_IPV4_BYTES) return FRAME_LENGTH;
    if (length - FRAME_IPV4_BYTES > rest->left) return FRAME_SHORT;
    rest->left = length - FRAME_IPV4_BYTES;
    return FRAME_OK;
}

static FrameError parse_udp(Rest *rest, Frame *f) {
    if (rest->left < FRAME_UDP_BYTES) return FRAME_LENGTH;
    size_t covered = rest->left;
    f->udp_from = (uint16_t)take(rest, 2);
    uint16_t to = (uint16_t)take(rest, 2);
    size_t length = take(rest, 2);
    take(rest, 2); /* the ICRC covers more than this checksum, which is 0 as a rule */
    if (to != FRAME_UDP_PORT_ROCE_V2) return FRAME_NOT_ROCE;
    return length == covered ? FRAME_OK : FRAME_LENGTH;
}

static FrameError parse_network(Rest *rest, Frame *f, uint16_t type) {
    FrameError error = FRAME_NOT_ROCE;
    if (type == FRAME_TYPE_ROCE_V1) {
        f->kind = FRAME_V1;
        return parse_ipv6(rest, f, FRAME_NEXT_IBA);
    }
    if (type == FRAME_TYPE_IPV4) {
        f->kind = FRAME_V2_IPV4;
        error = parse_ipv4(rest, f);
    } else if (type == FRAME_TYPE_IPV6) {
        f->kind = FRAME_V2_IPV6;
        error = parse_ipv6(rest, f, FRAME_NEXT_UDP);
    }
    return error ? error : parse_udp(rest, f);
}

static FrameError parse_bth(Rest *rest, Frame *f, unsigned *pad) {
    if (rest->left < FRAME_BTH_BYTES + FRAME_ICRC_BYTES) return FRAME_LENGTH;
    uint8_t opcode = (uint8_t)take(rest, 1);
    uint8_t flags = (uint8_t)take(rest, 1);
    f->pkey = (uint16_t)take(rest, 2);
    uint8_t congestion = (uint8_t)take(rest, 1);
    f->to_qp = (uint32_t)take(rest, 3);
    f->ack_request = take(rest, 1) >> 7;
    f->psn = (uint32_t)take(rest, 3);
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
static void parse_extensions(Rest *rest, Frame *f) {
    uint32_t has = frame_opcode_has(f->opcode);
    if (has & (FRAME_HAS_RETH | FRAME_HAS_ATOMIC)) {
        f->address = take(rest, 8);
        f->key = (uint32_t)take(rest, 4);
    }
    if (has & FRAME_HAS_RETH) f->length = (uint32_t)take(rest, 4);
    if (has & FRAME_HAS_ATOMIC) {
        f->swap = take(rest, 8);
        f->compare = take(rest, 8);
    }
    if (has & FRAME_HAS_AETH) {
        f->syndrome = (uint8_t)take(rest, 1);
        f->msn = (uint32_t)take(rest, 3);
    }
    if (has & FRAME_HAS_ATOMIC_ACK) f->original = take(rest, 8);
    if (has & FRAME_HAS_IMM) f->imm = (uint32_t)take(rest, 4);
    if (has & FRAME_HAS_IETH) f->invalidate = (uint32_t)take(rest, 4);
    if (has & FRAME_HAS_CNP) {
        rest->at += 16;
        rest->left -= 16;
    }
}

static FrameError parse_payload(Rest *rest, Frame *f, unsigned pad) {
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
    Rest rest = {bytes, size};
    uint16_t type = 0;
    unsigned pad = 0;
    FrameError error = parse_ethernet(&rest, f, &type);
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
    Rest rest = {bytes, size};
    if (size < FRAME_ETHERNET_BYTES) return FRAME_SHORT;
    if (frame_get(bytes + 12, 2) != FRAME_TYPE_MAC_CONTROL) return FRAME_NOT_ROCE;
    if (size < FRAME_PAUSE_BYTES - FRAME_FCS_BYTES) return FRAME_SHORT;
    take(&rest, 6);
    take_bytes(&rest, pause->from_mac, 6);
    take(&rest, 2);
    uint16_t control = (uint16_t)take(&rest, 2);
    if (control == FRAME_CONTROL_PAUSE) {
        pause->all = true;
        pause->quanta[0] = (uint16_t)take(&rest, 2);
        return FRAME_OK;
    }
    if (control != FRAME_CONTROL_PFC) return FRAME_BAD_OPCODE;
    uint16_t classes = (uint16_t)take(&rest, 2);
    if (classes > 0xFF) return FRAME_HEADER;
    pause->classes = (uint8_t)classes;
    for (unsigned i = 0; i < 8; i++)
        pause->quanta[i] = (uint16_t)take(&rest, 2);
    return FRAME_OK;
}

const char *frame_error_text(FrameError error) {
    static const char *const texts[FRAME_ERRORS] = {
        "a good frame",
        "another protocol",
        "the frame ends too early",
        "its length fields contradict each other",
        "a version, option, fragment or checksum that does not belong to RoCE",
        "an unknown opcode",
        "the ICRC does not fit the frame",
    };
    return error < FRAME_ERRORS ? texts[error] : "an unknown error";
}
