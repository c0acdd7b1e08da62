/* csv.c: see csv.h. */
#include "sim/report/csv.h"

#include <string.h>

static void put_field(const char *text, FILE *out) {
    if (strpbrk(text, ",\"\r\n") == NULL) {
        fputs(text, out);
        return;
    }
    fputc('"', out);
    for (; *text != 0; text++) {
        if (*text == '"') fputc('"', out);
        fputc(*text, out);
    }
    fputc('"', out);
}

static void put_values(const SimResult *r, const char *entity, const char *metric, const char *unit,
                       const SimValue *values, int decimals, FILE *out) {
    for (uint32_t w = 0; w < r->n_windows; w++) {
        const char *fields[] = {r->scenario, r->windows[w].name, entity, metric, unit};
        for (size_t i = 0; i < sizeof fields / sizeof *fields; i++) {
            put_field(fields[i], out);
            fputc(',', out);
        }
        char text[SIM_VALUE_TEXT] = "";
        if (values[w].den != 0) sim_value_print(values[w], decimals, text, sizeof text);
        fprintf(out, "%s\n", text);
    }
}

bool sim_csv_write(const SimResult *r, FILE *out) {
    fputs("run,window,entity,metric,unit,value\n", out);
    for (uint32_t i = 0; i < r->rows.n; i++) {
        const SimRow *row = &r->rows.items[i];
        put_values(r, row->entity, row->metric, row->unit, row->value, row->decimals, out);
    }
    for (uint32_t i = 0; i < r->resources.n; i++) {
        const SimResourceRow *row = &r->resources.items[i];
        put_values(r, row->name, "utilization", "ratio", row->utilization, 6, out);
        put_values(r, row->name, "blocked", "ratio", row->blocked, 6, out);
    }
    return !ferror(out);
}
