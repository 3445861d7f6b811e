//! Heads of the opening handshake: requests, responses, and the lists in them.

use ws_core::Span;
use ws_core::handshake::{
    ClientError, ClientHandshake, Field, MAX_HEAD, Offers, Progress, Refusal, ServerHandshake,
    Subprotocols, Target, client, server,
};

use super::Dice;

/// What was seen of a head, and what it came to.
type Read<T, E> = (Vec<String>, Result<Option<T>, E>);

/// Feeds a head to a handshake through a buffer of `capacity` bytes, in pieces of the lengths that
/// `piece` says, and collects what it shows. Tells, if the head ended, what is left behind it.
fn read<T: Copy, E: PartialEq + std::fmt::Debug>(
    head: &[u8],
    capacity: usize,
    mut piece: impl FnMut() -> usize,
    mut receive: impl FnMut(&[u8], usize) -> Result<Progress<T>, E>,
    mut see: impl FnMut(T, &[u8], &mut Vec<String>) -> bool,
) -> Read<Vec<u8>, E> {
    let (mut buffer, mut rest, mut log) = (Vec::new(), head, Vec::new());
    loop {
        let progress = match receive(&buffer, capacity) {
            Ok(progress) => progress,
            Err(error) => return (log, Err(error)),
        };
        let ended = progress.seen.is_some_and(|seen| see(seen, &buffer, &mut log));
        buffer.drain(..progress.consumed);
        if ended {
            buffer.extend_from_slice(rest);
            return (log, Ok(Some(buffer)));
        }
        if progress.seen.is_none() {
            assert!(buffer.len() < capacity, "a full buffer is never too small");
            if rest.is_empty() {
                return (log, Ok(None));
            }
            let len = piece().clamp(1, rest.len()).min(capacity - buffer.len());
            let (arrived, after) = rest.split_at(len);
            buffer.extend_from_slice(arrived);
            rest = after;
        }
    }
}

fn see_field(field: Field, bytes: &[u8], log: &mut Vec<String>) {
    let text = |span: Span| String::from_utf8_lossy(span.of(bytes)).into_owned();
    match field {
        Field::Whole { name, value } => log.push(format!("{}: {}", text(name), text(value))),
        Field::Begin { name, value } => log.push(format!("{}:… {}", text(name), text(value))),
        Field::More(piece) => log.push(format!("…{}…", text(piece))),
        Field::End(piece) => log.push(format!("…{}", text(piece))),
    }
}

fn read_request(
    head: &[u8],
    capacity: usize,
    piece: impl FnMut() -> usize,
) -> Read<Vec<u8>, Refusal> {
    let mut handshake = ServerHandshake::new(MAX_HEAD);
    let receive = |bytes: &[u8], capacity| handshake.receive(bytes, capacity);
    read(head, capacity, piece, receive, |seen, bytes, log| match seen {
        server::Seen::Request { method, target } => {
            log.push(format!("{:?} {:?}", method.of(bytes), target.of(bytes)));
            false
        }
        server::Seen::Field(field) => {
            see_field(field, bytes, log);
            false
        }
        server::Seen::Complete(upgrade) => {
            let response = upgrade.response(None, &[]).expect("nothing was added to it");
            let mut out = vec![0; response.len()];
            assert_eq!(response.write(0, &mut out), out.len());
            assert!(out.ends_with(b"\r\n\r\n"));
            true
        }
    })
}

/// A request shows the same lines and comes to the same end, however it is cut; a larger buffer
/// only spares it the refusals for lines that do not fit.
pub fn any_cut_of_a_request_reads_alike(input: &[u8]) {
    let (mut dice, head) = Dice::split(input);
    let capacity = dice.pick(&[131, 140, 300, 1024]);
    let whole = read_request(head, capacity, || usize::MAX);
    assert_eq!(read_request(head, capacity, || 1), whole, "byte by byte");
    assert_eq!(read_request(head, capacity, || dice.len(200)), whole, "cut by chance");
    let roomy = read_request(head, 1 << 16, || usize::MAX);
    match (whole.1, roomy.1) {
        // A value that only passes in pieces is not parsed: its extensions are not used.
        (Ok(_), Err(Refusal::Extensions)) | (Err(_), _) => {}
        (small, large) => assert_eq!(small, large, "a small buffer accepts no more"),
    }
}

fn read_response(
    head: &[u8],
    capacity: usize,
    piece: impl FnMut() -> usize,
) -> Read<Vec<u8>, ClientError> {
    let mut handshake = ClientHandshake::new(*b"the sample nonce", &["chat", "superchat"]);
    let receive = |bytes: &[u8], capacity| handshake.receive(bytes, capacity);
    read(head, capacity, piece, receive, |seen, bytes, log| match seen {
        client::Seen::Field(field) => {
            see_field(field, bytes, log);
            false
        }
        client::Seen::Complete { subprotocol } => {
            log.push(format!("{subprotocol:?}"));
            true
        }
        other => {
            log.push(format!("{other:?}"));
            false
        }
    })
}

/// The same for the response that a client reads.
pub fn any_cut_of_a_response_reads_alike(input: &[u8]) {
    let (mut dice, head) = Dice::split(input);
    let capacity = dice.pick(&[131, 140, 300, 1024]);
    let whole = read_response(head, capacity, || usize::MAX);
    assert_eq!(read_response(head, capacity, || 1), whole, "byte by byte");
    assert_eq!(read_response(head, capacity, || dice.len(200)), whole, "cut by chance");
}

/// The best subprotocol is chosen among all that are offered; extensions and targets are read to
/// their end or to their first fault.
pub fn lists_are_read_like_lists(input: &[u8]) {
    const KNOWN: [&str; 3] = ["chat.v2", "chat", "c"];
    let mut subprotocols = Subprotocols::new(&KNOWN);
    subprotocols.observe(input);
    let offered = |known: &&str| {
        let trimmed = |element: &[u8]| element.trim_ascii() == known.as_bytes();
        input.split(|byte| *byte == b',').any(trimmed)
    };
    let expected = KNOWN.into_iter().find(offered);
    if !input.iter().any(|byte| b"\r\n\x0c".contains(byte)) {
        assert_eq!(subprotocols.chosen(), expected);
    }

    let mut offers = Offers::new(input);
    let count = offers.by_ref().take(input.len() + 1).count();
    assert!(count <= input.len(), "every offer takes a byte at least");
    assert_eq!(offers.next(), None, "and the end is the end");

    if let Some(target) = Target::parse(input) {
        let parts = format!("{target:?}");
        assert!(input.is_ascii() && !parts.is_empty());
    }
}
