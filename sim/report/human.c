/* human.c: see human.h. */
#include "sim/report/human.h"

#include <stdio.h>
#include <string.h>

typedef struct Step {
    int64_t size;
    const char *suffix;
} Step;

static const Step time_steps[] = {{1, " ns"},
                                  {1000, " us"},
                                  {1000000, " ms"},
                                  {INT64_C(1000000000), " s"},
                                  {INT64_C(60000000000), " min"},
                                  {INT64_C(3600000000000), " h"},
                                  {INT64_C(86400000000000), " d"},
                                  {0, NULL}};
static const Step rate_steps[] = {{1, " b/s"},
                                  {1000, " kb/s"},
                                  {1000000, " Mb/s"},
                                  {INT64_C(1000000000), " Gb/s"},
                                  {INT64_C(1000000000000), " Tb/s"},
                                  {0, NULL}};
static const Step size_steps[] = {{1, " B"},
                                  {1000, " kB"},
                                  {1000000, " MB"},
                                  {INT64_C(1000000000), " GB"},
                                  {INT64_C(1000000000000), " TB"},
                                  {INT64_C(1000000000000000), " PB"},
                                  {0, NULL}};
static const Step often_steps[] = {
    {1, " /s"}, {1000, " k/s"}, {1000000, " M/s"}, {INT64_C(1000000000), " G/s"}, {0, NULL}};
static const Step count_steps[] = {
    {1, ""}, {1000, " k"}, {1000000, " M"}, {INT64_C(1000000000), " G"}, {0, NULL}};

/* Three digits: 1.21, 12.1, 121. `milli` is the figure in thousandths. */
static int three_digits(__int128 milli, int64_t step, char *buffer) {
    static const int64_t limit[] = {9995, 99950};
    __int128 size = milli < 0 ? -milli : milli;
    int decimals = size * 1000 < (__int128)limit[0] * step * 1000   ? 2
                   : size * 1000 < (__int128)limit[1] * step * 1000 ? 1
                                                                    : 0;
    return sim_value_print((SimValue){milli, step * 1000}, decimals, buffer, SIM_HUMAN_TEXT);
}

static const char *in_steps(SimValue v, const Step *step, char *buffer) {
    __int128 milli;
    if (!sim_value_scale(v, 3, &milli) || milli > ((__int128)1 << 100) ||
        milli < -((__int128)1 << 100)) {
        snprintf(buffer, SIM_HUMAN_TEXT, "very large");
        return buffer;
    }
    __int128 size = milli < 0 ? -milli : milli;
    /* 999.6 us is 1.00 ms: half a unit of the third digit below the next step moves on. */
    while (step[1].suffix != NULL &&
           size * 2000 >= (__int128)step[1].size * 2000000 - (__int128)step[0].size * 1000000)
        step++;
    int length;
    if (milli % 1000 == 0 && step->size == 1)
        length = sim_value_print((SimValue){milli, 1000}, 0, buffer, SIM_HUMAN_TEXT);
    else
        length = three_digits(milli, step->size, buffer);
    snprintf(buffer + length, (size_t)(SIM_HUMAN_TEXT - length), "%s", step->suffix);
    return buffer;
}

static const char *percent(SimValue v, char *buffer) {
    __int128 micro;
    if (!sim_value_scale(v, 6, &micro)) {
        snprintf(buffer, SIM_HUMAN_TEXT, "very large");
        return buffer;
    }
    int decimals = micro >= 9995000 || micro <= -9995000 ? 0 : 1;
    int length = sim_value_print((SimValue){micro, 10000}, decimals, buffer, SIM_HUMAN_TEXT);
    snprintf(buffer + length, (size_t)(SIM_HUMAN_TEXT - length), " %%");
    return buffer;
}

const char *sim_human(SimValue v, const char *unit, char *buffer) {
    if (v.den == 0) {
        snprintf(buffer, SIM_HUMAN_TEXT, "no sample");
        return buffer;
    }
    if (strcmp(unit, "ratio") == 0) return percent(v, buffer);
    if (strcmp(unit, "ns") == 0) return in_steps(v, time_steps, buffer);
    if (strcmp(unit, "bps") == 0) return in_steps(v, rate_steps, buffer);
    if (strcmp(unit, "bytes") == 0) return in_steps(v, size_steps, buffer);
    if (strcmp(unit, "1/s") == 0) return in_steps(v, often_steps, buffer);
    if (v.num % v.den == 0 && v.num / v.den < 100000 && v.num / v.den > -100000) {
        sim_value_print(v, 0, buffer, SIM_HUMAN_TEXT); /* counts of a readable size: exact */
        return buffer;
    }
    return in_steps(v, count_steps, buffer);
}

const char *sim_human_time(SimTime t, char *buffer) {
    if (t >= SIM_NEVER) {
        snprintf(buffer, SIM_HUMAN_TEXT, "not seen");
        return buffer;
    }
    return sim_human((SimValue){t, SIM_NS}, "ns", buffer);
}

const char *sim_human_grouped(SimValue v, char *buffer) {
    char plain[SIM_VALUE_TEXT];
    int length = sim_value_print(v, 0, plain, sizeof plain), at = 0;
    for (int i = 0; i < length && at < SIM_HUMAN_TEXT - 2; i++) {
        buffer[at++] = plain[i];
        int left = length - 1 - i;
        if (v.den != 0 && left > 0 && left % 3 == 0 && plain[i] != '-') buffer[at++] = ' ';
    }
    buffer[at] = 0;
    return buffer;
}
