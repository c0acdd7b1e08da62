#!/usr/bin/env bash
# Ctrl-C: the partial result is printed, written and marked incomplete; exit 130.
# timeout: 120
. "$(dirname "$0")/common.sh" || exit 1

# Long enough that it cannot end before the signal does.
# A job of a script ignores SIGINT unless told otherwise.
env --default-signal=INT "$RACKCAST" run --no-plots --set duration=600s "$small" >out 2>err &
pid=$!
sleep 1.5
kill -INT $pid
code=0
wait $pid || code=$?
[ $code -eq 130 ] || fail "exit $code, not 130"
exists results/small/result.json
has results/small/result.json '"complete": false'
grep -qi "incomplete\|interrupted" out || fail "the forecast does not say that it is partial"
grep -qi "interrupted" err || fail "stderr does not say that it was interrupted"
