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

/* network.cc: an incast and a permutation over point-to-point links, as lean as ns-3 allows:
 * IPv4 and UDP only, no queue disc, no flow control between device and queue, no packet
 * metadata, no checksums, no tracing, no global routing, one look-up by index per hop.
 *
 * The senders are paced to just below their bottleneck and start one slot apart, so that
 * nothing is lost and hardly anything waits. A hop is a frame received at the end of a link.
 * Every delivered datagram has crossed the same number of links, so delivered x links is the
 * count; trace=true counts at each device as well and fails where the two differ. */
#include "jobs.h"

#include "ns3/config.h"
#include "ns3/internet-stack-helper.h"
#include "ns3/ipv4-l3-protocol.h"
#include "ns3/ipv4-route.h"
#include "ns3/ipv4-routing-helper.h"
#include "ns3/ipv4-static-routing-helper.h"
#include "ns3/ipv4-static-routing.h"
#include "ns3/node-container.h"
#include "ns3/point-to-point-helper.h"
#include "ns3/point-to-point-net-device.h"
#include "ns3/simulator.h"
#include "ns3/string.h"
#include "ns3/udp-socket-factory.h"

#include <cstdio>
#include <memory>
#include <vector>

using namespace ns3;

namespace {

constexpr uint16_t PORT = 9;
constexpr uint32_t HEADERS = 2 + 20 + 8; /* PPP, IPv4, UDP */
constexpr uint32_t HOST_BASE = 0x0A000000;
constexpr uint32_t SWITCH_BASE = 0x0B000000;
constexpr int64_t SLOT_25G_BIT_PS = 40;

/* Routes by the last byte of the destination. */
class TableRouting : public Ipv4RoutingProtocol {
  public:
    void Add(uint32_t host, Ptr<Ipv4Route> route) {
        if (m_routes.size() <= host) m_routes.resize(host + 1);
        m_routes[host] = route;
    }

    void SetSelf(uint32_t host) {
        m_self = HOST_BASE + host;
    }

    Ptr<Ipv4Route> RouteOutput(Ptr<Packet>, const Ipv4Header &header, Ptr<NetDevice>,
                               Socket::SocketErrno &error) override {
        error = Socket::ERROR_NOTERROR;
        return m_routes[header.GetDestination().Get() & 0xFF];
    }

    bool RouteInput(Ptr<const Packet> packet, const Ipv4Header &header, Ptr<const NetDevice>,
                    UnicastForwardCallback forward, MulticastForwardCallback,
                    LocalDeliverCallback deliver, ErrorCallback) override {
        uint32_t to = header.GetDestination().Get();
        if (to == m_self)
            deliver(packet, header, 1);
        else
            forward(m_routes[to & 0xFF], packet, header);
        return true;
    }

    void NotifyInterfaceUp(uint32_t) override {
    }

    void NotifyInterfaceDown(uint32_t) override {
    }

    void NotifyAddAddress(uint32_t, Ipv4InterfaceAddress) override {
    }

    void NotifyRemoveAddress(uint32_t, Ipv4InterfaceAddress) override {
    }

    void SetIpv4(Ptr<Ipv4>) override {
    }

    void PrintRoutingTable(Ptr<OutputStreamWrapper>, Time::Unit) const override {
    }

  private:
    std::vector<Ptr<Ipv4Route>> m_routes;
    uint32_t m_self = 0;
};

class TableRoutingHelper : public Ipv4RoutingHelper {
  public:
    TableRoutingHelper *Copy() const override {
        return new TableRoutingHelper(*this);
    }

    Ptr<Ipv4RoutingProtocol> Create(Ptr<Node>) const override {
        return CreateObject<TableRouting>();
    }
};

class Network {
  public:
    Network(uint32_t hosts, uint32_t switches, const Options &options) : m_options(options) {
        m_nodes.Create(hosts + switches);
        InternetStackHelper stack;
        stack.SetIpv6StackInstall(false);
        if (options.routing == "table")
            stack.SetRoutingHelper(TableRoutingHelper());
        else
            stack.SetRoutingHelper(Ipv4StaticRoutingHelper());
        stack.Install(m_nodes);
        m_hosts = hosts;
        m_nextSwitchAddress = SWITCH_BASE + 1;
    }

    uint32_t Switch(uint32_t index) const {
        return m_hosts + index;
    }

