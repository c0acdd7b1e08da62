#include "sim/app/interrupt.h"

#include <signal.h>
#include <stddef.h>

static void change(int how) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigprocmask(how, &set, NULL);
}

void sim_interrupt_hold(void) {
    change(SIG_BLOCK);
}

bool sim_interrupt_seen(void) {
    sigset_t set;
    if (sigpending(&set) != 0 || !sigismember(&set, SIGINT)) return false;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    int signal;
    sigwait(&set, &signal);
    sim_interrupt_release();
    return true;
}

void sim_interrupt_release(void) {
    change(SIG_UNBLOCK);
}
