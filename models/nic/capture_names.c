#include "models/nic/capture_names.h"

#include <stdlib.h>
#include <string.h>

#include "sim/base/hash.h"

enum { BITS = 24, WORD = 64 }; /* of what has to be unique */

/* Which values are taken. */
typedef struct Taken {
    uint64_t *word;
} Taken;

static bool taken(const Taken *t, uint32_t value) {
    return t->word[value / WORD] >> value % WORD & 1;
}

static void taken_flip(Taken *t, uint32_t value) {
    t->word[value / WORD] ^= UINT64_C(1) << value % WORD;
}

/* A free value, 2 to 2^24 - 2, and takes it. */
static uint32_t taken_find(Taken *t, uint64_t hash) {
    uint32_t value;
    do {
        value = (uint32_t)(hash >> (64 - BITS));
        hash = sim_hash_mix(hash);
    } while (value < 2 || value == (1u << BITS) - 1 || taken(t, value));
    taken_flip(t, value);
    return value;
}

static void put(uint8_t *at, uint64_t value, unsigned bytes) {
    for (unsigned i = 0; i < bytes; i++)
        at[i] = (uint8_t)(value >> 8 * (bytes - 1 - i));
}

static uint64_t hash_of(const char *name, size_t letters, const char *purpose) {
    uint64_t h = sim_hash_text(purpose);
    for (size_t i = 0; i < letters; i++)
        h = sim_hash_combine(h, (unsigned char)name[i]);
    return h;
}

void nic_capture_mac(const char *name, uint8_t mac[6]) {
    const char *arrow = strstr(name, "->");
    mac[0] = 0x02;
    put(mac + 1, hash_of(name, arrow ? (size_t)(arrow - name) : strlen(name), "mac"), 5);
}

/* ---- endpoints ---- */

static void address_fill(const NicEndpoint *e, Taken *t, NicCaptureAddress *a) {
    nic_capture_mac(e->name, a->mac);
    a->ipv4[0] = 10;
    put(a->ipv4 + 1, taken_find(t, hash_of(e->name, strlen(e->name), "ipv4")), 3);
    put(a->ipv6, 0xFD72636B, 4);
    put(a->ipv6 + 8, hash_of(e->name, strlen(e->name), "ipv6"), 8);
    put(a->link, 0xFE80, 2);
    memcpy(a->link + 8, a->mac, 3);
    a->link[8] ^= 0x02; /* the bit of local administration, turned round */
    put(a->link + 11, 0xFFFE, 2);
    memcpy(a->link + 13, a->mac + 3, 3);
}

static int endpoint_compare(const void *a, const void *b) {
    const NicEndpoint *const *x = a, *const *y = b;
    return strcmp((*x)->name, (*y)->name);
}

static void name_endpoints(SimRun *run, const Nic *nic, Taken *t, NicCaptureNames *out) {
    uint32_t n = 0, at = 0;
    for (uint32_t i = 0; i < nic->n_hosts; i++)
        n += nic->hosts[i].n_endpoints;
    const NicEndpoint **order = SIM_NEW_N(&run->arena, const NicEndpoint *, n);
    for (uint32_t i = 0; i < nic->n_hosts; i++)
        for (uint32_t k = 0; k < nic->hosts[i].n_endpoints; k++)
            order[at++] = &nic->hosts[i].endpoint[k];
    qsort(order, n, sizeof(void *), endpoint_compare); /* allow: qsort: names are unique */
    out->address = SIM_NEW_N(&run->arena, NicCaptureAddress, nic->fabric->addresses.n);
    for (uint32_t i = 0; i < n; i++)
        address_fill(order[i], t, &out->address[order[i]->address]);
    for (uint32_t i = 0; i < n; i++) { /* all free again */
        const uint8_t *ip = out->address[order[i]->address].ipv4;
        taken_flip(t, (uint32_t)ip[1] << 16 | (uint32_t)ip[2] << 8 | ip[3]);
    }
}

/* ---- connections ---- */

static int connection_compare(const void *a, const void *b) {
    const NicConnection *const *x = a, *const *y = b;
    if ((*x)->flow != (*y)->flow) return (*x)->flow < (*y)->flow ? -1 : 1;
    return (*x)->index < (*y)->index ? -1 : (*x)->index > (*y)->index;
}

/* `flow` is a hash of the connection's path. */
static void name_connections(SimRun *run, const Nic *nic, Taken *t, NicCaptureNames *out) {
    out->qpn = SIM_NEW_N(&run->arena, uint32_t, nic->n_connections);
    uint32_t most = 0;
    for (uint32_t i = 0; i < nic->n_hosts; i++)
        if (nic->hosts[i].n_connections > most) most = nic->hosts[i].n_connections;
    const NicConnection **order = SIM_NEW_N(&run->arena, const NicConnection *, most);
    for (uint32_t i = 0; i < nic->n_hosts; i++) {
        const NicHost *host = &nic->hosts[i];
        for (uint32_t k = 0; k < host->n_connections; k++)
            order[k] = host->connection[k];
        qsort(order, host->n_connections, sizeof(void *), /* allow: qsort: indices are unique */
              connection_compare);
        for (uint32_t k = 0; k < host->n_connections; k++)
            out->qpn[order[k]->index] = taken_find(t, sim_hash_mix(order[k]->flow));
        for (uint32_t k = 0; k < host->n_connections; k++)
            taken_flip(t, out->qpn[order[k]->index]);
    }
}

void nic_capture_names(SimRun *run, const Nic *nic, NicCaptureNames *out) {
    Taken t = {SIM_NEW_N(&run->arena, uint64_t, (1u << BITS) / WORD)};
    name_endpoints(run, nic, &t, out);
    name_connections(run, nic, &t, out);
}
