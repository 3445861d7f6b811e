//! EXT-01: compressed messages through the drivers, in a window and a buffer of 1 KiB and less.

use ws_core::deflate::{Inflate, Then};
use ws_core::endpoint::{Arrival, Take, Timers};
use ws_core::frame::{CloseCode, Kind};
use ws_core::handshake::{DeflateAnswer, DeflateOffer, Takeover, WindowBits};
use ws_core::testing::abuse::REQUEST;
use ws_core::testing::{Clock, Failure, Random, Script};
use ws_core::{Error, Misuse, Rule, Server, Side, aio, io};
use ws_tests::frames::*;
use ws_tests::fuzzed::deflate::compress;
use ws_tests::handshake::NONCE;
use ws_tests::scene::scripts;
use ws_tests::{WireFrame, naive, run_until_stuck};
use zlib_rs::Deflate;

const WINDOW: usize = 1024;
const RSV1: u8 = 0x40;

/// A request that makes this offer.
fn request(offer: &str) -> String {
    let line = format!("\r\nSec-WebSocket-Extensions: {offer}\r\n\r\n");
    REQUEST.replacen("\r\n\r\n", &line, 1)
}

/// What browsers offer.
const BROWSER: &str = "permessage-deflate; client_max_window_bits";

/// Texts that repeat each other, the last of them as large as the window.
fn texts() -> Vec<String> {
    let line = "{\"temperature\":21.5,\"unit\":\"C\"}";
    let mut texts: Vec<String> = (1..8).map(|count| line.repeat(count)).collect();
    texts.push("z".repeat(WINDOW));
    texts.extend(["".into(), "0123456789".repeat(102)]);
    texts
}

/// These texts as a client with such a window compresses them, each in a frame.
fn squeezed(texts: &[String], window: u8) -> Vec<WireFrame> {
    let mut deflate = Deflate::new(9, false, window);
    let squeeze = |text: &String| match text.as_bytes() {
        // What zlib makes of nothing is nothing; this is how the RFC writes it (section 7.2.3.6).
        [] => text_frame(vec![0x00]),
        bytes => text_frame(compress(&mut deflate, bytes)),
    };
    texts.iter().map(squeeze).collect()
}

fn text_frame(squeezed: Vec<u8>) -> WireFrame {
    text(squeezed).reserved(RSV1)
}

fn masked(frames: &[WireFrame]) -> Vec<u8> {
    let frames: Vec<_> = frames.iter().map(|frame| frame.clone().masked([9, 8, 7, 6])).collect();
    WireFrame::encode_all(&frames)
}

/// What a device made of a client: the head of its response, what it said then, and how it ended.
type Outcome = (String, Vec<WireFrame>, Result<(), Error<Failure>>);

fn outcome(written: &[u8], end: Result<(), Error<Failure>>) -> Outcome {
    let at = written.windows(4).position(|four| four == b"\r\n\r\n").unwrap() + 4;
    let (head, behind) = written.split_at(at);
    // An answer comes in as many frames as there was room.
    let said = naive::decode(Side::Client, u64::MAX, behind);
    assert_eq!(said.breach, None);
    (String::from_utf8(head.to_vec()).unwrap(), said.heard, end)
}

/// A device that echoes, over the blocking driver.
fn serve(script: &mut Script) -> Result<(), Error<Failure>> {
    let mut accept = io::Accept::new(script, [0; WINDOW], [])?;
    accept = accept.with_deflate(DeflateAnswer::receiving(WINDOW, Takeover::Keep).unwrap());
    let upgrade = accept.read(|_, _| {})?;
    let mut socket = accept.accept(&upgrade, None, &[])?;
    let mut inflate = socket.deflated().map(|flow| Inflate::new([0; WINDOW], flow)).transpose()?;
    while let Some(message) = socket.receive()? {
        let Some(inflate) = inflate.as_mut().filter(|_| message.compressed()) else {
            message.echo()?;
            continue;
        };
        assert_eq!(message.text(), None);
        let kind = message.kind();
        match inflate.whole(&message.data(), message.bytes()) {
            Ok(said) => message.reply(kind, said)?,
            Err(rule) => socket.refuse(rule),
        }
    }
    Ok(())
}

/// The same over the async one.
async fn serve_awaiting(script: &mut Script) -> Result<(), Error<Failure>> {
    let mut accept = aio::Accept::new(script, [0; WINDOW], [])?;
    accept = accept.with_deflate(DeflateAnswer::receiving(WINDOW, Takeover::Keep).unwrap());
    let upgrade = accept.read(|_, _| {}).await?;
    let mut socket = accept.accept(&upgrade, None, &[]).await?;
    let mut inflate = socket.deflated().map(|flow| Inflate::new([0; WINDOW], flow)).transpose()?;
    while let Some(message) = socket.receive().await? {
        let Some(inflate) = inflate.as_mut().filter(|_| message.compressed()) else {
            message.echo().await?;
            continue;
        };
        let kind = message.kind();
        match inflate.whole(&message.data(), message.bytes()) {
            Ok(said) => message.reply(kind, said).await?,
            Err(rule) => socket.refuse(rule),
        }
    }
    Ok(())
}

