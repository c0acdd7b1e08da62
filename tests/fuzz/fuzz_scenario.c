/* fuzz_scenario.c: any bytes are a scenario or get a sentence. libFuzzer, with all models:
 *
 *   cmake -DCMAKE_C_COMPILER=clang -DRACKCAST_FUZZ=ON -DRACKCAST_SANITIZE=ON ...
 *   fuzz_scenario -max_len=8192 -timeout=20 corpus/ scenarios/quickstart/
 *
 * A first line "#set path=value" becomes an override, so that those are reached as well. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/base/assert.h"
#include "sim/scenario/scenario.h"

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size);

/* "#set ..." up to the end of the line, or NULL; to be freed. */
static char *override_of(const unsigned char *bytes, size_t size) {
    static const char word[] = "#set ";
    if (size < sizeof word || memcmp(bytes, word, sizeof word - 1) != 0) return NULL;
    const unsigned char *start = bytes + sizeof word - 1;
    size_t rest = size - (sizeof word - 1);
    const unsigned char *end = memchr(start, '\n', rest);
    return strndup((const char *)start, end ? (size_t)(end - start) : rest);
}

int LLVMFuzzerTestOneInput(const unsigned char *bytes, size_t size) {
    SimDiagnostics *out = sim_diagnostics_new("fuzz");
    char *text = override_of(bytes, size);
    SimOverride set = {text};
    SimScenario *s = sim_scenario_load_bytes("fuzz", bytes, size, &set, text ? 1 : 0, out);
    SIM_CHECK((s == NULL) == (sim_diagnostics_errors(out) > 0));
    char *printed = NULL;
    size_t length;
    FILE *stream = open_memstream(&printed, &length);
    sim_diagnostics_print(out, stream, true);
    sim_diagnostics_json(out, stream);
    fclose(stream);
    free(printed);
    sim_scenario_free(s);
    sim_diagnostics_free(out);
    free(text);
    return 0;
}
