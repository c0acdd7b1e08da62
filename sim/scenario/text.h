/* text.h: lines for people. Private to this folder. */
#ifndef SIM_SCENARIO_TEXT_H
#define SIM_SCENARIO_TEXT_H

#include <stdio.h>

#include "sim/scenario/catalog.h"

/* `text` in lines of at most `width` columns, each set in by `indent` blanks. */
void sim_text_wrap(FILE *out, const char *text, int indent, int width);

/* parts.c: one part with every value and its source. */
void sim_part_write(FILE *out, const SimPart *part);

#endif
