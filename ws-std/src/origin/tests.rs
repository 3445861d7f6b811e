use super::*;

fn allows(policy: &Origins, origin: &str, host: &str) -> bool {
    policy.allows([origin.as_bytes()].into_iter(), Some(host))
}

fn same(origin: &str, host: &str) -> bool {
    allows(&Origins::SameAuthority, origin, host)
}

fn listed(entry: &str, origin: &str) -> bool {
    allows(&Origins::Listed(vec![entry.to_owned()]), origin, "server.example")
}

/// What no browser sends as the origin of a page.
const NOT_ORIGINS: [&str; 26] = [
    "",
    "null",
    "a",
    "a:443",
    "//a",
    "://a",
    "1http://a",
    "ht tp://a",
    "https:/a",
    "https://",
    "https://:443",
    "https://.",
    "https://a/",
    "https://a/path",
    "https://a?b",
    "https://a#b",
    "https://user@a",
    "https://user:word@a",
    "https:// a",
    "https://a ",
    " https://a",
    "https://a:",
    "https://a:+443",
    "https://a:65536",
    "https://a https://a",
    "https://\u{e4}",
];

/// SEC-02
#[test]
fn the_default_is_the_same_authority() {
    assert_eq!(Origins::default(), Origins::SameAuthority);
}

/// SEC-02
#[test]
fn who_sends_no_origin_is_no_browser_and_may_connect() {
    for policy in [Origins::SameAuthority, Origins::Any, Origins::Listed(vec![])] {
        assert!(policy.allows(std::iter::empty(), Some("a")), "{policy:?}");
        assert!(policy.allows(std::iter::empty(), None), "{policy:?}");
    }
}

/// SEC-02
#[test]
fn a_page_of_the_same_authority_may_connect() {
    for (origin, host) in [
        ("https://a", "a"),
        ("https://a", "a:443"),
        ("https://a", "a:80"),
        ("https://a:443", "a"),
        ("https://a:443", "a:443"),
        ("https://a:443", "a:80"),
        ("http://a", "a"),
        ("http://a", "a:80"),
        ("http://a", "a:443"),
        ("http://a:80", "a"),
        ("http://a:8080", "a:8080"),
        ("https://a:8080", "a:8080"),
        ("HTTPS://Example.COM", "eXAMPLE.com"),
        ("https://example.com.", "example.com"),
        ("https://example.com", "example.com.:443"),
        ("http://intranet.", "intranet."),
        ("http://under_score.a", "under_score.a"),
        ("http://127.0.0.1:3000", "127.0.0.1:3000"),
        ("https://[::1]", "[::1]"),
        ("https://[::1]:443", "[0:0:0:0:0:0:0:1]"),
        ("https://[2001:db8::A]:9000", "[2001:DB8::a]:9000"),
    ] {
        assert!(same(origin, host), "{origin} and {host}");
    }
}

/// SEC-02
#[test]
fn a_page_of_another_authority_may_not() {
    for (origin, host) in [
        ("https://evil", "a"),
        ("https://a.evil", "a"),
        ("https://evil.a", "a"),
        ("https://aa", "a"),
        ("https://a:444", "a"),
        ("https://a", "a:444"),
        ("https://a:8080", "a:8081"),
        ("http://intranet.", "intranet"),
        ("http://example.com..", "example.com"),
        ("https://[::1]", "[::2]"),
        ("https://[::1]", "::1"),
        ("https://::1", "::1"),
        ("https://[::1", "[::1"),
        ("https://[::1]x", "[::1]x"),
        ("https://[a]", "[a]"),
        ("https://[fe80::1%251]", "[fe80::1%251]"),
        ("chrome-extension://a", "a"),
        ("file://a", "a"),
        ("https://a", ""),
        ("https://a", "a, a"),
        ("https://a", "a/"),
        ("https://a", "a:port"),
    ] {
        assert!(!same(origin, host), "{origin} and {host}");
    }
}

/// SEC-02
#[test]
fn without_a_host_nothing_is_the_same_authority() {
    assert!(!Origins::SameAuthority.allows([b"https://a".as_slice()].into_iter(), None));
}

/// SEC-02
#[test]
fn what_is_no_origin_is_refused_even_if_it_is_listed_or_asked_for() {
    for text in NOT_ORIGINS {
        assert!(!same(text, "a"), "{text}");
        assert!(!same(text, text.trim_start_matches("https://")), "{text}");
        assert!(!listed(text, text), "{text}");
        assert!(!listed("https://a", text), "{text}");
        assert!(!listed(text, "https://a"), "{text}");
    }
    assert!(!Origins::SameAuthority.allows([b"https://\xff".as_slice()].into_iter(), Some("a")));
}

/// SEC-02
#[test]
fn two_origins_are_refused_even_if_they_are_equal() {
    let twice = || [b"https://a".as_slice(); 2].into_iter();
    assert!(!Origins::SameAuthority.allows(twice(), Some("a")));
    assert!(!Origins::Listed(vec!["https://a".to_owned()]).allows(twice(), Some("a")));
    assert!(Origins::Any.allows(twice(), Some("a")));
}

/// SEC-02
#[test]
fn a_listed_origin_may_connect_whatever_its_case_and_default_port() {
    for (entry, origin) in [
        ("https://a", "https://a"),
        ("https://a", "https://a:443"),
        ("https://a:443", "https://a"),
        ("http://a:80", "http://a"),
        ("HTTPS://A", "https://a"),
        ("http://localhost:3000", "http://localhost:3000"),
        ("https://[::1]", "https://[0::1]:443"),
        ("tauri://localhost", "tauri://localhost"),
    ] {
        assert!(listed(entry, origin), "{entry} and {origin}");
    }
}

/// SEC-02
#[test]
fn an_origin_that_is_not_exactly_listed_may_not() {
    for (entry, origin) in [
        ("https://a", "http://a"),
        ("https://a", "http://a:443"),
        ("https://a", "https://a:80"),
        ("https://a", "https://a:8443"),
        ("https://a", "https://b"),
        ("https://a", "https://evil.a"),
        ("https://*.a", "https://b.a"),
        ("a", "https://a"),
        ("tauri://localhost", "tauri://localhost:443"),
        ("https://a", "https://server.example"),
    ] {
        assert!(!listed(entry, origin), "{entry} and {origin}");
    }
    assert!(!allows(&Origins::Listed(vec![]), "https://server.example", "server.example"));
}

/// SEC-02
#[test]
fn any_lets_in_even_what_is_no_origin() {
    for text in NOT_ORIGINS {
        assert!(allows(&Origins::Any, text, "b"), "{text}");
    }
}
