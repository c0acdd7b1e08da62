/* pdh.c: see pdh.h. */
#include "sim/report/pdh.h"

#include <inttypes.h>
#include <math.h>
#include <string.h>

/* More than any rack has, so that a mistaken file ends with a sentence and not with the memory. */
enum { COLUMNS_MAX = 1000000, CELLS_MAX = 200000000 };

typedef struct Reader {
    const char *name;
    const char *at, *end;
    unsigned line;
    char separator;
    SimPdh *pdh;
    GPtrArray *fields; /* of the current line; char *, owned */
    uint32_t *column;  /* by field: index in columns, UINT32_MAX: no counter */
    guint n_fields;
    bool truncated; /* the last line had no end */
    GError **error;
} Reader;

G_GNUC_PRINTF(2, 3) static bool fail(Reader *r, const char *format, ...) {
    va_list args;
    va_start(args, format);
    char *what = g_strdup_vprintf(format, args);
    va_end(args);
    g_set_error(r->error, G_MARKUP_ERROR, G_MARKUP_ERROR_PARSE, "%s:%u: %s", r->name, r->line,
                what);
    g_free(what);
    return false;
}

/* ---- fields ---- */

/* One field, quoted or not; leaves r->at at the separator, the end of the line or of the text. */
static bool read_field(Reader *r) {
    GString *field = g_string_new(NULL);
    bool quoted = r->at < r->end && *r->at == '"', closed = !quoted;
    if (quoted) r->at++;
    while (r->at < r->end) {
        char c = *r->at;
        if (quoted && !closed) {
            if (c == '"' && r->at + 1 < r->end && r->at[1] == '"') {
                r->at++;
            } else if (c == '"') {
                closed = true;
                r->at++;
                continue;
            } else if (c == '\n') {
                break; /* a path or a figure never spans lines */
            }
        } else if (c == r->separator || c == '\n' || c == '\r') {
            break;
        }
        g_string_append_c(field, c);
        r->at++;
    }
    bool cut = !closed && r->at == r->end;
    g_ptr_array_add(r->fields, g_string_free(field, FALSE));
    if (!closed && !cut) return fail(r, "a quoted field does not end on its line");
    return true;
}

/* The next line into r->fields; an empty line has one empty field. */
static bool read_line(Reader *r) {
    g_ptr_array_set_size(r->fields, 0);
    r->line++;
    for (;;) {
        if (!read_field(r)) return false;
        if (r->at == r->end || *r->at != r->separator) break;
        r->at++;
    }
    while (r->at < r->end && *r->at == '\r')
        r->at++;
    r->truncated = r->at == r->end;
    if (!r->truncated) {
        if (*r->at != '\n') return fail(r, "characters after the end of a field");
        r->at++;
    }
    return true;
}

static const char *field_at(const Reader *r, guint i) {
    return g_ptr_array_index(r->fields, i);
}

/* ---- header ---- */

/* \\MACHINE\Object(instance)\Counter, where machine and instance may be missing. */
static bool split_path(SimArena *arena, const char *path, SimPdhColumn *c) {
    const char *rest = path;
    c->machine = c->instance = "";
    if (g_str_has_prefix(rest, "\\\\")) {
        const char *end = strchr(rest + 2, '\\');
        if (!end || end == rest + 2) return false;
        c->machine = sim_arena_printf(arena, "%.*s", (int)(end - rest - 2), rest + 2);
        rest = end;
    }
    if (*rest != '\\') return false;
    rest++;
    const char *open = strchr(rest, '('), *close = NULL, *slash = strchr(rest, '\\');
    if (open && slash && open < slash) { /* the last ")\" ends the instance */
        for (const char *p = open; (p = strstr(p, ")\\")) != NULL; p++)
            close = p;
    }
    if (close) {
        c->object = sim_arena_printf(arena, "%.*s", (int)(open - rest), rest);
        c->instance = sim_arena_printf(arena, "%.*s", (int)(close - open - 1), open + 1);
        slash = close + 1;
    } else {
        if (!slash) return false;
        c->object = sim_arena_printf(arena, "%.*s", (int)(slash - rest), rest);
    }
    c->counter = sim_arena_strdup(arena, slash + 1);
    return *c->object && *c->counter;
}

/* The separator stands behind the first field, which may itself hold commas when quoted. */
static char guess_separator(const Reader *r) {
    const char *p = r->at;
    if (p < r->end && *p == '"') {
        for (p++; p < r->end && *p != '"' && *p != '\n'; p++)
            ;
        if (p + 1 < r->end && strchr(",;\t", p[1])) return p[1];
    }
    for (; p < r->end && *p != '\n'; p++)
        if (strchr(",;\t", *p)) return *p;
    return ',';
}

