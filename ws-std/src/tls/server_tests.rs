//! Who we are, by which name, and whom we let in: SERVE-04.

use rustls::pki_types::CertificateDer;

use super::testing::*;
use super::{ClientCertificate, Flaw, Identity, Roots, ServerTls, TlsError};

fn flaw<T: std::fmt::Debug>(result: Result<T, TlsError>) -> Flaw {
    match result {
        Err(TlsError::Unfit { flaw, .. } | TlsError::Name { flaw, .. }) => flaw,
        other => panic!("{other:?}"),
    }
}

/// A directory of our own, gone when the test is over.
struct Directory(std::path::PathBuf);

impl Directory {
    fn new() -> Self {
        let mut name = [0; 8];
        getrandom::fill(&mut name).unwrap();
        let path = std::env::temp_dir().join(format!("ws-std-{:x}", u64::from_ne_bytes(name)));
        std::fs::create_dir(&path).unwrap();
        Self(path)
    }

    fn file(&self, name: &str, text: &str) -> std::path::PathBuf {
        let path = self.0.join(name);
        std::fs::write(&path, text).unwrap();
        path
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// The certificate that the server shows to a client that asks for this name and trusts `trusted`.
fn shown(
    tls: &ServerTls,
    name: &'static str,
    trusted: &Pem,
) -> Result<CertificateDer<'static>, TlsError> {
    let mut pair = Pair::asking(tls, client(trusted, BOTH[1], None), name);
    pair.shake_hands()?;
    Ok(pair.client.peer_certificates().unwrap()[0].clone())
}

#[test]
fn pem_files_make_a_server() {
    let directory = Directory::new();
    let pem = certificate("localhost");
    let certificates = directory.file("chain.pem", &pem.certificate);
    let key = directory.file("key.pem", &pem.key);
    let tls = ServerTls::from_pem_files(&certificates, &key).unwrap();
    shown(&tls, "localhost", &pem).unwrap();
    // Both in one file will do as well.
    let both = directory.file("both.pem", &format!("{}{}", pem.key, pem.certificate));
    shown(&ServerTls::from_pem_files(&both, &both).unwrap(), "localhost", &pem).unwrap();
}

#[test]
fn an_error_names_the_file_and_what_is_wrong_with_it() {
    let directory = Directory::new();
    let pem = certificate("localhost");
    let certificates = directory.file("chain.pem", &pem.certificate);
    let key = directory.file("key.pem", &pem.key);
    let other = directory.file("other.pem", &certificate("localhost").key);
    let broken = directory.file("broken.pem", &pem.certificate[..200]);
    let said =
        |certificates, key| Identity::from_pem_files(certificates, key).unwrap_err().to_string();

    let missing = directory.0.join("missing.pem");
    assert!(said(&missing, &key).starts_with(&format!("{}: ", missing.display())));
    assert!(said(&certificates, &missing).starts_with(&format!("{}: ", missing.display())));
    for (certificates, key, culprit, flaw) in [
        (&key, &key, &key, Flaw::NoCertificate),
        (&certificates, &certificates, &certificates, Flaw::NoKey),
        (&certificates, &other, &other, Flaw::KeyOfAnother),
        (&broken, &key, &broken, Flaw::NotPem),
        (&certificates, &broken, &broken, Flaw::NotPem),
    ] {
        assert_eq!(said(certificates, key), format!("{}: {flaw}", culprit.display()));
    }
    let roots = Roots::from_pem_file(&key).unwrap_err();
    assert_eq!(roots.to_string(), format!("{}: {}", key.display(), Flaw::NoCertificate));
}

#[test]
fn memory_that_does_not_serve_is_told_apart() {
    let pem = certificate("localhost");
    let (chain, key) = (pem.certificate.as_bytes(), pem.key.as_bytes());
    let nonsense =
        |label| format!("-----BEGIN {label}-----\nAAAA\n-----END {label}-----\n").into_bytes();
    assert_eq!(flaw(Identity::from_pem(b"", key)), Flaw::NoCertificate);
    assert_eq!(flaw(Identity::from_pem(chain, b"")), Flaw::NoKey);
    let encrypted = nonsense("ENCRYPTED PRIVATE KEY");
    assert_eq!(flaw(Identity::from_pem(chain, &encrypted)), Flaw::NoKey);
    assert_eq!(flaw(Identity::from_pem(chain, &nonsense("PRIVATE KEY"))), Flaw::BadKey);
    let bad = nonsense("CERTIFICATE");
    assert_eq!(flaw(Identity::from_pem(&bad, key)), Flaw::BadCertificate);
    let second = [chain, &bad].concat();
    assert_eq!(flaw(Identity::from_pem(&second, key)), Flaw::BadCertificate);
    assert_eq!(flaw(Roots::from_pem(&bad)), Flaw::BadCertificate);
    assert_eq!(flaw(Roots::from_pem(b"")), Flaw::NoCertificate);
    assert_eq!(flaw(Roots::from_pem(b"-----BEGIN CERTIFICATE-----\n!\n")), Flaw::NotPem);
}

#[test]
fn the_name_asked_for_picks_the_certificate_and_another_name_gets_the_default() {
    let (default, one, two) =
        (certificate("localhost"), certificate("one.test"), { certificate("two.test") });
    let tls = ServerTls::new(default.identity())
        .unwrap()
        .with_identity_for("One.Test", one.identity())
        .unwrap()
        .with_identity_for("two.test", two.identity())
        .unwrap();
    for (name, pem) in [("localhost", &default), ("one.test", &one), ("two.test", &two)] {
        shown(&tls, name, pem).unwrap();
    }
    let error = shown(&tls, "three.test", &one).unwrap_err();
    assert!(matches!(error, TlsError::Certificate(_)), "the client does not trust the default");

    // An address is no name, and is not sent: it gets the default, too.
    let by_address = certificate("127.0.0.1");
    let tls = ServerTls::new(by_address.identity()).unwrap();
    let mut pair = Pair::asking(&tls, client(&by_address, BOTH[1], None), "127.0.0.1");
    pair.shake_hands().unwrap();
    assert_eq!(pair.server.facts().server_name, None);
}

#[test]
fn a_certificate_must_stand_for_the_name_that_it_is_put_to() {
    let pem = certificate("localhost");
    let tls = ServerTls::new(pem.identity()).unwrap();
    let other = tls.clone().with_identity_for("elsewhere.test", pem.identity());
    assert_eq!(flaw(other), Flaw::NameOfAnother);
    assert_eq!(flaw(tls.with_identity_for("no name", pem.identity())), Flaw::BadName);
}

#[test]
fn a_replaced_certificate_is_shown_to_the_next_client_and_disturbs_nobody() {
    let (old, new) = (certificate("localhost"), certificate("localhost"));
    let running = ServerTls::new(old.identity()).unwrap();
    let handle = running.clone();
    let mut pair = Pair::new(&running, client(&old, BOTH[1], None));
    pair.shake_hands().unwrap();
    let mut midway = Pair::new(&running, client(&old, BOTH[1], None));

    handle.replace(ServerTls::new(new.identity()).unwrap());

    shown(&running, "localhost", &new).unwrap();
    assert!(shown(&running, "localhost", &old).is_err());
    midway.shake_hands().unwrap();
    let said = pair.client_says(b"still here");
    pair.server_takes(&said).unwrap();
    assert_eq!(pair.plain, b"still here");
}

#[test]
fn a_changed_copy_changes_nobody_else() {
    let (pem, one) = (certificate("localhost"), certificate("one.test"));
    let tls = ServerTls::new(pem.identity()).unwrap();
    let changed = tls.clone().with_identity_for("one.test", one.identity()).unwrap();
    shown(&changed, "one.test", &one).unwrap();
    assert!(shown(&tls, "one.test", &one).is_err());
}

#[test]
fn a_required_client_certificate_is_asked_for_and_checked() {
    for version in BOTH {
        let (root, good) = signed("somebody");
        let (_, stranger) = signed("somebody");
        let pem = certificate("localhost");
        let plain = ServerTls::new(pem.identity()).unwrap();
        let roots = Roots::from_pem(root.certificate.as_bytes()).unwrap();
        let demand =
            |demand| plain.clone().with_client_certificates(demand, roots.clone()).unwrap();
        let (required, optional) =
            (demand(ClientCertificate::Required), demand(ClientCertificate::Optional));
        let outcome = |tls: &ServerTls, own: Option<&Pem>| {
            let mut pair = Pair::new(tls, client(&pem, version, own));
            let outcome = pair.shake_hands();
            assert_eq!(outcome.is_err(), !pair.out.is_empty(), "an alert says so");
            outcome.ok().map(|()| pair.server.facts().peer_certificates.len())
        };
        assert_eq!(outcome(&required, Some(&good)), Some(1));
        assert_eq!(outcome(&required, None), None);
        assert_eq!(outcome(&required, Some(&stranger)), None);
        assert_eq!(outcome(&optional, Some(&good)), Some(1));
        assert_eq!(outcome(&optional, None), Some(0));
        assert_eq!(outcome(&optional, Some(&stranger)), None);
        assert_eq!(outcome(&plain, Some(&good)), Some(0), "nobody asks");
    }
}

#[test]
fn a_client_that_speaks_http_1_1_or_does_not_say_is_served_and_another_is_refused() {
    for version in BOTH {
        let pem = certificate("localhost");
        let tls = ServerTls::new(pem.identity()).unwrap();
        let shake = |protocols: &[&str]| {
            let mut config = client(&pem, version, None);
            config.alpn_protocols = protocols.iter().map(|one| one.as_bytes().to_vec()).collect();
            let mut pair = Pair::new(&tls, config);
            let outcome = pair.shake_hands();
            outcome.map(|()| pair.server.facts().alpn).map_err(|_| pair.client_takes().unwrap_err())
        };
        assert_eq!(shake(&[]), Ok(None));
        assert_eq!(shake(&["h2", "http/1.1"]), Ok(Some(b"http/1.1".to_vec())));
        let alert = rustls::AlertDescription::NoApplicationProtocol;
        assert_eq!(shake(&["h2"]), Err(rustls::Error::AlertReceived(alert)));
    }
}

/// SEC-04
#[test]
fn what_is_older_than_tls_1_2_is_refused() {
    let pem = certificate("localhost");
    let tls = ServerTls::new(pem.identity()).unwrap();
    let mut pair = Pair::new(&tls, client(&pem, BOTH[0], None));
    let mut hello = pair.client_sends();
    // The version in the hello itself, behind the two headers, and the list of them.
    assert_eq!(hello[9..11], [3, 3]);
    hello[10] = 2;
    let list = hello.windows(7).position(|bytes| bytes == [0, 43, 0, 3, 2, 3, 3]).unwrap();
    hello[list + 6] = 2;
    assert!(pair.server_takes(&hello).is_err());
    assert_eq!(pair.out.last(), Some(&70), "protocol_version");
}

#[test]
fn debug_tells_nothing_of_keys() {
    let (pem, one) = (certificate("localhost"), certificate("one.test"));
    let tls = ServerTls::new(pem.identity()).unwrap();
    let tls = tls.with_identity_for("one.test", one.identity()).unwrap();
    assert_eq!(
        format!("{tls:?}"),
        "ServerTls(Names { default: Identity { certificates: 1, .. }, \
         others: {\"one.test\": Identity { certificates: 1, .. }} })"
    );
}
