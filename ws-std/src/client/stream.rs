//! What a connector connects: TCP, or TLS over it.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::TcpStream;

use crate::socket::Split;
use crate::tls::{TlsReader, TlsStream, TlsWriter};

/// A plain or an encrypted connection.
pub struct Stream(pub(super) Either<TcpStream, Box<TlsStream<TcpStream>>>);

/// The reading half of a [`Stream`].
pub struct ReadHalf(Either<TcpStream, TlsReader<TcpStream, TcpStream>>);

/// The writing half of a [`Stream`].
pub struct WriteHalf(Either<TcpStream, TlsWriter<TcpStream>>);

pub(super) enum Either<P, T> {
    Plain(P),
    Tls(T),
}

impl Split for Stream {
    type ReadHalf = ReadHalf;
    type WriteHalf = WriteHalf;

    fn split(self) -> io::Result<(ReadHalf, WriteHalf)> {
        Ok(match self.0 {
            Either::Plain(stream) => {
                let (reader, writer) = stream.split()?;
                (ReadHalf(Either::Plain(reader)), WriteHalf(Either::Plain(writer)))
            }
            Either::Tls(stream) => {
                let (reader, writer) = stream.split()?;
                (ReadHalf(Either::Tls(reader)), WriteHalf(Either::Tls(writer)))
            }
        })
    }
}

macro_rules! forward {
    (Read for $($type:ty),*) => {$(
        impl Read for $type {
            fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
                match &mut self.0 {
                    Either::Plain(stream) => stream.read(into),
                    Either::Tls(stream) => stream.read(into),
                }
            }
        }
    )*};
    (Write for $($type:ty),*) => {$(
        impl Write for $type {
            fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
                match &mut self.0 {
                    Either::Plain(stream) => stream.write(bytes),
                    Either::Tls(stream) => stream.write(bytes),
                }
            }

            fn flush(&mut self) -> io::Result<()> {
                match &mut self.0 {
                    Either::Plain(stream) => stream.flush(),
                    Either::Tls(stream) => stream.flush(),
                }
            }
        }
    )*};
    (Debug for $($type:ty),*) => {$(
        impl fmt::Debug for $type {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(match &self.0 {
                    Either::Plain(_) => "Plain",
                    Either::Tls(_) => "Tls",
                })
            }
        }
    )*};
}

forward!(Read for Stream, ReadHalf);
forward!(Write for Stream, WriteHalf);
forward!(Debug for Stream, ReadHalf, WriteHalf);
