//! ws-std, as its example shows it: nothing but the number of threads is other than usual.

use ws_std::tls::ServerTls;
use ws_std::{Server, Threads, on_message};

use super::{Setup, listen};
use crate::Result;

pub(super) fn serve(setup: &Setup) -> Result<()> {
    let echo = on_message(|ctx, message| {
        ctx.send(message);
    });
    let builder = Server::builder(echo).threads(Threads::Fixed(1));
    let tls =
        setup.tls.as_ref().map(|(certificate, key)| ServerTls::from_pem_files(certificate, key));
    let tls = tls.transpose()?;
    let listener = listen(setup)?;
    let builder = match tls {
        None => builder.listen_on(listener)?,
        Some(tls) => builder.listen_tls_on(listener, tls)?,
    };
    Ok(builder.start()?.join()?)
}
