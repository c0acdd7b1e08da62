/* dcqcn.h: DCQCN (Zhu et al., SIGCOMM 2015), the rate control of RoCE, behind congestion.h.
 *
 * Congestion notifications (CNPs) raise alpha and cut the rate by the share alpha / 2; the target
 * keeps what it was. Without them alpha decays, and a timer and a count of bytes each bring the
 * rate halfway back to the target (F times), then the target up by `ai`, then by `hai`. Before its
 * first CNP a connection sends at line rate.
 *
 *     CNP ------> alpha up, cut pending ----> cut: rate x (1 - alpha / 2), stages = 0
 *     alpha_timer ------> alpha decays                      |
 *     increase_timer, byte_counter ------> stage + 1: rate = (rate + target) / 2 up to line rate
 *
 * Everything acts at the instants its timers give, but few of them are events: updates of alpha
 * are made up when alpha is next needed, one by one, so that the bits are the same; a check for a
 * cut is woken for where a CNP waits for it; and the increase timer ends once rate and target
 * cannot change any more. Idle connections cost nothing.
 *
 * At one instant: notifications, then alpha, then increase, then cut. A check is made once.
 *
 * Rates are whole bit/s, truncated after every operation, rate / 2 and target / 2 apart: the rate
 * may end 1 bit/s below an even line rate. Alpha is a double; + - * / only.
 *
 * `params` of `start` is a NicDcqcn, which outlives the connection. */
#ifndef MODELS_NIC_DCQCN_H
#define MODELS_NIC_DCQCN_H

#include "models/nic/congestion.h"
#include "models/nic/dcqcn_params.h"

/* "dcqcn-paper", "dcqcn-vendor", "dcqcn-ack". `sent` is NULL without a byte counter, `acked`
 * always: where the receiver sends no CNPs (dcqcn-ack), the connection calls `notified` for every
 * ACK that reports a mark. */
const NicCongestionOps *nic_dcqcn_ops(int preset, const NicDcqcn *params);

#endif
