# The link-time proof, sourced by .ci/run: see tests/no_panic/src/lib.rs for how it works.

# What a linker says of the function that panics would call.
undefined='undefined symbol: ws_core_can_panic|undefined reference to .ws_core_can_panic'

# proof TARGET COMMAND ARGUMENT...: cargo on the programs of the proof.
proof() {
    local target=$1 command=$2
    shift 2
    cargo_for "$target" core "$command" -q --release --manifest-path tests/no_panic/Cargo.toml "$@"
}

# prove_no_panic TARGET
prove_no_panic() {
    local target=$1 images=${CARGO_TARGET_DIR:-tests/no_panic/target}/$1/release
    use_firmware_linker "$target"
    proof "$target" build --bin empty --bin echo --bin blocking
    echo "$target: no panic in the blocking driver, both roles, handshakes included"
    echo "$target: compact echo server: $(.ci/elf.py sizes "$images/echo" "$images/empty")"

    prove_async "$target" awaiting
    .ci/elf.py panics "$images/awaiting"
    echo "$target: no panic in the async driver but for polling a future after its end"

    proof "$target" build --bin device
    echo "$target: no panic in the firmware example's app and its superloop"

    prove_async "$target" tasks
    .ci/elf.py panics "$images/tasks"
    echo "$target: no panic in the app in its tasks but for polling a future after its end"

    proof "$target" build --bin empty --bin echo --features crates
    echo "$target: no panic with the sha1 and base64 crates"
    echo "$target: default echo server: $(.ci/elf.py sizes "$images/echo" "$images/empty")"

    proof "$target" build --bin empty --bin inflate --features deflate
    echo "$target: no panic where messages are inflated"
    echo "$target: decoding, inflating and agreeing on it: $(.ci/elf.py sizes "$images/inflate" "$images/empty")"
}

# prove_that_it_can_fail TARGET
prove_that_it_can_fail() {
    local program target=$1 images=${CARGO_TARGET_DIR:-tests/no_panic/target}/$1/release
    if proof "$target" build --bin echo --features canary 2>"$scratch/canary"; then
        echo "a panic was put into the program, and it linked" >&2
        return 1
    fi
    grep -Eq "$undefined" "$scratch/canary" || { cat "$scratch/canary" >&2; return 1; }
    for program in awaiting tasks; do
        prove_async "$target" $program --features canary
        if .ci/elf.py panics "$images/$program" >/dev/null; then
            echo "a panic was put into $program, and it was not found" >&2
            return 1
        fi
    done
    echo "$target: the proof fails where there is a panic"
}

# Every async fn has a panic that only a wrong caller can reach, so this image has to link, and the
# ways to its panics are counted in it.
prove_async() {
    local target=$1 program=$2
    shift 2
    proof "$target" rustc --bin "$program" "$@" -- \
        -C link-arg=--defsym=ws_core_can_panic=0 -C link-arg=--emit-relocs
}
