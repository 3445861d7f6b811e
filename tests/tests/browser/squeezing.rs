//! A browser compresses what it sends, and inflates what it gets.

use ws_std::http::Routes;
use ws_std::{Compression, Server, Takeover, WindowBits, on_message};

use crate::chromium::Chromium;

/// Sends texts and bytes of many sizes, and tells how much of it came back as it was.
const CONVERSE: &str = "new Promise((done, fail) => {
    const socket = new WebSocket(`ws://${location.host}/`);
    socket.binaryType = 'arraybuffer';
    const text = size => '{\"name\":\"ä水🦀\",\"values\":[1,2,3]}'.repeat(size).slice(0, size);
    const sizes = [0, 1, 126, 1023, 1024, 5000, 65536, 500000];
    const all = sizes.flatMap(size => [text(size), new TextEncoder().encode(text(size)).buffer]);
    const same = (a, b) => typeof a === typeof b && (typeof a === 'string' ? a === b
        : String(new Uint8Array(a)) === String(new Uint8Array(b)));
    let at = 0;
    socket.onopen = () => all.forEach(message => socket.send(message));
    socket.onmessage = ({ data }) => {
        if (!same(data, all[at])) return fail(new Error(`message ${at}`));
        if (++at === all.length) { socket.close(); done(socket.extensions); }
    };
    socket.onclose = ({ code }) => fail(new Error(`closed, ${code}`));
})";

/// What those messages are in all, at least.
const PLAIN: u64 = 1_200_000;

/// EXT-01
#[test]
fn what_a_browser_and_a_server_tell_each_other_is_compressed() {
    let chromium = Chromium::new();
    let small = WindowBits::new(10).unwrap();
    for (takeover, window) in [
        (Takeover::Forget, WindowBits::MAX),
        (Takeover::Keep, WindowBits::MAX),
        (Takeover::Keep, small),
    ] {
        let compression = Compression {
            send_takeover: takeover,
            receive_takeover: takeover,
            send_window: window,
            receive_window: window,
            ..Compression::default()
        };
        let echo = on_message(|ctx, message| {
            ctx.send(message);
        });
        let server = Server::builder(echo)
            .compression(compression)
            .routes(Routes::default().page("/", "<!doctype html><title>An echo</title>"))
            .listen("127.0.0.1:0")
            .unwrap()
            .start()
            .unwrap();
        let tab = chromium.open(&format!("http://{}/", server.address().unwrap()));
        let extensions = tab.eval(CONVERSE);
        assert!(extensions.as_str().unwrap().starts_with("permessage-deflate"), "{extensions}");
        let named = extensions.as_str().unwrap().contains("client_max_window_bits=10");
        assert_eq!(named, window == small, "{extensions}");
        let counted = server.metrics().snapshot();
        for bytes in [counted.bytes_received, counted.bytes_sent] {
            assert!(bytes < PLAIN / 10, "{bytes} bytes were on the wire");
        }
        tab.close();
    }
}
