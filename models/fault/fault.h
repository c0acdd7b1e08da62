/* fault.h: the fault timeline. A fault takes a switch, a cable or all cables of a host down at a
 * time and brings it back; it opens a window of its name. */
#ifndef MODELS_FAULT_FAULT_H
#define MODELS_FAULT_FAULT_H

#include "sim/core/model.h"

extern const SimModel fault_model;

#endif
