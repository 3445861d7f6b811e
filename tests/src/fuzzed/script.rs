//! What the two drivers are put through, and how their output is judged.

use ws_core::connection::Time;
use ws_core::endpoint::{Endpoint, Inbox};
use ws_core::{Decoder, Event, Misuse, Role, Side};

use super::Dice;
use super::wire::Wire;

/// The buffers and limits of a conversation.
pub(super) struct Plan {
    pub(super) side: Side,
    pub(super) handshake: bool,
    /// Whether what is received in pieces is sent back in pieces; else pieces of our own are sent.
    pub(super) echo_pieces: bool,
    pub(super) rx: usize,
    pub(super) tx: usize,
    pub(super) max_message: u64,
}

impl Plan {
    pub(super) fn new(dice: &mut Dice) -> Self {
        let side = if dice.once_in(3) { Side::Client } else { Side::Server };
        Self {
            side,
            handshake: dice.once_in(2),
            echo_pieces: dice.once_in(2),
            rx: dice.pick(&[135, 140, 141, 300, 70_100]),
            tx: dice.pick(if side == Side::Server { &[0, 5, 131, 400] } else { &[131, 139, 400] }),
            max_message: dice.pick(&[1, 125, 1000, 1 << 20]),
        }
    }

    pub(super) fn endpoint<R: Role>(
        &self,
        role: R,
    ) -> Result<Endpoint<R, Vec<u8>, Vec<u8>>, Misuse> {
        let inbox = Inbox::new(vec![0; self.rx], self.side)?;
        Endpoint::new(role, self.max_message, inbox, vec![0; self.tx])
    }
}

/// What the application does next.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Wish {
    Message,
    Piece,
    Step,
    Send,
    SendPart,
    SendLastPart,
    SendLent,
    Ping,
    Stage,
    Close,
}

impl Wish {
    pub(super) fn next(dice: &mut Dice) -> Self {
        use Wish::{
            Close, Message, Piece, Ping, Send, SendLastPart, SendLent, SendPart, Stage, Step,
        };
        dice.pick(&[
            Message,
            Message,
            Message,
            Message,
            Piece,
            Piece,
            Piece,
            Piece,
            Step,
            Step,
            Send,
            SendPart,
            SendLastPart,
            SendLent,
            Ping,
            Stage,
            Message,
            Piece,
            Message,
            Close,
        ])
    }
}

/// A clock that runs by chance.
pub(super) fn clock(dice: &mut Dice) -> impl FnMut() -> Time + use<> {
    let (mut dice, mut now) = (dice.clone(), 0);
    move || {
        now += dice.below(500) as u64;
        Time(now)
    }
}

/// Random bytes.
pub(super) fn entropy(dice: &mut Dice) -> impl FnMut(&mut [u8]) + use<> {
    let mut dice = dice.clone();
    move |bytes: &mut [u8]| bytes.fill_with(|| dice.next() as u8)
}

/// What was written is the front of a legal stream, and after a Close there are only Pongs.
pub(super) fn judge(plan: &Plan, wire: &Wire) {
    let mut output = wire.output();
    if plan.handshake {
        if plan.side == Side::Server && !output.starts_with(b"HTTP/1.1 101 ") {
            return;
        }
        let end = output.windows(4).position(|four| four == b"\r\n\r\n");
        output.drain(..end.map_or(output.len(), |at| at + 4));
    }
    let peer = match plan.side {
        Side::Server => Side::Client,
        Side::Client => Side::Server,
    };
    let mut decoder = Decoder::new(peer).with_max_message(u64::MAX);
    let (mut rest, mut closed) = (&mut output[..], false);
    loop {
        let decoded = decoder.decode(rest).expect("we say nothing illegal");
        let Some(event) = decoded.event else { break };
        assert!(!closed || matches!(event, Event::Pong(_)), "{event:?} after our Close");
        closed |= matches!(event, Event::Close { .. });
        rest = &mut rest[decoded.consumed..];
    }
}
