#!/usr/bin/env bash
# No object of sim/ or models/ holds data that can change: a run is a value.
. "$(dirname "$0")/common.sh" || exit 1

if objdump -t "$BUILD"/libsim_base.a | grep -q __asan; then
    echo "a sanitizer adds its own data; nothing to see here"
    exit 0
fi
# Constant tables that hold addresses stand in .data.rel.ro, which is read-only once loaded.
objdump -t "$BUILD"/libsim_*.a "$BUILD"/librackcast_models.a |
    awk '/:     file format/ {file = $1}
         ($3 == "O" || $2 == "O") && / (\.data|\.bss|\.tdata|\.tbss|\*COM\*)(\.local)?[ \t]/ {
             print file, $NF
         }' >found
if grep -v ' __gcov' found; then fail "data that can change"; fi
