#include "sim/app/options.h"
#include "sim/app/verbs.h"
#include "sim/scenario/explain.h"

int sim_verb_schema(int argc, char **argv) {
    char **words;
    const GOptionEntry entries[] = {G_OPTION_ENTRY_NULL};
    const SimOptions options = {
        .verb = "schema",
        .summary = "print the JSON Schema (draft-07) of a scenario",
        .words = "",
        .words_min = 0,
        .words_max = 0,
        .entries = entries,
        .notes = "An editor with a YAML language server completes and checks scenarios with it.\n"
                 "Write it to a file and begin the scenario with:\n"
                 "  # yaml-language-server: $schema=rackcast.schema.json\n",
    };
    int code = sim_options_parse(&options, argc, argv, &words);
    if (code != -1) return code;
    g_strfreev(words);
    sim_schema_write(stdout);
    return SIM_EXIT_OK;
}
