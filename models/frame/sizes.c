/* sizes.c: what follows the BTH by opcode, and the bytes that makes. */
#include "models/frame/frame.h"

#include "sim/base/assert.h"

typedef struct Opcode {
    const char *name;
    uint16_t has;
    uint8_t bytes; /* of the extensions */
} Opcode;

#define BYTES(has)                                                                                 \
    ((((has)&FRAME_HAS_DETH) ? 8 : 0) + (((has)&FRAME_HAS_RETH) ? 16 : 0) +                        \
     (((has)&FRAME_HAS_ATOMIC) ? 28 : 0) + (((has)&FRAME_HAS_AETH) ? 4 : 0) +                      \
     (((has)&FRAME_HAS_ATOMIC_ACK) ? 8 : 0) + (((has)&FRAME_HAS_IMM) ? 4 : 0) +                    \
     (((has)&FRAME_HAS_IETH) ? 4 : 0) + (((has)&FRAME_HAS_CNP) ? 16 : 0))
#define OPCODE(op, has) [FRAME_##op] = {#op, (has), BYTES(has)}
#define DATA FRAME_HAS_PAYLOAD

static const Opcode opcodes[256] = {
    OPCODE(SEND_FIRST, DATA),
    OPCODE(SEND_MIDDLE, DATA),
    OPCODE(SEND_LAST, DATA),
    OPCODE(SEND_LAST_IMM, DATA | FRAME_HAS_IMM),
    OPCODE(SEND_ONLY, DATA),
    OPCODE(SEND_ONLY_IMM, DATA | FRAME_HAS_IMM),
    OPCODE(WRITE_FIRST, DATA | FRAME_HAS_RETH),
    OPCODE(WRITE_MIDDLE, DATA),
    OPCODE(WRITE_LAST, DATA),
    OPCODE(WRITE_LAST_IMM, DATA | FRAME_HAS_IMM),
    OPCODE(WRITE_ONLY, DATA | FRAME_HAS_RETH),
    OPCODE(WRITE_ONLY_IMM, DATA | FRAME_HAS_RETH | FRAME_HAS_IMM),
    OPCODE(READ_REQUEST, FRAME_HAS_RETH),
    OPCODE(READ_FIRST, DATA | FRAME_HAS_AETH),
    OPCODE(READ_MIDDLE, DATA),
    OPCODE(READ_LAST, DATA | FRAME_HAS_AETH),
    OPCODE(READ_ONLY, DATA | FRAME_HAS_AETH),
    OPCODE(ACK, FRAME_HAS_AETH),
    OPCODE(ATOMIC_ACK, FRAME_HAS_AETH | FRAME_HAS_ATOMIC_ACK),
    OPCODE(COMPARE_SWAP, FRAME_HAS_ATOMIC),
    OPCODE(FETCH_ADD, FRAME_HAS_ATOMIC),
    OPCODE(SEND_LAST_INV, DATA | FRAME_HAS_IETH),
    OPCODE(SEND_ONLY_INV, DATA | FRAME_HAS_IETH),
    OPCODE(UD_SEND_ONLY, DATA | FRAME_HAS_DETH),
    OPCODE(UD_SEND_ONLY_IMM, DATA | FRAME_HAS_DETH | FRAME_HAS_IMM),
    OPCODE(CNP, FRAME_HAS_CNP),
};

/* GRH; IPv4 and UDP; IPv6 and UDP. */
static const uint8_t network_bytes[FRAME_KINDS] = {40, 20 + 8, 40 + 8};

bool frame_opcode_known(uint32_t opcode) {
    return opcode < 256 && opcodes[opcode].name;
}

uint32_t frame_opcode_has(FrameOpcode op) {
    SIM_CHECK(frame_opcode_known(op));
    return opcodes[op].has;
}

uint32_t frame_extension_bytes(FrameOpcode op) {
    SIM_CHECK(frame_opcode_known(op));
    return opcodes[op].bytes;
}

const char *frame_opcode_name(uint32_t opcode) {
    return opcode < 256 ? opcodes[opcode].name : NULL;
}

uint32_t frame_bytes(FrameKind kind, bool tagged, FrameOpcode op, uint32_t payload) {
    SIM_CHECK(kind < FRAME_KINDS && frame_opcode_known(op));
    SIM_CHECK(payload == 0 || (opcodes[op].has & FRAME_HAS_PAYLOAD));
    uint32_t bytes = FRAME_ETHERNET_BYTES + (tagged ? FRAME_TAG_BYTES : 0) + network_bytes[kind] +
                     FRAME_BTH_BYTES + opcodes[op].bytes + ((payload + 3) & ~UINT32_C(3)) +
                     FRAME_ICRC_BYTES + FRAME_FCS_BYTES;
    return bytes < FRAME_MIN_BYTES ? FRAME_MIN_BYTES : bytes;
}

uint32_t frame_line_bytes(FrameKind kind, bool tagged, FrameOpcode op, uint32_t payload) {
    return frame_bytes(kind, tagged, op, payload) + FRAME_GAP_BYTES;
}
