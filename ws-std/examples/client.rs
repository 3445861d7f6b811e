//! A client for the terminal: lines that are typed are sent, messages that arrive are printed.
//!
//! ```text
//! cargo run -p ws-std --example client -- [OPTION]... wss://example.com/chat
//!
//! --header "NAME: VALUE"    send this header, too (repeatable)
//! --subprotocol NAME        offer this subprotocol (repeatable)
//! --root FILE               trust the certificates in this PEM file only
//! --proxy URL               go through this HTTP proxy
//!
//! /ping [TEXT]    send a Ping
//! /close [CODE [REASON]]    close; so does the end of the input
//! //TEXT          send a line that begins with a slash
//! ```
//!
//! Exit codes: 0 closed properly, 1 the conversation broke off, 2 wrong usage, 3 no connection.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a program speaks to its user")]

use std::io::{self, BufRead};
use std::process::{ExitCode, exit};
use std::thread;
use std::time::Duration;

use ws_std::client::{ConnectError, Connector, Stream};
use ws_std::socket::Message;
use ws_std::socket::{CloseCode, Error, Reader, Writer};
use ws_std::tls::Roots;

const USAGE: &str = "usage: client [--header \"NAME: VALUE\"]... [--subprotocol NAME]... \
                     [--root FILE] [--proxy URL] URL";

fn main() -> ExitCode {
    let (connector, url) = match arguments() {
        Ok(arguments) => arguments,
        Err(problem) => {
            eprintln!("{problem}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    let socket = match connector.connect(&url) {
        Ok(socket) => socket,
        Err(error) => {
            explain(&error);
            return ExitCode::from(3);
        }
    };
    match socket.subprotocol() {
        Some(name) => eprintln!("connected, subprotocol {name}"),
        None => eprintln!("connected"),
    }
    match socket.split() {
        Ok((reader, writer)) => {
            // The input cannot be interrupted, so the end of this thread is the program's.
            thread::spawn(|| print_messages(reader));
            match send_lines(writer) {
                // The other thread waits for the server's Close, and exits.
                Ok(()) => loop {
                    thread::park();
                },
                Err(error) => {
                    eprintln!("{error}");
                    ExitCode::FAILURE
                }
            }
        }
        Err(error) => {
            eprintln!("{error}");
            ExitCode::FAILURE
        }
    }
}

fn arguments() -> Result<(Connector, String), String> {
    let mut connector =
        Connector::new().heartbeat(Duration::from_secs(30), Duration::from_secs(10));
    let (mut subprotocols, mut url) = (vec![], None);
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(format!("{argument} needs a value"));
        connector = match argument.as_str() {
            "--header" => {
                let header = value()?;
                let (name, value) = header.split_once(':').ok_or("a header is NAME: VALUE")?;
                connector.header(name, value.trim())
            }
            "--root" => {
                let path = value()?;
                connector.roots(Roots::from_pem_file(path).map_err(|error| error.to_string())?)
            }
            "--proxy" => connector.proxy(&value()?),
            "--subprotocol" => {
                subprotocols.push(value()?);
                connector
            }
            option if option.starts_with('-') => return Err(format!("{option} is no option")),
            _ if url.is_none() => {
                url = Some(argument);
                connector
            }
            _ => return Err(format!("{argument} is too much")),
        };
    }
    Ok((connector.subprotocols(subprotocols), url.ok_or("where to?")?))
}

fn explain(error: &ConnectError) {
    eprintln!("{error}");
    if let ConnectError::Refused(response) = error {
        if let Some(location) = response.location() {
            eprintln!("it redirects to {location}, which is not followed");
        }
        if let Some(span) = response.retry_after() {
            eprintln!("it asks to come back after {} s", span.as_secs());
        }
        eprintln!("{}", String::from_utf8_lossy(response.body()).trim_end());
    }
}

fn print_messages(mut reader: Reader<Stream>) {
    loop {
        match reader.receive() {
            Ok(Some(Message::Text(text))) => println!("{text}"),
            Ok(Some(Message::Binary(bytes))) => println!("[{} bytes]", bytes.len()),
            Ok(None) => {
                if let Some(ended) = reader.ended() {
                    let code = ended.code.map_or("no code".to_owned(), |code| code.0.to_string());
                    eprintln!("closed by {:?}: {code} {}", ended.by, ended.text);
                }
                exit(0);
            }
            Err(error) => {
                eprintln!("{error}");
                exit(1);
            }
        }
    }
}

fn send_lines(mut writer: Writer<Stream>) -> Result<(), Error> {
    for line in io::stdin().lock().lines() {
        let line = line?;
        let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
        match word {
            "/ping" => writer.ping(rest.as_bytes())?,
            "/close" => {
                let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
                match code.parse() {
                    Ok(code) => return writer.send_close(CloseCode(code), reason),
                    Err(_) if code.is_empty() => break,
                    Err(_) => eprintln!("a code is a number"),
                }
            }
            _ if line.starts_with("//") => writer.send_text(line.get(1..).unwrap_or_default())?,
            _ if line.starts_with('/') => eprintln!("/ping, /close, or // for a slash"),
            _ => writer.send_text(&line)?,
        }
    }
    writer.send_close(CloseCode::NORMAL, "")
}