static bool read_header(Reader *r) {
    r->separator = guess_separator(r);
    do {
        if (r->at == r->end) return fail(r, "the file is empty");
        if (!read_line(r)) return false;
    } while (r->fields->len == 1 && !*g_strstrip((char *)field_at(r, 0)));
    r->n_fields = r->fields->len;
    if (r->n_fields > COLUMNS_MAX) return fail(r, "more than %d columns", COLUMNS_MAX);
    r->column = sim_arena_alloc_n(&r->pdh->arena, r->n_fields, sizeof *r->column);
    for (guint i = 0; i < r->n_fields; i++) {
        SimPdhColumn column = {0};
        r->column[i] = UINT32_MAX;
        char *path = g_strstrip((char *)field_at(r, i));
        if (i == 0 || !split_path(&r->pdh->arena, path, &column)) continue;
        r->column[i] = r->pdh->n_columns;
        if (r->pdh->n_columns == r->pdh->room_columns)
            r->pdh->columns = sim_arena_grow(&r->pdh->arena, r->pdh->columns, r->pdh->n_columns,
                                             &r->pdh->room_columns, sizeof *r->pdh->columns);
        r->pdh->columns[r->pdh->n_columns++] = column;
    }
    if (r->pdh->n_columns == 0)
        return fail(r, "no counters in the first line; Performance Monitor's CSV has a time in the "
                       "first column and paths such as \\\\NODE1\\RDMA Activity(1)\\RDMA Inbound "
                       "Bytes/sec in the others");
    return true;
}

/* ---- readings ---- */

