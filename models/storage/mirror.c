/* mirror.c: an I/O's way to all its copies and back. */
#include "models/storage/mirror.h"
#include "sim/base/hash.h"

/* Messages beside the data: SMB2 header 64 with WRITE or READ request 49 and SMB Direct header 24
 * (with a 16-byte buffer descriptor), response 16 (MS-SMB2 2.2.1, 2.2.19 to 2.2.22; MS-SMBD 2.2).
 */
enum { REQUEST_BYTES = 64 + 49 + 24 + 16, REPLY_BYTES = 64 + 16 + 24 };

/* Assumption A-storage-timeout: the disk timeout of Windows, 60 s. */
#define IO_TIMEOUT (60 * SIM_S)

enum { ATTEMPT_MASK = 63 };

/* ---- lists ---- */

static void list_add(StorageCopyList *list, StorageCopy *c) {
    c->next = NULL;
    c->before = list->last;
    if (list->last)
        list->last->next = c;
    else
        list->first = c;
    list->last = c;
}

static void list_remove(StorageCopyList *list, StorageCopy *c) {
    if (c->before)
        c->before->next = c->next;
    else
        list->first = c->next;
    if (c->next)
        c->next->before = c->before;
    else
        list->last = c->before;
}

/* ---- the end of a copy, and of the I/O ---- */

static void copy_finish(SimRun *run, StorageCopy *c, bool failed) {
    StorageIo *io = c->io;
    Storage *storage = io->host->storage;
    SimTime all = run->context.now - io->submitted;
    SimTime software = io->host->issue.delay + (c->path ? c->peer_serve : 0);
    io->failed |= failed;
    if (--io->copies_left == 0 || !io->write) { /* the last copy is the one that took longest */
        io->part[STORAGE_SOFTWARE] = software;
        io->part[STORAGE_WAIT] = c->waited;
        io->part[STORAGE_SERVICE] = c->served;
        io->part[STORAGE_NETWORK] = all - software - c->waited - c->served;
    }
    if (!c->flushed) sim_pool_put(&storage->copies, c);
    if (io->copies_left == 0) io->done(run, io);
}

/* ---- sending ---- */

static StoragePath *peer_path(StoragePeer *peer) {
    for (uint32_t i = 0; i < peer->n_paths; i++) {
        StoragePath *path = &peer->path[peer->turn];
        peer->turn = peer->turn + 1 == peer->n_paths ? 0 : peer->turn + 1;
        if (path->end->up) return path;
    }
    return NULL;
}

static void copy_park(SimRun *run, StorageHost *host, StorageCopy *c) {
    c->path = NULL;
    list_add(&host->parked, c);
    SimTime due = c->io->submitted + IO_TIMEOUT;
    if (due < host->parked_timer.due) sim_timer_set(run, &host->parked_timer, due);
}

static void copy_send(SimRun *run, StorageCopy *c) {
    StorageHost *host = c->io->host;
    StoragePeer *peer = &host->peer[c->target];
    StoragePath *path = peer_path(peer);
    if (!path) {
        copy_park(run, host, c);
        return;
    }
    c->path = path;
    list_add(&path->awaiting, c);
    void *token = (void *)((uintptr_t)c | (c->attempt & ATTEMPT_MASK));
    if (c->write)
        transport_post(run, path->end, TRANSPORT_WRITE_NOTIFY, c->bytes, token);
    else
        transport_post(run, path->end, TRANSPORT_SEND, REQUEST_BYTES, token);
}

/* The path broke under it: once more, on another. */
static void copy_again(SimRun *run, StorageCopy *c) {
    c->io->retried = true;
    c->flushed = true;
    c->attempt++;
    copy_send(run, c);
}

static void parked_timer(SimRun *run, void *owner) {
    StorageHost *host = owner;
    SimTime now = run->context.now;
    StorageCopy *c = host->parked.first;
    SimTime next = SIM_NEVER;
    while (c) {
        StorageCopy *after = c->next;
        SimTime due = c->io->submitted + IO_TIMEOUT;
        if (due <= now) {
            list_remove(&host->parked, c);
            copy_finish(run, c, true);
        } else if (due < next) {
            next = due;
        }
        c = after;
    }
    if (next != SIM_NEVER) sim_timer_set(run, &host->parked_timer, next);
}

/* ---- the issuing end of a path ---- */

static void issuer_complete(SimRun *run, TransportEnd *end, void *token, TransportStatus status) {
    (void)run; /* acknowledged is not durable, and a break is told by `changed` */
    (void)end;
    (void)token;
    (void)status;
}

static void issuer_received(SimRun *run, TransportEnd *end, void *token) {
    (void)end;
    StorageCopy *c = (StorageCopy *)((uintptr_t)token & ~(uintptr_t)ATTEMPT_MASK);
    uint32_t attempt = (uint32_t)((uintptr_t)token & ATTEMPT_MASK);
    if (attempt != (c->attempt & ATTEMPT_MASK) || !c->path) return; /* of an earlier attempt */
    list_remove(&c->path->awaiting, c);
    copy_finish(run, c, false);
}

