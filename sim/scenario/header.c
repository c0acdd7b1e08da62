#include <stddef.h>

#include "sim/scenario/loader.h"

#define HEAD(member) .offset = offsetof(SimHeader, member)

/* The keys at the top of a file that are not sections. */
const SimParam sim_header_params[] = {
    {.key = "schema",
     .type = SIM_COUNT,
     .required = true,
     HEAD(schema),
     .doc = "Version of the scenario language; 1 for this program."},
    {.key = "name",
     .type = SIM_NAME,
     .required = true,
     HEAD(name),
     .doc = "Name of the scenario, and of the folder of its results."},
    {.key = "description",
     .type = SIM_TEXT,
     .required = true,
     HEAD(description),
     .doc = "The question that the scenario answers, in a sentence."},
    {.key = "seed",
     .type = SIM_COUNT,
     .def = "1",
     HEAD(seed),
     .doc = "Seed of all random streams; the same seed gives the same run."},
    {.key = "warmup",
     .type = SIM_TIME,
     .def = "0s",
     HEAD(warmup),
     .doc = "Time at the start that is simulated but not measured."},
    {.key = "duration",
     .type = SIM_TIME,
     .required = true,
     HEAD(duration),
     .doc = "Length of the whole run, with the warm-up."},
    {.key = "fidelity",
     .type = SIM_CHOICE,
     .choices = "packet|flow",
     .def = "packet",
     HEAD(fidelity),
     .doc = "packet moves frames; flow shares resources (not supported yet)."},
    {0}};
