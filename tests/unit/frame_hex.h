/* frame_hex.h: bytes from hexadecimal digits, for the tests of frames. */
#ifndef TESTS_UNIT_FRAME_HEX_H
#define TESTS_UNIT_FRAME_HEX_H

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

static inline size_t frame_from_hex(const char *hex, uint8_t *out) {
    size_t n = strlen(hex) / 2;
    for (size_t i = 0; i < n; i++) {
        char digits[3] = {hex[2 * i], hex[2 * i + 1], 0};
        out[i] = (uint8_t)strtoul(digits, NULL, 16);
    }
    return n;
}

#endif
