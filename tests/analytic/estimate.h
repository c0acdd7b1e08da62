/* estimate.h: a mean with its standard error, from batches of ten consecutive seeds.
 *
 * Batches of one run are longer than the memory of the queue (its relaxation time is a few
 * hundred services at 90 % load; a batch has 5,000 or more), so their means count as independent;
 * the first of every run is left out as warm-up. Averages whose expectation is known (the gaps and
 * services drawn) serve as control variates: the regression of the batch means on them takes out
 * what they explain (Law, Simulation Modeling and Analysis, 11.4). */
#ifndef TESTS_ANALYTIC_ESTIMATE_H
#define TESTS_ANALYTIC_ESTIMATE_H

#include <check.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ESTIMATE_SEEDS = 10, ESTIMATE_CONTROLS = 3, ESTIMATE_BATCHES = 4000 };

typedef struct Estimate {
    uint32_t n, controls;
    double known[ESTIMATE_CONTROLS]; /* expectations of the controls */
    double y[ESTIMATE_BATCHES];
    double x[ESTIMATE_BATCHES][ESTIMATE_CONTROLS];
} Estimate;

static inline void estimate_add(Estimate *e, double y, const double *x) {
    ck_assert_uint_lt(e->n, ESTIMATE_BATCHES);
    e->y[e->n] = y;
    for (uint32_t k = 0; k < e->controls; k++)
        e->x[e->n][k] = x[k];
    e->n++;
}

/* Solves a (k x k, symmetric, positive) times b = c; all are small. */
static inline void estimate_solve(double a[][ESTIMATE_CONTROLS], double *b, const double *c,
                                  uint32_t k) {
    double m[ESTIMATE_CONTROLS][ESTIMATE_CONTROLS + 1];
    for (uint32_t i = 0; i < k; i++) {
        memcpy(m[i], a[i], k * sizeof(double));
        m[i][k] = c[i];
    }
    for (uint32_t i = 0; i < k; i++)
        for (uint32_t j = i + 1; j < k; j++) {
            double f = m[j][i] / m[i][i];
            for (uint32_t l = i; l <= k; l++)
                m[j][l] -= f * m[i][l];
        }
    for (uint32_t i = k; i-- > 0;) {
        b[i] = m[i][k];
        for (uint32_t l = i + 1; l < k; l++)
            b[i] -= m[i][l] * b[l];
        b[i] /= m[i][i];
    }
}

/* The mean as it would be had every control come out at its expectation. */
static inline double estimate_mean(const Estimate *e, double *error) {
    uint32_t n = e->n, k = e->controls;
    double my = 0, mx[ESTIMATE_CONTROLS] = {0}, b[ESTIMATE_CONTROLS] = {0};
    double a[ESTIMATE_CONTROLS][ESTIMATE_CONTROLS] = {{0}}, c[ESTIMATE_CONTROLS] = {0};
    for (uint32_t t = 0; t < n; t++) {
        my += e->y[t] / n;
        for (uint32_t i = 0; i < k; i++)
            mx[i] += e->x[t][i] / n;
    }
    for (uint32_t t = 0; t < n; t++)
        for (uint32_t i = 0; i < k; i++) {
            c[i] += (e->x[t][i] - mx[i]) * (e->y[t] - my);
            for (uint32_t j = 0; j < k; j++)
                a[i][j] += (e->x[t][i] - mx[i]) * (e->x[t][j] - mx[j]);
        }
    if (k) estimate_solve(a, b, c, k);
    double mean = my, squares = 0;
    for (uint32_t i = 0; i < k; i++)
        mean -= b[i] * (mx[i] - e->known[i]);
    for (uint32_t t = 0; t < n; t++) {
        double rest = e->y[t] - my;
        for (uint32_t i = 0; i < k; i++)
            rest -= b[i] * (e->x[t][i] - mx[i]);
        squares += rest * rest;
    }
    *error = sqrt(squares / (n - k - 1) / n);
    return mean;
}

/* Prints "name expected got error stderr" (relative, in percent) and holds the estimate to three
 * standard errors, and the standard error to `most` of the expected value. */
static inline void estimate_check(const Estimate *e, const char *name, double expected,
                                  double most) {
    double error, got = estimate_mean(e, &error);
    printf("%-28s %12.6f %12.6f %+8.4f%% %7.4f%%\n", name, expected, got,
           (got / expected - 1) * 100, error / expected * 100);
    ck_assert_msg(error <= most * expected, "%s: standard error %g %%", name,
                  error / expected * 100);
    ck_assert_msg(fabs(got - expected) <= 3 * error, "%s: %g for %g, standard error %g", name, got,
                  expected, error);
}

/* The long run adds what takes minutes. */
static inline int estimate_long(void) {
    const char *text = getenv("RACKCAST_LONG");
    return text && strcmp(text, "1") == 0;
}

#endif
