//! Which images there are.

/// A program in `firmware`, and what it is compiled with.
#[derive(Clone, Copy)]
pub struct Image {
    /// What it is called in the table.
    pub title: &'static str,
    pub program: &'static str,
    pub features: &'static str,
}

const fn image(title: &'static str, program: &'static str, features: &'static str) -> Image {
    Image { title, program, features }
}

pub const BASE: Image = image("no WebSocket", "base", "");

const COMPACT: Image = image("ws-core, compact", "ours", "ours");
const DEFAULT: Image = image("ws-core, sha1 and base64 crates", "ours", "ours-default");

pub const OURS: [Image; 2] = [COMPACT, DEFAULT];

pub const LIBRARIES: [Image; 6] = [
    COMPACT,
    DEFAULT,
    image("embedded-websocket 0.9.5", "embedded-websocket", "embedded-websocket"),
    image("websocketz 0.2.0", "websocketz", "websocketz"),
    image("edge-ws, edge-http 0.8.0", "edge", "edge"),
    image("picoserve 0.20.1", "picoserve", "picoserve"),
];
