#include <stdlib.h>

#include "sim/app/options.h"
#include "sim/app/verbs.h"
#include "sim/scenario/explain.h"

/* An answer is data; that there is none is a word for people. */
static int explain_word(const char *word) {
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    bool found = out && sim_explain(word, out);
    if (out) fclose(out);
    fputs(text ? text : "", found ? stdout : stderr);
    free(text);
    return found ? SIM_EXIT_OK : SIM_EXIT_USAGE;
}

int sim_verb_explain(int argc, char **argv) {
    char **words;
    const GOptionEntry entries[] = {G_OPTION_ENTRY_NULL};
    const SimOptions options = {
        .verb = "explain",
        .summary = "explain a metric, a parameter, a diagnostic or a part",
        .words = "WHAT...",
        .words_min = 1,
        .words_max = -1,
        .entries = entries,
        .notes = "Examples:\n"
                 "  rackcast explain write.p99\n"
                 "  rackcast explain switch.buffer\n"
                 "  rackcast explain E104\n"
                 "  rackcast explain mellanox-sn2410\n",
    };
    int code = sim_options_parse(&options, argc, argv, &words);
    if (code != -1) return code;
    code = SIM_EXIT_OK;
    for (char **word = words; *word; word++) {
        if (word != words) putchar('\n');
        code = sim_exit_worse(code, explain_word(*word));
    }
    g_strfreev(words);
    return code;
}
