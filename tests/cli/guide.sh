#!/usr/bin/env bash
# The guide's scenario is right and keeps its promises, also with the faults of its fifth chapter
# and the expectations of its sixth.
. "$(dirname "$0")/common.sh" || exit 1

# block N: the Nth yaml block of the guide.
block() {
    awk -v n="$1" '/^```yaml/ {i++; on = 1; next} /^```/ {on = 0} on && i == n' \
        "$SOURCE/docs/guide.md"
}
block 1 >my-rack.yaml
run 0 "$RACKCAST" check my-rack.yaml
has out "no problem found"
run 0 "$RACKCAST" run --no-plots my-rack.yaml
exists results/my-rack/result.json
run 0 "$RACKCAST" run --no-plots --out results/deep --set 'workloads[0].diskspd.outstanding=64' \
    my-rack.yaml
run 0 "$RACKCAST" compare results/my-rack results/deep
has out "outstanding"

{
    block 1 | sed '/^expect:/,$d'
    block 2
    block 3
} >broken.yaml
run 0 "$RACKCAST" check broken.yaml
run 0 "$RACKCAST" run --no-plots broken.yaml

# Every word that the guide says can be explained.
grep -oE 'rackcast explain [a-z0-9._-]+' "$SOURCE/docs/guide.md" "$SOURCE/README.md" |
    sed 's/.*explain //' | sort -u >words
while IFS= read -r word; do
    run 0 "$RACKCAST" explain "$word"
done <words
