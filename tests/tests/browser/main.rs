//! The chat as people have it: its page in headless Chromium, driven through DevTools with our own
//! client. Chromium is looked for as `chromium`, or as what `CHROMIUM` says; without it these tests
//! fail. Pictures of what it shows are kept in `target/tmp/pictures`. With the feature `device`, the page
//! of the firmware example is looked at, too.
#![cfg(unix)]

mod access;
mod chromium;
#[cfg(feature = "device")]
mod device;
mod devtools;
mod keys;
mod looks;
mod lost;
mod scrolling;
mod squeezing;
mod tab;
mod talking;

use chromium::Chromium;
use tab::Tab;
use ws_tests::example::Example;

/// The chat, and a browser to look at it with.
struct Scene {
    chromium: Chromium,
    server: Example,
}

impl Scene {
    fn new() -> Self {
        Self { chromium: Chromium::new(), server: Example::start("chat") }
    }

    /// Somebody opens the page in a browser of their own, which remembers nothing.
    fn visit(&self) -> Tab {
        self.chromium.open(&format!("http://{}/", self.server.address))
    }

    /// Somebody who has joined a room.
    fn guest(&self, name: &str, room: &str) -> Tab {
        let tab = self.visit();
        tab.until("$('status').dataset.is === 'connected'");
        tab.eval(&format!("join({name:?}, {room:?})"));
        tab.until(&format!("room === {room:?}"));
        tab
    }
}
