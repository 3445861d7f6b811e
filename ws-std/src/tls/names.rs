//! Which identity a client is shown: by the name that it asks for (SNI).

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;

use super::identity::Identity;

/// Where the name is left that a client asks for: rustls tells it to the resolver only.
pub(super) type Asked = Arc<OnceLock<Box<str>>>;

/// Who we are, by the name that is asked for.
#[derive(Clone, Debug)]
pub(super) struct Names {
    default: Identity,
    others: BTreeMap<String, Identity>,
}

impl Names {
    pub(super) const fn new(default: Identity) -> Self {
        Self { default, others: BTreeMap::new() }
    }

    pub(super) fn insert(&mut self, name: &str, identity: Identity) {
        // Letters of either case are the same in a name (RFC 4343); rustls tells small ones.
        self.others.insert(name.to_ascii_lowercase(), identity);
    }

    fn pick(&self, name: Option<&str>) -> &Identity {
        name.and_then(|name| self.others.get(name)).unwrap_or(&self.default)
    }
}

/// Answers one client.
pub(super) struct Resolver {
    names: Arc<Names>,
    asked: Asked,
}

impl Resolver {
    pub(super) fn new(names: &Arc<Names>, asked: Asked) -> Self {
        Self { names: Arc::clone(names), asked }
    }
}

impl ResolvesServerCert for Resolver {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let name = hello.server_name();
        if let Some(name) = name {
            // A client that must say hello once more has to ask for the same name again.
            let _ = self.asked.set(name.into());
        }
        Some(self.names.pick(name).certified_key())
    }
}

impl fmt::Debug for Resolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Resolver").field(&self.names).finish()
    }
}
