/* quick.h: a check for hot loops: the library's own writes a mark to a file each time. */
#ifndef TESTS_PROPERTY_QUICK_H
#define TESTS_PROPERTY_QUICK_H

#include <check.h>

#define QUICK(condition)                                                                           \
    do {                                                                                           \
        if (__builtin_expect(!(condition), 0)) ck_abort_msg("%s", #condition);                     \
    } while (0)

#endif
