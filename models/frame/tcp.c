/* tcp.c: TCP segments. */
#include "models/frame/bytes.h"
#include "models/frame/frame.h"

#include "sim/base/assert.h"

enum OptionKind {
    OPTION_END = 0,
    OPTION_NOTHING = 1, /* a byte of padding */
    OPTION_MSS = 2,
    OPTION_SCALE = 3,
    OPTION_PERMITTED = 4,
    OPTION_SACK = 5,
    OPTION_STAMPS = 8
};

/* --- sizes --- */

static uint32_t network_bytes(bool ipv6) {
    return ipv6 ? FRAME_IPV6_BYTES : FRAME_IPV4_BYTES;
}

uint32_t frame_tcp_options(const FrameTcp *f) {
    uint32_t bytes = (f->mss ? 4 : 0) + (f->sack_permitted ? 4 : 0) + (f->scaled ? 4 : 0) +
                     frame_tcp_data_options(f->stamped, f->sacks);
    SIM_CHECK(bytes <= FRAME_TCP_MAX_OPTIONS);
    return bytes;
}

uint32_t frame_tcp_payload(bool ipv6, uint32_t options, uint32_t mtu) {
    uint32_t headers = network_bytes(ipv6) + FRAME_TCP_BYTES + options;
    SIM_CHECK(mtu > headers);
    return mtu - headers;
}

uint32_t frame_tcp_bytes(bool ipv6, bool tagged, uint32_t options, uint32_t payload) {
    uint32_t bytes = FRAME_ETHERNET_BYTES + (tagged ? FRAME_TAG_BYTES : 0) + network_bytes(ipv6) +
                     FRAME_TCP_BYTES + options + payload + FRAME_FCS_BYTES;
    return bytes < FRAME_MIN_BYTES ? FRAME_MIN_BYTES : bytes;
}

uint32_t frame_tcp_line_bytes(bool ipv6, bool tagged, uint32_t options, uint32_t payload) {
    return frame_tcp_bytes(ipv6, tagged, options, payload) + FRAME_GAP_BYTES;
}

/* --- build --- */

/* Kind and length of an option of `bytes`, behind as much padding as makes a multiple of four. */
static uint8_t *put_option(uint8_t *at, enum OptionKind kind, unsigned bytes) {
    for (unsigned pad = -bytes & 3; pad > 0; pad--)
        at = frame_put(at, OPTION_NOTHING, 1);
    at = frame_put(at, kind, 1);
    return frame_put(at, bytes, 1);
}

static uint8_t *put_options(uint8_t *at, const FrameTcp *f) {
    if (f->mss) at = frame_put(put_option(at, OPTION_MSS, 4), f->mss, 2);
    if (f->sack_permitted) at = put_option(at, OPTION_PERMITTED, 2);
    if (f->stamped) {
        at = frame_put(put_option(at, OPTION_STAMPS, 10), f->stamp, 4);
        at = frame_put(at, f->echo, 4);
    }
    if (f->scaled) at = frame_put(put_option(at, OPTION_SCALE, 3), f->scale, 1);
    if (f->sacks) at = put_option(at, OPTION_SACK, 2 + 8u * f->sacks);
    for (unsigned i = 0; i < f->sacks; i++) {
        at = frame_put(at, f->sack[i][0], 4);
        at = frame_put(at, f->sack[i][1], 4);
    }
    return at;
}

size_t frame_build_tcp(const FrameTcp *f, uint8_t *out, size_t room) {
    uint32_t options = frame_tcp_options(f), header = FRAME_TCP_BYTES + options;
    size_t bytes =
        frame_tcp_bytes(f->ipv6, f->net.tagged, options, f->payload_bytes) - FRAME_FCS_BYTES;
    size_t segment = header + f->payload_bytes;
    SIM_CHECK(room >= bytes && segment <= UINT16_MAX - FRAME_IPV4_BYTES);
    uint8_t *at = frame_put_ethernet(out, &f->net, f->ipv6 ? FRAME_TYPE_IPV6 : FRAME_TYPE_IPV4);
    uint8_t *tcp = frame_put_ip(at, &f->net, f->ipv6, FRAME_NEXT_TCP, segment);
    at = frame_put(tcp, f->from_port, 2);
    at = frame_put(at, f->to_port, 2);
    at = frame_put(at, f->seq, 4);
    at = frame_put(at, f->ack, 4);
    at = frame_put(at, header / 4 << 4, 1);
    at = frame_put(at, f->flags, 1);
    at = frame_put(at, f->window, 2);
    at = frame_put(at, 0, 2); /* checksum */
    at = frame_put(at, f->urgent, 2);
    at = put_options(at, f);
    at = frame_put_payload(at, f->payload, f->payload_bytes);
    frame_put(tcp + 16, frame_transport_checksum(&f->net, f->ipv6, FRAME_NEXT_TCP, tcp, segment),
              2);
    memset(at, 0, bytes - (size_t)(at - out));
    return bytes;
}

