/* capture_names.h: the addresses and queue pair numbers that frames show in a capture.
 *
 * Private to this folder. They come from hashes of paths ("node1/smb1"), never from a running
 * number, so that one more host changes no other's address. Where two hashes meet, the path that
 * comes later in the alphabet is hashed again.
 *
 *   MAC    02:... locally administered (IEEE 802, clause 8.4), 40 bits of the hash
 *   IPv4   10.x.y.z
 *   IPv6   fd72:636b::... (RFC 4193), 64 bits; RoCE v1: link-local, from the MAC (RFC 4291)
 *   QPN    24 bits, without 0 and 1, which are the management's; unique at its host */
#ifndef MODELS_NIC_CAPTURE_NAMES_H
#define MODELS_NIC_CAPTURE_NAMES_H

#include "models/nic/nic.h"

typedef struct NicCaptureAddress {
    uint8_t mac[6];
    uint8_t ipv4[4], ipv6[16], link[16]; /* link: link-local */
} NicCaptureAddress;

typedef struct NicCaptureNames {
    NicCaptureAddress *address; /* by FabricAddress */
    uint32_t *qpn;              /* by connection */
} NicCaptureNames;

/* After the last connection was made. */
void nic_capture_names(SimRun *run, const Nic *nic, NicCaptureNames *out);

/* Of a port: `name` up to an arrow ("tor1/3->node1/1"). */
void nic_capture_mac(const char *name, uint8_t mac[6]);

#endif
