#!/usr/bin/env bash
# On a terminal there is colour and a progress line; NO_COLOR and TERM=dumb turn colour off.
# timeout: 120
. "$(dirname "$0")/common.sh" || exit 1

on_terminal() {
    env "$@" script -qec "'$RACKCAST' run --no-plots --set duration=400ms '$small'" \
        terminal >/dev/null </dev/null || fail "a run on a terminal: $*"
}
escape=$(printf '\033')
on_terminal TERM=xterm
grep -q "$escape" terminal || fail "no colour on a terminal"
on_terminal TERM=xterm NO_COLOR=1
! grep -q "$escape" terminal || fail "colour although NO_COLOR is set"
on_terminal TERM=dumb
! grep -q "$escape" terminal || fail "colour on a dumb terminal"

# A mistake is coloured on a terminal and plain in a pipe.
echo "schema: 1" >bad.yaml
run 3 "$RACKCAST" check bad.yaml
plain out
plain err
