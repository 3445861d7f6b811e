//! What the page is to those who do not see it.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::{Scene, Tab};

impl Tab {
    /// The roles and names of all that is there.
    fn heard_by_screen_readers(&self) -> BTreeSet<(String, String)> {
        self.ask("Accessibility.enable", json!({}));
        let tree = self.ask("Accessibility.getFullAXTree", json!({}));
        let of =
            |node: &Value, what: &str| node[what]["value"].as_str().unwrap_or_default().to_owned();
        let is_said = |node: &&Value| {
            let is_text = ["InlineTextBox", "StaticText"].contains(&&*of(node, "role"));
            !is_text && node["ignored"] != true
        };
        let nodes = tree["nodes"].as_array().unwrap().iter().filter(is_said);
        nodes.map(|node| (of(node, "role"), of(node, "name"))).collect()
    }

    fn offers(&self, wanted: &[(&str, &str)]) {
        let there = self.heard_by_screen_readers();
        for (role, name) in wanted {
            let is_there = there.contains(&((*role).to_owned(), (*name).to_owned()));
            assert!(is_there, "{role} {name:?} in {there:#?}");
        }
        let interactive = ["button", "textbox", "link", "form", "navigation", "complementary"];
        let nameless = there
            .iter()
            .find(|(role, name)| interactive.contains(&&**role) && name.trim().is_empty());
        assert_eq!(nameless, None);
    }
}

#[test]
fn everything_has_a_role_and_a_name() {
    let scene = Scene::new();
    let ada = scene.visit();
    ada.until("$('status').dataset.is === 'connected'");
    ada.offers(&[
        ("banner", ""),
        ("heading", "Chat"),
        ("form", "Come in"),
        ("textbox", "Nickname"),
        ("textbox", "Room"),
        ("button", "Join"),
        ("button", "Dark colours"),
    ]);
    let bob = scene.guest("Bob", "lobby");
    ada.eval("join('Ada', 'lobby')");
    bob.hears("Ada is here");
    ada.says("hello");
    bob.hears("hello");
    bob.until("document.querySelector('#rooms [value=lobby]')");
    bob.offers(&[
        ("link", "Skip to writing"),
        ("heading", "lobby"),
        ("complementary", "Rooms and people"),
        ("navigation", "Rooms"),
        ("button", "lobby, 2 people"),
        ("form", "Another room"),
        ("textbox", "Another room"),
        ("region", "2 people here"),
        ("form", "You"),
        ("textbox", "Your nickname"),
        ("main", ""),
        ("log", "Messages"),
        ("form", "Write"),
        ("textbox", "Message"),
        ("button", "Send"),
    ]);
    // What changes by itself is said, once, and what was there before is not.
    assert_eq!(bob.eval("$('log').ariaLive"), "polite");
    assert_eq!(bob.eval("$('log').ariaBusy"), "false");
    assert_eq!(bob.eval("$('announce').role"), "status");
    ada.reads("announce", "You are in lobby. 2 people are here.");
    for tab in [ada, bob] {
        tab.is_well();
    }
}
