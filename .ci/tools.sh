# Getting tools, sourced by .ci/run. A tool that cannot be had fails the step that asks for it.

# install PACKAGE...: Debian packages, as far as they are missing.
install() {
    local missing=() package
    for package in "$@"; do
        dpkg-query -W -f '${Status}' "$package" 2>/dev/null | grep -q 'ok installed' || missing+=("$package")
    done
    [ ${#missing[@]} -gt 0 ] || return 0
    if [ "$(id -u)" != 0 ]; then
        echo "these packages are missing, and only root can install them: ${missing[*]}" >&2
        return 1
    fi
    echo "installing ${missing[*]}"
    apt-get update -qq
    # Somebody else may be installing something.
    DEBIAN_FRONTEND=noninteractive apt-get -o DPkg::Lock::Timeout=300 install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
}

# has_target TARGET: whether rustup has, or can get, the compiled standard library of a target.
declare -A targets
has_target() {
    if [ -z "${targets[$1]-}" ]; then
        targets[$1]=no
        if command -v rustup >/dev/null && timeout 120 rustup target add "$1" >"$scratch/rustup" 2>&1; then
            targets[$1]=yes
        else
            echo "rustup cannot add $1: building the standard library from Debian's sources"
        fi
    fi
    [ "${targets[$1]}" = yes ]
}

# has_core_sources: whether the compiler came with the sources of the core library.
has_core_sources() {
    [ -d "$(rustc --print sysroot)/lib/rustlib/src/rust/library/core" ]
}

# cargo_for TARGET LIBRARIES COMMAND ARGUMENT...: cargo for another target. Where rustup cannot add
# it, Debian's compiler takes over, which comes with the sources of the LIBRARIES to build first.
cargo_for() {
    local target=$1 libraries=$2 command=$3 arguments=()
    shift 3
    if has_target "$target"; then
        cargo "$command" --target "$target" "$@"
        return
    fi
    install rustc-web cargo-web rust-web-src
    # What stands behind `--` is not for cargo.
    while [ $# -gt 0 ] && [ "$1" != -- ]; do
        arguments+=("$1")
        shift
    done
    RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1 /usr/bin/cargo "$command" -Zbuild-std="$libraries" \
        --target "$target" "${arguments[@]}" "$@"
}

# check_for TARGET ARGUMENT...: cargo check where there is no C compiler for the target. What ring's C
# compiles to is not looked at before linking, so that empty files will do.
check_for() {
    local target=$1
    shift
    cat >"$scratch/cc" <<'END'
#!/bin/sh
while [ $# -gt 0 ]; do
    case $1 in
        -o) : >"$2" ;;
        *.a) : >"$1" ;;
    esac
    shift
done
END
    chmod +x "$scratch/cc"
    CC=$scratch/cc AR=$scratch/cc RUSTFLAGS="-D warnings" cargo_for "$target" std check -q "$@"
}

# setting TARGET NAME VALUE: tells cargo a LINKER or RUNNER of a target.
setting() {
    local name=CARGO_TARGET_${1^^}_$2
    export "${name//-/_}=$3"
}

# Firmware is linked with the linker that comes with the compiler, or else with Debian's.
use_firmware_linker() {
    install_firmware_linker
    setting "$1" LINKER "$(own_linker || echo ld.lld)"
}

install_firmware_linker() {
    own_linker >/dev/null || install lld
}

# own_linker: where the linker is that has come with the compiler, if one has.
own_linker() {
    local host lld
    host=$(rustc -vV | sed -n 's/^host: //p')
    lld=$(rustc --print sysroot)/lib/rustlib/$host/bin/rust-lld
    [ -x "$lld" ] && echo "$lld"
}

# use_emulator TARGET GNU_NAME QEMU_NAME: links with Debian's cross compiler, runs under qemu.
use_emulator() {
    install "gcc-$2" "libc6-dev-${4:-$3}-cross" qemu-user
    setting "$1" LINKER "$2-gcc"
    setting "$1" RUNNER "qemu-$3 -L /usr/$2"
}
