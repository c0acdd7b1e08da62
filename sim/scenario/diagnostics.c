#include "sim/scenario/diagnostics.h"

#include <glib.h>
#include <stdlib.h>
#include <string.h>

typedef struct Diagnostic {
    const char *code;
    uint32_t line, column, serial;
    char *path, *allowed, *meant, *text;
} Diagnostic;

struct SimDiagnostics {
    char *file;
    GPtrArray *all;
    GHashTable *seen; /* one string for each of `all`; owns the strings */
    uint32_t errors, warnings;
};

static void diagnostic_free(gpointer data) {
    Diagnostic *x = data;
    g_free(x->path);
    g_free(x->allowed);
    g_free(x->meant);
    g_free(x->text);
    g_free(x);
}

SimDiagnostics *sim_diagnostics_new(const char *file) {
    SimDiagnostics *d = g_new0(SimDiagnostics, 1);
    d->file = g_strdup(file ? file : "");
    d->all = g_ptr_array_new_with_free_func(diagnostic_free);
    d->seen = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return d;
}

void sim_diagnostics_free(SimDiagnostics *d) {
    if (!d) return;
    g_ptr_array_free(d->all, TRUE);
    g_hash_table_destroy(d->seen);
    g_free(d->file);
    g_free(d);
}

static void count(SimDiagnostics *d, const char *code) {
    if (code[0] == 'W')
        d->warnings++;
    else
        d->errors++;
}

/* Takes over `x`. */
static void keep(SimDiagnostics *d, Diagnostic *x) {
    char *id = g_strdup_printf("%s|%u|%u|%s|%s", x->code, x->line, x->column,
                               x->path ? x->path : "", x->text);
    if (g_hash_table_contains(d->seen, id)) {
        g_free(id);
        diagnostic_free(x);
        return;
    }
    count(d, x->code);
    g_hash_table_add(d->seen, id);
    x->serial = d->all->len;
    g_ptr_array_add(d->all, x);
}

void sim_diagnostics_addv(SimDiagnostics *d, const char *code, uint32_t line, uint32_t column,
                          const char *path, const char *allowed, const char *meant,
                          const char *format, va_list args) {
    if (sim_diagnostics_full(d)) {
        count(d, code);
        return;
    }
    Diagnostic *x = g_new0(Diagnostic, 1);
    x->code = code;
    x->line = line;
    x->column = column;
    x->path = g_strdup(path);
    x->allowed = g_strdup(allowed);
    x->meant = g_strdup(meant);
    x->text = g_strdup_vprintf(format, args);
    keep(d, x);
}

void sim_diagnostics_add(SimDiagnostics *d, const char *code, uint32_t line, uint32_t column,
                         const char *path, const char *allowed, const char *meant,
                         const char *format, ...) {
    va_list args;
    va_start(args, format);
    sim_diagnostics_addv(d, code, line, column, path, allowed, meant, format, args);
    va_end(args);
}

void sim_diagnostics_move(SimDiagnostics *d, SimDiagnostics *from) {
    uint32_t kept_errors = 0, kept_warnings = 0;
    for (guint i = 0; i < from->all->len; i++) {
        Diagnostic *x = from->all->pdata[i];
        if (x->code[0] == 'W')
            kept_warnings++;
        else
            kept_errors++;
        keep(d, x);
    }
    d->errors += from->errors - kept_errors;
    d->warnings += from->warnings - kept_warnings;
    g_ptr_array_set_free_func(from->all, NULL);
    g_ptr_array_set_size(from->all, 0);
    g_ptr_array_set_free_func(from->all, diagnostic_free);
    g_hash_table_remove_all(from->seen);
    from->errors = from->warnings = 0;
}

bool sim_diagnostics_full(const SimDiagnostics *d) {
    return d->all->len >= SIM_DIAGNOSTICS_KEPT;
}

bool sim_diagnostics_has(const SimDiagnostics *d, const char *code) {
    for (guint i = 0; i < d->all->len; i++) {
        const Diagnostic *x = d->all->pdata[i];
        if (strcmp(x->code, code) == 0) return true;
    }
    return false;
}

uint32_t sim_diagnostics_errors(const SimDiagnostics *d) {
    return d->errors;
}

uint32_t sim_diagnostics_warnings(const SimDiagnostics *d) {
    return d->warnings;
}

static int compare(const void *a, const void *b) {
    const Diagnostic *x = *(Diagnostic *const *)a, *y = *(Diagnostic *const *)b;
    if (x->line != y->line) return x->line < y->line ? -1 : 1;
    if (x->column != y->column) return x->column < y->column ? -1 : 1;
    int codes = strcmp(x->code, y->code);
    if (codes) return codes;
    return x->serial < y->serial ? -1 : x->serial > y->serial;
}

/* The array sorted, to be freed by the caller. */
static const Diagnostic **sorted(const SimDiagnostics *d) {
    const Diagnostic **list = g_new0(const Diagnostic *, d->all->len + 1);
    for (guint i = 0; i < d->all->len; i++)
        list[i] = d->all->pdata[i];
    qsort(list, d->all->len, sizeof *list, compare);
    return list;
}

