/* frame.h: frames byte for byte: RoCE, TCP with iWARP in it, pauses.
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
 * are fixed by the opcode. Frames shorter than 64 bytes are padded to 64. A TCP frame is
 *
 *     | Ethernet 14 | tag 4 | IPv4 20, IPv6 40 | TCP 20 | options 0-40 | payload | FCS 4 |
 *
 * and with iWARP its payload is a part of a stream of FPDUs, as a rule one a segment:
 *
 *     | length 2 | DDP and RDMAP: tagged 14, untagged 18 | payload | pad 0-3 | CRC32C 4 |
 *
 * with, where agreed, a marker of 4 bytes before every 512th byte of the stream, marker included.
 *
 * Sizes are bytes. "Frame bytes" include the FCS and no gap; "line bytes" include both. Built
 * and parsed bytes hold no FCS, as in a capture file. All fields are in host order in the
 * structures and in network order in the bytes.
 *
 * Sources: Ethernet IEEE 802.3 clauses 3 and 4, tag IEEE 802.1Q clause 9, pause IEEE 802.3
 * Annex 31B and 31D (802.1Qbb); BTH and extensions IBTA volume 1 clause 9; RoCE v1 IBTA Annex
 * A16, v2 and its CNP Annex A17; IPv4 RFC 791, IPv6 RFC 8200, UDP RFC 768; TCP RFC 9293, its
 * options RFC 7323 (window scale, timestamps) and RFC 2018 (SACK), ECN RFC 3168; iWARP: MPA RFC
 * 5044, DDP RFC 5041, RDMAP RFC 5040; SMB Direct on TCP port 5445: MS-SMBD. */
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

/* The opcode byte of the BTH: reliable connection, two of the datagram service, and the CNP. */
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
    FRAME_UD_SEND_ONLY = 0x64, /* connection management among others */
    FRAME_UD_SEND_ONLY_IMM = 0x65,
    FRAME_CNP = 0x81
} FrameOpcode;

