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

/* hold.cc: the hold model. N events are pending; each, when it happens, is put back a
 * pseudo-random delay later. Nothing else is done, so the event list is what is measured. */
#include "jobs.h"

#include "ns3/default-simulator-impl.h"
#include "ns3/event-impl.h"
#include "ns3/nstime.h"
#include "ns3/simulator.h"

#include <cstdio>
#include <vector>

using namespace ns3;

namespace {

constexpr uint64_t MEAN = 100000; /* steps of the clock; of what length does not matter */

/* Uniform over 1 .. 2 MEAN, from one step of SplitMix64 (Steele, Lea, Flood, OOPSLA 2014): the very
 * delays that rackcast's null model draws. */
inline int64_t Delay(uint64_t &state) {
    uint64_t z = state += 0x9E3779B97F4A7C15;
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
    z = z ^ (z >> 31);
    return 1 + static_cast<int64_t>(static_cast<unsigned __int128>(z) * (2 * MEAN) >> 64);
}

struct Hold {
    uint64_t state = 1;
    uint64_t left = 0;
    SimulatorImpl *simulator = nullptr;
};

/* Puts itself back: no allocation at all, which ns-3's own idiom cannot avoid. */
class Reused : public EventImpl {
  public:
    explicit Reused(Hold &hold) : m_hold(hold) {
    }

    void Arm() {
        Ref(); /* the simulator drops one reference after each call */
        m_hold.simulator->Schedule(TimeStep(Delay(m_hold.state)), this);
    }

  protected:
    void Notify() override {
        if (--m_hold.left == 0)
            m_hold.simulator->Stop();
        else
            Arm();
    }

  private:
    Hold &m_hold;
};

/* As ns-3 programs do it. */
void Fresh(Hold *hold) {
    if (--hold->left == 0)
        Simulator::Stop();
    else
        Simulator::Schedule(TimeStep(Delay(hold->state)), &Fresh, hold);
}

} // namespace

int RunHold(const Options &options) {
    Time::SetResolution(Time::PS);
    UseScheduler(options.scheduler);
    Hold hold;
    hold.left = options.events;
    hold.simulator = PeekPointer(Simulator::GetImplementation());
    std::vector<Ptr<Reused>> events;
    for (uint64_t i = 0; i < options.timers; i++) {
        if (options.alloc == "reuse") {
            events.push_back(Create<Reused>(hold));
            events.back()->Arm();
        } else {
            Simulator::Schedule(TimeStep(Delay(hold.state)), &Fresh, &hold);
        }
    }
    double start = WallSeconds();
    Simulator::Run();
    double seconds = WallSeconds() - start;
    std::printf("hold %s %llu %.0f\n", options.scheduler.c_str(),
                (unsigned long long)options.timers, options.events / seconds);
    Simulator::Destroy();
    return 0;
}