    /* A full-duplex link; returns the interface numbers at both ends. */
    std::pair<uint32_t, uint32_t> Connect(uint32_t a, uint32_t b, const std::string &rate) {
        PointToPointHelper link;
        link.SetDeviceAttribute("DataRate", StringValue(rate));
        link.SetChannelAttribute("Delay", StringValue("1us"));
        link.DisableFlowControl();
        NetDeviceContainer ends = link.Install(m_nodes.Get(a), m_nodes.Get(b));
        return {AddInterface(a, ends.Get(0)), AddInterface(b, ends.Get(1))};
    }

    void Route(uint32_t node, uint32_t host, uint32_t interface) {
        Ptr<Ipv4> ipv4 = m_nodes.Get(node)->GetObject<Ipv4>();
        Ipv4Address to(HOST_BASE + host);
        Ptr<Ipv4StaticRouting> fixed = DynamicCast<Ipv4StaticRouting>(ipv4->GetRoutingProtocol());
        if (fixed) {
            fixed->AddHostRouteTo(to, interface);
            return;
        }
        Ptr<Ipv4Route> route = Create<Ipv4Route>();
        route->SetDestination(to);
        route->SetSource(ipv4->GetAddress(interface, 0).GetLocal());
        route->SetGateway(Ipv4Address::GetZero());
        route->SetOutputDevice(ipv4->GetNetDevice(interface));
        DynamicCast<TableRouting>(ipv4->GetRoutingProtocol())->Add(host, route);
    }

    /* A sender of `packets` datagrams, one each `interval`, the first at `offset`. */
    void Send(uint32_t from, uint32_t to, uint64_t packets, Time interval, Time offset) {
        auto source = std::make_unique<Source>();
        source->socket = Socket::CreateSocket(m_nodes.Get(from), UdpSocketFactory::GetTypeId());
        source->socket->Bind();
        source->socket->Connect(InetSocketAddress(Ipv4Address(HOST_BASE + to), PORT));
        source->socket->ShutdownRecv();
        source->left = packets;
        source->payload = m_options.payload;
        source->interval = interval;
        m_sent += packets;
        Simulator::ScheduleWithContext(from, offset, &Source::Fire, source.get());
        m_sources.push_back(std::move(source));
    }

    void Receive(uint32_t host) {
        Ptr<Socket> socket = Socket::CreateSocket(m_nodes.Get(host), UdpSocketFactory::GetTypeId());
        socket->Bind(InetSocketAddress(Ipv4Address::GetAny(), PORT));
        socket->SetRecvCallback(MakeCallback(&Network::Delivered, this));
        m_sinks.push_back(socket);
    }

    int Run(uint32_t links_a_packet) {
        if (m_options.trace)
            Config::ConnectWithoutContext(
                "/NodeList/*/DeviceList/*/$ns3::PointToPointNetDevice/PhyRxEnd",
                MakeCallback(&Network::Hop, this));
        double start = WallSeconds();
        Simulator::Run();
        double seconds = WallSeconds() - start;
        uint64_t hops = m_received * links_a_packet;
        std::printf("hops %llu seconds %.6f hops_per_second %.0f peak_kib %ld\n",
                    (unsigned long long)hops, seconds, hops / seconds, PeakKib());
        Simulator::Destroy();
        return Sound(hops) ? 0 : 1;
    }

  private:
    struct Source {
        Ptr<Socket> socket;
        uint64_t left = 0;
        uint32_t payload = 0;
        Time interval;

        void Fire() {
            if (--left) Simulator::Schedule(interval, &Source::Fire, this);
            socket->Send(Create<Packet>(payload));
        }
    };

    uint32_t AddInterface(uint32_t node, Ptr<NetDevice> device) {
        Ptr<Ipv4> ipv4 = m_nodes.Get(node)->GetObject<Ipv4>();
        uint32_t interface = ipv4->AddInterface(device);
        uint32_t address = node < m_hosts ? HOST_BASE + node : m_nextSwitchAddress++;
        ipv4->AddAddress(interface,
                         Ipv4InterfaceAddress(Ipv4Address(address), Ipv4Mask::GetOnes()));
        ipv4->SetUp(interface);
        Ptr<TableRouting> table = DynamicCast<TableRouting>(ipv4->GetRoutingProtocol());
        if (table && node < m_hosts) table->SetSelf(node);
        return interface;
    }

