#include "sim/scenario/suggest.h"

#include <ctype.h>
#include <string.h>

enum { LONGEST = 64 };

static int least(int a, int b) {
    return a < b ? a : b;
}

/* Three rows of the usual table are enough for swaps. */
static int distance(const char *a, size_t na, const char *b, size_t nb) {
    int rows[3][LONGEST + 1];
    for (size_t j = 0; j <= nb; j++)
        rows[0][j] = (int)j;
    for (size_t i = 1; i <= na; i++) {
        int *row = rows[i % 3], *above = rows[(i + 2) % 3], *before = rows[(i + 1) % 3];
        row[0] = (int)i;
        for (size_t j = 1; j <= nb; j++) {
            int x = tolower((unsigned char)a[i - 1]), y = tolower((unsigned char)b[j - 1]);
            row[j] = least(least(row[j - 1], above[j]) + 1, above[j - 1] + (x != y));
            if (i > 1 && j > 1 && x == tolower((unsigned char)b[j - 2]) &&
                y == tolower((unsigned char)a[i - 2]))
                row[j] = least(row[j], before[j - 2] + 1);
        }
    }
    return rows[na % 3][nb];
}

void sim_guess_init(SimGuess *guess, const char *text, int64_t *budget) {
    size_t length = strlen(text);
    int most = length < 3 ? 1 : (int)(length / 3);
    *guess = (SimGuess){text, NULL, (most > 3 ? 3 : most) + 1, budget};
    if (length > LONGEST) guess->distance = 0;
}

void sim_guess_offer(SimGuess *guess, const char *candidate) {
    if (guess->distance == 0) return;
    if (guess->budget && --*guess->budget < 0) return;
    size_t na = strlen(guess->text), nb = strlen(candidate);
    if (nb > LONGEST) return;
    int d = distance(guess->text, na, candidate, nb);
    if (d >= guess->distance || (size_t)d >= nb || (size_t)d >= na) return;
    guess->distance = d;
    guess->best = candidate;
}
