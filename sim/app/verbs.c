#include "sim/app/verbs.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "sim/app/options.h"

static const SimVerb verbs[] = {
    {"run", "run scenarios: print the forecast, write results/<name>/", sim_verb_run},
    {"check", "say everything that is wrong or unwise, without running", sim_verb_check},
    {"test", "run scenarios as tests: their expect: lines pass or fail", sim_verb_test},
    {"compare", "set two results or two scenarios side by side", sim_verb_compare},
    {"verify", "run in several ways and compare the results byte by byte", sim_verb_verify},
    {"report", "draw the pictures of a result again and print its forecast", sim_verb_report},
    {"diagnose", "rank what may be wrong with a rack by its counters", sim_verb_diagnose},
    {"explain", "explain a word of a scenario, a result or a diagnosis", sim_verb_explain},
    {"parts", "list the parts that a scenario can name", sim_verb_parts},
    {"schema", "print the JSON Schema of a scenario, for an editor", sim_verb_schema},
    {NULL, NULL, NULL},
};

static void print_help(FILE *out) {
    fputs("rackcast: the forecast of a rack before it is bought\n"
          "\n"
          "Usage: rackcast VERB [options] [FILE...]\n"
          "\n"
          "Verbs:\n",
          out);
    for (const SimVerb *v = verbs; v->name; v++)
        fprintf(out, "  %-10s%s\n", v->name, v->summary);
    fputs("\n"
          "Options:\n"
          "  -h, --help     this text; after a verb, its own\n"
          "      --version  the version\n"
          "\n"
          "Exit codes:\n"
          "  0  ok                           5    a limit was reached\n"
          "  1  an expectation failed        6    not deterministic\n"
          "  2  the command is not right     70   a bug of rackcast\n"
          "  3  the scenario is not right    130  interrupted, partial result written\n"
          "  4  a file or program is missing\n"
          "\n"
          "Start with:\n"
          "  rackcast run scenarios/quickstart/four-node-rocev2.yaml\n",
          out);
}

static int unknown_verb(const char *word) {
    const char *names[sizeof verbs / sizeof *verbs];
    size_t n = 0;
    for (const SimVerb *v = verbs; v->name; v++)
        names[n++] = v->name;
    const char *meant = sim_options_nearest(word, names, n);
    fprintf(stderr, "rackcast: there is no verb '%s'", word);
    if (meant) fprintf(stderr, "; did you mean '%s'?", meant);
    fputs("\nTry: rackcast --help\n", stderr);
    return SIM_EXIT_USAGE;
}

static const SimVerb *find_verb(const char *name) {
    for (const SimVerb *v = verbs; v->name; v++)
        if (strcmp(v->name, name) == 0) return v;
    return NULL;
}

int sim_app_main(int argc, char **argv) {
    if (argc < 2) {
        print_help(stderr);
        return SIM_EXIT_USAGE;
    }
    const char *word = argv[1];
    if (strcmp(word, "--version") == 0) {
        printf("rackcast %s\n", RACKCAST_VERSION);
        return SIM_EXIT_OK;
    }
    if (strcmp(word, "--help") == 0 || strcmp(word, "-h") == 0 || strcmp(word, "help") == 0) {
        const SimVerb *about = argc > 2 ? find_verb(argv[2]) : NULL;
        if (argc > 2 && !about) return unknown_verb(argv[2]);
        if (about) return about->run(2, (char *[]){argv[2], "--help", NULL});
        print_help(stdout);
        return SIM_EXIT_OK;
    }
    const SimVerb *verb = find_verb(word);
    if (!verb) return unknown_verb(word);
    int code = verb->run(argc - 1, argv + 1);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        fputs("rackcast: cannot write to the standard output\n", stderr);
        return sim_exit_worse(code, SIM_EXIT_FILE);
    }
    return code;
}

int sim_exit_worse(int a, int b) {
    static const int gravity[] = {SIM_EXIT_INTERRUPTED, SIM_EXIT_BUG,     SIM_EXIT_LIMIT,
                                  SIM_EXIT_FILE,        SIM_EXIT_INVALID, SIM_EXIT_DIFFERS,
                                  SIM_EXIT_FAILED,      SIM_EXIT_USAGE};
    for (size_t i = 0; i < sizeof gravity / sizeof *gravity; i++)
        if (a == gravity[i] || b == gravity[i]) return gravity[i];
    return a ? a : b;
}
