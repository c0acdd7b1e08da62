#include <stdlib.h>
#include <string.h>

#include "sim/app/options.h"
#include "sim/app/verbs.h"
#include "sim/report/diagnose.h"
#include "sim/report/page.h"
#include "sim/scenario/explain.h"

/* A cause that `rackcast diagnose` finds. */
static bool explain_cause(const char *word) {
    const SimPage page = {.out = stdout, .utf8 = sim_options_utf8()};
    for (const SimCause *c = sim_causes; c->id; c++) {
        if (strcmp(c->id, word) != 0) continue;
        char *fix = g_strdup_printf("Remedy: %s", c->fix);
        printf("%s: %s\n  ", c->id, c->title);
        sim_page_wrap(&page, c->doc, 2, 2);
        fputs("  ", stdout);
        sim_page_wrap(&page, fix, 2, 2);
        g_free(fix);
        return true;
    }
    return false;
}

/* An answer is data; that there is none is a word for people. */
static int explain_word(const char *word) {
    char *text = NULL;
    size_t size = 0;
    if (explain_cause(word)) return SIM_EXIT_OK;
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
        .summary = "explain a word of a scenario, a result or a diagnosis",
        .words = "WHAT...",
        .words_min = 1,
        .words_max = -1,
        .entries = entries,
        .notes = "Examples:\n"
                 "  rackcast explain write.p99\n"
                 "  rackcast explain switch.buffer\n"
                 "  rackcast explain E104\n"
                 "  rackcast explain rx_prio3_pause\n"
                 "  rackcast explain pfc-off-on-a-hop\n"
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
