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

/* main.cc: `ns3-bench JOB [key=value]...` with JOB incast, permutation or hold. */
#include "jobs.h"

#include "ns3/object-factory.h"
#include "ns3/simulator.h"

#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <stdexcept>
#include <sys/resource.h>

double WallSeconds() {
    timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

long PeakKib() {
    rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

void UseScheduler(const std::string &name) {
    ns3::ObjectFactory factory;
    factory.SetTypeId("ns3::" + name + "Scheduler");
    ns3::Simulator::SetScheduler(factory);
}

static uint64_t Number(const std::string &key, const std::string &text, uint64_t max) {
    char *end = nullptr;
    uint64_t value = std::strtoull(text.c_str(), &end, 10);
    if (text.empty() || text[0] < '0' || text[0] > '9' || *end || value < 1 || value > max) {
        throw std::invalid_argument(key + ": expected a number from 1 to " + std::to_string(max) +
                                    ", got '" + text + "'");
    }
    return value;
}

static std::string OneOf(const std::string &key, const std::string &text,
                         const std::string &choices) {
    if (("|" + choices + "|").find("|" + text + "|") == std::string::npos) {
        throw std::invalid_argument(key + ": expected " + choices + ", got '" + text + "'");
    }
    return text;
}

static void SetOption(Options &o, const std::string &argument) {
    size_t equals = argument.find('=');
    std::string key = argument.substr(0, equals);
    std::string text = equals == std::string::npos ? "" : argument.substr(equals + 1);
    if (key == "bytes")
        o.bytes = Number(key, text, 1000000000000);
    else if (key == "payload")
        o.payload = Number(key, text, 1472);
    else if (key == "timers")
        o.timers = Number(key, text, 100000000);
    else if (key == "events")
        o.events = Number(key, text, 100000000000);
    else if (key == "scheduler")
        o.scheduler = OneOf(key, text, "Map|Heap|PriorityQueue|Calendar|List");
    else if (key == "routing")
        o.routing = OneOf(key, text, "table|static");
    else if (key == "alloc")
        o.alloc = OneOf(key, text, "reuse|fresh");
    else if (key == "trace")
        o.trace = OneOf(key, text, "true|false") == "true";
    else
        throw std::invalid_argument("unknown option '" + key + "'");
}

static int RunJob(int argc, char **argv) {
    Options options;
    for (int i = 2; i < argc; i++) {
        SetOption(options, argv[i]);
    }
    std::string job = argc > 1 ? argv[1] : "";
    if (job == "incast") return RunIncast(options);
    if (job == "permutation") return RunPermutation(options);
    if (job == "hold") return RunHold(options);
    throw std::invalid_argument("usage: ns3-bench incast|permutation|hold [key=value]...");
}

int main(int argc, char **argv) {
    try {
        return RunJob(argc, argv);
    } catch (const std::invalid_argument &error) {
        std::fprintf(stderr, "ns3-bench: %s\n", error.what());
        return 2;
    }
}
