//! What page and server say to each other: JSON texts, told apart by their `kind`.

use ring::digest::{SHA256, digest};
use serde::{Deserialize, Serialize};
use ws_std::Entry;

use crate::history::Line;

/// Characters of a name, of a person or a room.
const NAME: usize = 32;
/// Characters of a message.
const TEXT: usize = 1000;
/// Characters of what a page makes up: its secret, and the ids of its messages.
const TOKEN: usize = 40;

/// What a page says.
#[derive(Debug, Deserialize, PartialEq)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum Ask {
    /// To be in this room, and in no other, under this name. The secret makes it the same person
    /// after a reconnect.
    Join { room: String, name: String, secret: String },
    /// To say something. The id is for the page: so it finds its own words again, and may repeat
    /// them after a reconnect without saying them twice.
    Say { id: String, text: String },
    /// That something is being written.
    Typing,
    /// How good the connection is, and which rooms there are.
    Ping,
}

/// Why something that a page asks for is not done.
#[derive(Debug, PartialEq, Serialize)]
pub(crate) struct Wrong {
    /// What is wrong: `name`, `room`, or the id of a message.
    about: String,
    why: String,
}

impl Wrong {
    pub(crate) fn new(about: &str, why: impl ToString) -> Self {
        Self { about: about.to_owned(), why: why.to_string() }
    }
}

impl Ask {
    /// Reads what a page says, or says what is wrong with it: what is too long is refused, not cut.
    pub(crate) fn parse(json: &str) -> Result<Self, Wrong> {
        let ask = serde_json::from_str(json).map_err(|error| Wrong::new("", error))?;
        match &ask {
            Self::Join { room, name, secret } => {
                name_is_good(name).map_err(|why| Wrong::new("name", why))?;
                name_is_good(room).map_err(|why| Wrong::new("room", why))?;
                fits(secret, TOKEN).map_err(|why| Wrong::new("secret", why))?;
            }
            Self::Say { id, text } => {
                fits(id, TOKEN).map_err(|why| Wrong::new("id", why))?;
                fits(text, TEXT).map_err(|why| Wrong::new(id, why))?;
            }
            Self::Typing | Self::Ping => {}
        }
        Ok(ask)
    }
}

fn fits(text: &str, most: usize) -> Result<(), String> {
    match text.chars().count() {
        _ if text.chars().all(is_unseen) => Err("there is nothing to see in it".to_owned()),
        length if length > most => Err(format!("it has {length} characters, at most {most} fit")),
        _ => Ok(()),
    }
}

/// A name stands in the middle of other words, and must not disturb them.
fn name_is_good(name: &str) -> Result<(), String> {
    let turns_text_around = |c| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    if name.chars().any(|c| c.is_control() || turns_text_around(c)) || name.trim() != name {
        return Err("it has control characters, or spaces around it".to_owned());
    }
    fits(name, NAME)
}

fn is_unseen(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}')
}

/// What everybody may know of a secret: it tells people apart, also after the server has started
/// anew.
pub(crate) fn public_id(secret: &str) -> String {
    let digest = digest(&SHA256, secret.as_bytes());
    digest.as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// What the server says.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum Tell<'a> {
    /// Who is in the room that you have come to: how many they are, and who, unless they are too
    /// many to list. From now on changes are told.
    Here {
        room: &'a str,
        count: usize,
        people: Vec<Person<'a>>,
    },
    /// You are in, under this id, and this was said before.
    Joined {
        room: &'a str,
        you: &'a str,
        lines: &'a [Line],
    },
    Enters {
        room: &'a str,
        person: Person<'a>,
    },
    Leaves {
        room: &'a str,
        person: Person<'a>,
    },
    /// Somebody has another name now.
    Changes {
        room: &'a str,
        person: Person<'a>,
    },
    /// Somebody said something.
    Said {
        room: &'a str,
        line: &'a Line,
    },
    /// Somebody writes something.
    Typing {
        room: &'a str,
        person: Person<'a>,
    },
    /// The round trip of the heartbeat in milliseconds, once it is known; and rooms.
    Pong {
        round_trip: Option<u128>,
        rooms: Vec<RoomInfo>,
    },
    /// What you asked for was not done.
    Refused(Wrong),
}

