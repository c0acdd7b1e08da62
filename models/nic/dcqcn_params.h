/* dcqcn_params.h: the constants of DCQCN, its presets, and what a scenario may change of them.
 *
 * Three presets: the paper's, the firmware's defaults, and the variant of a packet simulator whose
 * figures the tests are held to. A scenario names one and overrides single values; what it leaves
 * out is the preset's. Sources stand with the table in dcqcn_params.c. */
#ifndef MODELS_NIC_DCQCN_PARAMS_H
#define MODELS_NIC_DCQCN_PARAMS_H

#include "sim/core/param.h"

typedef enum NicDcqcnPreset {
    NIC_DCQCN_PAPER,
    NIC_DCQCN_VENDOR,
    NIC_DCQCN_ACK,
    NIC_DCQCN_PRESETS
} NicDcqcnPreset;

typedef enum NicDcqcnAlphaRule {
    NIC_DCQCN_ALPHA_AT_CNP,
    NIC_DCQCN_ALPHA_AT_TIMER
} NicDcqcnAlphaRule;
typedef enum NicDcqcnClamp { NIC_DCQCN_CLAMP_ALWAYS, NIC_DCQCN_CLAMP_AFTER_INCREASE } NicDcqcnClamp;

#define NIC_DCQCN_ONE INT64_C(1000000000000000000) /* g = alpha_start = 1 */

typedef struct NicDcqcn {
    SimTime cnp_interval;   /* the receiver's: at most one CNP in it; 0: one for every mark */
    SimTime alpha_timer;    /* between updates of alpha */
    SimTime cut_interval;   /* between checks for a cut, from the first CNP on; 0: at every CNP */
    SimTime cut_delay;      /* by which the first check, and so all of them, come later */
    SimTime increase_timer; /* between increases; a cut starts it anew */
    int64_t byte_counter;   /* line bytes between increases of its own; 0: none */
    int64_t fast_recovery;  /* F: increases before the target rises */
    int64_t ai, hai;        /* bit/s */
    int64_t min_rate;       /* bit/s */
    int64_t min_factor;     /* ppm: a cut leaves at least this share of the rate */
    int64_t g, alpha_start; /* in units of 1 / NIC_DCQCN_ONE */
    int alpha_rule;         /* NicDcqcnAlphaRule */
    int clamp;              /* NicDcqcnClamp: when a cut lowers the target to the rate */
} NicDcqcn;

/* As a scenario says it: values left out read as param.h says. */
typedef NicDcqcn NicDcqcnParams;

extern const SimParam nic_dcqcn_params[];

/* The preset with what is given; `given` NULL: nothing. */
NicDcqcn nic_dcqcn_resolve(const NicDcqcnParams *given, int preset);

#endif