/// What comes of this client, however its bytes are cut, over either driver.
fn device(request: &str, frames: &[WireFrame]) -> Outcome {
    let input = [request.as_bytes(), &masked(frames)].concat();
    let blocking = |mut script: Script| {
        let end = serve(&mut script);
        outcome(script.written(), end)
    };
    let awaiting = |script: Script| {
        let mut script = script.hesitant();
        let end = run_until_stuck(serve_awaiting(&mut script)).unwrap();
        outcome(script.written(), end)
    };
    let mut all =
        scripts(&input).into_iter().flat_map(|script| [blocking(script.clone()), awaiting(script)]);
    let first = all.next().unwrap();
    all.for_each(|way| assert_eq!(way, first, "every way comes to the same"));
    first
}

/// EXT-01, EMB-02: with 1 KiB of window, 1 KiB to receive, and nothing to send from.
#[test]
fn a_device_of_one_kib_understands_what_a_browser_compresses() {
    let texts = texts();
    let mut frames = squeezed(&texts, 10);
    frames.insert(3, text("as it is"));
    frames.push(close(1000, ""));
    let (head, heard, end) = device(&request(BROWSER), &frames);
    assert_eq!(end, Ok(()));
    let agreed = "permessage-deflate; server_no_context_takeover; client_max_window_bits=10\r\n";
    assert!(head.contains(&format!("\r\nSec-WebSocket-Extensions: {agreed}")), "{head}");
    let mut expected: Vec<_> = texts.iter().map(text).collect();
    expected.insert(3, text("as it is"));
    expected.push(close(1000, ""));
    assert_eq!(heard, expected);
}

/// EXT-01
#[test]
fn a_device_declines_to_inflate_what_needs_a_larger_window() {
    let request = request("permessage-deflate");
    let (head, heard, end) = device(&request, &[text("hello"), close(1000, "")]);
    assert_eq!(end, Ok(()));
    assert!(!head.contains("Extensions"), "{head}");
    assert_eq!(heard, [text("hello"), close(1000, "")]);
    // Then the bit means nothing.
    let (_, heard, end) = device(&request, &squeezed(&texts(), 10));
    assert!(
        matches!(end, Err(Error::Violation(violation)) if violation.rule == Rule::ReservedBits)
    );
    assert_eq!(heard[0].close_code(), Some(CloseCode::PROTOCOL_ERROR));
}

/// EXT-01, PROTO-10
#[test]
fn a_device_tells_its_client_what_is_wrong_with_a_message() {
    let too_large = "z".repeat(WINDOW + 1);
    let cases = [
        (text_frame(b"\x06".into()), Rule::InvalidDeflate, CloseCode::INVALID_DATA),
        (
            text_frame(b"\x00\x01\x00\xfe\xff\xff\x00".into()),
            Rule::InvalidUtf8,
            CloseCode::INVALID_DATA,
        ),
        (squeezed(&[too_large], 10).remove(0), Rule::TooBig, CloseCode::TOO_BIG),
    ];
    for (frame, rule, code) in cases {
        let (_, heard, end) = device(&request(BROWSER), &[text("first"), frame, text("never")]);
        assert!(
            matches!(end, Err(Error::Violation(violation)) if violation.rule == rule),
            "{end:?}"
        );
        assert_eq!(heard.len(), 2, "{heard:?}");
        assert_eq!((&heard[0], heard[1].close_code()), (&text("first"), Some(code)));
    }
}

/// An open server's socket, that a browser sends these frames.
fn open(script: &mut Script) -> io::WebSocket<&mut Script, Server, [u8; 140], [u8; 131]> {
    let mut accept = io::Accept::new(script, [0; 140], [0; 131]).unwrap();
    accept = accept.with_deflate(DeflateAnswer::receiving(WINDOW, Takeover::Keep).unwrap());
    let upgrade = accept.read(|_, _| {}).unwrap();
    assert!(upgrade.agreement().is_some());
    accept.accept(&upgrade, None, &[]).unwrap()
}

fn script(frames: &[WireFrame]) -> Script {
    Script::new().then(request(BROWSER)).then(masked(frames))
}

/// EXT-01, EMB-03
#[test]
fn a_message_of_any_size_passes_through_140_bytes_and_a_window() {
    let long: String = (0..60_000_u64).map(|at| format!("{}", at * at % 1009)).collect();
    let frames = squeezed(&[long.clone(), "short".into()], 10);
    let mut script = script(&frames);
    let mut socket = open(&mut script);
    let mut inflate = Inflate::new([0; WINDOW], socket.deflated().unwrap()).unwrap();
    for expected in [long.as_str(), "short"] {
        let (mut heard, mut has_ended) = (vec![], false);
        while !has_ended {
            let chunk = socket.receive_chunk().unwrap().unwrap();
            inflate
                .each(&chunk.data(), chunk.bytes(), |inflated, bytes| {
                    assert_eq!(inflated.begins, heard.is_empty());
                    heard.extend_from_slice(bytes);
                    has_ended = inflated.then == Then::Ended;
                })
                .unwrap();
        }
        assert!(heard == expected.as_bytes());
    }
}

