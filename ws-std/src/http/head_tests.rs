use super::*;

const UPGRADE: &str = "GET /chat?a=b HTTP/1.1\r\nHost: example.com\r\nUpgrade: websocket\r\n\
    Connection: Upgrade\r\nCookie: id=7\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\
    Sec-WebSocket-Version: 13\r\n\r\n";
const PLAIN: &str = "GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n";

fn reader(max_bytes: u32, max_fields: u32) -> HeadReader {
    HeadReader::new(HeadLimits { max_bytes, max_fields })
}

/// Reads pieces of that size until the outcome is known.
fn read(reader: &mut HeadReader, bytes: &[u8], piece: usize) -> Received {
    let mut consumed = 0;
    loop {
        let end = bytes.len().min(consumed + piece);
        let received = reader.receive(&bytes[consumed..end]);
        consumed += received.consumed;
        if received.outcome != Outcome::More || consumed == bytes.len() {
            return Received { consumed, outcome: received.outcome };
        }
    }
}

fn refusal(head: &str) -> Option<Refusal> {
    let mut reader = reader(1000, 10);
    match read(&mut reader, head.as_bytes(), head.len()).outcome {
        Outcome::Refused(refusal) => Some(refusal),
        _ => None,
    }
}

#[test]
fn the_bytes_after_the_head_are_left_however_it_is_cut() {
    for head in [UPGRADE, PLAIN] {
        let bytes = format!("{head}frames");
        for piece in 1..=bytes.len() {
            let mut reader = HeadReader::new(HeadLimits::default());
            let Received { consumed, outcome } = read(&mut reader, bytes.as_bytes(), piece);
            assert_eq!(consumed, head.len());
            assert_eq!(matches!(outcome, Outcome::Upgrade(_)), head == UPGRADE);
            assert_eq!(matches!(outcome, Outcome::Http), head == PLAIN);
            let read = reader.into_head();
            assert_eq!(read.bytes, head.as_bytes());
            assert_eq!(read.method(), "GET");
            assert_eq!(read.values("HOST").count(), 1);
        }
    }
}

#[test]
fn all_fields_are_kept_in_their_order() {
    let mut reader = HeadReader::new(HeadLimits::default());
    read(&mut reader, UPGRADE.as_bytes(), 5);
    let head = reader.head();
    assert_eq!(head.target(), "/chat?a=b");
    let names: Vec<_> = head.fields().map(|(name, _)| name).collect();
    assert_eq!(names[..4], ["Host", "Upgrade", "Connection", "Cookie"]);
    assert_eq!(head.values("cookie").next(), Some(&b"id=7"[..]));
}

/// SEC-01
#[test]
fn a_head_may_have_so_many_bytes_and_no_more() {
    let len = UPGRADE.len() as u32;
    for piece in [1, 7, 1000] {
        let mut fits = reader(len, 10);
        assert!(matches!(read(&mut fits, UPGRADE.as_bytes(), piece).outcome, Outcome::Upgrade(_)));
        let mut short = reader(len - 1, 10);
        let outcome = read(&mut short, UPGRADE.as_bytes(), piece).outcome;
        let Outcome::Refused(refusal) = outcome else { panic!("{outcome:?}") };
        assert_eq!(refusal.status().0, 431);
    }
}

/// SEC-01
#[test]
fn a_request_line_that_does_not_end_is_too_long() {
    let endless = format!("GET /{}", "a".repeat(5000));
    let mut reader = reader(1000, 10);
    let received = read(&mut reader, endless.as_bytes(), 64);
    let Outcome::Refused(refusal) = received.outcome else { panic!("{received:?}") };
    assert_eq!(refusal.status().0, 414);
    assert!(reader.head().retained() <= 2 * 1001, "{}", reader.head().retained());
}

/// SEC-01
#[test]
fn a_head_may_have_so_many_fields_and_no_more() {
    let head = |fields: usize| {
        format!("GET / HTTP/1.1\r\nHost: a\r\n{}\r\n", "X: y\r\n".repeat(fields - 1))
    };
    assert_eq!(refusal(&head(10)), None);
    assert_eq!(refusal(&head(11)).map(|refusal| refusal.status().0), Some(431));
}

#[test]
fn what_is_malformed_is_refused_as_the_handshake_says() {
    assert_eq!(refusal("GET / HTTP/1.1\n"), Some(Refusal::Head(HeadError::LineEnding)));
    assert_eq!(refusal("GET / HTTP/1.1\r\n\r\n"), Some(Refusal::MissingHost));
    assert_eq!(refusal("\x16\x03\x01"), Some(Refusal::Head(HeadError::StartLine)));
}

/// SEC-03
#[test]
fn a_head_shows_nothing_of_what_it_says() {
    let mut reader = HeadReader::new(HeadLimits::default());
    read(&mut reader, UPGRADE.as_bytes(), 500);
    let shown = format!("{:?}", reader.head());
    assert!(!shown.contains("id=7") && !shown.contains("chat"), "{shown}");
}
