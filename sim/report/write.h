/* write.h: files that are either whole or not there.
 *
 * The content goes to a temporary name in the same folder, is flushed to the disk, and takes the
 * place of the file in one step; then the folder is flushed. A full disk, an unwritable folder or
 * a content that could not be made leaves what was there before, and no half file. */
#ifndef SIM_REPORT_WRITE_H
#define SIM_REPORT_WRITE_H

#include <glib.h>
#include <stdbool.h>
#include <stdio.h>

/* Calls fill(out, data) once; fill returns false (errno set, where it knows) to give up. On
 * failure returns false with a sentence in `error` (domain G_FILE_ERROR). */
bool sim_write_atomically(const char *path, bool (*fill)(FILE *out, void *data), void *data,
                          GError **error);

/* The same for a file that grows while something else goes on: its content goes to the stream
 * meanwhile. NULL, and a sentence in `error`, where it cannot be begun. */
typedef struct SimWriting SimWriting;
SimWriting *sim_write_begin(const char *path, GError **error);
FILE *sim_write_stream(const SimWriting *w);
/* Puts the file in its place and frees. `good` false (errno set, where it is known): gives up,
 * returns false with a sentence. */
bool sim_write_end(SimWriting *w, bool good, GError **error);

#endif
