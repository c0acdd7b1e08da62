/* digest.h: reads the digests of Soft-RoCE's captures in this folder, packet by packet. Their
 * columns are in README.md. Included by tests alone. */
#ifndef TESTS_SOFT_ROCE_DIGEST_H
#define TESTS_SOFT_ROCE_DIGEST_H

#include <check.h>
#include <glib.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "models/frame/frame.h"

#define DIGEST_PACKETS 1400 /* more than any has */

/* -1 where a packet has no such field. */
typedef struct Packet {
    int from, asker, qp, opcode, psn, ack, payload, pad, length, offset, syndrome, msn;
} Packet;

static inline char *digest_path(const char *folder, const char *name) {
    const char *source = getenv("SOURCE");
    return g_build_filename(source ? source : ".", folder, name, NULL);
}

static inline int digest_opcode(const char *name) {
    for (uint32_t op = 0; op < 256; op++)
        if (frame_opcode_known(op) && strcmp(frame_opcode_name(op), name) == 0) return (int)op;
    ck_abort_msg("%s", name);
}

static inline int digest_number(const char *text, int base) {
    return *text == '-' && !text[1] ? -1 : (int)strtol(text, NULL, base);
}

/* The first of a run of packets. */
static inline Packet digest_line(char **c) {
    return (Packet){.from = digest_number(c[0], 10),
                    .asker = digest_number(c[1], 10),
                    .qp = digest_number(c[2], 10),
                    .opcode = digest_opcode(c[3]),
                    .psn = atoi(c[4]),
                    .ack = digest_number(c[6], 10),
                    .payload = digest_number(c[7], 10),
                    .pad = digest_number(c[8], 10),
                    .length = digest_number(c[9], 10),
                    .offset = digest_number(c[10], 10),
                    .syndrome = digest_number(c[11], 16),
                    .msn = digest_number(c[12], 10)};
}

/* Every packet of a capture; returns how many. `out`: DIGEST_PACKETS. */
static inline int digest_read(const char *capture, Packet *out) {
    char name[64], *path, *text = NULL;
    snprintf(name, sizeof name, "%s.tsv", capture);
    path = digest_path("tests/soft-roce", name);
    ck_assert_msg(g_file_get_contents(path, &text, NULL, NULL), "%s", path);
    char **lines = g_strsplit(text, "\n", -1);
    int n = 0, said = 0;
    ck_assert_int_eq(sscanf(lines[0], "# %d", &said), 1);
    for (int i = 2; *lines[i]; i++) {
        char **c = g_strsplit(lines[i], "\t", -1);
        ck_assert_uint_eq(g_strv_length(c), 13);
        for (int k = 0; k < digest_number(c[5], 10); k++) {
            ck_assert_int_lt(n, DIGEST_PACKETS);
            out[n] = digest_line(c);
            out[n++].psn += k;
        }
        g_strfreev(c);
    }
    ck_assert_int_eq(n, said);
    g_strfreev(lines);
    g_free(text);
    g_free(path);
    return n;
}

static inline bool digest_is_response(int op) {
    return op >= FRAME_READ_FIRST && op <= FRAME_ATOMIC_ACK;
}

/* READ and atomic requests are a message each. */
static inline bool digest_ends_message(int op) {
    return op == FRAME_SEND_LAST || op == FRAME_SEND_ONLY || op == FRAME_WRITE_LAST ||
           op == FRAME_WRITE_ONLY || op == FRAME_READ_REQUEST || op == FRAME_FETCH_ADD;
}

#endif
