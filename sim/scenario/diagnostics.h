/* diagnostics.h: every problem of a scenario, collected, sorted, printed at once.
 *
 * A diagnostic has a stable code (E for errors, W for warnings), a place, a path, a sentence,
 * what is allowed, and a guess at what was meant:
 *
 *   rack.yaml:14:11: error E104: hosts[0].nic.rate: "25" has no unit
 *       allowed: a rate such as 25Gbps (bps, kbps, Mbps, Gbps)
 *       did you mean 25Gbps?
 */
#ifndef SIM_SCENARIO_DIAGNOSTICS_H
#define SIM_SCENARIO_DIAGNOSTICS_H

#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

typedef struct SimDiagnostics SimDiagnostics;

enum { SIM_DIAGNOSTICS_KEPT = 1000 };

SimDiagnostics *sim_diagnostics_new(const char *file);
void sim_diagnostics_free(SimDiagnostics *d);

/* Adds one. `code` is a stable literal; `path`, `allowed` and `meant` may be NULL; strings are
 * copied. line 0: the file as a whole; with a path that begins with "--set " the place printed
 * is the command line. The same sentence about the same place is kept once. At most
 * SIM_DIAGNOSTICS_KEPT are kept; the others are counted only. */
void sim_diagnostics_add(SimDiagnostics *d, const char *code, uint32_t line, uint32_t column,
                         const char *path, const char *allowed, const char *meant,
                         const char *format, ...) __attribute__((format(printf, 8, 9)));

void sim_diagnostics_addv(SimDiagnostics *d, const char *code, uint32_t line, uint32_t column,
                          const char *path, const char *allowed, const char *meant,
                          const char *format, va_list args);

/* Appends all of `from` to `d` and empties `from`. */
void sim_diagnostics_move(SimDiagnostics *d, SimDiagnostics *from);
/* Whether no more are kept, so that guessing further is of no use. */
bool sim_diagnostics_full(const SimDiagnostics *d);
/* Whether a diagnostic of this code is among those kept. */
bool sim_diagnostics_has(const SimDiagnostics *d, const char *code);

uint32_t sim_diagnostics_errors(const SimDiagnostics *d);
uint32_t sim_diagnostics_warnings(const SimDiagnostics *d);

/* Sorted by place, then code. Prints all; colour only where asked. Control characters that
 * came in with the text are shown escaped. */
void sim_diagnostics_print(const SimDiagnostics *d, FILE *out, bool colour);
/* The same as a JSON array. */
void sim_diagnostics_json(const SimDiagnostics *d, FILE *out);

#endif