/// EXT-01
#[test]
fn what_is_compressed_is_not_echoed_as_it_is() {
    let mut script = script(&squeezed(&texts(), 10));
    let mut socket = open(&mut script);
    let message = socket.receive().unwrap().unwrap();
    assert_eq!(message.echo(), Err(Error::Misuse(Misuse::Compressed)));
}

/// EXT-01, EMB-04: steps and halves hand out the same.
#[test]
fn steps_and_halves_tell_what_is_compressed() {
    let texts = texts();
    let frames = squeezed(&texts, 10);
    let mut stepped = script(&frames).then_silence();
    let mut socket = open(&mut stepped);
    let flow = socket.deflated().unwrap();
    let clock = Clock::default();
    let mut timers = Timers::new(Default::default(), clock.hand(), Random::new(1));
    let mut inflate = Inflate::new([0; WINDOW], flow).unwrap();
    for text in &texts {
        let io::Step::Data(message) = socket.step(Take::Messages, &mut timers).unwrap() else {
            panic!("a message was expected")
        };
        assert_eq!(inflate.whole(&message.data(), message.bytes()), Ok(text.as_bytes()));
    }

    let mut halved = script(&frames);
    let socket = open(&mut halved);
    let mut other = Script::new();
    let (mut reader, _writer) = socket.split(|script| (script, &mut other)).unwrap();
    assert_eq!(reader.deflated(), Some(flow));
    inflate.reset(flow).unwrap();
    let Some(Arrival::Data { kind, ends, compressed, bytes, .. }) =
        reader.receive(Take::Messages).unwrap()
    else {
        panic!("a message was expected")
    };
    assert_eq!((kind, ends, compressed), (Kind::Text, true, true));
    let part = ws_core::deflate::Part { kind, ends };
    assert_eq!(inflate.whole(part, bytes), Ok(texts[0].as_bytes()));
    reader.refuse(Rule::InvalidUtf8);
    assert!(matches!(reader.receive(Take::Messages), Ok(Some(Arrival::Owed(_)))));
    assert!(matches!(reader.receive(Take::Messages), Err(Error::Violation(_))));
}

fn entropy(bytes: &mut [u8]) {
    if bytes.len() == NONCE.len() { bytes.copy_from_slice(&NONCE) } else { bytes.fill(0x55) }
}

/// EXT-01: the device asks a server to keep to its window.
#[test]
fn a_device_that_dials_understands_a_server_that_compresses() {
    let offer = DeflateOffer {
        client_no_context_takeover: true,
        server_max_window_bits: WindowBits::fitting(WINDOW),
        ..DeflateOffer::default()
    };
    let texts = texts();
    let response = "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\
        Connection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\
        Sec-WebSocket-Extensions: permessage-deflate; server_max_window_bits=10\r\n\r\n";
    let frames = WireFrame::encode_all(&squeezed(&texts, 10));
    let input = [response.as_bytes(), &frames].concat();
    for script in scripts(&input) {
        let mut blocking = script.clone();
        let connect =
            io::Connect { deflate: Some(offer), ..io::Connect::to("example.com", "/chat") };
        let opened = connect.open(&mut blocking, entropy, [0; 1200], [0; 140], |_, _| {});
        let (mut socket, _) = opened.unwrap();
        let mut inflate = Inflate::new([0; WINDOW], socket.deflated().unwrap()).unwrap();
        for text in &texts {
            let message = socket.receive().unwrap().unwrap();
            assert_eq!(inflate.whole(&message.data(), message.bytes()), Ok(text.as_bytes()));
        }
        let request = String::from_utf8(blocking.written().to_vec()).unwrap();
        let offered =
            "permessage-deflate; client_no_context_takeover; server_max_window_bits=10\r\n";
        assert!(request.contains(&format!("Sec-WebSocket-Extensions: {offered}")), "{request}");

        let mut awaiting = script.hesitant();
        let connect =
            aio::Connect { deflate: Some(offer), ..aio::Connect::to("example.com", "/chat") };
        run_until_stuck(async {
            let opened = connect.open(&mut awaiting, entropy, [0; 1200], [0; 140], |_, _| {}).await;
            let (mut socket, _) = opened.unwrap();
            let mut inflate = Inflate::new([0; WINDOW], socket.deflated().unwrap()).unwrap();
            for text in &texts {
                let message = socket.receive().await.unwrap().unwrap();
                assert_eq!(inflate.whole(&message.data(), message.bytes()), Ok(text.as_bytes()));
            }
        })
        .expect("all of it has arrived");
    }
}