    void Delivered(Ptr<Socket> socket) {
        while (socket->Recv())
            m_received++;
    }

    void Hop(Ptr<const Packet>) {
        m_traced++;
    }

    bool Sound(uint64_t hops) const {
        if (m_received != m_sent)
            std::fprintf(stderr, "ns3-bench: %llu datagrams sent, %llu received\n",
                         (unsigned long long)m_sent, (unsigned long long)m_received);
        else if (m_options.trace && m_traced != hops)
            std::fprintf(stderr, "ns3-bench: %llu hops traced, %llu expected\n",
                         (unsigned long long)m_traced, (unsigned long long)hops);
        else
            return true;
        return false;
    }

    const Options &m_options;
    NodeContainer m_nodes;
    uint32_t m_hosts;
    uint32_t m_nextSwitchAddress;
    std::vector<std::unique_ptr<Source>> m_sources;
    std::vector<Ptr<Socket>> m_sinks;
    uint64_t m_sent = 0;
    uint64_t m_received = 0;
    uint64_t m_traced = 0;
};

/* Line time of one datagram at 25 Gb/s, rounded up to the next ns and one more. */
Time Slot25G(const Options &options) {
    return NanoSeconds((options.payload + HEADERS) * 8 * SLOT_25G_BIT_PS / 1000 + 1);
}

} // namespace

/* Hosts 0..7 send to host 8 through one switch. */
int RunIncast(const Options &options) {
    constexpr uint32_t SENDERS = 8;
    UseScheduler(options.scheduler);
    Network net(SENDERS + 1, 1, options);
    for (uint32_t host = 0; host <= SENDERS; host++) {
        auto [up, down] = net.Connect(host, net.Switch(0), "25Gbps");
        for (uint32_t to = 0; to <= SENDERS; to++)
            if (to != host) net.Route(host, to, up);
        net.Route(net.Switch(0), host, down);
    }
    net.Receive(SENDERS);
    uint64_t packets = (options.bytes + options.payload - 1) / options.payload;
    Time slot = Slot25G(options);
    for (uint32_t host = 0; host < SENDERS && host < packets; host++)
        net.Send(host, SENDERS, (packets - host + SENDERS - 1) / SENDERS, slot * SENDERS,
                 slot * host);
    return net.Run(2);
}

/* Leaves 0, 1 with 16 hosts each at 25 Gb/s, four spines at 100 Gb/s; host i sends to
 * i + 16 modulo 32. Flows take the spines in turn, so that each carries 4 flows each way. */
int RunPermutation(const Options &options) {
    constexpr uint32_t HOSTS = 32, LEAVES = 2, SPINES = 4, HALF = HOSTS / LEAVES;
    UseScheduler(options.scheduler);
    Network net(HOSTS, LEAVES + SPINES, options);
    for (uint32_t host = 0; host < HOSTS; host++) {
        uint32_t leaf = net.Switch(host / HALF);
        auto [up, down] = net.Connect(host, leaf, "25Gbps");
        for (uint32_t to = 0; to < HOSTS; to++)
            if (to != host) net.Route(host, to, up);
        net.Route(leaf, host, down);
    }
    for (uint32_t leaf = 0; leaf < LEAVES; leaf++) {
        for (uint32_t spine = 0; spine < SPINES; spine++) {
            auto [up, down] = net.Connect(net.Switch(leaf), net.Switch(LEAVES + spine), "100Gbps");
            for (uint32_t host = leaf * HALF; host < (leaf + 1) * HALF; host++)
                net.Route(net.Switch(LEAVES + spine), host, down);
            uint32_t far = (1 - leaf) * HALF;
            for (uint32_t host = far + spine; host < far + HALF; host += SPINES)
                net.Route(net.Switch(leaf), host, up);
        }
    }
    uint64_t packets = (options.bytes + options.payload - 1) / options.payload;
    Time slot = Slot25G(options);
    for (uint32_t host = 0; host < HOSTS; host++) {
        net.Receive(host);
        if (host < packets)
            net.Send(host, (host + HALF) % HOSTS, (packets - host + HOSTS - 1) / HOSTS, slot,
                     slot * (host / SPINES % 4) / 4);
    }
    return net.Run(4);
}
