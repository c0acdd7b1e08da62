#include "models/nic/dcqcn_params.h"

#include "sim/base/assert.h"

#define MBPS INT64_C(1000000)
#define ONE_TH(n) (NIC_DCQCN_ONE / (n))

/* paper: SIGCOMM'15 and CoNEXT'16 "ECN or Delay"; what they leave open, from the configuration of
 * their authors' simulator ns3-rdma. vendor: mlxconfig dump of ConnectX-4/5. ack: the DCQCN mode of
 * the HPCC ns-3 simulator with the rates for 25 Gb/s. */
static const NicDcqcn presets[NIC_DCQCN_PRESETS] = {
    [NIC_DCQCN_PAPER] = {.cnp_interval = 50 * SIM_US,
                         .alpha_timer = 55 * SIM_US,
                         .increase_timer = 55 * SIM_US,
                         .byte_counter = 10000000,
                         .fast_recovery = 5,
                         .ai = 40 * MBPS,
                         .hai = 200 * MBPS,
                         .min_rate = 100 * MBPS,
                         .min_factor = 500000,
                         .g = ONE_TH(256),
                         .alpha_start = NIC_DCQCN_ONE,
                         .alpha_rule = NIC_DCQCN_ALPHA_AT_CNP,
                         .clamp = NIC_DCQCN_CLAMP_ALWAYS},
    [NIC_DCQCN_VENDOR] = {.cnp_interval = 4 * SIM_US,
                          .alpha_timer = SIM_US,
                          .cut_interval = 4 * SIM_US,
                          .increase_timer = 300 * SIM_US,
                          .byte_counter = 32767 * 64,
                          .fast_recovery = 1,
                          .ai = 5 * MBPS,
                          .hai = 50 * MBPS,
                          .min_rate = MBPS,
                          .min_factor = 500000,
                          .g = 5 * ONE_TH(1024),
                          .alpha_start = 1023 * ONE_TH(1024),
                          .alpha_rule = NIC_DCQCN_ALPHA_AT_TIMER,
                          .clamp = NIC_DCQCN_CLAMP_AFTER_INCREASE},
    [NIC_DCQCN_ACK] = {.alpha_timer = SIM_US,
                       .cut_interval = 4 * SIM_US,
                       .cut_delay = SIM_NS,
                       .increase_timer = 300 * SIM_US,
                       .fast_recovery = 1,
                       .ai = 5 * MBPS,
                       .hai = 50 * MBPS,
                       .min_rate = 100 * MBPS,
                       .min_factor = 500000,
                       .g = ONE_TH(256),
                       .alpha_start = NIC_DCQCN_ONE,
                       .alpha_rule = NIC_DCQCN_ALPHA_AT_TIMER,
                       .clamp = NIC_DCQCN_CLAMP_AFTER_INCREASE},
};

