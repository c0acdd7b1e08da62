/* units.h: text to exact integers. No floating point, no locale, nothing guessed.
 *
 * A number is plain decimal: -?(0|[1-9][0-9]*)(\.[0-9]+)?, for probabilities also with an
 * exponent. The unit follows without a blank and is case-sensitive. A value that is not a
 * whole number of its smallest unit (param.h), or does not fit into 63 bits, is refused. Every
 * refusal is a sentence with what is allowed and, where it can be told, what was meant. */
#ifndef SIM_SCENARIO_UNITS_H
#define SIM_SCENARIO_UNITS_H

#include "sim/core/param.h"

typedef struct SimValueError {
    const char *code; /* E104 ... */
    char text[200];
    char allowed[240]; /* "" where there is nothing to say */
    char meant[80];    /* "" where there is no guess */
} SimValueError;

/* A scalar after checking. Only the member of its type is set. */
typedef union SimParsed {
    int64_t integer; /* SIM_COUNT ... SIM_CHANCE */
    bool truth;
    int choice;
    const char *text; /* SIM_TEXT, SIM_NAME, SIM_REF: as given, not copied */
} SimParsed;

/* One of the numeric types, without bounds. A negative result is possible. */
bool sim_number_parse(SimType type, const char *text, int64_t *out, SimValueError *error);

/* Everything that one parameter demands of one scalar: form, bounds, choices. A negative value
 * is refused unless `min` is negative. References are not resolved here. */
bool sim_value_parse(const SimParam *param, const char *text, SimParsed *out, SimValueError *error);

/* For `expect:`: any unit. Time becomes ns, sizes bytes, rates and speeds bit/s, ratios 1, as
 * the reduced fraction num/den; `unit` is "ns", "bytes", "bps", "ratio" or "". */
bool sim_quantity_parse(const char *text, int64_t *num, int64_t *den, const char **unit,
                        SimValueError *error);

/* "time", "rate" ... */
const char *sim_type_name(SimType type);
/* "a time such as 150ms (ns, us, ms, s, min, h, d)" */
const char *sim_type_allowed(SimType type);
/* A regular expression (ECMA 262) for the text of a type; NULL where there is none. */
const char *sim_type_pattern(SimType type);

#endif
