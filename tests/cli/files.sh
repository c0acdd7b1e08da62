#!/usr/bin/env bash
# Files that are missing, are folders, or cannot be written: exit 4 before anything is run.
. "$(dirname "$0")/common.sh" || exit 1

for verb in run check verify; do
    run 4 "$RACKCAST" "$verb" absent.yaml
    empty out
    has err "cannot read absent.yaml: No such file"
done
run 4 "$RACKCAST" run .
has err "it is a folder"
run 4 "$RACKCAST" test absent
has err "absent"
run 4 "$RACKCAST" report absent
has err "absent"
run 4 "$RACKCAST" compare absent "$small"
has err "absent"

# An output folder below a file can never be made, not even by root.
echo text >file
run 4 "$RACKCAST" run --out file/result "$small"
empty out
has err "file/result"
run 4 "$RACKCAST" run --out file "$small"
empty out
has err "file"

# One good and one missing: nothing is run.
run 4 "$RACKCAST" run --no-plots "$small" absent.yaml
empty out
[ ! -e results ] || fail "results were written although a file is missing"
