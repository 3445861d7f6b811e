#!/usr/bin/env python3
"""What a firmware image holds: its sizes, and the ways that lead to a panic.

    elf.py sizes IMAGE [BASE]   flash of IMAGE, less that of BASE, and the RAM of a connection
    elf.py panics IMAGE         fails if any panic is left but that of a future polled after its end
    elf.py device IMAGE [ROOT]  counts the places that can panic; fails if one is below ROOT (this
                                repository, if nothing is said), or if an allocator is linked

`panics` wants an image linked with --emit-relocs: every call is a relocation then.
"""

import collections
import os
import struct
import sys

# Every panic ends here; the first calls the second.
ENDS = ("9panicking9panic_fmt", "rust_begin_unwind")

# The compiler puts this into every async fn. Only a caller can get there, by polling a future that
# has ended, which `.await` never does; no byte from the peer leads to it.
ALLOWED = "panic_const_async_fn_resumed"

# What the sources of a device's image are named from, unless they are named in full.
FIRMWARE = "ws-embedded-example/firmware"

SYMBOLS, RELOCATIONS, FUNCTION = 2, 9, 2


class Image:
    """A little-endian 32-bit ELF file."""

    def __init__(self, path):
        with open(path, "rb") as file:
            self.bytes = file.read()
        if self.bytes[:6] != b"\x7fELF\x01\x01":
            sys.exit(f"{path}: not a little-endian 32-bit ELF file")
        (offset,) = struct.unpack_from("<I", self.bytes, 32)
        size, count, names = struct.unpack_from("<HHH", self.bytes, 46)
        rows = [struct.unpack_from("<10I", self.bytes, offset + i * size) for i in range(count)]
        self.sections = [(self.string(rows[names][4], row[0]), row) for row in rows]

    def string(self, table, index):
        start = table + index
        return self.bytes[start : self.bytes.index(b"\0", start)].decode()

    def size(self, *prefixes):
        """How large the sections are whose names begin so."""
        return sum(row[5] for name, row in self.sections if name.startswith(prefixes))

    def symbols(self):
        """(name, value, size, kind) of every symbol."""
        for _, row in self.sections:
            if row[1] == SYMBOLS:
                names = self.sections[row[6]][1][4]
                for at in range(row[4], row[4] + row[5], 16):
                    name, value, size, info = struct.unpack_from("<IIIB", self.bytes, at)
                    yield self.string(names, name), value, size, info & 15

    def calls(self):
        """(caller, callee) of every reference from code."""
        symbols = list(self.symbols())
        functions = [(value & ~1, size, name) for name, value, size, kind in symbols if kind == FUNCTION]
        for name, row in self.sections:
            if row[1] == RELOCATIONS and ".text" in name:
                for at in range(row[4], row[4] + row[5], 8):
                    place, info = struct.unpack_from("<II", self.bytes, at)
                    inside = (f for value, size, f in functions if value <= place < value + size)
                    yield next(inside, "?"), symbols[info >> 8][0]


    def locations(self):
        """(file, line, column) of every place that can panic: what `core::panic::Location` points to."""
        for name, row in self.sections:
            if name == ".rodata":
                start, data = row[3], self.bytes[row[4] : row[4] + row[5]]
                for at in range(0, len(data) - 15, 4):
                    pointer, length, line, column = struct.unpack_from("<4I", data, at)
                    file = data[pointer - start : pointer - start + length] if pointer >= start else b""
                    if len(file) == length and file.endswith(b".rs") and 0 < line < 1 << 16 > column > 0:
                        yield file.decode(), line, column


def sizes(path, base=None):
    image = Image(path)
    code, data = image.size(".text"), image.size(".rodata", ".data")
    if base:
        code -= Image(base).size(".text")
        data -= Image(base).size(".rodata", ".data")
    print(f"flash {code + data} B (.text {code}, .rodata {data}), "
          f"RAM per connection {image.size('.ram_per_connection')} B")


def panics(path):
    image = Image(path)
    functions = [name for name, _, _, kind in image.symbols() if kind == FUNCTION]
    ends = [name for name in functions if any(end in name for end in ENDS)]
    calls = set(image.calls())
    if ends and not any(callee in ends for _, callee in calls):
        sys.exit("no reference to the panic handler: was the image linked with --emit-relocs?")
    callers = {
        caller
        for caller, callee in calls
        if callee in ends and caller not in ends and ALLOWED not in caller
    }
    for caller in sorted(callers):
        print(f"can panic: {caller}")
    sys.exit(1 if callers else 0)


def device(path, root=os.path.join(os.path.dirname(__file__), "..")):
    image = Image(path)
    places = set(image.locations())
    if not places:
        sys.exit(f"{path}: not even the network stack can panic? Nothing was found")
    root = os.path.realpath(root)
    futures = {place for place in places if is_future(*place)}
    places -= futures
    mine = sorted(place for place in places if is_below(root, place[0]))
    crates = collections.Counter(crate(file) for file, _, _ in places)
    print(f"{path}: {len(places)} places can panic: "
          + ", ".join(f"{count} in {name}" for name, count in sorted(crates.items())))
    if futures:
        print(f"{path}: {len(futures)} futures can panic if they are polled after their end")
    for file, line, _ in mine:
        print(f"ours: {file}:{line}")
    allocators = [name for name, _, _, _ in image.symbols() if "__rust_alloc" in name]
    for name in allocators:
        print(f"an allocator is linked: {name}")
    sys.exit(1 if mine or allocators else 0)


def is_future(file, line, column):
    """Whether this place is that of a future polled after its end: where an async fn or block begins. No
    expression that panics begins so."""
    source = os.path.join(os.path.dirname(__file__), "..", FIRMWARE, file)
    if not os.path.exists(source):
        return False
    with open(source, encoding="utf-8") as text:
        lines = text.read().split("\n")
    return lines[line - 1][column - 1 :].startswith(("{", "async "))


def is_below(root, file):
    """Whether a source file is of the repository: cargo names its files from the package or in full.
    Crates may have been fetched into it, and the compiler's own library may have a short name."""
    crates = os.path.realpath(os.environ.get("CARGO_HOME", os.path.expanduser("~/.cargo")))
    if crates.startswith(root + "/") and file.startswith(crates + "/"):
        return False
    if not file.startswith("/"):
        return not file.startswith("library/")
    return os.path.realpath(file).startswith(root + "/")


def crate(file):
    """The crate that a source file belongs to."""
    parts = file.split("/")
    return parts[len(parts) - parts[::-1].index("src") - 2] if "src" in parts[1:] else file


if __name__ == "__main__":
    {"sizes": sizes, "panics": panics, "device": device}[sys.argv[1]](*sys.argv[2:])
