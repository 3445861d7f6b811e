//! More is said than fits.

use std::thread;

use serde_json::json;
use ws_std::client::Stream;
use ws_std::socket::{Error, Writer};

use crate::Scene;

/// Somebody who talks a lot.
struct Talker {
    voice: Writer<Stream>,
    said: usize,
}

impl Talker {
    fn new(scene: &Scene, name: &str) -> Self {
        let socket = ws_std::connect(&format!("ws://{}", scene.server.address)).unwrap();
        let (mut ear, mut voice) = socket.split().unwrap();
        // Whoever does not listen is sent away.
        thread::spawn(move || while let Ok(Some(_)) = ear.receive() {});
        let join = json!({"kind": "join", "room": "lobby", "name": name, "secret": name});
        voice.send_text(&join.to_string()).unwrap();
        Self { voice, said: 0 }
    }

    fn says(&mut self, text: &str) {
        self.try_to_say(text).unwrap();
    }

    fn try_to_say(&mut self, text: &str) -> Result<(), Error> {
        self.said += 1;
        let say = json!({"kind": "say", "id": self.said.to_string(), "text": text});
        self.voice.send_text(&say.to_string())
    }
}

#[test]
fn the_page_stays_where_its_reader_is_and_keeps_no_more_than_it_shows() {
    let scene = Scene::new();
    let ada = scene.guest("Ada", "lobby");
    let mut talkers: Vec<_> = (0..8).map(|n| Talker::new(&scene, &format!("Bot {n}"))).collect();
    for (number, talker) in talkers.iter_mut().enumerate() {
        (0..50).for_each(|line| talker.says(&format!("line {line} of {number}")));
        ada.hears(&format!("line 49 of {number}"));
    }
    assert_eq!(ada.eval("$('log').children.length"), 300);
    assert!(ada.eval("shown.size").as_u64().unwrap() <= 300);
    let at_end = "$('log').scrollHeight - $('log').scrollTop - $('log').clientHeight < 2";
    ada.until(at_end);
    // Whoever reads further up is left alone, and told.
    ada.eval("$('log').scrollTop = $('log').scrollHeight / 2");
    ada.until("!isAtEnd");
    let reads = "document.elementsFromPoint(innerWidth / 2, innerHeight / 2).length && \
        [...document.querySelectorAll('#log .text')].find(e => e.getBoundingClientRect().top > 200)\
        .innerText";
    let before = ada.eval(reads);
    talkers[0].says("first");
    talkers[1].says("second");
    ada.reads("newest", "2 new messages ↓");
    assert_eq!(ada.eval(reads), before);
    ada.picture("new-messages");
    ada.eval("$('newest').click()");
    ada.until(at_end);
    ada.until("$('newest').hidden && document.activeElement.id === 'text'");
    talkers[0].says("third");
    ada.hears("third");
    ada.until(at_end);
    // Whoever does not look is told in the title.
    ada.eval("Object.defineProperty(document, 'hidden', {get: () => away})");
    ada.eval("window.away = true");
    talkers[0].says("fourth");
    ada.until("document.title === '(1) lobby – Chat'");
    ada.eval("window.away = false; document.dispatchEvent(new Event('visibilitychange'))");
    ada.until("document.title === 'lobby – Chat'");
    // Whoever sends without end is sent away, and nobody else is.
    assert!((0..100_000).any(|_| talkers[7].try_to_say("and so on").is_err()));
    ada.hears("Bot 7 has left");
    ada.is_well();
}
