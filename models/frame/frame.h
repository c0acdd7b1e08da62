/* frame.h: RoCE frames, byte for byte.
 *
 * Three things live here: how many bytes a frame takes (the simulator's hot path asks only
 * this), how a frame is written to bytes, and how bytes are read back. A RoCE frame is
 *
 *     | Ethernet 14 | tag 4 | network | BTH 12 | extensions | payload | pad 0-3 | ICRC 4 | FCS 4 |
 *                             v1 GRH 40
 *                             v2 IPv4 20 + UDP 8
 *                             v2 IPv6 40 + UDP 8
 *
 * and occupies its line for FRAME_GAP_BYTES more: preamble and start 8, gap 12. The extensions
 * are fixed by the opcode. Frames shorter than 64 bytes are padded to 64.
 *
 * Sizes are bytes. "Frame bytes" include the FCS and no gap; "line bytes" include both. Built
 * and parsed bytes hold no FCS, as in a capture file. All fields are in host order in the
 * structures and in network order in the bytes.
 *
 * Sources: Ethernet IEEE 802.3 clauses 3 and 4, tag IEEE 802.1Q clause 9, pause IEEE 802.3
 * Annex 31B and 31D (802.1Qbb); BTH and extensions IBTA volume 1 clause 9; RoCE v1 IBTA Annex
 * A16, v2 and its CNP Annex A17; IPv4 RFC 791, IPv6 RFC 8200, UDP RFC 768. */
#ifndef MODELS_FRAME_FRAME_H
#define MODELS_FRAME_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAME_GAP_BYTES 20 /* preamble 7, start 1, inter-frame gap 12 */
#define FRAME_FCS_BYTES 4
#define FRAME_MIN_BYTES 64
#define FRAME_ETHERNET_BYTES 14
#define FRAME_TAG_BYTES 4
#define FRAME_PAUSE_BYTES 64 /* PAUSE and PFC: never tagged */
#define FRAME_BTH_BYTES 12
#define FRAME_ICRC_BYTES 4

#define FRAME_TYPE_ROCE_V1 0x8915
#define FRAME_UDP_PORT_ROCE_V2 4791

typedef enum FrameKind { FRAME_V1, FRAME_V2_IPV4, FRAME_V2_IPV6, FRAME_KINDS } FrameKind;

/* The opcode byte of the BTH, reliable connection. */
typedef enum FrameOpcode {
    FRAME_SEND_FIRST = 0x00,
    FRAME_SEND_MIDDLE = 0x01,
    FRAME_SEND_LAST = 0x02,
    FRAME_SEND_LAST_IMM = 0x03,
    FRAME_SEND_ONLY = 0x04,
    FRAME_SEND_ONLY_IMM = 0x05,
    FRAME_WRITE_FIRST = 0x06,
    FRAME_WRITE_MIDDLE = 0x07,
    FRAME_WRITE_LAST = 0x08,
    FRAME_WRITE_LAST_IMM = 0x09,
    FRAME_WRITE_ONLY = 0x0A,
    FRAME_WRITE_ONLY_IMM = 0x0B,
    FRAME_READ_REQUEST = 0x0C,
    FRAME_READ_FIRST = 0x0D, /* responses to a READ */
    FRAME_READ_MIDDLE = 0x0E,
    FRAME_READ_LAST = 0x0F,
    FRAME_READ_ONLY = 0x10,
    FRAME_ACK = 0x11, /* a NAK is an ACK with another syndrome */
    FRAME_ATOMIC_ACK = 0x12,
    FRAME_COMPARE_SWAP = 0x13,
    FRAME_FETCH_ADD = 0x14,
    FRAME_SEND_LAST_INV = 0x16, /* with remote invalidation */
    FRAME_SEND_ONLY_INV = 0x17,
    FRAME_CNP = 0x81
} FrameOpcode;

/* What follows the BTH. A frame's extensions stand in the order of these bits. */
typedef enum FrameExtension {
    FRAME_HAS_RETH = 1 << 0,       /* 16: virtual address 8, key 4, length 4 */
    FRAME_HAS_ATOMIC = 1 << 1,     /* 28: address 8, key 4, swap or add 8, compare 8 */
    FRAME_HAS_AETH = 1 << 2,       /* 4: syndrome 1, message number 3 */
    FRAME_HAS_ATOMIC_ACK = 1 << 3, /* 8: the old value */
    FRAME_HAS_IMM = 1 << 4,        /* 4 */
    FRAME_HAS_IETH = 1 << 5,       /* 4: key to invalidate */
    FRAME_HAS_CNP = 1 << 6,        /* 16: reserved, zero */
    FRAME_HAS_PAYLOAD = 1 << 7     /* may carry payload */
} FrameExtension;

/* The AETH syndrome: IBTA volume 1, 9.7.5. */
#define FRAME_SYNDROME_ACK 0x1F /* credits not used */
#define FRAME_SYNDROME_RNR 0x20 /* | timer code */
#define FRAME_SYNDROME_SEQUENCE 0x60
#define FRAME_SYNDROME_INVALID 0x61
#define FRAME_SYNDROME_ACCESS 0x62
#define FRAME_SYNDROME_OPERATION 0x63

