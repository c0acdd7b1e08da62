/* options.h: the options of one verb, described once: parsed by GLib, printed by us so that every
 * help page looks the same and fits 80 columns.
 *
 *   rackcast run: run scenarios and print the forecast
 *
 *   Usage: rackcast run [options] FILE...
 *
 *   Options:
 *     -o, --out DIR        write the result here
 *     ...
 */
#ifndef SIM_APP_OPTIONS_H
#define SIM_APP_OPTIONS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

typedef struct SimOptions {
    const char *verb;
    const char *summary;
    const char *words;           /* "FILE...", "A B", "" */
    int words_min, words_max;    /* -1: any number */
    const GOptionEntry *entries; /* ends with {NULL}; words go to `rest`, not to an entry */
    const char *notes;           /* more text at the end of the help, or NULL */
} SimOptions;

/* Parses what follows the verb. Returns -1 and the words in *rest (free with g_strfreev) where
 * the verb should go on; otherwise the exit code: help was printed (0) or a mistake (2). */
int sim_options_parse(const SimOptions *options, int argc, char **argv, char ***rest);

/* The name nearest to a mistyped word, or NULL where none is near. */
const char *sim_options_nearest(const char *word, const char *const *names, size_t n);

/* Reads a share such as 2% into parts per million; false where it is none. */
bool sim_options_share(const char *text, int64_t *ppm);

/* Whether a stream is a terminal that wants colour (NO_COLOR and TERM=dumb turn it off). */
bool sim_options_colour(FILE *stream);

/* Whether the user's locale writes UTF-8. */
bool sim_options_utf8(void);

#endif