impl Tell<'_> {
    pub(crate) fn json(&self) -> String {
        // There is nothing in it that JSON could not say.
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[derive(Serialize)]
pub(crate) struct Person<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
}

/// In a room somebody is known by the id, and what is to be known of them is the name.
impl<'a> From<&'a Entry> for Person<'a> {
    fn from(entry: &'a Entry) -> Self {
        Self { id: &entry.key, name: &entry.meta }
    }
}

#[derive(Serialize)]
pub(crate) struct RoomInfo {
    pub(crate) name: String,
    pub(crate) people: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_page_may_say_is_read() {
        let join = r#"{"kind":"join","room":"tea","name":"Ada","secret":"1"}"#;
        let expected = Ask::Join { room: "tea".into(), name: "Ada".into(), secret: "1".into() };
        assert_eq!(Ask::parse(join), Ok(expected));
        let say = r#"{"kind":"say","id":"7","text":"two\nlines"}"#;
        let expected = Ask::Say { id: "7".into(), text: "two\nlines".into() };
        assert_eq!(Ask::parse(say), Ok(expected));
        assert_eq!(Ask::parse(r#"{"kind":"typing"}"#), Ok(Ask::Typing));
        assert_eq!(Ask::parse(r#"{"kind":"ping"}"#), Ok(Ask::Ping));
    }

    fn join(room: &str, name: &str) -> Result<Ask, Wrong> {
        let ask = serde_json::json!({"kind": "join", "room": room, "name": name, "secret": "1"});
        Ask::parse(&ask.to_string())
    }

    #[test]
    fn what_it_may_not_say_is_refused_with_a_reason() {
        let nothing = "there is nothing to see in it";
        let disturbs = "it has control characters, or spaces around it";
        assert_eq!(join("", "Ada"), Err(Wrong::new("room", nothing)));
        assert_eq!(join("tea", "\u{200b}"), Err(Wrong::new("name", nothing)));
        assert_eq!(join("tea", " Ada"), Err(Wrong::new("name", disturbs)));
        assert_eq!(join("t\u{7}ea", "Ada"), Err(Wrong::new("room", disturbs)));
        assert_eq!(join("tea", "\u{202e}Ada"), Err(Wrong::new("name", disturbs)));
        let long = Wrong::new("name", "it has 33 characters, at most 32 fit");
        assert_eq!(join("tea", &"ü".repeat(NAME + 1)), Err(long));
        let say = serde_json::json!({"kind":"say","id":"7","text":"x".repeat(TEXT + 1)});
        let long = Wrong::new("7", "it has 1001 characters, at most 1000 fit");
        assert_eq!(Ask::parse(&say.to_string()), Err(long));
        let unknown = Ask::parse(r#"{"kind":"dance"}"#).unwrap_err();
        assert!(unknown.why.contains("unknown variant `dance`"));
        assert!(Ask::parse("tea").unwrap_err().why.contains("expected"));
    }

    #[test]
    fn as_much_as_the_limits_allow_is_taken() {
        assert!(join(&"ü".repeat(NAME), &"👩‍🚀".repeat(NAME / 3)).is_ok());
        let ask = serde_json::json!({"kind":"say","id":"7","text":"ü".repeat(TEXT)});
        assert!(Ask::parse(&ask.to_string()).is_ok());
    }

    #[test]
    fn refusals_say_what_they_are_about() {
        let refused = Tell::Refused(Wrong::new("name", "no")).json();
        assert_eq!(refused, r#"{"kind":"refused","about":"name","why":"no"}"#);
    }

    #[test]
    fn a_secret_has_the_same_id_for_ever_and_others_have_another() {
        assert_eq!(public_id("abc"), "ba7816bf8f01cfea");
        assert_ne!(public_id("abd"), public_id("abc"));
    }
}