/* True for the opcodes above, false for any other byte. */
bool frame_opcode_known(uint32_t opcode);
/* FrameExtension bits of a known opcode. */
uint32_t frame_opcode_has(FrameOpcode op);
/* Bytes between BTH and payload of a known opcode. */
uint32_t frame_extension_bytes(FrameOpcode op);
/* "WRITE_ONLY"; NULL where unknown. */
const char *frame_opcode_name(uint32_t opcode);

/* Ethernet frame bytes with FCS, padded to a multiple of four before the ICRC and to 64 in all. */
uint32_t frame_bytes(FrameKind kind, bool tagged, FrameOpcode op, uint32_t payload);
/* The same plus preamble and gap: what the frame costs its line. */
uint32_t frame_line_bytes(FrameKind kind, bool tagged, FrameOpcode op, uint32_t payload);

#define FRAME_MAX_BUILT 4300 /* more than the longest frame with a payload of 4096 bytes */

/* One RoCE frame. Fields that its opcode or kind has no room for are ignored when building and
 * zero after parsing. */
typedef struct Frame {
    FrameKind kind;
    uint8_t to_mac[6], from_mac[6];
    bool tagged;
    uint8_t pcp;  /* 0..7 */
    bool dei;     /* drop eligible */
    uint16_t vid; /* 0..4095 */

    uint8_t traffic_class; /* DSCP << 2 | ECN: the TOS byte of IPv4, else the traffic class */
    uint32_t flow_label;   /* 20 bits; v1 and IPv6 */
    uint16_t ip_id;        /* IPv4 */
    uint8_t hop_limit;
    uint8_t from_ip[16], to_ip[16]; /* IPv4: the first four bytes */
    uint16_t udp_from;              /* source port; the destination is always 4791 */

    FrameOpcode opcode;
    bool solicited, migrated, fecn, becn, ack_request;
    uint16_t pkey;
    uint32_t to_qp, psn; /* 24 bits */

    uint64_t address; /* RETH, AtomicETH */
    uint32_t key;     /* RETH, AtomicETH */
    uint32_t length;  /* RETH */
    uint64_t swap;    /* AtomicETH: new value, or what to add */
    uint64_t compare;
    uint8_t syndrome;  /* AETH */
    uint32_t msn;      /* AETH, 24 bits */
    uint64_t original; /* AtomicAckETH */
    uint32_t imm;
    uint32_t invalidate; /* IETH */

    const uint8_t *payload; /* after parsing: within the bytes given; NULL builds zeros */
    uint32_t payload_bytes;
} Frame;

/* Why bytes are no frame of ours. */
typedef enum FrameError {
    FRAME_OK,
    FRAME_NOT_ROCE,   /* another protocol: no error of the sender */
    FRAME_SHORT,      /* ends before its headers, or before its own length field says */
    FRAME_LENGTH,     /* length fields that contradict each other */
    FRAME_HEADER,     /* a version, option, fragment or header checksum that RoCE does not use */
    FRAME_BAD_OPCODE, /* unknown, or of another service than reliable connection */
    FRAME_BAD_ICRC,
    FRAME_ERRORS
} FrameError;

/* Writes the frame without FCS, padded to 60 bytes, IPv4 checksum and ICRC included; the UDP
 * checksum is 0, as adapters send it. Returns the bytes written. `room` must suffice:
 * FRAME_MAX_BUILT does for a payload up to 4096 bytes. */
size_t frame_build(const Frame *frame, uint8_t *out, size_t room);

/* Reads a frame without FCS; any padding behind it is ignored. On an error other than
 * FRAME_BAD_ICRC `*frame` is undefined. Any bytes are safe to give. */
FrameError frame_parse(const uint8_t *bytes, size_t size, Frame *frame);
/* One sentence; never NULL. */
const char *frame_error_text(FrameError error);

/* The invariant CRC over the `size` bytes from the network header up to the ICRC. It stands in the
 * frame with its least significant byte first. */
uint32_t frame_icrc(FrameKind kind, const uint8_t *network, size_t size);
/* CRC-32 of IEEE 802.3 (the FCS); `crc` is 0 or the result for the bytes before. */
uint32_t frame_crc32(uint32_t crc, const uint8_t *bytes, size_t size);

/* PFC (802.1Qbb) stops single priorities for a time in quanta of 512 bit times, 0 resumes them;
 * PAUSE (802.3x) stops all. */
typedef struct FramePause {
    uint8_t from_mac[6];
    bool all;        /* PAUSE: quanta[0] holds for every priority */
    uint8_t classes; /* PFC: bit i set: quanta[i] applies to priority i */
    uint16_t quanta[8];
} FramePause;

/* Both without FCS, 60 bytes. */
size_t frame_build_pause(const FramePause *pause, uint8_t *out, size_t room);
FrameError frame_parse_pause(const uint8_t *bytes, size_t size, FramePause *pause);

#endif
