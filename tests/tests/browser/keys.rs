//! Keys, and what can be done with them alone.

use serde_json::{Value, json};

use crate::{Scene, Tab};

#[derive(Clone, Copy, Debug)]
pub(crate) enum Key {
    Tab,
    BackTab,
    Enter,
    NewLine,
    Escape,
    Letter(char),
}

impl Key {
    /// Down and up.
    pub(crate) fn events(self) -> [Value; 2] {
        let (name, code, text, shift) = match self {
            Self::Tab => ("Tab".to_owned(), 9, String::new(), 0),
            Self::BackTab => ("Tab".to_owned(), 9, String::new(), 8),
            Self::Enter => ("Enter".to_owned(), 13, "\r".to_owned(), 0),
            Self::NewLine => ("Enter".to_owned(), 13, "\r".to_owned(), 8),
            Self::Escape => ("Escape".to_owned(), 27, String::new(), 0),
            Self::Letter(letter) => {
                let code = u32::from(letter.to_ascii_uppercase());
                (letter.to_string(), code, letter.to_string(), 0)
            }
        };
        ["keyDown", "keyUp"].map(|kind| {
            let text = if kind == "keyDown" { &*text } else { "" };
            json!({
                "type": if text.is_empty() && kind == "keyDown" { "rawKeyDown" } else { kind },
                "key": name,
                "windowsVirtualKeyCode": code,
                "modifiers": shift,
                "text": text,
            })
        })
    }
}

impl Tab {
    fn spells(&self, text: &str) {
        text.chars().for_each(|letter| self.press(Key::Letter(letter)));
    }

    /// Waits until the focus is there, for everybody to see.
    fn has_focus(&self, id: &str) {
        self.until(&format!("document.activeElement.id === {id:?}"));
        let outline = "getComputedStyle(document.activeElement)";
        let is_seen = format!(
            "{outline}.outlineStyle === 'solid' && parseFloat({outline}.outlineWidth) >= 2"
        );
        assert_eq!(self.eval(&is_seen), true, "the focus on {id} is not seen");
    }

    /// Presses a key again and again, until the focus is there.
    fn goes_to(&self, key: Key, id: &str) {
        let mut passed = vec![];
        while self.eval("document.activeElement.id") != id {
            passed.push(self.eval("document.activeElement.outerHTML.slice(0, 80)"));
            assert!(passed.len() < 40, "{id} is not reached, but {passed:#?}");
            self.press(key);
        }
    }
}

/// ROOM-01, ROOM-02, ROOM-03
#[test]
fn the_keyboard_is_enough() {
    let scene = Scene::new();
    let bob = scene.guest("Bob", "lobby");
    let ada = scene.visit();
    ada.until("$('status').dataset.is === 'connected'");
    // The page begins where one has to write.
    ada.has_focus("nick");
    ada.spells("Ada");
    ada.press(Key::Tab);
    ada.has_focus("room");
    ada.press(Key::Enter);
    ada.until("room === 'lobby'");
    ada.has_focus("text");
    ada.spells("one");
    ada.press(Key::NewLine);
    ada.spells("two");
    ada.press(Key::Enter);
    bob.hears("one\ntwo");
    ada.has_focus("text");
    assert_eq!(ada.eval("$('text').value"), "");
    // Another room, and back by the list.
    ada.goes_to(Key::BackTab, "to");
    ada.spells("tea");
    ada.press(Key::Enter);
    ada.until("room === 'tea'");
    ada.has_focus("text");
    bob.hears("Ada has left");
    ada.until("document.querySelector('#rooms [value=lobby]')");
    ada.goes_to(Key::BackTab, "go");
    ada.press(Key::BackTab);
    ada.has_focus("to");
    ada.press(Key::BackTab);
    ada.until("document.activeElement.closest('#rooms')");
    while ada.eval("document.activeElement.value") != "lobby" {
        ada.press(Key::BackTab);
    }
    ada.press(Key::Enter);
    ada.until("room === 'lobby'");
    ada.has_focus("text");
    // From anywhere back to where one writes, and no corner that keeps the focus.
    ada.goes_to(Key::BackTab, "theme");
    ada.press(Key::Escape);
    ada.has_focus("text");
    for key in [Key::Tab, Key::BackTab] {
        ada.goes_to(key, "log");
        ada.goes_to(key, "text");
    }
    ada.is_well();
}

/// On a small screen the rooms are a layer of their own.
#[test]
fn a_layer_takes_the_focus_and_gives_it_back() {
    let scene = Scene::new();
    let ada = scene.guest("Ada", "lobby");
    ada.look("light", 320, 568);
    ada.until("$('menu').offsetParent");
    ada.goes_to(Key::BackTab, "menu");
    ada.press(Key::Enter);
    ada.until("document.activeElement.value === 'lobby'");
    ada.goes_to(Key::Tab, "rename");
    // What is covered is not reached.
    ada.eval("$('theme').focus()");
    let covered = "(() => { $('text').focus(); return document.activeElement.id; })()";
    assert_eq!(ada.eval(covered), "theme");
    ada.press(Key::Escape);
    ada.has_focus("menu");
    assert_eq!(ada.eval("$('menu').getAttribute('aria-expanded')"), "false");
    ada.is_well();
}
