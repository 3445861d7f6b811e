# The firmware example, sourced by .ci/run: a workspace of its own, images for boards that QEMU
# emulates.
device=ws-embedded-example

# device_tests SECONDS: the app on this host, then the images with real clients; so long the soak takes.
device_tests() {
    install qemu-system-arm
    has_target thumbv7m-none-eabi || install rustc-web cargo-web rust-web-src
    install_firmware_linker
    cargo fmt --all --check --manifest-path $device/Cargo.toml
    cargo fmt --all --check --manifest-path $device/firmware/Cargo.toml
    cargo clippy -q --workspace --all-targets --manifest-path $device/Cargo.toml -- -D warnings
    # Clippy comes with rustup's compiler alone, and so with the targets that rustup has.
    if has_target thumbv7m-none-eabi; then
        cargo clippy -q --target thumbv7m-none-eabi --manifest-path $device/firmware/Cargo.toml -- -D warnings
    fi
    # A board that hangs must not hang us: the soak, and a quarter of an hour for all the rest.
    cargo test -q --no-run --workspace --manifest-path $device/Cargo.toml
    DEVICE_SOAK_SECONDS=$1 timeout $((900 + $1)) \
        cargo test --workspace --manifest-path $device/Cargo.toml
}

# device_dials: the device as a client of servers that refuse, break, and are killed.
device_dials() {
    timeout 900 cargo test -p ws-tests --features device --test device
}

# device_page: what people see of it, and that it obeys them.
device_page() {
    install chromium fonts-noto-core
    timeout 900 cargo test -p ws-tests --features device --test browser device::
    echo "what it looks like: ${CARGO_TARGET_DIR:-target}/tmp/pictures"
}

# device_image BOARD: where its image lies, built by the tests.
device_image() {
    echo "$device/firmware/target/thumbv7m-none-eabi/release/$1"
}

# device_contents BOARD: no allocator is linked, and what can panic is not ours.
device_contents() {
    .ci/elf.py device "$(device_image "$1")"
    # The crates can panic: were they ours, it would have failed.
    if .ci/elf.py device "$(device_image "$1")" "${CARGO_HOME:-$HOME/.cargo}" >"$scratch/canary"; then
        echo "what can panic was not found" >&2
        return 1
    fi
    grep -q '^ours: .*/smoltcp-' "$scratch/canary"
}

# device_peers BOARD: clients that are not of this repository.
device_peers() {
    local address
    install python3-venv
    boot_device "$1"
    address=$(sed -n 's,^listening on http://\(.*\)/$,\1,p' "$scratch/$1")
    python3 -m venv "$scratch/peers"
    "$scratch/peers/bin/pip" install -q --disable-pip-version-check websockets==17.4
    timeout 120 "$scratch/peers/bin/python" $device/tests/peers.py "$address"
    stop_device
}

# device_suite BOARD: the Autobahn suite's fuzzing client, as strict as for the servers.
device_suite() {
    local address
    [ -x "$scratch/python2/bin/wstest" ] || install_suite "$scratch"
    boot_device "$1"
    address=$(sed -n 's,^listening on http://\(.*\)/$,\1,p' "$scratch/$1")
    cat >"$scratch/device.json" <<END
{"outdir": "$scratch/$1.reports", $cases, "servers": [{"agent": "$1", "url": "ws://$address/echo"}]}
END
    patience=1200 quietly "$scratch/$1.suite" "$scratch/python2/bin/wstest" -m fuzzingclient \
        -s "$scratch/device.json"
    .ci/autobahn.py "$scratch/$1.reports/index.json" "$expected" "$1"
    stop_device
}

# boot_device BOARD: in the background, until stop_device.
boot_device() {
    serve "$scratch/$1" "${CARGO_TARGET_DIR:-$device/target}/debug/ws-embedded-example" --board "$1"
    wait_until "the board listens" grep -q '^listening on ' "$scratch/$1"
}

# A board that has panicked or reset has ended by itself, and the program with it.
stop_device() {
    kill -0 "${!served[@]}"
    stop_serving
}