/* MM/DD/YYYY HH:MM:SS[.fraction], or YYYY-MM-DD; seconds since 2000: doubles hold microseconds. */
static bool parse_time(const char *text, double *seconds) {
    int month, day, year, hour, minute, used = 0;
    char rest[64];
    if (sscanf(text, "%4d-%2d-%2d%*[ T]%2d:%2d:%n", &year, &month, &day, &hour, &minute, &used) !=
            5 &&
        sscanf(text, "%2d/%2d/%4d %2d:%2d:%n", &month, &day, &year, &hour, &minute, &used) != 5)
        return false;
    if (!used || month < 1 || day < 1 || year < 1601 || hour < 0 || hour > 23 || minute < 0 ||
        minute > 59 || !g_date_valid_dmy((GDateDay)day, (GDateMonth)month, (GDateYear)year))
        return false;
    g_strlcpy(rest, text + used, sizeof rest);
    char *end;
    double second = g_ascii_strtod(rest, &end);
    if (end == rest || *end || !(second >= 0 && second < 61)) return false;
    GDate date, epoch;
    g_date_clear(&date, 1);
    g_date_clear(&epoch, 1);
    g_date_set_dmy(&date, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
    g_date_set_dmy(&epoch, 1, G_DATE_JANUARY, 2000);
    double days = (double)g_date_days_between(&epoch, &date);
    *seconds = ((days * 24 + hour) * 60 + minute) * 60 + second;
    return true;
}

/* A comma before exactly three digits stands between thousands, any other is a decimal point. */
static bool between_thousands(const char *comma) {
    size_t digits = strspn(comma + 1, "0123456789");
    return digits == 3;
}

/* A figure as any locale writes it; blank is NAN. */
static bool parse_value(const char *text, double *value) {
    char digits[64];
    size_t n = 0;
    *value = NAN;
    for (const char *p = text; *p; p++) {
        if (g_ascii_isspace(*p) || (*p == ',' && between_thousands(p))) continue;
        if (n + 1 == sizeof digits) return false;
        digits[n++] = *p == ',' ? '.' : *p;
    }
    digits[n] = 0;
    if (n == 0) return true;
    char *end;
    double figure = g_ascii_strtod(digits, &end);
    if (*end || !isfinite(figure) || strspn(digits, "+-.0123456789eE") != n) return false;
    if (figure >= 0) *value = figure; /* -1 is how PDH says that it has none */
    return true;
}

static void grow_samples(SimPdh *pdh) {
    uint32_t n = pdh->n_samples, room = pdh->room_samples ? pdh->room_samples * 2 : 64;
    double *seconds = SIM_NEW_N(&pdh->arena, double, room);
    if (n) memcpy(seconds, pdh->seconds, n * sizeof *seconds);
    pdh->seconds = seconds;
    for (uint32_t i = 0; i < pdh->n_columns; i++) {
        double *value = SIM_NEW_N(&pdh->arena, double, room);
        if (n) memcpy(value, pdh->columns[i].value, n * sizeof *value);
        pdh->columns[i].value = value;
    }
    pdh->room_samples = room;
}

static bool store_line(Reader *r, double seconds) {
    SimPdh *pdh = r->pdh;
    if ((int64_t)pdh->n_columns * (pdh->n_samples + 1) > CELLS_MAX)
        return fail(r, "more than %d values", CELLS_MAX);
    if (pdh->n_samples == pdh->room_samples) grow_samples(pdh);
    if (pdh->n_samples && seconds < pdh->seconds[pdh->n_samples - 1])
        return fail(r, "the time '%s' is before that of the line above", field_at(r, 0));
    pdh->seconds[pdh->n_samples] = seconds;
    for (guint i = 0; i < r->n_fields; i++) {
        if (r->column[i] == UINT32_MAX) continue;
        const SimPdhColumn *c = &pdh->columns[r->column[i]];
        const char *text = i < r->fields->len ? field_at(r, i) : "";
        if (!parse_value(text, &c->value[pdh->n_samples]))
            return fail(r, "'%s' is no figure (%s, %s)", text, c->object, c->counter);
    }
    pdh->n_samples++;
    return true;
}

static bool read_readings(Reader *r) {
    while (r->at < r->end) {
        bool spoken = g_ascii_isalpha(*r->at); /* what typeperf says when it ends */
        if (!read_line(r)) return false;
        guint n = r->fields->len;
        char *first = g_strstrip((char *)field_at(r, 0));
        double seconds;
        bool timed = parse_time(first, &seconds);
        if (!timed && (spoken ? r->pdh->n_samples > 0 : n == 1 && !*first)) continue;
        if (n < r->n_fields && r->truncated && r->pdh->n_samples) break; /* still being written */
        if (!timed) return fail(r, "'%s' is no time (MM/DD/YYYY HH:MM:SS.mmm)", first);
        bool described = n + 1 == r->n_fields && r->column[r->n_fields - 1] == UINT32_MAX;
        if (n != r->n_fields && !described)
            return fail(r, "%u fields where the first line has %u", n, r->n_fields);
        if (!store_line(r, seconds)) return false;
    }
    if (r->pdh->n_samples < 2)
        return fail(r,
                    "a rack is judged by what changes: at least two readings are needed, "
                    "there %s",
                    r->pdh->n_samples ? "is one" : "is none");
    return true;
}

static void count_from_first(SimPdh *pdh) {
    for (uint32_t i = pdh->n_samples; i-- > 0;)
        pdh->seconds[i] -= pdh->seconds[0];
}

SimPdh *sim_pdh_parse(const char *name, const char *text, gsize size, GError **error) {
    SimPdh *pdh = g_new0(SimPdh, 1);
    sim_arena_init(&pdh->arena);
    Reader r = {.name = name,
                .at = text,
                .end = text + size,
                .pdh = pdh,
                .fields = g_ptr_array_new_with_free_func(g_free),
                .error = error};
    if (size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) r.at += 3;
    bool ok = memchr(text, 0, size)
                  ? (r.line = 1, fail(&r, "a NUL byte: this is no text; a .blg log is made into "
                                          "one by relog log.blg -f csv -o log.csv"))
                  : read_header(&r) && read_readings(&r);
    g_ptr_array_unref(r.fields);
    if (ok) {
        count_from_first(pdh);
        return pdh;
    }
    sim_pdh_free(pdh);
    return NULL;
}

SimPdh *sim_pdh_read(const char *path, GError **error) {
    char *text;
    gsize size;
    if (!g_file_get_contents(path, &text, &size, error)) return NULL;
    bool wide = size >= 2 && (memcmp(text, "\xFF\xFE", 2) == 0 || memcmp(text, "\xFE\xFF", 2) == 0);
    if (wide) {
        gsize n;
        char *narrow = g_convert(text, (gssize)size, "UTF-8", "UTF-16", NULL, &n, NULL);
        g_free(text);
        if (!narrow) {
            g_set_error(error, G_MARKUP_ERROR, G_MARKUP_ERROR_BAD_UTF8,
                        "%s:1: it begins as UTF-16 and is none", path);
            return NULL;
        }
        text = narrow;
        size = n;
    }
    SimPdh *pdh = sim_pdh_parse(path, text, size, error);
    g_free(text);
    return pdh;
}

void sim_pdh_free(SimPdh *pdh) {
    if (!pdh) return;
    sim_arena_clear(&pdh->arena);
    g_free(pdh);
}

/* ---- writing ---- */

void sim_pdh_put_corner(FILE *out) {
    fputs("\"(PDH-CSV 4.0) (UTC)(0)\"", out);
}

static void put_quoted(FILE *out, const char *text) {
    for (; *text; text++) {
        if (*text == '"') fputc('"', out);
        fputc(*text, out);
    }
}

void sim_pdh_put_path(FILE *out, const char *machine, const char *object, const char *instance,
                      const char *counter) {
    fputs(",\"\\\\", out);
    for (const char *p = machine; *p; p++)
        fputc(g_ascii_toupper(*p), out);
    fputc('\\', out);
    put_quoted(out, object);
    if (*instance) {
        fputc('(', out);
        put_quoted(out, instance);
        fputc(')', out);
    }
    fputc('\\', out);
    put_quoted(out, counter);
    fputc('"', out);
}

void sim_pdh_put_time(FILE *out, int64_t microseconds, bool fine) {
    GDate *day = g_date_new_dmy(1, G_DATE_JANUARY, 2026);
    int64_t seconds = microseconds / 1000000, of_day = seconds % 86400;
    g_date_add_days(day, (guint)(seconds / 86400));
    fprintf(out, "\"%02d/%02d/%04d %02d:%02d:%02d.", g_date_get_month(day), g_date_get_day(day),
            g_date_get_year(day), (int)(of_day / 3600), (int)(of_day / 60 % 60),
            (int)(of_day % 60));
    int64_t fraction = microseconds % 1000000;
    if (fine)
        fprintf(out, "%06" PRId64 "\"", fraction);
    else
        fprintf(out, "%03" PRId64 "\"", fraction / 1000);
    g_date_free(day);
}
