#!/usr/bin/env bash
# scripts/check finds what it is there to find.
. "$(dirname "$0")/common.sh" || exit 1

mkdir -p tree/sim/core tree/sim/base tree/sim/report tree/sim/app tree/models/nic \
    tree/models/fabric tree/scenarios/invalid
cp "$SOURCE/.clang-format" tree
cd tree || exit
check() {
    code=0
    "$SOURCE/scripts/check" --no-compile --root . >../out 2>../err || code=$?
    [ $code -eq "$1" ] || { cd ..; fail "scripts/check: exit $code, not $1"; }
}
# finds TEXT: the one finding there is says so; then the tree is emptied.
finds() {
    check 1
    grep -qF -- "$1" ../out || { cd ..; fail "scripts/check does not find: $1"; }
    [ "$(wc -l <../out)" -eq 1 ] || { cd ..; fail "more than one finding"; }
    find . -type f ! -name .clang-format -delete
}
check 0
echo 'int ok;' >sim/report/a.h
echo '#include "sim/report/a.h"' >sim/core/b.h
finds 'floor 1 includes floor 2'
echo 'int ok;' >models/fabric/a.h
echo '#include "models/fabric/a.h"' >sim/app/b.h
finds 'sim/ never includes models/'
echo 'int ok;' >models/nic/a.h
echo '#include "models/nic/a.h"' >models/fabric/b.h
finds 'models/nic/ is not below models/fabric/'
printf '/* a.h: for two files. Private to\n * this folder. */\nint ok;\n' >models/fabric/a.h
echo '#include "models/fabric/a.h"' >models/nic/b.h
finds 'private to models/fabric/'
echo '#include "sim/core/none.h"' >sim/core/b.h
finds 'does not exist'
printf 'int f(void) {\n    free(0);\n}\n' >models/nic/a.c
finds 'free: memory comes from the arena'
printf 'int f(void) {\n    static int calls;\n    return ++calls;\n}\n' >models/nic/a.c
finds 'static data that can change'
printf 'static const char *names[] = {"a"};\n' >sim/core/a.c
finds 'static data that can change'
printf 'double x;\n' >models/nic/a.h
finds 'double: integers decide'
printf '// %0100d\n' 1 >sim/app/a.h
finds '103 columns'
printf '/* TO%s: later */\n' DO >sim/app/a.h
finds 'a loose end'
printf 'schema: 1\nexpect:\n  - no frame lost\n' >scenarios/a.yaml
finds 'no description'
printf 'schema: 1\ndescription: x\n' >scenarios/a.yaml
finds 'no expect'
printf 'anything' >scenarios/invalid/a.yaml
finds 'no .expect file'
{ echo 'void f(void) {'; for _ in $(seq 80); do echo '    g();'; done; echo '}'; } >sim/app/a.c
finds 'a function of 82 lines'
# What is allowed stays allowed.
printf '/* free() and a double in words only */\nint f(void);\n' >models/nic/a.h
printf 'static const int table[] = {1};\n' >models/nic/a.c
printf '#include "models/nic/a.h"\n' >models/builtin.c
check 0
