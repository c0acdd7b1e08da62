/* links: sim_base */
/* test_queues.c: tournament and heap against a plain search of the earliest. */
#include <check.h>
#include <stdlib.h>

#include "sim/base/heap.h"
#include "sim/base/rng.h"
#include "sim/base/tournament.h"
#include "tests/property/quick.h"

enum { SLOTS_MOST = 70, ITEMS = 60 };

static SimRng seeded(uint64_t seed, const char *purpose) {
    SimRng rng;
    sim_rng_init(&rng, seed, "queues", purpose);
    return rng;
}

/* How far apart times lie: near ones collide often; far ones lie beyond the word of a key. */
typedef enum Spread { NEAR, MIXED, FAR } Spread;

/* A time from now on; now and then never. */
static SimTime soon(SimRng *rng, SimTime now, Spread spread) {
    if (sim_rng_below(rng, 5) == 0) return SIM_NEVER;
    SimTime near = (SimTime)sim_rng_below(rng, 6);
    bool far = spread == FAR || (spread == MIXED && sim_rng_below(rng, 3) == 0);
    if (!far) return now + near;
    return now + (sim_rng_below(rng, 2) ? near * 9000000000000 : (INT64_C(1) << 44) - 4 + near);
}

/* ---- tournament ---- */

static uint32_t earliest_slot(const SimTime *due, uint32_t n) {
    uint32_t best = 0;
    for (uint32_t i = 1; i < n; i++)
        if (due[i] < due[best]) best = i;
    return best;
}

/* The first is the earliest, and every slot has the time it was set to. */
static void check_tree(SimTournament *t, const SimTime *due, uint32_t n) {
    uint32_t best = earliest_slot(due, n);
    SimTournamentFirst first = sim_tournament_first(t);
    QUICK(first.time == due[best]);
    QUICK(first.slot == best || due[best] == SIM_NEVER);
    for (uint32_t i = 0; i < n; i++)
        QUICK(sim_tournament_time(t, i) == due[i]);
}

static void set_and_check(uint32_t n, Spread spread) {
    SimArena arena;
    SimTournament t;
    SimTime due[SLOTS_MOST], now = 0;
    SimRng rng = seeded(n, "set");
    sim_arena_init(&arena);
    sim_tournament_init(&t, &arena, n);
    for (uint32_t i = 0; i < n; i++)
        due[i] = SIM_NEVER;
    check_tree(&t, due, n);
    for (int step = 0; step < 300; step++) {
        uint32_t slot = (uint32_t)sim_rng_below(&rng, n);
        SimTime first = sim_tournament_first(&t).time; /* not before what is there already */
        if (first != SIM_NEVER) now = first;
        due[slot] = soon(&rng, now, spread);
        sim_tournament_set(&t, slot, due[slot]);
        check_tree(&t, due, n);
    }
    sim_arena_clear(&arena);
}

START_TEST(tournament_setting_is_right_at_once) {
    for (uint32_t n = 2; n <= SLOTS_MOST; n++)
        set_and_check(n, (Spread)_i);
}
END_TEST

/* A handler sets others, the same ones again and again, and marks itself. */
static void handle_slot(SimTournament *t, SimTime *due, uint32_t n, uint32_t current, SimRng *rng,
                        Spread spread) {
    SimTime now = due[current];
    due[current] = SIM_NEVER;
    sim_tournament_mark(t, current, SIM_NEVER);
    for (uint64_t k = sim_rng_below(rng, 7); k > 0; k--) {
        uint32_t slot = (uint32_t)sim_rng_below(rng, n);
        due[slot] = soon(rng, now, spread);
        if (slot == current)
            sim_tournament_mark(t, slot, due[slot]);
        else
            sim_tournament_set(t, slot, due[slot]);
        QUICK(sim_tournament_time(t, slot) == due[slot]);
    }
    sim_tournament_settle(t, current);
}

/* As the engine does it: the first is marked idle, handled, settled. */
static void mark_and_check(uint32_t n, Spread spread) {
    SimArena arena;
    SimTournament t;
    SimTime due[SLOTS_MOST], now = 0;
    SimRng rng = seeded(n, "mark");
    sim_arena_init(&arena);
    sim_tournament_init(&t, &arena, n);
    for (uint32_t i = 0; i < n; i++) {
        due[i] = (SimTime)sim_rng_below(&rng, 9);
        sim_tournament_set(&t, i, due[i]);
    }
    for (int step = 0; step < 800; step++) {
        uint32_t current = earliest_slot(due, n);
        if (due[current] == SIM_NEVER) {
            due[current] = now + (spread == NEAR ? 0 : INT64_C(1000000000000000));
            sim_tournament_set(&t, current, due[current]);
        }
        check_tree(&t, due, n);
        QUICK(sim_tournament_first(&t).slot == current);
        now = due[current];
        handle_slot(&t, due, n, current, &rng, spread);
        check_tree(&t, due, n);
    }
    sim_arena_clear(&arena);
}

