//! A room, to be measured: who sends the text `JOIN` becomes a member and is answered `OK`; any
//! other text goes to all members, unchanged.
//!
//! ```text
//! cargo run --release -p ws-std --example rooms -- --addr 127.0.0.1:9002 --threads 1
//! ```
#![allow(clippy::print_stdout)]

use std::error::Error;

use ws_std::{Message, Server, Threads, on_message};

fn main() -> Result<(), Box<dyn Error>> {
    let mut addr = "127.0.0.1:9002".to_owned();
    let mut threads = Threads::PerCore;
    let mut arguments = std::env::args().skip(1);
    while let Some(option) = arguments.next() {
        let value = arguments.next().ok_or(format!("{option} wants a value"))?;
        match &*option {
            "--addr" => addr = value,
            "--threads" => threads = Threads::Fixed(value.parse()?),
            _ => return Err(format!("what is {option}?").into()),
        }
    }

    let rooms = on_message(|ctx, message| match message {
        Message::Text(text) if *text == *"JOIN" => {
            let answer = ctx.join("all").map_or_else(|error| error.to_string(), |_| "OK".into());
            ctx.send(&answer);
        }
        message => {
            ctx.broadcast("all", message);
        }
    });
    let server = Server::builder(rooms).threads(threads).listen(&addr)?.start()?;
    println!("listening on ws://{}", server.address().ok_or("no address")?);
    server.join()?;
    Ok(())
}
