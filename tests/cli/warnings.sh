#!/usr/bin/env bash
# Valid and unwise: each warning is given, at its place, and only --strict refuses.
. "$(dirname "$0")/common.sh" || exit 1

run 0 "$RACKCAST" check "$SOURCE/tests/cli/data/unwise.yaml"
for place in 12:48:W303 12:60:W304 13:51:W201 16:55:W301 16:70:W305 17:72:W306 21:23:W102; do
    has out "unwise.yaml:${place%:*}: warning ${place##*:}:"
done
run 3 "$RACKCAST" check --strict "$SOURCE/tests/cli/data/unwise.yaml"
