use super::*;

fn ip(text: &str) -> IpAddr {
    text.parse().unwrap()
}

fn proxies() -> Trusted {
    Trusted::parse(["10.0.0.0/8", "::1"]).unwrap()
}

fn client(peer: &str, headers: &[&str]) -> IpAddr {
    client_ip(&proxies(), ip(peer), headers.iter().map(|value| value.as_bytes()))
}

/// SERVE-05
#[test]
fn a_stranger_is_who_he_is_whatever_he_says() {
    assert_eq!(client("1.2.3.4", &["5.6.7.8"]), ip("1.2.3.4"));
    assert_eq!(client("::ffff:1.2.3.4", &["5.6.7.8"]), ip("1.2.3.4"));
    assert_eq!(
        client_ip(&Trusted::none(), ip("127.0.0.1"), [b"5.6.7.8".as_slice()].into_iter()),
        ip("127.0.0.1")
    );
}

/// SERVE-05
#[test]
fn the_client_is_the_last_who_is_not_one_of_our_proxies() {
    for (headers, expected) in [
        (&[][..], "10.0.0.1"),
        (&["5.6.7.8"], "5.6.7.8"),
        (&["9.9.9.9, 5.6.7.8"], "5.6.7.8"),
        (&["9.9.9.9", "5.6.7.8"], "5.6.7.8"),
        (&["9.9.9.9, 5.6.7.8, 10.0.0.2"], "5.6.7.8"),
        (&["9.9.9.9", "5.6.7.8", "10.0.0.2,::1"], "5.6.7.8"),
        (&["9.9.9.9, 5.6.7.8", "::ffff:10.0.0.2"], "5.6.7.8"),
        (&["10.0.0.3, 10.0.0.2"], "10.0.0.3"),
        (&["::ffff:5.6.7.8"], "5.6.7.8"),
        (&["5.6.7.8, , ,", "", " \t"], "5.6.7.8"),
    ] {
        assert_eq!(client("10.0.0.1", headers), ip(expected), "{headers:?}");
    }
}

/// SERVE-05
#[test]
fn an_address_may_have_a_port_and_brackets_and_quotes() {
    for (hop, expected) in [
        ("1.2.3.4:80", "1.2.3.4"),
        ("2001:db8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:80", "2001:db8::1"),
        ("\"[2001:db8::1]:80\"", "2001:db8::1"),
        ("\"1.2.3.4\"", "1.2.3.4"),
        ("\t 1.2.3.4 \t", "1.2.3.4"),
        ("[::ffff:1.2.3.4]:80", "1.2.3.4"),
    ] {
        assert_eq!(client("10.0.0.1", &[hop]), ip(expected), "{hop}");
    }
}

/// SERVE-05
#[test]
fn what_cannot_be_read_ends_the_search_with_the_last_good_address() {
    for hop in [
        "unknown",
        "_hidden",
        "1.2.3",
        "1.2.3.4:",
        "1.2.3.4:65536",
        "1.2.3.4 5",
        "[1.2.3.4]",
        "[::2",
        "::2]",
        "\"1.2.3.4",
        "\"",
        "\"\"",
        "01.2.3.4",
        "for=1.2.3.4",
        "\u{661}.2.3.4",
    ] {
        let list = format!("9.9.9.9, {hop}, 10.0.0.2");
        assert_eq!(client("10.0.0.1", &[&list]), ip("10.0.0.2"), "{hop}");
        assert_eq!(client("10.0.0.1", &[hop]), ip("10.0.0.1"), "{hop}");
    }
    let invalid = [b"\xff".as_slice()].into_iter();
    assert_eq!(client_ip(&proxies(), ip("::1"), invalid), ip("::1"));
}

/// SERVE-05
#[test]
fn an_endless_chain_of_our_own_proxies_is_not_followed() {
    let list = format!("5.6.7.8{}", ", 10.0.0.2".repeat(MOST_HOPS));
    assert_eq!(client("10.0.0.1", &[&list]), ip("10.0.0.2"));
    let list = format!("5.6.7.8{}", ", 10.0.0.2".repeat(MOST_HOPS - 1));
    assert_eq!(client("10.0.0.1", &[&list]), ip("5.6.7.8"));
}

/// SERVE-05, SEC-02
#[test]
fn the_host_is_believed_only_of_our_proxies() {
    let told = |peer, value: &'static [u8]| host(&proxies(), ip(peer), Some(value));
    assert_eq!(told("10.0.0.1", b"example.com"), Some("example.com"));
    assert_eq!(told("::1", b" example.com:8443 "), Some("example.com:8443"));
    assert_eq!(told("::ffff:10.0.0.1", b"example.com, inner"), Some("example.com"));
    assert_eq!(told("1.2.3.4", b"example.com"), None);
    assert_eq!(told("10.0.0.1", b""), None);
    assert_eq!(told("10.0.0.1", b" , inner"), None);
    assert_eq!(told("10.0.0.1", b"\xff"), None);
    assert_eq!(host(&proxies(), ip("10.0.0.1"), None), None);
}
