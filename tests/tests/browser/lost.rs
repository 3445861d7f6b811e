//! The connection breaks, or the server does.

use ws_tests::example::Example;

use crate::{Scene, Tab};

const WAITS: &str = "$('status').dataset.is === 'waiting'";
const IS_BACK: &str = "$('status').dataset.is === 'connected' && room === 'lobby'";

impl Tab {
    fn is_back(&self) {
        self.until(IS_BACK);
        self.until("$('lost').hidden && pending.size === 0");
    }
}

/// What a browser says of a server that is not there is no fault of the page.
pub(crate) fn about_sockets(text: &str) -> bool {
    text.starts_with("WebSocket connection to")
}

/// BEAT-06, ROOM-05
#[test]
fn when_the_server_crashes_the_page_says_so_and_comes_back_and_says_nothing_twice() {
    let scene = Scene::new();
    let [ada, bob] = ["Ada", "Bob"].map(|name| scene.guest(name, "lobby"));
    ada.until("Number($('quality').dataset.ms) >= 0");
    ada.says("before");
    bob.hears("before");
    // What arrives, although she does not get to know.
    ada.eval("socket.onmessage = () => {}");
    ada.says("on the edge");
    bob.hears("on the edge");
    let Scene { chromium: _chromium, server } = scene;
    let address = server.address.to_string();
    // With SIGKILL.
    drop(server);
    for tab in [&ada, &bob] {
        tab.until(WAITS);
    }
    ada.until("/Reconnecting in \\d+ s/.test($('countdown').textContent)");
    assert_eq!(ada.eval("$('lost').hidden"), false);
    assert!(ada.eval("$('quality').dataset.ms").is_null());
    for text in ["first", "second"] {
        ada.says(text);
    }
    ada.until("document.querySelectorAll('.waits').length === 3");
    ada.picture("reconnecting-light-wide");
    ada.look("dark", 320, 568);
    ada.picture("reconnecting-dark-narrow");
    let server = Example::start_with("chat", &["--addr", &address]);
    assert_eq!(server.address.to_string(), address);
    ada.until(&format!("{WAITS} || {IS_BACK}"));
    ada.eval("$('retry').click()");
    for tab in [&ada, &bob] {
        tab.is_back();
    }
    for tab in [&ada, &bob] {
        for text in ["before", "on the edge", "first", "second"] {
            tab.hears(text);
        }
        tab.sees(&["Ada", "Bob"]);
    }
    let texts = "[...document.querySelectorAll('.text')].map(e => e.textContent).join()";
    for tab in [&ada, &bob] {
        assert_eq!(tab.eval(texts), "before,on the edge,first,second");
        tab.is_well_but_for(about_sockets);
    }
}

/// What has arrived is not said again, whoever has seen it.
#[test]
fn when_a_connection_breaks_what_has_arrived_is_not_said_again() {
    let scene = Scene::new();
    let [ada, bob] = ["Ada", "Bob"].map(|name| scene.guest(name, "lobby"));
    ada.eval("socket.onmessage = () => {}");
    ada.says("once");
    bob.hears("once");
    ada.eval("socket.close(4000)");
    ada.until(WAITS);
    bob.says("missed");
    bob.hears("missed");
    // It comes back by itself.
    ada.is_back();
    let cid = scene.guest("Cid", "lobby");
    for tab in [&ada, &bob, &cid] {
        for text in ["once", "missed"] {
            tab.hears(text);
        }
    }
    // Nobody has left, as far as the others know.
    assert_eq!(bob.heard("Ada has left") + bob.heard("Ada is here"), 0);
    for tab in [&ada, &bob, &cid] {
        tab.is_well();
    }
}

/// A server that is there and says nothing is as good as none.
#[test]
fn when_the_server_falls_silent_the_page_notices() {
    let scene = Scene::new();
    let ada = scene.guest("Ada", "lobby");
    // It is not silent because it was asked a moment ago.
    assert_eq!(ada.eval("for (let i = 0; i < 9; i++) ping(); beat(); socket !== null"), true);
    ada.eval("tell = () => {}");
    ada.until(WAITS);
    ada.reads("announce", "Connection lost: the server is silent. What you write is kept.");
}
