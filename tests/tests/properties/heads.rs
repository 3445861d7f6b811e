//! Request heads against `httparse`, the parser of most of the Rust world.

use ws_core::handshake::server::Seen;
use ws_core::handshake::{Refusal, ServerHandshake};
use ws_core::testing::Random;

/// What a head says: method, target, and fields in their order.
type Head = (Vec<u8>, Vec<u8>, Vec<(Vec<u8>, Vec<u8>)>);

/// What ours makes of a head: as far as it read, and why no further.
fn ours(bytes: &[u8]) -> (Head, Result<(), Refusal>) {
    let mut handshake = ServerHandshake::default();
    let (mut head, mut rest) = (Head::default(), bytes);
    loop {
        let progress = match handshake.receive(rest, usize::MAX) {
            Ok(progress) => progress,
            Err(refusal) => return (head, Err(refusal)),
        };
        match progress.seen {
            Some(Seen::Request { method, target }) => {
                (head.0, head.1) = (method.of(rest).into(), target.of(rest).into());
            }
            Some(Seen::Field(ws_core::handshake::Field::Whole { name, value })) => {
                head.2.push((name.of(rest).into(), value.of(rest).into()));
            }
            Some(seen) => {
                assert!(matches!(seen, Seen::Complete(_)), "no field is longer than the buffer");
                return (head, Ok(()));
            }
            None => panic!("a whole head asks for more: {}", bytes.escape_ascii()),
        }
        rest = &rest[progress.consumed..];
    }
}

/// What `httparse` makes of it, and whether it is HTTP/1.1; none if it refuses.
fn theirs(bytes: &[u8]) -> Option<(Head, bool)> {
    let mut fields = [httparse::EMPTY_HEADER; 100];
    let mut request = httparse::Request::new(&mut fields);
    let whole = request.parse(bytes).ok()?.is_complete();
    assert!(whole, "a whole head asks for more: {}", bytes.escape_ascii());
    let fields = request.headers.iter().map(|field| (field.name.into(), field.value.into()));
    let head = (request.method?.into(), request.path?.into(), fields.collect());
    Some((head, request.version == Some(1)))
}

fn lawful(random: &mut Random) -> Vec<u8> {
    let mut lines = vec![
        "Host: example.com:8080".to_string(),
        "Upgrade: websocket".into(),
        "Connection: keep-alive, Upgrade".into(),
        "Sec-WebSocket-Version: 13".into(),
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==".into(),
    ];
    for index in 0..random.below(5) {
        let value = "v;,= \t\u{e9}~".repeat(random.below(3));
        lines.insert(random.below(lines.len()), format!("X-{index}:{value}"));
    }
    format!("GET /chat?a=b HTTP/1.1\r\n{}\r\n\r\n", lines.join("\r\n")).into_bytes()
}

/// PROTO-08, SEC-05: ours takes nothing that `httparse` refuses, and reads in it what `httparse`
/// does.
#[test]
fn a_head_that_is_taken_says_the_same_to_httparse() {
    let (mut taken, mut refused) = (0, 0);
    for seed in 0..20_000 {
        let mut random = Random::new(seed);
        let mut bytes = lawful(&mut random);
        let changes = random.below(3);
        for _ in 0..changes {
            let telling = b"\r\n\t :,\0\x7F\x80()/?a1";
            let at = random.below(bytes.len() - 4);
            bytes[at] = telling[random.below(telling.len())];
        }
        // A head that ends sooner, by luck, is judged by that part.
        let end = bytes.windows(4).position(|four| four == b"\r\n\r\n");
        bytes.truncate(end.expect("it ends") + 4);
        let (head, end) = ours(&bytes);
        match end {
            Ok(()) => {
                taken += 1;
                let same = Some((head, true));
                assert_eq!(theirs(&bytes), same, "{}", bytes.escape_ascii());
            }
            Err(refusal) => {
                refused += 1;
                assert!(changes > 0, "{refusal}: {}", bytes.escape_ascii());
                is_excused(refusal, &head, &bytes);
            }
        }
    }
    assert!(taken > 5000 && refused > 5000, "{taken} {refused}");
}

/// What `httparse` takes and we refuse is refused for a meaning that `httparse` does not know, or
/// for a line end or a target that it is lenient with.
fn is_excused(refusal: Refusal, head: &Head, bytes: &[u8]) {
    let Some((same, _)) = theirs(bytes) else { return };
    let lenient = match refusal {
        Refusal::Head(error) => {
            use ws_core::handshake::HeadError;
            match error {
                HeadError::LineEnding => true,
                // A tab or a byte above ASCII in the request line, a space after the name.
                HeadError::StartLine | HeadError::Name => true,
                other => panic!("{other:?}: {}", bytes.escape_ascii()),
            }
        }
        Refusal::RequestLine | Refusal::Target | Refusal::HttpVersion => true,
        _ => false,
    };
    if !lenient {
        assert!(same.2.starts_with(&head.2), "{refusal}: {}", bytes.escape_ascii());
    }
}
