# Fuzzing, sourced by .ci/run. `cargo +nightly fuzz run decoder` in tests/ does the same for a person; here
# the compiler is asked directly, which spares a CI machine building cargo-fuzz first.

# fuzz_all SECONDS: runs every target for so long, on a copy of its corpus.
fuzz_all() {
    local seconds=$1 host images
    if ! cargo +nightly --version >/dev/null 2>&1; then
        echo "no nightly compiler: the same properties are checked with more seeds" >&2
        $long && return 1
        FUZZED_ROUNDS=20000 cargo test --release -p ws-tests --test fuzzed
        return
    fi
    host=$(rustc -vV | sed -n 's/^host: //p')
    images=${CARGO_TARGET_DIR:-tests/fuzz/target}/$host/release
    install g++
    # No sanitizer but coverage: there is no unsafe code to watch.
    RUSTFLAGS="--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
        -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
        -Cllvm-args=-sanitizer-coverage-pc-table -Cllvm-args=-sanitizer-coverage-trace-compares \
        -Ccodegen-units=1" \
        cargo +nightly build -q --release --manifest-path tests/fuzz/Cargo.toml --bins --target "$host"
    export images seconds scratch
    export -f fuzz_one
    find tests/fuzz/corpus -mindepth 1 -maxdepth 1 -printf '%f\n' | sort \
        | xargs -P "$(nproc)" -I{} bash -c 'fuzz_one {}'
}

# fuzz_one TARGET: what it found goes into the log, since the machine may be gone tomorrow.
fuzz_one() {
    local target=$1 new=$scratch/corpus/$1 file
    mkdir -p "$new"
    if "$images/$target" -max_total_time="$seconds" -max_len=8192 -timeout=20 \
        -artifact_prefix="$scratch/$target-" "$new" "tests/fuzz/corpus/$target" \
        >"$scratch/$target.log" 2>&1; then
        echo "fuzz target $target: $(grep -E '^Done' "$scratch/$target.log")"
        return
    fi
    grep -A20 -m1 -E 'panicked|ERROR' "$scratch/$target.log" >&2 || tail -20 "$scratch/$target.log" >&2
    for file in "$scratch/$target"-{crash,timeout,oom}-*; do
        [ -e "$file" ] || continue
        echo "fuzz target $target fails for this input (base64):"
        base64 "$file"
    done
    return 255 # ends xargs
}
