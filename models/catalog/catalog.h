/* catalog.h: the parts catalog, compiled in. Each *.yaml of this folder is one blob; README.md
 * tells their form. The table is made at build time and ends with name == NULL. */
#ifndef MODELS_CATALOG_CATALOG_H
#define MODELS_CATALOG_CATALOG_H

#include "sim/core/model.h"

extern const SimBlob catalog_blobs[];

#endif
