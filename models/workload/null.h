/* null.h: the model that measures the engine alone. */
#ifndef MODELS_WORKLOAD_NULL_H
#define MODELS_WORKLOAD_NULL_H

#include "sim/core/model.h"

extern const SimModel null_model;

#endif
