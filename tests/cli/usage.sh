#!/usr/bin/env bash
# Mistakes on the command line: exit 2, a sentence on stderr, nothing on stdout.
. "$(dirname "$0")/common.sh" || exit 1

run 2 "$RACKCAST" rnu
empty out
has err "did you mean 'run'?"
run 2 "$RACKCAST" chekc x.yaml
has err "did you mean 'check'?"
run 2 "$RACKCAST" frobnicate
lacks err "did you mean"
run 2 "$RACKCAST" help rnu
has err "did you mean 'run'?"
run 2 "$RACKCAST" run
empty out
has err "FILE..."
run 2 "$RACKCAST" run --otu x "$small"
has err "did you mean --out?"
run 2 "$RACKCAST" compare "$small"
has err "rackcast compare: "
run 2 "$RACKCAST" compare a b c
has err "too many words"
run 2 "$RACKCAST" schema more
empty out
run 2 "$RACKCAST" run --fingerprint xyz "$small"
has err "letters"
run 2 "$RACKCAST" test --jobs none "$small"
empty out
