#include <stdlib.h>

#include "sim/app/options.h"
#include "sim/app/verbs.h"
#include "sim/scenario/explain.h"

/* An answer is data; that there is none is a word for people. */
static int print_parts(const char *which) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    bool found = out && sim_parts_write(out, which);
    if (out) fclose(out);
    fputs(text ? text : "", found ? stdout : stderr);
    free(text);
    return found ? SIM_EXIT_OK : SIM_EXIT_USAGE;
}

int sim_verb_parts(int argc, char **argv) {
    char **words;
    const GOptionEntry entries[] = {G_OPTION_ENTRY_NULL};
    const SimOptions options = {
        .verb = "parts",
        .summary = "list the parts that a scenario can name",
        .words = "[KIND|NAME]",
        .words_min = 0,
        .words_max = 1,
        .entries = entries,
        .notes = "Examples:\n"
                 "  rackcast parts                    every part, by kind\n"
                 "  rackcast parts switch             the switches\n"
                 "  rackcast parts mellanox-sn2410    one part with its sources\n",
    };
    int code = sim_options_parse(&options, argc, argv, &words);
    if (code != -1) return code;
    code = print_parts(words[0]);
    g_strfreev(words);
    return code;
}
