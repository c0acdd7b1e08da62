/* verbs.h: the command. `rackcast VERB ...` looks VERB up in one table and calls its function;
 * one file a verb.
 *
 * A verb gets the words after it, argv[0] being the verb itself, and returns the exit code.
 * Data goes to stdout, words for people to stderr. */
#ifndef SIM_APP_VERBS_H
#define SIM_APP_VERBS_H

typedef enum SimExit {
    SIM_EXIT_OK = 0,
    SIM_EXIT_FAILED = 1, /* an expectation or a comparison */
    SIM_EXIT_USAGE = 2,
    SIM_EXIT_INVALID = 3, /* the scenario */
    SIM_EXIT_FILE = 4,    /* a file or a program is missing */
    SIM_EXIT_LIMIT = 5,
    SIM_EXIT_DIFFERS = 6, /* the same input gave other bytes */
    SIM_EXIT_BUG = 70,    /* SIM_EXIT_INTERNAL of sim/base/assert.h */
    SIM_EXIT_INTERRUPTED = 130,
} SimExit;

typedef struct SimVerb {
    const char *name;
    const char *summary; /* one line of `rackcast --help` */
    int (*run)(int argc, char **argv);
} SimVerb;

/* The whole command; returns the exit code. */
int sim_app_main(int argc, char **argv);

/* The graver of two exit codes, for a verb that takes several files and goes on after a
 * failure: interrupted, bug, limit, file, invalid, differs, failed, usage, ok. */
int sim_exit_worse(int a, int b);

int sim_verb_run(int argc, char **argv);
int sim_verb_check(int argc, char **argv);
int sim_verb_test(int argc, char **argv);
int sim_verb_compare(int argc, char **argv);
int sim_verb_verify(int argc, char **argv);
int sim_verb_report(int argc, char **argv);
int sim_verb_diagnose(int argc, char **argv);
int sim_verb_explain(int argc, char **argv);
int sim_verb_schema(int argc, char **argv);
int sim_verb_parts(int argc, char **argv);

#endif