static void issuer_changed(SimRun *run, TransportEnd *end, bool up) {
    StoragePath *path = end->owner;
    StorageHost *host = path->peer->owner;
    StorageCopyList *from = up ? &host->parked : &path->awaiting;
    StorageCopyList list = *from;
    *from = (StorageCopyList){0};
    for (StorageCopy *c = list.first, *next; c; c = next) {
        next = c->next;
        if (up)
            copy_send(run, c); /* those for other hosts park again */
        else
            copy_again(run, c);
    }
}

const TransportUser storage_issuer = {issuer_complete, issuer_received, issuer_changed};

/* ---- the serving end ---- */

static void serve_done(SimRun *run, StorageAccess *access) {
    StorageServe *s = (StorageServe *)access;
    s->copy->waited = access->wait;
    s->copy->served = access->service;
    if (s->end->up) { /* else its host has asked elsewhere, or will */
        void *token = (void *)s->token;
        if (s->write)
            transport_post(run, s->end, TRANSPORT_SEND, REPLY_BYTES, token);
        else
            transport_post(run, s->end, TRANSPORT_WRITE_NOTIFY, s->bytes, token);
    }
    sim_pool_put(&s->host->storage->serves, s);
}

static void serve_begin(SimRun *run, StorageJob *job) {
    StorageServe *s = (StorageServe *)job;
    s->access.done = serve_done;
    storage_drive_access(run, &s->access);
}

static void server_received(SimRun *run, TransportEnd *end, void *token) {
    StorageHost *host = end->owner;
    StorageCopy *c = (StorageCopy *)((uintptr_t)token & ~(uintptr_t)ATTEMPT_MASK);
    StorageServe *s = sim_pool_get(&host->storage->serves);
    *s = (StorageServe){.host = host,
                        .end = end,
                        .token = (uintptr_t)token,
                        .bytes = c->bytes,
                        .write = c->write,
                        .copy = c};
    s->access.drive = &host->drive[c->drive];
    s->access.bytes = c->bytes;
    s->access.write = c->write;
    s->access.job.done = serve_begin;
    storage_delay_submit(run, &host->serve, &s->access.job);
}

const TransportUser storage_server = {issuer_complete, server_received, NULL};

/* ---- submitting ---- */

static void local_done(SimRun *run, StorageAccess *access) {
    StorageCopy *c = (StorageCopy *)access;
    c->waited = access->wait;
    c->served = access->service;
    copy_finish(run, c, false);
}

static void copy_begin(SimRun *run, StorageIo *io, uint32_t target, uint32_t drive) {
    StorageHost *host = io->host;
    StorageCopy *c = sim_pool_get(&host->storage->copies);
    *c = (StorageCopy){.io = io,
                       .target = target,
                       .drive = (uint16_t)drive,
                       .bytes = io->bytes,
                       .write = io->write};
    if (target != host->index) {
        c->peer_serve = host->storage->hosts[target].serve.delay;
        copy_send(run, c);
        return;
    }
    c->access.drive = &host->drive[drive];
    c->access.bytes = io->bytes;
    c->access.write = io->write;
    c->access.done = local_done;
    storage_drive_access(run, &c->access);
}

/* The copy a read goes to. */
static uint32_t read_copy(const StorageIo *io, const StorageVolume *v, const uint16_t *host) {
    if (!v->read_any)
        for (uint32_t c = 0; c < v->n_copies; c++)
            if (host[c] == io->host->index) return c;
    return (uint32_t)((sim_hash_mix((uint64_t)io->submitted) >> 32) * v->n_copies >> 32);
}

static void io_issued(SimRun *run, StorageJob *job) {
    StorageIo *io = (StorageIo *)((char *)job - offsetof(StorageIo, job));
    const StorageVolume *v = &io->host->storage->volumes[io->volume];
    const uint16_t *host = &v->host[(size_t)io->slab * v->n_copies];
    const uint8_t *drive = &v->drive[(size_t)io->slab * v->n_copies];
    if (!io->write) {
        uint32_t c = read_copy(io, v, host);
        io->copies_left = 1;
        copy_begin(run, io, host[c], drive[c]);
        return;
    }
    io->copies_left = v->n_copies;
    for (uint32_t c = 0; c < v->n_copies; c++)
        copy_begin(run, io, host[c], drive[c]);
}

void storage_submit(SimRun *run, StorageIo *io) {
    io->failed = io->retried = false;
    io->submitted = run->context.now;
    io->job.done = io_issued;
    storage_delay_submit(run, &io->host->issue, &io->job);
}

void storage_host_init(SimRun *run, StorageHost *host) {
    SimDomain domain = host->nic->domain;
    const NicStack *stack = host->nic->params->stack;
    storage_delay_init(run, &host->issue, domain, "issue", stack->issue);
    storage_delay_init(run, &host->serve, domain, "serve", stack->serve);
    sim_timer_add(run, domain, SIM_PHASE_TIMER, "parked", &host->parked_timer, parked_timer, host);
}
