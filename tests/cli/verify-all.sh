#!/usr/bin/env bash
# Every scenario of the project gives the same bytes in every way of running it.
# timeout: 900
# label: slow
. "$(dirname "$0")/common.sh" || exit 1

mapfile -t files < <(find "$SOURCE/scenarios" -name '*.yaml' -not -path '*/invalid/*' | sort)
[ ${#files[@]} -gt 0 ] || fail "no scenarios"
run 0 "$RACKCAST" verify "${files[@]}"
lacks out DIFFERENT
[ "$(grep -c 'same bytes' out)" -ge $((8 * ${#files[@]})) ] || fail "too few ways"
