#include <stdlib.h>
#include <string.h>

#include "sim/scenario/loader.h"

typedef struct WindowRoom {
    SimWindow *items;
    uint32_t n, room;
} WindowRoom;

const SimWindow *sim_window_find(const SimScenario *s, const char *name) {
    for (uint32_t i = 0; i < s->n_windows; i++)
        if (strcmp(s->windows[i].name, name) == 0) return &s->windows[i];
    return NULL;
}

static void add(SimLoader *l, WindowRoom *room, const char *name, SimTime start, SimTime end) {
    *SIM_PUSH(l->arena, room) = (SimWindow){.name = name, .start = start, .end = end};
}

static SimTime time_of(const SimSection *section, uint32_t index, const char *key) {
    const SimParam *param = sim_param_find(section->kind->params, key);
    SimTime value;
    memcpy(&value, (char *)section->values + index * section->kind->size + param->offset,
           sizeof value);
    return value;
}

static const SimNode *place_of(const SimEntry *entry, const char *key) {
    return sim_slot_place(entry->form, sim_form_slot(entry->form, key));
}

static void check_name(SimLoader *l, const SimEntry *entry, const char *name) {
    const SimNode *name_node = sim_node_get(entry->node, "name");
    static const char *const reserved[] = {"all", "healthy", "recovered"};
    for (size_t i = 0; i < sizeof reserved / sizeof *reserved; i++)
        if (strcmp(name, reserved[i]) == 0)
            sim_node_report(l->arena, l->out, "E123", name_node ? name_node : entry->node,
                            "another name", NULL, "\"%s\" is a window of every run", name);
}

typedef struct Faults {
    SimTime first, last; /* first start, last end */
    bool any;
} Faults;

/* The window of one item, clipped to what is measured. */
static void add_fault(SimLoader *l, WindowRoom *room, const SimSection *section,
                      const SimEntry *entry, uint32_t index, Faults *faults) {
    SimTime at = time_of(section, index, "at"), length = time_of(section, index, "for");
    SimTime end = l->header.duration, start = at;
    if (at == SIM_ABSENT || l->header.duration == SIM_ABSENT) return;
    if (at >= end) {
        sim_node_report(l->arena, l->out, "E153", place_of(entry, "at"),
                        "before the end of the run (duration:)", NULL,
                        "%s begins after the run has ended", section->names[index]);
        return;
    }
    if (length != SIM_ABSENT && length < end - at) end = at + length;
    if (start < l->header.warmup) start = l->header.warmup;
    if (!faults->any || at < faults->first) faults->first = at;
    if (!faults->any || end > faults->last) faults->last = end;
    faults->any = true;
    if (end > start)
        add(l, room, section->names[index], start, end);
    else
        sim_node_report(l->arena, l->out, "W102", place_of(entry, "at"), NULL, NULL,
                        "%s is over before the warm-up is; it opens no window",
                        section->names[index]);
}

static void add_faults(SimLoader *l, WindowRoom *room, Faults *faults) {
    for (uint32_t i = 0; i < l->n_sections; i++) {
        const SimSection *section = &l->sections[i];
        if (!section->kind->window) continue;
        for (uint32_t k = 0; k < section->n; k++) {
            const SimEntry *entry = &section->items[k];
            for (uint32_t j = 0; j < entry->count; j++) {
                check_name(l, entry, section->names[entry->first + j]);
                add_fault(l, room, section, entry, entry->first + j, faults);
            }
        }
    }
}

static int compare_times(const void *a, const void *b) {
    SimTime x = *(const SimTime *)a, y = *(const SimTime *)b;
    return x < y ? -1 : x > y;
}

static uint32_t segment_at(const SimScenario *s, SimTime time) {
    uint32_t low = 0, high = s->n_segments;
    while (low < high) {
        uint32_t middle = (low + high) / 2;
        if (s->boundaries[middle] < time)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* Cuts the run at 0 and at every start and end of a window. */
static void make_segments(SimLoader *l) {
    SimScenario *s = l->scenario;
    SimTime *times = SIM_NEW_N(l->arena, SimTime, 2 * s->n_windows + 1);
    uint32_t n = 1, kept = 0;
    for (uint32_t i = 0; i < s->n_windows; i++) {
        times[n++] = s->windows[i].start;
        times[n++] = s->windows[i].end;
    }
    qsort(times, n, sizeof *times, compare_times);
    for (uint32_t i = 0; i < n; i++)
        if (i == 0 || times[i] != times[kept - 1]) times[kept++] = times[i];
    s->boundaries = times;
    s->n_segments = kept - 1;
    for (uint32_t i = 0; i < s->n_windows; i++) {
        s->windows[i].first_segment = segment_at(s, s->windows[i].start);
        s->windows[i].end_segment = segment_at(s, s->windows[i].end);
    }
}

void sim_windows_make(SimLoader *l) {
    WindowRoom room = {0}, faulty = {0};
    SimScenario *s = l->scenario;
    Faults faults = {0};
    SimTime warmup = l->header.warmup, duration = l->header.duration;
    add_faults(l, &faulty, &faults);
    if (warmup == SIM_ABSENT || duration == SIM_ABSENT || duration <= warmup) return;
    add(l, &room, "all", warmup, duration);
    SimTime healthy = faults.any ? faults.first : duration;
    if (healthy > warmup) add(l, &room, "healthy", warmup, healthy);
    for (uint32_t i = 0; i < faulty.n; i++)
        *SIM_PUSH(l->arena, &room) = faulty.items[i];
    SimTime recovered = faults.last > warmup ? faults.last : warmup;
    if (faults.any && recovered < duration) add(l, &room, "recovered", recovered, duration);
    s->windows = room.items;
    s->n_windows = room.n;
    make_segments(l);
}
