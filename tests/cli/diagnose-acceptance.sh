#!/usr/bin/env bash
# Ten mistakes under three loads each and thirty sound racks: `diagnose` sees nothing but their
# counters. The rules were written looking at seed 1; this is one they had not seen. The bar is
# what was reached: a willing host, which no counter tells from a wrong priority, costs the three.
# timeout: 180
. "$(dirname "$0")/common.sh" || exit 1

judge=$SOURCE/tests/diagnose/acceptance.py
run 0 python3 "$judge" "$RACKCAST" --seed 5 --at-least 27 --accused-at-most 0
has out "of 30"
lacks out "of 0"
run 1 python3 "$judge" "$RACKCAST" --seed 5 --only mtu-mismatch --at-least 4
