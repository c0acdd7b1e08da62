#include "sim/app/options.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "sim/app/verbs.h"
#include "sim/scenario/suggest.h"
#include "sim/scenario/units.h"

enum { HELP_COLUMN = 27, NAMES_MAX = 64 };

const char *sim_options_nearest(const char *word, const char *const *names, size_t n) {
    SimGuess guess;
    sim_guess_init(&guess, word, NULL);
    for (size_t i = 0; i < n; i++)
        sim_guess_offer(&guess, names[i]);
    return guess.best;
}

bool sim_options_share(const char *text, int64_t *ppm) {
    SimValueError error;
    return sim_number_parse(SIM_RATIO, text, ppm, &error) && *ppm >= 0;
}

bool sim_options_colour(FILE *stream) {
    const char *no = getenv("NO_COLOR"), *term = getenv("TERM");
    if (no && *no) return false;
    if (term && strcmp(term, "dumb") == 0) return false;
    return isatty(fileno(stream));
}

bool sim_options_utf8(void) {
    const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        const char *value = getenv(names[i]);
        if (!value || !*value) continue; /* the first that is set decides */
        char *upper = g_ascii_strup(value, -1);
        bool utf8 = strstr(upper, "UTF-8") || strstr(upper, "UTF8");
        g_free(upper);
        return utf8;
    }
    return false;
}

static void print_option(char short_name, const char *long_name, const char *argument,
                         const char *text) {
    char left[80];
    if (short_name)
        g_snprintf(left, sizeof left, "  -%c, --%s", short_name, long_name);
    else
        g_snprintf(left, sizeof left, "      --%s", long_name);
    if (argument) {
        g_strlcat(left, " ", sizeof left);
        g_strlcat(left, argument, sizeof left);
    }
    if (strlen(left) + 2 > HELP_COLUMN) {
        puts(left);
        left[0] = 0;
    }
    /* A text of several lines goes on below itself. */
    for (const char *line = text; line;) {
        const char *end = strchr(line, '\n');
        printf("%-*s%.*s\n", HELP_COLUMN, left, (int)(end ? end - line : (long)strlen(line)), line);
        left[0] = 0;
        line = end ? end + 1 : NULL;
    }
}

static void print_help(const SimOptions *o) {
    printf("rackcast %s: %s\n\nUsage: rackcast %s [options]%s%s\n\nOptions:\n", o->verb, o->summary,
           o->verb, *o->words ? " " : "", o->words);
    for (const GOptionEntry *e = o->entries; e->long_name; e++)
        print_option(e->short_name, e->long_name, e->arg_description, e->description);
    print_option('h', "help", NULL, "this text");
    if (o->notes) printf("\n%s", o->notes);
}

static int complain(const SimOptions *o, const char *message) {
    fprintf(stderr, "rackcast %s: %s\nTry: rackcast %s --help\n", o->verb, message, o->verb);
    return SIM_EXIT_USAGE;
}

/* GLib says "Unknown option --foo"; add what was meant. */
static int complain_option(const SimOptions *o, const char *message) {
    const char *word = strstr(message, "Unknown option --");
    if (!word) return complain(o, message);
    const char *names[NAMES_MAX];
    size_t n = 0;
    for (const GOptionEntry *e = o->entries; e->long_name && n < NAMES_MAX; e++)
        names[n++] = e->long_name;
    word += strlen("Unknown option --");
    const char *meant = sim_options_nearest(word, names, n);
    char *text = meant ? g_strdup_printf("there is no option --%s; did you mean --%s?", word, meant)
                       : g_strdup_printf("there is no option --%s", word);
    int code = complain(o, text);
    g_free(text);
    return code;
}

static int check_words(const SimOptions *o, int n) {
    if (o->words_min >= 0 && n < o->words_min) {
        char *text = g_strdup_printf("what is missing: %s", o->words);
        int code = complain(o, text);
        g_free(text);
        return code;
    }
    if (o->words_max >= 0 && n > o->words_max)
        return complain(o, o->words_max ? "too many words" : "it takes no further words");
    return -1;
}

int sim_options_parse(const SimOptions *o, int argc, char **argv, char ***rest) {
    gboolean help = FALSE;
    char **words = NULL;
    const GOptionEntry own[] = {
        {"help", 'h', 0, G_OPTION_ARG_NONE, &help, NULL, NULL},
        {G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &words, NULL, NULL},
        G_OPTION_ENTRY_NULL,
    };
    GOptionContext *context = g_option_context_new(NULL);
    g_option_context_set_help_enabled(context, FALSE);
    g_option_context_add_main_entries(context, o->entries, NULL);
    g_option_context_add_main_entries(context, own, NULL);
    /* GLib keeps pointers into the vector that it changes: give it a copy. */
    char **copy = g_new0(char *, (size_t)argc + 1);
    for (int i = 0; i < argc; i++)
        copy[i] = g_strdup(argv[i]);
    GError *error = NULL;
    int code = -1;
    if (!g_option_context_parse_strv(context, &copy, &error)) {
        code = complain_option(o, error->message);
        g_error_free(error);
    } else if (help) {
        print_help(o);
        code = SIM_EXIT_OK;
    } else {
        code = check_words(o, words ? (int)g_strv_length(words) : 0);
    }
    g_strfreev(copy);
    g_option_context_free(context);
    *rest = code == -1 && words ? words : NULL;
    if (code != -1)
        g_strfreev(words);
    else if (!words)
        *rest = g_new0(char *, 1);
    return code;
}
