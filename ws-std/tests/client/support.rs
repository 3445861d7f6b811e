//! Servers for one connection each, and certificates for them.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use ws_std::WebSocket;
use ws_std::socket::Error;
use ws_std::socket::Message;
use ws_std::tls::{ClientCertificate, Identity, Roots, ServerTls};

/// Longer than any test takes, under an emulator on a busy machine, too; shorter than anybody waits for a
/// test that hangs.
pub(crate) const LONG: Duration = Duration::from_secs(300);

/// Serves one connection in a thread, and tells the address.
pub(crate) fn serve<T: Send + 'static>(
    server: impl FnOnce(TcpStream) -> T + Send + 'static,
) -> (String, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let thread = thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        stream.set_read_timeout(Some(LONG)).unwrap();
        server(stream)
    });
    (address, thread)
}

/// Echoes until the client closes.
pub(crate) fn echo<S: Read + Write>(
    mut socket: WebSocket<S, ws_core::Server>,
) -> Result<(), Error> {
    while let Some(message) = socket.receive()? {
        socket.send(&message)?;
    }
    Ok(())
}

/// Reads a head, and what came behind it is lost.
pub(crate) fn read_head(stream: &mut TcpStream) -> String {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        let mut byte = [0];
        stream.read_exact(&mut byte).unwrap();
        head.push(byte[0]);
    }
    String::from_utf8(head).unwrap()
}

/// A server that answers a request with this text, `{accept}` being the right accept key, and
/// then ends the connection when the client does.
pub(crate) fn answering(answer: &'static str) -> (String, JoinHandle<String>) {
    serve(move |mut stream| {
        let request = read_head(&mut stream);
        let answer = answer.replace("{accept}", &accept_of(&request));
        stream.write_all(answer.as_bytes()).unwrap();
        let _ = stream.shutdown(std::net::Shutdown::Write);
        let _ = stream.read(&mut [0]);
        request
    })
}

/// Opens a WebSocket by hand: what follows is up to the test.
pub(crate) fn open_by_hand(stream: &mut TcpStream) {
    let request = read_head(stream);
    let answer = format!(
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\
         Sec-WebSocket-Accept: {}\r\n\r\n",
        accept_of(&request)
    );
    stream.write_all(answer.as_bytes()).unwrap();
}

fn accept_of(request: &str) -> String {
    let key = request.split("Sec-WebSocket-Key: ").nth(1).unwrap().lines().next().unwrap();
    let key = key.as_bytes().try_into().unwrap();
    String::from_utf8(ws_core::handshake::accept_key(key).to_vec()).unwrap()
}

/// A client's frame: its first byte and its payload, unmasked.
pub(crate) fn read_frame(stream: &mut TcpStream) -> (u8, Vec<u8>) {
    let mut start = [0; 2];
    stream.read_exact(&mut start).unwrap();
    assert!(start[1] & 0x80 != 0, "a client masks");
    let extended = match start[1] & 0x7f {
        126 => 2,
        127 => 8,
        _ => 0,
    };
    let mut bytes = [0; 8];
    stream.read_exact(&mut bytes[8 - extended..]).unwrap();
    let len = if extended == 0 { u64::from(start[1] & 0x7f) } else { u64::from_be_bytes(bytes) };
    let mut mask = [0; 4];
    stream.read_exact(&mut mask).unwrap();
    let mut payload = vec![0; usize::try_from(len).unwrap()];
    stream.read_exact(&mut payload).unwrap();
    payload.iter_mut().zip(mask.iter().cycle()).for_each(|(byte, key)| *byte ^= key);
    (start[0], payload)
}

pub(crate) fn text(text: &str) -> Option<Message> {
    Some(Message::Text(text.to_owned()))
}

/// A certificate authority, and what it has signed.
pub(crate) struct Authority(CertifiedIssuer<'static, KeyPair>);

impl Authority {
    pub(crate) fn new() -> Self {
        let mut params = CertificateParams::default();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        // Each has a name of its own, as those in the world have.
        static COUNT: AtomicUsize = AtomicUsize::new(0);
        let name = format!("Authority {}", COUNT.fetch_add(1, Ordering::Relaxed));
        params.distinguished_name.push(DnType::CommonName, name);
        Self(CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap())
    }

    pub(crate) fn roots(&self) -> Roots {
        Roots::from_pem(self.0.pem().as_bytes()).unwrap()
    }

    /// A server's side for these names, with a certificate that is valid up to this year.
    pub(crate) fn server(&self, names: &[&str], until: i32) -> ServerTls {
        ServerTls::new(self.sign(names, until)).unwrap()
    }

    /// The same for clients that have a certificate of this authority.
    pub(crate) fn server_for_known_clients(&self, names: &[&str]) -> ServerTls {
        let tls = self.server(names, 4000);
        tls.with_client_certificates(ClientCertificate::Required, self.roots()).unwrap()
    }

    /// Who a client is.
    pub(crate) fn client(&self) -> Identity {
        self.sign(&["client"], 4000)
    }

    fn sign(&self, names: &[&str], until: i32) -> Identity {
        let names: Vec<_> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).unwrap();
        params.not_after = rcgen::date_time_ymd(until, 1, 1);
        let key = KeyPair::generate().unwrap();
        let certificate = params.signed_by(&key, &self.0).unwrap();
        let (certificate, key) = (certificate.pem(), key.serialize_pem());
        Identity::from_pem(certificate.as_bytes(), key.as_bytes()).unwrap()
    }
}
