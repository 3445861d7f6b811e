//! What people do with each other.

use crate::{Scene, Tab};

impl Tab {
    /// Waits until these are listed as being here, and no others.
    pub(crate) fn sees(&self, people: &[&str]) {
        let listed = "[...document.querySelectorAll('#people bdi')].map(e => e.textContent).sort()";
        self.until(&format!("{listed}.join() === {:?}", people.join(",")));
    }

    /// Sends a form with this in one of its fields.
    fn fills(&self, form: &str, field: &str, text: &str) {
        self.eval(&format!("$({field:?}).value = {text:?}; $({form:?}).requestSubmit()"));
    }
}

/// ROOM-03, ROOM-05, ROOM-07
#[test]
fn two_browsers_talk_and_see_who_is_there_and_who_writes() {
    let scene = Scene::new();
    let ada = scene.guest("Ada", "lobby");
    ada.sees(&["Ada"]);
    ada.reads("people-title", "Only you are here");
    let bob = scene.guest("Bob", "lobby");
    ada.hears("Bob is here");
    for tab in [&ada, &bob] {
        tab.sees(&["Ada", "Bob"]);
    }
    ada.says("hello");
    bob.hears("hello");
    bob.says("hello yourself");
    ada.hears("hello yourself");
    // Who writes is shown until it is sent, or for a while.
    ada.types("tea");
    bob.reads("typing", "Ada is writing…");
    ada.says("?");
    bob.hears("tea?");
    bob.reads("typing", "");
    ada.types("or");
    bob.reads("typing", "Ada is writing…");
    bob.reads("typing", "");
    // Who comes late reads what was said.
    let cid = scene.guest("Cid", "lobby");
    for text in ["hello", "hello yourself", "tea?"] {
        cid.hears(text);
    }
    for tab in [&ada, &bob, &cid] {
        tab.sees(&["Ada", "Bob", "Cid"]);
    }
    ada.fills("me", "name", "Countess");
    bob.hears("Ada is Countess now");
    for tab in [&ada, &bob, &cid] {
        tab.sees(&["Bob", "Cid", "Countess"]);
    }
    assert_eq!(ada.eval("$('text').value"), "or", "what she writes is still there");
    cid.is_well();
    cid.close();
    bob.hears("Cid has left");
    for tab in [&ada, &bob] {
        tab.sees(&["Bob", "Countess"]);
    }
    for tab in [&ada, &bob] {
        tab.is_well();
    }
}

/// ROOM-01, ROOM-02
#[test]
fn rooms_are_separate_and_can_be_chosen_from_a_list() {
    let scene = Scene::new();
    let [ada, bob] = ["Ada", "Bob"].map(|name| scene.guest(name, "lobby"));
    ada.says("in the lobby");
    bob.hears("in the lobby");
    ada.fills("elsewhere", "to", "tea");
    bob.hears("Ada has left");
    bob.sees(&["Bob"]);
    ada.reads("title", "tea");
    assert_eq!(ada.heard("in the lobby"), 0);
    ada.says("in the tea");
    bob.until("document.querySelector('#rooms [value=tea] .count').textContent === '1'");
    bob.eval("document.querySelector('#rooms [value=tea]').click()");
    bob.hears("in the tea");
    for tab in [&ada, &bob] {
        tab.sees(&["Ada", "Bob"]);
    }
    assert_eq!(bob.heard("in the lobby"), 0);
    assert_eq!(bob.eval("document.querySelector('[aria-current]').value"), "tea");
    // A reload leads to where one was, and a link to another room.
    assert_eq!(bob.eval("location.hash"), "#tea");
    bob.ask("Page.reload", serde_json::json!({}));
    bob.wait("Page.loadEventFired");
    bob.until("room === 'tea'");
    bob.sees(&["Ada", "Bob"]);
    assert_eq!(ada.heard("Bob has left"), 0);
    bob.eval("location.hash = '#lobby'");
    bob.hears("in the lobby");
    ada.hears("Bob has left");
    for tab in [ada, bob] {
        tab.is_well();
    }
}

/// ROOM-07
#[test]
fn who_is_refused_reads_why_and_goes_on() {
    let scene = Scene::new();
    let ada = scene.visit();
    ada.until("$('status').dataset.is === 'connected'");
    let long = "x".repeat(33);
    ada.fills("entry", "nick", &long);
    let why = "it has 33 characters, at most 32 fit";
    ada.reads("nick-why", &format!("The nickname is refused: {why}."));
    assert_eq!(ada.eval("$('nick').getAttribute('aria-invalid')"), "true");
    assert_eq!(ada.eval("document.activeElement.id"), "nick");
    ada.picture("refused");
    ada.eval("$('nick').value = 'Ada'");
    ada.fills("entry", "room", "\u{202e}tea");
    ada.reads("nick-why", "");
    let disturbs = "it has control characters, or spaces around it";
    ada.reads("room-why", &format!("The room is refused: {disturbs}."));
    ada.fills("entry", "room", "tea");
    ada.until("room === 'tea'");
    // In the room, too; and one stays who and where one was.
    ada.fills("me", "name", " ");
    ada.reads("name-why", "The nickname is refused: there is nothing to see in it.");
    ada.fills("elsewhere", "to", &long);
    ada.reads("to-why", &format!("The room is refused: {why}."));
    ada.reads("name-why", "");
    ada.sees(&["Ada"]);
    // What is too long stays where it can be made shorter.
    ada.says(&"y".repeat(1001));
    ada.reads("too-long", "1001 characters are too many: at most 1000 fit.");
    assert_eq!(ada.eval("$('text').value.length"), 1001);
    ada.eval("$('text').value = ''; $('text').focus()");
    ada.says(&"z".repeat(1000));
    ada.hears(&"z".repeat(1000));
    ada.until("pending.size === 0");
    ada.reads("too-long", "");
    ada.is_well();
}
