#!/usr/bin/env bash
# The JSON Schema is a valid draft-07 schema, and every scenario of the project validates.
. "$(dirname "$0")/common.sh" || exit 1

run 0 "$RACKCAST" schema
empty err
cp out schema.json
cat >validate.py <<'PYTHON'
import json, sys, yaml, jsonschema
schema = json.load(open("schema.json"))
jsonschema.Draft7Validator.check_schema(schema)
assert "draft-07" in schema["$schema"], schema["$schema"]
validator = jsonschema.Draft7Validator(schema)
bad = 0
for name in sys.argv[1:]:
    for error in validator.iter_errors(yaml.load(open(name), yaml.SafeLoader)):
        bad += 1
        print(f"{name}: {'/'.join(map(str, error.path))}: {error.message}")
sys.exit(bad > 0)
PYTHON
find "$SOURCE/scenarios" "$SOURCE/tests/cli/data" -name '*.yaml' -not -path '*/invalid/*' >names
[ -s names ] || fail "no scenarios"
xargs python3 validate.py <names >out 2>err || fail "a scenario does not validate"
for word in switches hosts workloads faults; do
    has schema.json "\"$word\""
done