/* What follows the BTH. A frame's extensions stand in the order of these bits. */
typedef enum FrameExtension {
    FRAME_HAS_DETH = 1 << 0,       /* 8: queue key 4, reserved 1, QP of the sender 3 */
    FRAME_HAS_RETH = 1 << 1,       /* 16: virtual address 8, key 4, length 4 */
    FRAME_HAS_ATOMIC = 1 << 2,     /* 28: address 8, key 4, swap or add 8, compare 8 */
    FRAME_HAS_AETH = 1 << 3,       /* 4: syndrome 1, message number 3 */
    FRAME_HAS_ATOMIC_ACK = 1 << 4, /* 8: the old value */
    FRAME_HAS_IMM = 1 << 5,        /* 4 */
    FRAME_HAS_IETH = 1 << 6,       /* 4: key to invalidate */
    FRAME_HAS_CNP = 1 << 7,        /* 16: reserved, zero */
    FRAME_HAS_PAYLOAD = 1 << 8     /* may carry payload */
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

/* What RoCE and TCP share: addresses, tag and what IP says. */
typedef struct FrameNetwork {
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
} FrameNetwork;

/* The two low bits of the traffic class: RFC 3168. */
#define FRAME_ECN_ECT0 2
#define FRAME_ECN_ECT1 1
#define FRAME_ECN_CE 3

/* One RoCE frame. Fields that its opcode or kind has no room for are ignored when building and
 * zero after parsing. */
typedef struct Frame {
    FrameKind kind;
    FrameNetwork net;
    uint16_t udp_from; /* source port; the destination is always 4791 */
    bool udp_checksum; /* false: 0 in its place, as adapters do; its value is not checked */

    FrameOpcode opcode;
    bool solicited, migrated, fecn, becn, ack_request;
    uint16_t pkey;
    uint32_t to_qp, psn; /* 24 bits */

    uint32_t queue_key, from_qp; /* DETH; the QP 24 bits */
    uint64_t address;            /* RETH, AtomicETH */
    uint32_t key;                /* RETH, AtomicETH */
    uint32_t length;             /* RETH */
    uint64_t swap;               /* AtomicETH: new value, or what to add */
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
    FRAME_OTHER,      /* another protocol: no error of the sender */
    FRAME_SHORT,      /* ends before its headers, or before its own length field says */
    FRAME_LENGTH,     /* length fields that contradict each other */
    FRAME_HEADER,     /* a version, option, fragment or header checksum that is not used here */
    FRAME_BAD_OPCODE, /* unknown, or of a service that FrameOpcode does not name */
    FRAME_BAD_ICRC,
    FRAME_BAD_CHECKSUM, /* of TCP */
    FRAME_BAD_CRC,      /* of an FPDU */
    FRAME_BAD_MARKER,   /* that does not point to the beginning of its FPDU */
    FRAME_ERRORS
} FrameError;

/* Writes the frame without FCS, padded to 60 bytes, IPv4 checksum and ICRC included. Returns the
 * bytes written. `room` must suffice: FRAME_MAX_BUILT does for a payload up to 4096 bytes. */
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

/* The UDP source port of a connection whose flow label is 0, one value for both directions: both
 * QP numbers multiplied, folded to 20 bits and then to the 14 that the range 0xC000..0xFFFF
 * leaves. QP numbers have 24 bits. Source: Linux 6.1, equal in every Soft-RoCE capture of a
 * connection. */
uint16_t frame_udp_source_port(uint32_t local_qp, uint32_t remote_qp);

/* --- TCP --- */

#define FRAME_TCP_BYTES 20       /* header without options */
#define FRAME_TCP_MAX_OPTIONS 40 /* bytes; the header's length field ends there */
#define FRAME_TCP_STAMP_BYTES 12 /* timestamps with their two bytes of padding */
#define FRAME_TCP_SACKS 4        /* blocks; three beside timestamps */
#define FRAME_TCP_MAX_BUILT (9216 + FRAME_ETHERNET_BYTES + FRAME_TAG_BYTES) /* IP MTU 9216 */

enum FrameTcpFlag {
    FRAME_TCP_FIN = 1 << 0,
    FRAME_TCP_SYN = 1 << 1,
    FRAME_TCP_RST = 1 << 2,
    FRAME_TCP_PSH = 1 << 3,
    FRAME_TCP_ACK = 1 << 4,
    FRAME_TCP_URG = 1 << 5,
    FRAME_TCP_ECE = 1 << 6,
    FRAME_TCP_CWR = 1 << 7
};

/* One TCP segment in one frame. Options stand in the order of their fields here, each group
 * padded in front to four bytes; absent ones take none. */
typedef struct FrameTcp {
    bool ipv6;
    FrameNetwork net;
    uint16_t from_port, to_port;
    uint32_t seq, ack;
    uint8_t flags;   /* FrameTcpFlag */
    uint16_t window; /* as on the wire: not scaled */
    uint16_t urgent;

    uint16_t mss; /* of a SYN; 0: absent */
    bool sack_permitted;
    bool stamped;
    uint32_t stamp, echo;
    bool scaled; /* of a SYN: window scale */
    uint8_t scale;
    uint8_t sacks;                     /* blocks in use */
    uint32_t sack[FRAME_TCP_SACKS][2]; /* first byte, byte after the last */

    const uint8_t *payload; /* after parsing: within the bytes given; NULL builds zeros */
    uint32_t payload_bytes;
} FrameTcp;

/* Bytes of options, a multiple of four. At most FRAME_TCP_MAX_OPTIONS, or it is a bug. */
uint32_t frame_tcp_options(const FrameTcp *frame);
/* The same of a segment that carries timestamps or not and that many SACK blocks. */
static inline uint32_t frame_tcp_data_options(bool stamped, uint32_t sacks) {
    return (stamped ? FRAME_TCP_STAMP_BYTES : 0) + (sacks ? 4 + 8 * sacks : 0);
}
/* Most payload of a segment in an IP packet of `mtu` bytes; `mtu` holds the headers and more. */
uint32_t frame_tcp_payload(bool ipv6, uint32_t options, uint32_t mtu);
/* Ethernet frame bytes with FCS, at least 64; `options` in bytes. */
uint32_t frame_tcp_bytes(bool ipv6, bool tagged, uint32_t options, uint32_t payload);
/* The same plus preamble and gap: what the frame costs its line. */
uint32_t frame_tcp_line_bytes(bool ipv6, bool tagged, uint32_t options, uint32_t payload);

/* Writes the frame without FCS, padded to 60 bytes, checksums of IPv4 and TCP included. Returns
 * the bytes written; `room` must suffice. */
size_t frame_build_tcp(const FrameTcp *frame, uint8_t *out, size_t room);
/* Reads a frame without FCS; any padding behind it and options not named above are skipped. On an
 * error other than FRAME_BAD_CHECKSUM `*frame` is undefined. Any bytes are safe to give. */
FrameError frame_parse_tcp(const uint8_t *bytes, size_t size, FrameTcp *frame);

/* --- iWARP: what a TCP stream carries --- */

#define FRAME_TCP_PORT_SMB 445
#define FRAME_TCP_PORT_IWARP 5445 /* SMB Direct on iWARP */
#define FRAME_IWARP_INTERVAL 512  /* from marker to marker */
#define FRAME_IWARP_MARKER_BYTES 4
#define FRAME_IWARP_MAX_FPDU 65544 /* the longest the length field allows, markers aside */

/* RDMAP's opcode; it decides between tagged (T) and untagged (queue) headers. */
typedef enum FrameIwarpOpcode {
    FRAME_IWARP_WRITE = 0,         /* T */
    FRAME_IWARP_READ_REQUEST = 1,  /* queue 1; 28 bytes of its own in place of payload */
    FRAME_IWARP_READ_RESPONSE = 2, /* T */
    FRAME_IWARP_SEND = 3,          /* queue 0 */
    FRAME_IWARP_SEND_INV = 4,      /* with remote invalidation */
    FRAME_IWARP_SEND_SE = 5,       /* with solicited event */
    FRAME_IWARP_SEND_SE_INV = 6,
    FRAME_IWARP_TERMINATE = 7, /* queue 2 */
    FRAME_IWARP_OPCODES
} FrameIwarpOpcode;

/* One FPDU. Fields that its opcode has no room for are ignored when building and zero after
 * parsing. */
typedef struct FrameIwarp {
    FrameIwarpOpcode opcode;
    bool last; /* of its message */

    uint32_t tag;    /* tagged: STag of the sink */
    uint64_t offset; /* tagged: where in it */

    uint32_t invalidate;     /* untagged, with invalidation */
    uint32_t msn;            /* untagged: counts messages of its queue from 1 */
    uint32_t message_offset; /* untagged: of this segment within its message */

    uint32_t sink_tag, source_tag; /* READ request */
    uint64_t sink_offset, source_offset;
    uint32_t length;

    const uint8_t *payload; /* NULL builds zeros */
    uint32_t payload_bytes;
} FrameIwarp;

bool frame_iwarp_tagged(FrameIwarpOpcode op);
/* "READ_REQUEST"; NULL where unknown. */
const char *frame_iwarp_name(uint32_t opcode);

/* Bytes of the stream that an FPDU takes, pad and CRC included, markers not: a multiple of four. */
uint32_t frame_iwarp_bytes(FrameIwarpOpcode op, uint32_t payload);
/* Bytes of the markers within an FPDU of that many bytes that begins `position` bytes after the
 * first FPDU of its direction began; a marker due at its very beginning is part of it. */
uint32_t frame_iwarp_marker_bytes(uint64_t position, uint32_t bytes);
/* Most payload of one FPDU in a segment of `room` bytes (RFC 5044, MULPDU: room for as many
 * markers as may fall into it). READ requests have none. */
uint32_t frame_iwarp_payload(FrameIwarpOpcode op, uint32_t room, bool markers);

/* For `position`: no markers were agreed. */
#define FRAME_IWARP_UNMARKED UINT64_MAX

/* Writes the FPDU as it stands in the stream, markers included; `position` as above. Returns the
 * bytes written; `room` must suffice. */
size_t frame_build_iwarp(const FrameIwarp *fpdu, uint64_t position, uint8_t *out, size_t room);
/* Reads the FPDU at the beginning of `bytes` and says in `*used` how long it is, markers
 * included, once that is known (else 0). With markers its bytes are gathered in `scratch`
 * (FRAME_IWARP_MAX_FPDU bytes) and the payload lies there, else within `bytes`. FRAME_SHORT: the
 * stream has to deliver more. On an error other than FRAME_BAD_CRC `*fpdu` is undefined. */
FrameError frame_parse_iwarp(const uint8_t *bytes, size_t size, uint64_t position, uint8_t *scratch,
                             FrameIwarp *fpdu, size_t *used);

/* MPA's start-up, before the first FPDU: the initiator's request and the answer to it. One with
 * private data is FRAME_LENGTH. */
#define FRAME_MPA_START_BYTES 20 /* without private data, which we do not send */
typedef struct FrameMpaStart {
    bool reply;
    bool markers; /* the sender wants to receive them */
    bool crc;
    bool rejected; /* of a reply */
    uint8_t revision;
} FrameMpaStart;
size_t frame_build_mpa_start(const FrameMpaStart *start, uint8_t *out, size_t room);
FrameError frame_parse_mpa_start(const uint8_t *bytes, size_t size, FrameMpaStart *start);

/* CRC32C (Castagnoli), as iSCSI and MPA use it; `crc` as of frame_crc32. In the stream it stands
 * with its least significant byte first. */
uint32_t frame_crc32c(uint32_t crc, const uint8_t *bytes, size_t size);

/* --- other UDP --- */

typedef struct FrameUdp {
    bool ipv6;
    FrameNetwork net;
    uint16_t from_port, to_port;
    const uint8_t *payload; /* NULL builds zeros */
    uint32_t payload_bytes;
} FrameUdp;

/* Ethernet frame bytes with FCS, at least 64. */
uint32_t frame_udp_bytes(bool ipv6, bool tagged, uint32_t payload);
/* Writes the frame without FCS, padded to 60 bytes, checksums of IPv4 and UDP included. Returns the
 * bytes written; `room` must suffice. */
size_t frame_build_udp(const FrameUdp *frame, uint8_t *out, size_t room);

/* --- pauses --- */

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
