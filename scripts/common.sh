# shellcheck shell=bash
# Shared by the scripts: where things are and how a build is made. Sourced, not run.
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)

say() {
    printf '== %s\n' "$*" >&2
}

# configure FOLDER [cmake arguments...]: quiet unless it fails.
configure() {
    local folder=$1
    shift
    local generator=()
    if [ ! -f "$folder/CMakeCache.txt" ] && command -v ninja >/dev/null; then
        generator=(-G Ninja)
    fi
    local log
    log=$(cmake "${generator[@]}" -S "$top" -B "$folder" "$@" 2>&1) || {
        printf '%s\n' "$log" >&2
        return 1
    }
}

# compile FOLDER [targets...]
compile() {
    local folder=$1
    shift
    local targets=()
    [ $# -eq 0 ] || targets=(--target "$@")
    local log
    log=$(cmake --build "$folder" --parallel "$(nproc)" "${targets[@]}" 2>&1) || {
        printf '%s\n' "$log" | tail -60 >&2
        return 1
    }
}
