//! What page and server say to each other: JSON texts, told apart by their `kind`.

use serde::{Deserialize, Serialize};

use crate::history::Line;

/// Characters of a name, of a person or a room.
const NAME: usize = 32;
/// Characters of a message.
const TEXT: usize = 1000;
/// Characters of what a page makes up: its secret, and the ids of its messages.
const TOKEN: usize = 40;

/// What a page says. What is no such thing is answered with an error and has no effect.
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

impl Ask {
    /// Reads what a page says, or says what is wrong with it.
    pub(crate) fn parse(json: &str) -> Result<Self, String> {
        let ask = serde_json::from_str(json).map_err(|error| error.to_string())?;
        match &ask {
            Self::Join { room, name, secret } => {
                check("the room's name", room, NAME)?;
                check("the nickname", name, NAME)?;
                check("the secret", secret, TOKEN)?;
                single_line("the room's name", room)?;
                single_line("the nickname", name)?;
            }
            Self::Say { id, text } => {
                check("the message", text, TEXT)?;
                check("the id", id, TOKEN)?;
            }
            Self::Typing | Self::Ping => {}
        }
        Ok(ask)
    }
}

fn check(what: &str, text: &str, most: usize) -> Result<(), String> {
    match text.chars().count() {
        _ if text.trim().is_empty() => Err(format!("{what} is empty")),
        length if length > most => Err(format!("{what} has {length} characters, {most} may be")),
        _ => Ok(()),
    }
}

fn single_line(what: &str, text: &str) -> Result<(), String> {
    match text.contains(char::is_control) || text.trim() != text {
        true => Err(format!("{what} has control characters, or spaces around it")),
        false => Ok(()),
    }
}

/// What the server says.
#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub(crate) enum Tell<'a> {
    /// You are in, under this id, and this was said before.
    Joined {
        room: &'a str,
        you: &'a str,
        lines: &'a [Line],
    },
    /// Who is in the room; from now on changes are told.
    Here {
        room: &'a str,
        people: &'a [Person<'a>],
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
    /// The round trip of the heartbeat in milliseconds, once it is known.
    Pong {
        round_trip: Option<u128>,
        rooms: &'a [RoomInfo],
    },
    /// What you said had no effect.
    Error {
        text: &'a str,
    },
}

impl Tell<'_> {
    pub(crate) fn json(&self) -> String {
        // There is nothing in it that JSON could not say.
        serde_json::to_string(self).unwrap_or_default()
    }
}

#[derive(Clone, Copy, Serialize)]
pub(crate) struct Person<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
}

#[derive(Serialize)]
pub(crate) struct RoomInfo {
    pub(crate) name: String,
    pub(crate) members: usize,
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

    #[test]
    fn what_it_may_not_say_is_refused_with_a_reason() {
        let join = |room: &str, name: &str| {
            let ask = serde_json::json!({"kind":"join","room":room,"name":name,"secret":"1"});
            Ask::parse(&ask.to_string()).unwrap_err()
        };
        assert!(join("", "Ada").contains("room's name is empty"));
        assert!(join("tea", " \t").contains("nickname is empty"));
        assert!(join("tea", " Ada").contains("spaces around it"));
        assert!(join("t\u{7}ea", "Ada").contains("control characters"));
        assert!(join(&"ü".repeat(NAME + 1), "Ada").contains("33 characters, 32 may be"));
        let say = serde_json::json!({"kind":"say","id":"7","text":"x".repeat(TEXT + 1)});
        assert!(Ask::parse(&say.to_string()).unwrap_err().contains("1001 characters"));
        assert!(Ask::parse(r#"{"kind":"dance"}"#).unwrap_err().contains("unknown variant `dance`"));
        assert!(Ask::parse("tea").unwrap_err().contains("expected"));
    }

    #[test]
    fn as_much_as_the_limits_allow_is_taken() {
        let name = "ü".repeat(NAME);
        let ask = serde_json::json!({"kind":"join","room":name,"name":name,"secret":"1"});
        assert!(Ask::parse(&ask.to_string()).is_ok());
        let ask = serde_json::json!({"kind":"say","id":"7","text":"ü".repeat(TEXT)});
        assert!(Ask::parse(&ask.to_string()).is_ok());
    }
}
