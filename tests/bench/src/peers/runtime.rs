//! What the servers on tokio have in common: one thread, the accept loop, and TLS.

use std::future::Future;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio_rustls::TlsAcceptor;

use super::{Setup, listen};
use crate::Result;

/// What a connection is, in the clear or under TLS.
pub(super) trait Stream: AsyncRead + AsyncWrite + Unpin + Send + 'static {}

impl<S: AsyncRead + AsyncWrite + Unpin + Send + 'static> Stream for S {}

/// What is done with a connection. Errors end it, and are of no interest.
pub(super) trait Service: Clone + Send + 'static {
    fn serve<S: Stream>(self, stream: S) -> impl Future<Output = Result<()>> + Send;
}

pub(super) fn run(setup: &Setup, service: impl Service) -> Result<()> {
    let acceptor = setup.tls.as_ref().map(|(certificate, key)| acceptor(certificate, key));
    let acceptor = acceptor.transpose()?;
    let listener = listen(setup)?;
    listener.set_nonblocking(true)?;
    let runtime =
        tokio::runtime::Builder::new_current_thread().enable_io().enable_time().build()?;
    runtime.block_on(async {
        let listener = TcpListener::from_std(listener)?;
        loop {
            let Ok((stream, _)) = listener.accept().await else { continue };
            stream.set_nodelay(true)?;
            let (service, acceptor) = (service.clone(), acceptor.clone());
            // The examples of the libraries take their connections out of tokio's budget, too.
            tokio::spawn(tokio::task::unconstrained(async move {
                match acceptor {
                    None => service.serve(stream).await,
                    Some(acceptor) => service.serve(acceptor.accept(stream).await?).await,
                }
            }));
        }
    })
}

fn acceptor(certificate: &str, key: &str) -> Result<TlsAcceptor> {
    let chain = vec![CertificateDer::from_pem_file(certificate)?];
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[&rustls::version::TLS13])?
        .with_no_client_auth()
        .with_single_cert(chain, PrivateKeyDer::from_pem_file(key)?)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}