#define AT(field) offsetof(NicDcqcnParams, field)
const SimParam nic_dcqcn_params[] = {
    {.key = "cnp_interval",
     .type = SIM_TIME,
     .min = "0us",
     .max = "1s",
     .offset = AT(cnp_interval),
     .doc = "A receiver sends at most one CNP a connection in this time; 0us: one for every mark.",
     .source = "paper 50us; vendor 4us (MIN_TIME_BETWEEN_CNPS, dumps say 2 to 4); ack 0us"},
    {.key = "alpha_timer",
     .type = SIM_TIME,
     .min = "100ns",
     .max = "1s",
     .offset = AT(alpha_timer),
     .doc = "Time between updates of alpha, the estimate of congestion.",
     .source = "paper 55us; vendor 1us (DCE_TCP_RTT); ack 1us"},
    {.key = "alpha_rule",
     .type = SIM_CHOICE,
     .choices = "at-cnp|at-timer",
     .offset = AT(alpha_rule),
     .doc =
         "at-cnp: alpha rises with each CNP, which starts its timer anew; at-timer: at most once "
         "a period, where a CNP came in it.",
     .source =
         "paper at-cnp; vendor at-timer (assumption: as in the HPCC simulator); ack at-timer"},
    {.key = "alpha_start",
     .type = SIM_CHANCE,
     .min = "0",
     .max = "1",
     .offset = AT(alpha_start),
     .doc = "Alpha at the first CNP.",
     .source = "paper 1; vendor 1023/1024 (INITIAL_ALPHA); ack 1"},
    {.key = "g",
     .type = SIM_CHANCE,
     .min = "1e-6",
     .max = "1",
     .offset = AT(g),
     .doc = "Weight of news in alpha.",
     .source = "paper 1/256; vendor 5/1024 (DCE_TCP_G 1019); ack 1/256"},
    {.key = "cut_interval",
     .type = SIM_TIME,
     .min = "0us",
     .max = "1s",
     .offset = AT(cut_interval),
     .doc = "The rate is cut at most once in it, on a grid from the first CNP; 0us: at every CNP.",
     .source = "paper 0us; vendor 4us (RATE_REDUCE_MONITOR_PERIOD); ack 4us"},
    {.key = "cut_delay",
     .type = SIM_TIME,
     .min = "0us",
     .max = "1ms",
     .offset = AT(cut_delay),
     .doc = "That grid begins one interval and this after the first CNP.",
     .source = "0us; ack 1ns"},
    {.key = "min_dec_fac",
     .type = SIM_RATIO,
     .min = "1%",
     .max = "99%",
     .offset = AT(min_factor),
     .doc = "A cut leaves at least this share of the rate; up to 50% it never matters.",
     .source = "vendor 50% (RPG_MIN_DEC_FAC); paper, ack: half the rate at alpha 1"},
    {.key = "clamp_target",
     .type = SIM_CHOICE,
     .choices = "always|after-increase",
     .offset = AT(clamp),
     .doc = "When a cut lowers the target to the rate: always, or if the rate has risen since the "
            "last cut.",
     .source = "paper always; vendor after-increase (CLAMP_TGT_RATE 0, AFTER_TIME_INC 1); ack "
               "after-increase"},
    {.key = "increase_timer",
     .type = SIM_TIME,
     .min = "1us",
     .max = "10s",
     .offset = AT(increase_timer),
     .doc = "Time between increases of the rate.",
     .source = "paper 55us; vendor 300us (RPG_TIME_RESET); ack 300us"},
    {.key = "byte_counter",
     .type = SIM_SIZE,
     .min = "0B",
     .max = "1TB",
     .offset = AT(byte_counter),
     .doc = "The rate also rises whenever so many bytes have been sent; 0B: by the timer alone.",
     .source = "paper 10MB; vendor 2097088B (RPG_BYTE_RESET 32767; assumption: units of 64 B); "
               "ack 0B"},
    {.key = "fast_recovery",
     .type = SIM_COUNT,
     .min = "0",
     .max = "1000",
     .offset = AT(fast_recovery),
     .doc = "Increases (F) halfway back to the target before the target itself rises.",
     .source = "paper 5; vendor 1 (RPG_THRESHOLD); ack 1"},
    {.key = "ai",
     .type = SIM_RATE,
     .min = "1Mbps",
     .max = "100Gbps",
     .offset = AT(ai),
     .doc = "Additive increase of the target.",
     .source = "paper 40Mbps; vendor 5Mbps; ack 5Mbps"},
    {.key = "hai",
     .type = SIM_RATE,
     .min = "1Mbps",
     .max = "100Gbps",
     .offset = AT(hai),
     .doc = "Hyper increase of the target, once timer and byte counter are both beyond F.",
     .source = "paper 200Mbps (assumption: as in its authors' simulator, the text has none); "
               "vendor 50Mbps; ack 50Mbps"},
    {.key = "min_rate",
     .type = SIM_RATE,
     .min = "1Mbps",
     .max = "100Gbps",
     .offset = AT(min_rate),
     .doc = "No cut goes below it.",
     .source = "paper 100Mbps (assumption: as in its authors' simulator); vendor 1Mbps "
               "(RPG_MIN_RATE); ack 100Mbps"},
    {0}};
#undef AT

NicDcqcn nic_dcqcn_resolve(const NicDcqcnParams *given, int preset) {
    SIM_CHECK(preset >= 0 && preset < NIC_DCQCN_PRESETS);
    NicDcqcn out = presets[preset];
    if (!given) return out;
    for (const SimParam *p = nic_dcqcn_params; p->key; p++) {
        const char *from = (const char *)given + p->offset;
        char *to = (char *)&out + p->offset;
        if (p->type == SIM_CHOICE) {
            if (*(const int *)from >= 0) *(int *)to = *(const int *)from;
        } else if (*(const int64_t *)from != SIM_ABSENT) {
            *(int64_t *)to = *(const int64_t *)from;
        }
    }
    return out;
}
