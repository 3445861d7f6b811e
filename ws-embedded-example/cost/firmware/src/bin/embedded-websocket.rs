//! embedded-websocket: its blocking framer, the request read with httparse as in its example.

#![no_std]
#![no_main]

use cortex_m_rt::entry;
use embedded_websocket::framer::{Framer, FramerError, ReadResult, Stream};
use embedded_websocket::{
    WebSocketContext, WebSocketSendMessageType, WebSocketServer, read_http_header,
};
use ws_cost_firmware::{Cut, Echo, MESSAGE, Wire, measure};

const READ: usize = 512;
/// A message, and the header of its echo.
const WRITE: usize = MESSAGE + 4;

struct Socket<'a, 'w>(&'a mut Wire<'w>);

impl Stream<Cut> for Socket<'_, '_> {
    fn read(&mut self, bytes: &mut [u8]) -> Result<usize, Cut> {
        self.0.read(bytes)
    }

    fn write_all(&mut self, bytes: &[u8]) -> Result<(), Cut> {
        self.0.write(bytes).map(drop)
    }
}

#[entry]
fn main() -> ! {
    static mut RX: [u8; READ] = [0; READ];
    static mut TX: [u8; WRITE] = [0; WRITE];
    static mut MEMORY: [u8; MESSAGE] = [0; MESSAGE];
    measure(Echo::Messages, READ + WRITE + MESSAGE, |wire| {
        let _ = serve(&mut Socket(wire), RX, TX, MEMORY);
        size_of::<WebSocketServer>()
            + size_of::<Framer<'_, embedded_websocket::EmptyRng, embedded_websocket::Server>>()
    })
}

#[inline(never)]
fn serve(
    socket: &mut Socket<'_, '_>,
    read: &mut [u8],
    write: &mut [u8],
    memory: &mut [u8],
) -> Result<(), FramerError<Cut>> {
    let mut cursor = 0;
    let context = request(socket, read, &mut cursor)?;
    let mut server = WebSocketServer::new_server();
    let mut framer = Framer::new(read, &mut cursor, write, &mut server);
    framer.accept(socket, &context)?;
    loop {
        match framer.read(socket, memory)? {
            ReadResult::Text(text) => {
                framer.write(socket, WebSocketSendMessageType::Text, true, text.as_bytes())?;
            }
            ReadResult::Binary(bytes) => {
                framer.write(socket, WebSocketSendMessageType::Binary, true, bytes)?;
            }
            ReadResult::Pong(_) => {}
            ReadResult::Closed => return Ok(()),
        }
    }
}

fn request(
    socket: &mut Socket<'_, '_>,
    read: &mut [u8],
    cursor: &mut usize,
) -> Result<WebSocketContext, FramerError<Cut>> {
    loop {
        let mut headers = [httparse::EMPTY_HEADER; 16];
        let mut request = httparse::Request::new(&mut headers);
        let room = read.get_mut(*cursor..).unwrap_or_default();
        let len = socket.read(room).map_err(FramerError::Io)?;
        let seen = read.get(..*cursor + len).unwrap_or_default();
        if request.parse(seen).map_err(FramerError::HttpHeader)?.is_partial() {
            *cursor += len;
            continue;
        }
        *cursor = 0;
        let headers = request.headers.iter().map(|header| (header.name, header.value));
        return match read_http_header(headers) {
            Ok(Some(context)) => Ok(context),
            Ok(None) => Err(FramerError::Io(Cut)),
            Err(error) => Err(FramerError::WebSocket(error)),
        };
    }
}
