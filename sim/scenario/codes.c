#include "sim/scenario/codes.h"

#include <string.h>

const SimDiagnosticDoc sim_scenario_codes[] = {
    {"E001", "the file cannot be read",
     "The path does not exist, is a folder, or may not be read by this user."},
    {"E002", "the file is too large",
     "A scenario has at most 16 MiB. Repetition belongs into `count:` and `templates:`."},
    {"E003", "the file is empty", "There is no YAML in it, or only comments."},
    {"E004", "not valid YAML",
     "The file does not follow the syntax of YAML. Nothing else was checked. Frequent causes: a "
     "tab "
     "used for indentation, a missing blank after a colon, a quote or bracket left open."},
    {"E005", "several documents",
     "A line `---` begins a second document. One file describes one scenario."},
    {"E006", "not valid UTF-8", "Save the file in the encoding UTF-8."},
    {"E007", "a NUL byte", "Text holds a character zero, as it is found in binary files."},
    {"E008", "nested too deeply", "Lists and mappings may be nested 32 deep."},
    {"E009", "too many YAML events",
     "A scenario has at most two million scalars, lists and mappings."},
    {"E010", "an anchor or alias",
     "`&name` and `*name` are not used, since they hide what a scenario says and can make a small "
     "file explode. Values for all items of a section stand in `defaults:`; a named set of values "
     "stands in `templates:` and is taken with `use:`."},
    {"E011", "a tag", "`!tag` is not used: the type of a value follows from its key."},
    {"E012", "a merge key",
     "`<<:` is not used. Values for all items of a section stand in `defaults:`; a named set of "
     "values stands in `templates:` and is taken with `use:`."},
    {"E013", "not a scenario", "A scenario is a mapping of keys such as `schema: 1`."},
    {"E014", "a key that is no word", "The key of a mapping must be plain text."},
    {"E015", "a key given twice", "Only one value can be meant; remove or rename one."},
    {"E016", "an override that cannot be applied",
     "`--set path=value` names a key by its path: `duration=10s`, `hosts[0].nic.roce=v2`, or by "
     "the "
     "name of the item: `hosts.node.nic.roce=v2`. Items are those written in the file, before "
     "`count:` multiplies them."},
    {"E017", "too large after expansion",
     "Templates, defaults and counts make more text than 32 MiB."},
    {"E020", "another version of the schema",
     "This program reads `schema: 1`. A larger number needs a newer program."},
    {"E100", "an unknown key",
     "No table knows the key at this place. Keys that begin with `x-` are "
     "ignored at the top level, for notes of your own."},
    {"E101", "the wrong shape", "A list, a mapping or a plain value stands where another belongs."},
    {"E102", "a missing key",
     "The key has no default and must be given: in the item itself, in its "
     "template, in `defaults:`, or by its part."},
    {"E103", "no value", "Nothing stands after the colon."},
    {"E104", "no unit",
     "Times, rates, sizes, lengths and ratios are written with their unit, so that "
     "nobody has to guess it: 25Gbps, 150ms, 4KiB, 70%."},
    {"E105", "the wrong unit",
     "The unit is unknown, is written with other capitals, or belongs to "
     "another kind of quantity. Units are case-sensitive."},
    {"E106", "not a number as expected",
     "Numbers are plain and decimal: no leading zero, no 0x, no separators of thousands, no "
     "exponent "
     "(but for probabilities), no blanks."},
    {"E107", "out of bounds", "The value lies outside of what the key allows."},
    {"E108", "not one of the choices", "The key takes one of a few words."},
    {"E109", "neither true nor false", "`yes`, `on`, `1` and the like are not used."},
    {"E110", "not a name",
     "Names begin with a small letter and go on with small letters, digits and "
     "hyphens."},
    {"E111", "too fine or too large",
     "The value is finer than its smallest unit, or does not fit."},
    {"E112", "exactly one variant",
     "The item is one of several kinds, told by a key; exactly one of "
     "these keys must be given."},
    {"E113", "nothing there", "An empty list or a count of zero. Leave the key out instead."},
    {"E114", "negative", "The quantity cannot be below zero."},
    {"E121", "too many items",
     "Every kind has a most number of items; all kinds together have at "
     "most 100,000."},
    {"E122", "a name given twice", "Names must be unique within their section."},
    {"E123", "a reserved name", "`all`, `healthy` and `recovered` are windows of every run."},
    {"E130", "an unknown template", "`use:` names a template that `templates:` does not have."},
    {"E131", "templates use each other in a circle", "Remove one `use:` of the circle."},
    {"E132", "an unknown part", "The catalog has no such part of this kind; see `rackcast parts`."},
    {"E140", "nothing of this name",
     "A reference names an item that does not exist, or one of a kind "
     "that does not belong here."},
    {"E141", "an ambiguous name",
     "Two kinds that are both allowed here have an item of this name."},
    {"E142", "not a range", "`node2..4` means node2, node3 and node4 of a `count:`."},
    {"E143", "a port that does not belong here",
     "`tor1/5` means port 5 of tor1 where a key takes ports; they count from 1."},
    {"E144", "more than one item", "The key takes one item, but the name stands for several."},
    {"E145", "named twice", "A list names the same item, or the same port of it, more than once."},
    {"E150", "the run is too short",
     "`duration:` is the whole run and must be longer than "
     "`warmup:`."},
    {"E151", "longer than the clock",
     "The clock counts 10 ps ticks in 63 bits: 2.9 years, or 1067 "
     "days."},
    {"E152", "a fidelity that is not there yet", "Only `fidelity: packet` is supported."},
    {"E153", "outside of the run", "The time lies beyond the end of the run."},
    {"E160", "an expectation that cannot be read",
     "Lines are `entity.metric op value`, such as `vms.write.p99 <= 1ms` or `vms.iops >= 80% of "
     "healthy`, with one of <= < >= > == !=, or a phrase: `no frame lost`, `outage under 150 ms`."},
    {"E161", "an unknown window",
     "Windows are `all`, `healthy`, the faults by name, and `recovered` "
     "where the last fault ends before the run does."},
    {"W101", "a template nobody uses", "It was not checked."},
    {"W102", "a window of no length", "The fault lies within the warm-up, which is not measured."},
    {"W160", "an expectation of something unknown",
     "No item or no documented metric has this name. If the run does not report it either, the "
     "expectation fails."},
    {0}};

static const SimDiagnosticDoc *find(const SimDiagnosticDoc *table, const char *code) {
    for (; table && table->code; table++)
        if (strcmp(table->code, code) == 0) return table;
    return NULL;
}

const SimDiagnosticDoc *sim_code_find(const char *code) {
    const SimDiagnosticDoc *doc = find(sim_scenario_codes, code);
    for (const SimModel *const *model = sim_models; !doc && *model; model++)
        doc = find((*model)->diagnostics, code);
    return doc;
}