START_TEST(tournament_marked_slot_is_right_once_settled) {
    for (uint32_t n = 2; n <= SLOTS_MOST; n++)
        mark_and_check(n, (Spread)_i);
}
END_TEST

/* ---- heap ---- */

/* The armed item that is due first, equal times by rank; NULL: none is armed. */
static SimHeapItem *earliest_item(SimHeapItem *item, uint32_t n) {
    SimHeapItem *best = NULL;
    for (uint32_t i = 0; i < n; i++) {
        if (item[i].armed == SIM_NEVER) continue;
        if (!best || item[i].armed < best->armed ||
            (item[i].armed == best->armed && item[i].rank < best->rank))
            best = &item[i];
    }
    return best;
}

static void arm_some(SimHeap *heap, SimHeapItem *item, uint32_t n, SimRng *rng, SimTime now) {
    for (uint64_t k = sim_rng_below(rng, 4); k > 0; k--) {
        SimHeapItem *i = &item[sim_rng_below(rng, n)];
        SimTime time = now + (SimTime)sim_rng_below(rng, 8);
        if (time < i->armed) sim_heap_put(heap, i, time); /* not armed, or hastened */
    }
}

/* Takes entries till the earliest item is out; stale ones may come before it, never after. */
static SimHeapItem *take_first(SimHeap *heap, SimTime *next) {
    for (;;) {
        SimTime time = *next;
        SimHeapEntry e = sim_heap_take(heap);
        QUICK(e.time == time);
        if (e.item->armed == e.time) return e.item;
        *next = sim_heap_settle(heap);
        QUICK(*next >= time);
    }
}

START_TEST(heap_gives_items_in_order) {
    for (uint64_t seed = 1; seed <= 60; seed++) {
        SimArena arena;
        SimHeap heap;
        SimHeapItem item[ITEMS];
        uint32_t n = 1 + (uint32_t)seed % ITEMS;
        SimRng rng = seeded(seed, "heap");
        sim_arena_init(&arena);
        sim_heap_init(&heap, &arena, 1);
        for (uint32_t i = 0; i < n; i++)
            item[i] = (SimHeapItem){SIM_NEVER, (i * 7919u + 13u) % 1000003u};
        SimTime now = 0;
        for (int step = 0; step < 4000; step++) {
            arm_some(&heap, item, n, &rng, now);
            SimTime next = sim_heap_settle(&heap);
            SimHeapItem *expected = earliest_item(item, n);
            if (!expected) continue; /* stale entries may be left */
            QUICK(next <= expected->armed);
            SimHeapItem *got = take_first(&heap, &next);
            QUICK(got == expected);
            QUICK(got->armed >= now);
            now = got->armed;
            got->armed = SIM_NEVER;
            /* its handler: arms itself (falls into the hole), others, or nobody */
            if (sim_rng_below(&rng, 3)) sim_heap_put(&heap, got, now + (SimTime)(seed % 5));
            arm_some(&heap, item, n, &rng, now);
            sim_heap_settle(&heap);
        }
        sim_arena_clear(&arena);
    }
}
END_TEST

START_TEST(heap_sorts_many) {
    enum { MANY = 20000 };
    SimArena arena;
    SimHeap heap;
    SimRng rng = seeded(3, "many");
    sim_arena_init(&arena);
    SimHeapItem *item = SIM_NEW_N(&arena, SimHeapItem, MANY);
    sim_heap_init(&heap, &arena, 0);
    for (uint32_t i = 0; i < MANY; i++) {
        item[i] = (SimHeapItem){SIM_NEVER, MANY - i};
        sim_heap_put(&heap, &item[i], (SimTime)sim_rng_below(&rng, MANY / 4));
    }
    SimTime time = -1;
    uint32_t rank = 0;
    for (uint32_t i = 0; i < MANY; i++) {
        QUICK(sim_heap_settle(&heap) != SIM_NEVER);
        SimHeapEntry e = sim_heap_take(&heap);
        QUICK(e.time > time || (e.time == time && e.item->rank > rank));
        time = e.time;
        rank = e.item->rank;
    }
    QUICK(sim_heap_settle(&heap) == SIM_NEVER);
    sim_arena_clear(&arena);
}
END_TEST

int main(void) {
    Suite *suite = suite_create("queues");
    TCase *tests = tcase_create("queues");
    suite_add_tcase(suite, tests);
    tcase_add_loop_test(tests, tournament_setting_is_right_at_once, NEAR, FAR + 1);
    tcase_add_loop_test(tests, tournament_marked_slot_is_right_once_settled, NEAR, FAR + 1);
    tcase_add_test(tests, heap_gives_items_in_order);
    tcase_add_test(tests, heap_sorts_many);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed != 0;
}
