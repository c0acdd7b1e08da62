/* SPDX-License-Identifier: MIT
 *
 * Copyright (c) 2026 The rackcast authors
 *
 * Permission is hereby granted, free of charge, to any person obtaining a copy of this software
 * and associated documentation files (the "Software"), to deal in the Software without
 * restriction, including without limitation the rights to use, copy, modify, merge, publish,
 * distribute, sublicense, and/or sell copies of the Software, and to permit persons to whom the
 * Software is furnished to do so, subject to the following conditions:
 *
 * The above copyright notice and this permission notice shall be included in all copies or
 * substantial portions of the Software.
 *
 * THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR IMPLIED, INCLUDING
 * BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY, FITNESS FOR A PARTICULAR PURPOSE AND
 * NONINFRINGEMENT. IN NO EVENT SHALL THE AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM,
 * DAMAGES OR OTHER LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
 * OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE SOFTWARE. */

/* jobs.h: the jobs that ns-3 runs for the comparison, and what they share. */
#ifndef TESTS_BENCH_NS3_JOBS_H
#define TESTS_BENCH_NS3_JOBS_H

#include <cstdint>
#include <string>

/* What the command line said; every job reads what concerns it. */
struct Options {
    uint64_t bytes = 1000000000;             /* payload of all senders together */
    uint32_t payload = 1024;                 /* of one datagram */
    uint64_t timers = 1000;                  /* hold: pending events */
    uint64_t events = 5000000;               /* hold: events to run */
    std::string scheduler = "PriorityQueue"; /* Map, Heap, PriorityQueue, Calendar */
    std::string routing = "table"; /* table: one look-up by index; static: Ipv4StaticRouting */
    std::string alloc = "reuse";   /* hold: reuse the event object, or a fresh one each */
    bool trace = false;            /* count hops at the receivers of every link too */
};

/* Both print one line `hops N seconds S hops_per_second R peak_kib K` for Simulator::Run alone,
 * and return the process's exit code: 1 where a frame was lost or miscounted. */
int RunIncast(const Options &options);
int RunPermutation(const Options &options);
/* Prints `hold SCHEDULER TIMERS EVENTS_PER_SECOND`. */
int RunHold(const Options &options);

double WallSeconds(); /* monotonic seconds */
long PeakKib();
void UseScheduler(const std::string &name);

#endif
