//! Servers, each in a process of its own.

use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::process::{Child, ChildStdout, Command, Stdio};
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};

use crate::Result;
use crate::load::{Protocol, Target};
use crate::peers::{RAW, Task};
use crate::sys::{self, Core};

/// How a server is started.
#[derive(Clone)]
pub(crate) enum Start {
    BuiltIn,
    /// A command line, split at its spaces.
    External(Vec<String>),
}

/// A server that takes part.
#[derive(Clone)]
pub(crate) struct Server {
    pub(crate) name: String,
    pub(crate) start: Start,
}

/// A certificate for 127.0.0.1, in files that go when this is dropped.
pub(crate) struct Certificate {
    directory: std::path::PathBuf,
    client: Arc<ClientConfig>,
}

/// A server that listens, until this is dropped.
pub(crate) struct Running {
    child: Child,
    /// Kept open, for a server that has more to say must not fail for it.
    _output: BufReader<ChildStdout>,
    target: Target,
    protocol: Protocol,
}

impl Server {
    /// Starts it on the core of the servers.
    pub(crate) fn start(&self, task: Task, tls: Option<&Certificate>) -> Result<Running> {
        sys::pin(Core::Server);
        let child = self.command(task, tls)?.stdout(Stdio::piped()).stdin(Stdio::null()).spawn();
        sys::pin(Core::Load);
        let mut child = child.map_err(|error| format!("{}: {error}", self.name))?;
        let (address, output) = match address(&mut child) {
            Ok(found) => found,
            Err(error) => {
                end(&mut child);
                return Err(format!("{}: {error}", self.name).into());
            }
        };
        let tls = tls.filter(|_| self.name != RAW).map(|tls| Arc::clone(&tls.client));
        let protocol = if self.name == RAW { Protocol::Raw } else { Protocol::WebSocket };
        Ok(Running { child, _output: output, target: Target { address, tls }, protocol })
    }

    fn command(&self, task: Task, tls: Option<&Certificate>) -> Result<Command> {
        let (program, arguments) = match &self.start {
            Start::BuiltIn => {
                (std::env::current_exe()?.into_os_string(), self.built_in_arguments(task, tls))
            }
            Start::External(words) => {
                let (program, rest) = words.split_first().ok_or("an empty command")?;
                let rest = rest.iter().map(|word| match tls {
                    Some(tls) => word.replace("{cert}", &tls.path()).replace("{key}", &tls.key()),
                    None => word.clone(),
                });
                (program.into(), rest.collect())
            }
        };
        let mut command = Command::new(program);
        command.args(arguments);
        Ok(command)
    }

    fn built_in_arguments(&self, task: Task, tls: Option<&Certificate>) -> Vec<String> {
        let mut arguments = vec!["serve".to_owned(), self.name.clone()];
        arguments.extend(["--addr", "127.0.0.1:0"].map(str::to_owned));
        if task == Task::FanOut {
            arguments.push("--fanout".to_owned());
        }
        if let Some(tls) = tls.filter(|_| self.name != RAW) {
            arguments.extend(["--cert".to_owned(), tls.path(), "--key".to_owned(), tls.key()]);
        }
        arguments
    }
}

impl Running {
    pub(crate) fn process(&self) -> u32 {
        self.child.id()
    }

    pub(crate) fn target(&self) -> &Target {
        &self.target
    }

    pub(crate) fn protocol(&self) -> Protocol {
        self.protocol
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        end(&mut self.child);
    }
}

fn end(child: &mut Child) {
    let _ = child.kill();
    let _ = child.wait();
}

/// Reads on until the server says where it listens.
fn address(child: &mut Child) -> Result<(SocketAddr, BufReader<ChildStdout>)> {
    let mut output = BufReader::new(child.stdout.take().ok_or("its output is lost")?);
    let mut line = String::new();
    while output.read_line(&mut line)? > 0 {
        if let Some((_, url)) = line.split_once("listening on ws") {
            let address = url.trim_start_matches('s').trim_start_matches("://").trim();
            let address = address.trim_end_matches('/').parse()?;
            return Ok((address, output));
        }
        line.clear();
    }
    Err("it ended without saying that it listens".into())
}

impl Certificate {
    pub(crate) fn new() -> Result<Self> {
        let made = rcgen::generate_simple_self_signed(["127.0.0.1".to_owned()])?;
        let directory = std::env::temp_dir().join(format!("ws-bench-{}", std::process::id()));
        std::fs::create_dir_all(&directory)?;
        let der = CertificateDer::from(made.cert.der().to_vec());
        let this = Self { client: client(der)?, directory };
        std::fs::write(this.path(), made.cert.pem())?;
        std::fs::write(this.key(), made.signing_key.serialize_pem())?;
        Ok(this)
    }

    fn path(&self) -> String {
        self.directory.join("cert.pem").display().to_string()
    }

    fn key(&self) -> String {
        self.directory.join("key.pem").display().to_string()
    }
}

impl Drop for Certificate {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.directory);
    }
}

/// One version and one suite, the cheapest: the load generator has one core, like the server.
fn client(certificate: CertificateDer<'static>) -> Result<Arc<ClientConfig>> {
    let mut provider = rustls::crypto::ring::default_provider();
    provider.cipher_suites = vec![rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256];
    let mut roots = RootCertStore::empty();
    roots.add(certificate)?;
    let config = ClientConfig::builder_with_provider(Arc::new(provider))
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}
