#include "models/storage/station.h"

#include <stdio.h>

static void unit_begin(SimRun *run, StorageUnit *unit, StorageJob *job) {
    unit->job = job;
    job->began = run->context.now;
    sim_timer_set(run, &unit->timer, job->began + job->service);
}

static void unit_done(SimRun *run, void *owner) {
    StorageUnit *unit = owner;
    StorageStation *s = unit->station;
    StorageJob *job = unit->job;
    StorageJob *next = s->first;
    if (next) {
        s->first = next->next;
        s->waiting--;
        unit_begin(run, unit, next);
    } else {
        unit->job = NULL;
        unit->next_free = s->free_units;
        s->free_units = unit;
        sim_gauge_set(&s->resource.serving, run->context.now, s->resource.serving.level - 1);
    }
    job->done(run, job);
}

void storage_station_submit(SimRun *run, StorageStation *s, StorageJob *job) {
    job->next = NULL;
    job->came = run->context.now;
    StorageUnit *unit = s->free_units;
    if (unit) {
        s->free_units = unit->next_free;
        sim_gauge_set(&s->resource.serving, run->context.now, s->resource.serving.level + 1);
        unit_begin(run, unit, job);
        return;
    }
    if (s->first)
        s->last->next = job;
    else
        s->first = job;
    s->last = job;
    s->waiting++;
}

void storage_station_init(SimRun *run, StorageStation *s, SimDomain domain, const char *name,
                          const char *kind, uint32_t units) {
    *s = (StorageStation){.n_units = units};
    s->unit = SIM_NEW_N(&run->arena, StorageUnit, units);
    for (uint32_t i = 0; i < units; i++) {
        StorageUnit *unit = &s->unit[i];
        unit->station = s;
        unit->next_free = i + 1 < units ? unit + 1 : NULL;
        char label[160];
        snprintf(label, sizeof label, "%s/%u", name, i);
        sim_timer_add(run, domain, SIM_PHASE_TIMER, label, &unit->timer, unit_done, unit);
    }
    s->free_units = s->unit;
    sim_resource_init(&s->resource, name, kind, units);
    sim_meter_resource(run, &s->resource);
}

static void delay_done(SimRun *run, void *owner) {
    StorageDelay *d = owner;
    StorageJob *job = d->first;
    d->first = job->next;
    if (d->first) sim_timer_set(run, &d->timer, d->first->began);
    job->done(run, job);
}

void storage_delay_submit(SimRun *run, StorageDelay *d, StorageJob *job) {
    job->next = NULL;
    job->came = run->context.now;
    job->began = job->came + d->delay;
    if (d->delay == 0) {
        job->done(run, job);
        return;
    }
    if (d->first) {
        d->last->next = job;
    } else {
        d->first = job;
        sim_timer_set(run, &d->timer, job->began);
    }
    d->last = job;
}

void storage_delay_init(SimRun *run, StorageDelay *d, SimDomain domain, const char *label,
                        SimTime delay) {
    *d = (StorageDelay){.delay = delay};
    sim_timer_add(run, domain, SIM_PHASE_TIMER, label, &d->timer, delay_done, d);
}