/* --- parse --- */

/* One option whose value is `rest`; lengths that do not fit its kind are an error. */
static FrameError parse_option(FrameTcp *f, uint8_t kind, FrameRest *rest) {
    switch (kind) {
    case OPTION_MSS:
        if (rest->left != 2) return FRAME_LENGTH;
        f->mss = (uint16_t)frame_take(rest, 2);
        return FRAME_OK;
    case OPTION_SCALE:
        if (rest->left != 1) return FRAME_LENGTH;
        f->scaled = true;
        f->scale = (uint8_t)frame_take(rest, 1);
        return FRAME_OK;
    case OPTION_PERMITTED:
        f->sack_permitted = true;
        return rest->left ? FRAME_LENGTH : FRAME_OK;
    case OPTION_SACK:
        if (rest->left == 0 || rest->left % 8 || rest->left > 8 * FRAME_TCP_SACKS)
            return FRAME_LENGTH;
        for (f->sacks = 0; rest->left; f->sacks++) {
            f->sack[f->sacks][0] = (uint32_t)frame_take(rest, 4);
            f->sack[f->sacks][1] = (uint32_t)frame_take(rest, 4);
        }
        return FRAME_OK;
    case OPTION_STAMPS:
        if (rest->left != 8) return FRAME_LENGTH;
        f->stamped = true;
        f->stamp = (uint32_t)frame_take(rest, 4);
        f->echo = (uint32_t)frame_take(rest, 4);
        return FRAME_OK;
    default:
        return FRAME_OK;
    }
}

static FrameError parse_options(FrameTcp *f, FrameRest options) {
    while (options.left) {
        uint8_t kind = (uint8_t)frame_take(&options, 1);
        if (kind == OPTION_END) return FRAME_OK;
        if (kind == OPTION_NOTHING) continue;
        if (options.left < 1) return FRAME_LENGTH;
        size_t length = frame_take(&options, 1);
        if (length < 2 || length - 2 > options.left) return FRAME_LENGTH;
        FrameRest value = {options.at, length - 2};
        FrameError error = parse_option(f, kind, &value);
        if (error) return error;
        options.at += length - 2;
        options.left -= length - 2;
    }
    return FRAME_OK;
}

/* The header up to its options, of which it gives the bytes. */
static FrameError parse_header(FrameTcp *f, FrameRest *rest, size_t *options) {
    if (rest->left < FRAME_TCP_BYTES) return FRAME_LENGTH;
    f->from_port = (uint16_t)frame_take(rest, 2);
    f->to_port = (uint16_t)frame_take(rest, 2);
    f->seq = (uint32_t)frame_take(rest, 4);
    f->ack = (uint32_t)frame_take(rest, 4);
    size_t header = (frame_take(rest, 1) >> 4) * 4;
    f->flags = (uint8_t)frame_take(rest, 1);
    f->window = (uint16_t)frame_take(rest, 2);
    frame_take(rest, 2);
    f->urgent = (uint16_t)frame_take(rest, 2);
    if (header < FRAME_TCP_BYTES || header - FRAME_TCP_BYTES > rest->left) return FRAME_LENGTH;
    *options = header - FRAME_TCP_BYTES;
    return FRAME_OK;
}

FrameError frame_parse_tcp(const uint8_t *bytes, size_t size, FrameTcp *f) {
    *f = (FrameTcp){0};
    FrameRest rest = {bytes, size};
    uint16_t type = 0;
    FrameError error = frame_take_ethernet(&rest, &f->net, &type);
    if (error) return error;
    if (type != FRAME_TYPE_IPV4 && type != FRAME_TYPE_IPV6) return FRAME_OTHER;
    f->ipv6 = type == FRAME_TYPE_IPV6;
    error = frame_take_ip(&rest, &f->net, f->ipv6, FRAME_NEXT_TCP);
    if (error) return error;
    const FrameRest segment = rest;
    size_t options = 0;
    error = parse_header(f, &rest, &options);
    if (!error) error = parse_options(f, (FrameRest){rest.at, options});
    if (error) return error;
    f->payload_bytes = (uint32_t)(rest.left - options);
    f->payload = f->payload_bytes ? rest.at + options : NULL;
    uint16_t sum =
        frame_transport_checksum(&f->net, f->ipv6, FRAME_NEXT_TCP, segment.at, segment.left);
    return sum ? FRAME_BAD_CHECKSUM : FRAME_OK;
}