/* Text of strangers must not steer a terminal. */
static void append_safe(GString *out, const char *text) {
    for (const char *at = text; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char_validated(at, -1);
        if (c == (gunichar)-1 || c == (gunichar)-2) {
            g_string_append(out, "\\?");
            return;
        }
        if (c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x202a && c <= 0x202e))
            g_string_append_printf(out, "\\u%04x", c);
        else
            g_string_append_unichar(out, c);
    }
}

/* Lines of at most 80 columns, broken at blanks, later ones set in by `indent`. */
static void append_wrapped(GString *out, const char *head, const char *text, int indent) {
    GString *safe = g_string_new(head);
    append_safe(safe, text);
    int column = 0;
    char **words = g_strsplit(safe->str, " ", -1);
    g_string_append_printf(out, "%*s", indent, "");
    column = indent;
    for (char **word = words; *word; word++) {
        int width = (int)g_utf8_strlen(*word, -1);
        if (word != words && column + 1 + width > 80) {
            g_string_append_printf(out, "\n%*s", indent + 4, "");
            column = indent + 4;
        } else if (word != words) {
            g_string_append_c(out, ' ');
            column++;
        }
        g_string_append(out, *word);
        column += width;
    }
    g_string_append_c(out, '\n');
    g_strfreev(words);
    g_string_free(safe, TRUE);
}

static void append_place(GString *out, const SimDiagnostics *d, const Diagnostic *x) {
    if (x->line == 0 && x->path && g_str_has_prefix(x->path, "--set ")) {
        g_string_append(out, "--set: ");
        return;
    }
    append_safe(out, d->file);
    if (x->line) g_string_append_printf(out, ":%u:%u", x->line, x->column);
    g_string_append(out, ": ");
}

static void append_one(GString *out, const SimDiagnostics *d, const Diagnostic *x, bool colour) {
    bool warning = x->code[0] == 'W';
    if (colour) g_string_append(out, "\033[1m");
    append_place(out, d, x);
    if (colour) g_string_append(out, warning ? "\033[33m" : "\033[31m");
    g_string_append_printf(out, "%s %s: ", warning ? "warning" : "error", x->code);
    if (colour) g_string_append(out, "\033[0m");
    if (x->path && *x->path) {
        const char *path = x->path;
        if (x->line == 0 && g_str_has_prefix(path, "--set ")) path += strlen("--set ");
        append_safe(out, path);
        g_string_append(out, ": ");
    }
    append_safe(out, x->text);
    g_string_append_c(out, '\n');
    if (x->allowed && *x->allowed) append_wrapped(out, "allowed: ", x->allowed, 4);
    if (x->meant && *x->meant) {
        char *question = g_strconcat(x->meant, "?", NULL);
        append_wrapped(out, "did you mean ", question, 4);
        g_free(question);
    }
}

void sim_diagnostics_print(const SimDiagnostics *d, FILE *out, bool colour) {
    const Diagnostic **list = sorted(d);
    GString *text = g_string_new(NULL);
    for (guint i = 0; i < d->all->len; i++)
        append_one(text, d, list[i], colour);
    uint32_t more = d->errors + d->warnings - d->all->len;
    if (more) g_string_append_printf(text, "and %u more\n", more);
    fwrite(text->str, 1, text->len, out);
    g_string_free(text, TRUE);
    g_free(list);
}

static void append_json(GString *out, const char *key, const char *text) {
    g_string_append_printf(out, "\"%s\": ", key);
    if (!text) {
        g_string_append(out, "null");
        return;
    }
    g_string_append_c(out, '"');
    for (const char *at = text; *at; at++) {
        unsigned char c = (unsigned char)*at;
        if (c == '"' || c == '\\')
            g_string_append_printf(out, "\\%c", c);
        else if (c < 0x20 || c == 0x7f)
            g_string_append_printf(out, "\\u%04x", c);
        else
            g_string_append_c(out, (char)c);
    }
    g_string_append_c(out, '"');
}

static void append_json_one(GString *out, const SimDiagnostics *d, const Diagnostic *x) {
    g_string_append(out, "  {");
    append_json(out, "code", x->code);
    g_string_append(out, ", ");
    append_json(out, "severity", x->code[0] == 'W' ? "warning" : "error");
    g_string_append(out, ", ");
    append_json(out, "file", d->file);
    g_string_append_printf(out, ", \"line\": %u, \"column\": %u, ", x->line, x->column);
    append_json(out, "path", x->path);
    g_string_append(out, ", ");
    append_json(out, "message", x->text);
    g_string_append(out, ", ");
    append_json(out, "allowed", x->allowed);
    g_string_append(out, ", ");
    append_json(out, "meant", x->meant);
    g_string_append_c(out, '}');
}

void sim_diagnostics_json(const SimDiagnostics *d, FILE *out) {
    const Diagnostic **list = sorted(d);
    GString *text = g_string_new("[");
    for (guint i = 0; i < d->all->len; i++) {
        g_string_append(text, i ? ",\n" : "\n");
        append_json_one(text, d, list[i]);
    }
    g_string_append(text, d->all->len ? "\n]\n" : "]\n");
    fwrite(text->str, 1, text->len, out);
    g_string_free(text, TRUE);
    g_free(list);
}
