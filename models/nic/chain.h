/* chain.h: the links that RDMA between two hosts needs, from the scenario alone.
 *
 *     host a: adapter able - nic.rdma - network_direct - vnic rdma     |  the same adapter
 *     host b: adapter able - nic.rdma - network_direct - vnic rdma     |  protocol, mode and IP
 *
 * Where one is broken the hosts talk TCP instead, and say nothing. (What makes RDMA lossless on
 * its way, the switches' and cables' part, is looked at in lint.c.)
 *
 * Hosts talk over pairs: vNICs of one name, or, where neither host has vNICs, the first cabled
 * ports of both, the second ones, and so on. */
#ifndef MODELS_NIC_CHAIN_H
#define MODELS_NIC_CHAIN_H

#include "models/nic/cabling.h"

typedef struct NicLink {
    const char *key;  /* of the host, where it is broken */
    const char *what; /* "RDMA is disabled on its adapter" */
    const char *next; /* what to do */
} NicLink;

/* The first broken link of a host's own, for a vNIC of it or (NULL) for its ports; NULL: none. */
const NicLink *nic_rdma_broken(const NicHostParams *host, const NicVnic *vnic);

/* Whether two adapters speak the same RDMA. */
bool nic_rdma_alike(const NicAdapter *a, const NicAdapter *b);

/* Whether any pair of two hosts is joined by cables, for RDMA or TCP. */
bool nic_reaches(const SimScenario *scenario, const NicCabling *cabling, uint32_t host_a,
                 uint32_t host_b);

/* The priority of what names a class, or none. */
uint8_t nic_class_priority(const SimScenario *scenario, const SimRefs *class);

/* For `check`: W310 or W311 where traffic meant for RDMA between two hosts will use TCP. `whose`:
 * what sends it ("workload copy"). Silent where both hosts have nic.rdma: false: TCP is meant. */
void nic_lint_pair(const SimScenario *scenario, const NicCabling *cabling, uint32_t host_a,
                   uint32_t host_b, const char *whose, SimDiagnostics *out);

#endif
