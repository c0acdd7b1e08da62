#!/usr/bin/env bash
# No object of sim/ or models/ holds data that can change: a run is a value.
. "$(dirname "$0")/common.sh" || exit 1

objdump -t "$BUILD"/libsim_*.a "$BUILD"/librackcast_models.a >symbols
if grep -q __asan symbols; then
    echo "a sanitizer adds its own data; nothing to see here"
    exit 0
fi
# Constant tables that hold addresses stand in .data.rel.ro, which is read-only once loaded.
awk '/:     file format/ {file = $1}
         ($3 == "O" || $2 == "O") && / (\.data|\.bss|\.tdata|\.tbss|\*COM\*)(\.local)?[ \t]/ {
             print file, $NF
         }' symbols >found
if grep -v ' __gcov' found; then fail "data that can change"; fi
