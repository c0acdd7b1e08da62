/* pdh.h: counters over time, in the form in which Windows' Performance Monitor exports them.
 *
 *   "(PDH-CSV 4.0) (UTC)(0)","\\NODE1\RDMA Activity(1)\RDMA Inbound Bytes/sec",...
 *   "01/01/2026 00:00:00.050","123.456000",...
 *
 * A column is named by machine, object, instance and counter; a line is one reading. What is read
 * here need not have been written here: byte order marks (UTF-8, UTF-16), commas, semicolons or
 * tabs, any column first among the counters, other words in the corner, blank values (a rate has
 * none in its first reading), thousands separators, columns that are no counters, and the words
 * typeperf prints at its end are all taken as they come. Anything else ends with a sentence that
 * names the line.
 *
 * Time is read to the microsecond and is relative to the first reading. */
#ifndef SIM_REPORT_PDH_H
#define SIM_REPORT_PDH_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

#include "sim/base/arena.h"

typedef struct SimPdhColumn {
    const char *machine;  /* "NODE1"; "" where the path names none */
    const char *object;   /* "RDMA Activity" */
    const char *instance; /* "1"; "" where there is none */
    const char *counter;  /* "RDMA Inbound Bytes/sec" */
    double *value;        /* n_samples; NAN: blank */
} SimPdhColumn;

typedef struct SimPdh {
    SimArena arena;
    SimPdhColumn *columns;
    uint32_t n_columns, room_columns;
    double *seconds; /* n_samples, never falling */
    uint32_t n_samples, room_samples;
} SimPdh;

/* Reads a file, or a text of `size` bytes of which `name` is told in sentences. NULL with a
 * sentence in `error` (domain G_FILE_ERROR where the file cannot be read, else
 * G_MARKUP_ERROR: it is not what it should be). Free with sim_pdh_free. */
SimPdh *sim_pdh_read(const char *path, GError **error);
SimPdh *sim_pdh_parse(const char *name, const char *text, gsize size, GError **error);
void sim_pdh_free(SimPdh *pdh);

/* ---- writing ---- */

/* Each field is quoted and, but for the first of a line, has its comma before it. */
void sim_pdh_put_corner(FILE *out);
void sim_pdh_put_path(FILE *out, const char *machine, const char *object, const char *instance,
                      const char *counter);
/* The begin of a line: midnight of 1 January 2026 plus `microseconds`. `fine`: six digits after
 * the second in place of Performance Monitor's three. */
void sim_pdh_put_time(FILE *out, int64_t microseconds, bool fine);

#endif
