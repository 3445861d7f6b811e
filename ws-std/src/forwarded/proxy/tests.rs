use super::*;

/// What the client sends after the header.
const REST: &[u8] = b"\x16\x03\x01GET / HTTP/1.1\r\n";

fn v2(command: u8, family: u8, block: &[u8]) -> Vec<u8> {
    let length = u16::try_from(block.len()).unwrap().to_be_bytes();
    [V2, &[command, family], &length, block].concat()
}

fn v4_block() -> Vec<u8> {
    [&[192, 0, 2, 1][..], &[10, 0, 0, 1], &[0xDB, 0x00], &[1, 187]].concat()
}

fn v6_block(source: &str) -> Vec<u8> {
    let source: Ipv6Addr = source.parse().unwrap();
    [&source.octets()[..], &[0; 16], &[0xDB, 0x00], &[1, 187]].concat()
}

/// Every header that is right, and whom it tells of.
fn good() -> Vec<(Vec<u8>, Option<&'static str>)> {
    let v4 = Some("192.0.2.1:56064");
    let v6 = Some("[2001:db8::1]:56064");
    let with_tlv = [&v4_block()[..], &[0x04, 0, 3, 0, 0, 0]].concat();
    let large = [&v6_block("2001:db8::1")[..], &[0x04; 300]].concat();
    let longest_v1 = format!("PROXY UNKNOWN {}\r\n", "f".repeat(MOST_V1 - 16));
    vec![
        (b"PROXY TCP4 192.0.2.1 10.0.0.1 56064 443\r\n".to_vec(), v4),
        (b"PROXY TCP6 2001:db8::1 ::1 56064 443\r\n".to_vec(), v6),
        (b"PROXY TCP6 ::ffff:192.0.2.1 ::1 56064 443\r\n".to_vec(), v4),
        (b"PROXY TCP4 0.0.0.0 0.0.0.0 0 65535\r\n".to_vec(), Some("0.0.0.0:0")),
        (b"PROXY UNKNOWN\r\n".to_vec(), None),
        (b"PROXY UNKNOWN anything \xFF\r here\r\n".to_vec(), None),
        (longest_v1.into_bytes(), None),
        (v2(0x21, 0x11, &v4_block()), v4),
        (v2(0x21, 0x11, &with_tlv), v4),
        (v2(0x21, 0x21, &v6_block("2001:db8::1")), v6),
        (v2(0x21, 0x21, &v6_block("::ffff:192.0.2.1")), v4),
        (v2(0x21, 0x21, &large), v6),
        (v2(0x21, 0x00, &[]), None),
        (v2(0x21, 0x00, b"tlv"), None),
        (v2(0x21, 0x12, &v4_block()), None),
        (v2(0x21, 0x31, &[0; 216]), None),
        (v2(0x20, 0x00, &[]), None),
        (v2(0x20, 0x11, &v4_block()), None),
        (v2(0x20, 0xFF, b"any"), None),
    ]
}

fn done(consumed: usize, source: Option<&str>) -> Read {
    Read::Done { consumed, source: source.map(|source| source.parse().unwrap()) }
}

/// SERVE-05
#[test]
fn a_header_tells_whom_it_speaks_for_and_leaves_the_rest() {
    for (header, source) in good() {
        let bytes = [&header, REST].concat();
        let read = ProxyHeader::default().receive(&bytes);
        assert_eq!(read, done(header.len(), source), "{header:?}");
    }
}

/// SERVE-05, SEC-05
#[test]
fn a_header_may_be_cut_anywhere() {
    for (header, source) in good() {
        for cut in 0..header.len() {
            let (first, second) = header.split_at(cut);
            let mut proxy = ProxyHeader::default();
            assert_eq!(proxy.receive(first), Read::More, "{header:?} cut at {cut}");
            let bytes = [second, REST].concat();
            assert_eq!(proxy.receive(&bytes), done(second.len(), source), "{header:?} at {cut}");
        }
    }
}

/// SERVE-05, SEC-05
#[test]
fn a_header_may_come_byte_by_byte() {
    for (header, source) in good() {
        let (last, most) = header.split_last().unwrap();
        let mut proxy = ProxyHeader::default();
        assert!(most.iter().all(|&byte| proxy.receive(&[byte]) == Read::More), "{header:?}");
        assert_eq!(proxy.receive(&[*last]), done(1, source), "{header:?}");
    }
}

/// SERVE-05, SEC-05
#[test]
fn what_is_no_header_is_refused_at_the_first_byte_that_shows_it() {
    let too_long = v2(0x21, 0x11, &[0; MOST_AFTER_FIXED_V2 + 1]);
    let endless = [V1, &[b'x'; MOST_V1 - V1.len()]].concat();
    for (bytes, shown_after) in [
        (b"GET / HTTP/1.1".to_vec(), 1),
        (b"\x16\x03\x01".to_vec(), 1),
        (b"\r\nGET".to_vec(), 3),
        (b"POST / HTTP/1.1".to_vec(), 2),
        (b"PROXYTCP4".to_vec(), 6),
        (b"\r\n\r\n\0\r\nQUIT\r".to_vec(), 12),
        (v2(0x22, 0x11, &v4_block()), 16),
        (v2(0x11, 0x11, &v4_block()), 16),
        (too_long, 16),
        (endless, MOST_V1),
    ] {
        let mut proxy = ProxyHeader::default();
        let (before, rest) = bytes.split_at(shown_after - 1);
        assert_eq!(proxy.receive(before), Read::More, "{bytes:?}");
        assert_eq!(proxy.receive(rest), Read::Bad, "{bytes:?}");
    }
}

/// SERVE-05, SEC-05
#[test]
fn a_line_that_is_not_exactly_right_is_refused() {
    for line in [
        "\r\n",
        "\n",
        "UNKNOWN\n",
        "UNKNOWNS\r\n",
        "unknown\r\n",
        "TCP4\r\n",
        "TCP4 192.0.2.1 10.0.0.1 56064 443\n",
        "TCP4 192.0.2.1 10.0.0.1 56064 443\r\r\n",
        "TCP4 192.0.2.1 10.0.0.1 56064\r\n",
        "TCP4 192.0.2.1 10.0.0.1 56064 443 1\r\n",
        "TCP4 192.0.2.1 10.0.0.1 56064 443 \r\n",
        "TCP4  192.0.2.1 10.0.0.1 56064 443\r\n",
        "TCP4 192.0.2.1 10.0.0.1 65536 443\r\n",
        "TCP4 192.0.2.1 10.0.0.1 056 443\r\n",
        "TCP4 192.0.2.1 10.0.0.1 +56 443\r\n",
        "TCP4 192.0.2.1 10.0.0.1 56064 -1\r\n",
        "TCP4 192.0.2.1 10.0.0 56064 443\r\n",
        "TCP4 192.0.2.256 10.0.0.1 56064 443\r\n",
        "TCP4 2001:db8::1 ::1 56064 443\r\n",
        "TCP6 192.0.2.1 10.0.0.1 56064 443\r\n",
        "TCP6 [2001:db8::1] ::1 56064 443\r\n",
        "UDP4 192.0.2.1 10.0.0.1 56064 443\r\n",
    ] {
        let bytes = [V1, line.as_bytes()].concat();
        assert_eq!(ProxyHeader::default().receive(&bytes), Read::Bad, "{line:?}");
    }
}

/// SERVE-05, SEC-05
#[test]
fn a_block_that_cannot_hold_its_addresses_is_refused() {
    for (family, block) in [
        (0x11, &v4_block()[..11]),
        (0x11, &[]),
        (0x21, &v6_block("::2")[..35]),
        (0x13, &v4_block()[..]),
        (0x41, &v4_block()[..]),
        (0x01, &v4_block()[..]),
    ] {
        let bytes = v2(0x21, family, block);
        assert_eq!(ProxyHeader::default().receive(&bytes), Read::Bad, "{family:#x} {block:?}");
    }
}

/// SERVE-05, SEC-01
#[test]
fn little_is_kept_of_the_longest_header() {
    let header = v2(0x21, 0x21, &[0; MOST_AFTER_FIXED_V2]);
    let (_, most) = header.split_last().unwrap();
    let mut proxy = ProxyHeader::default();
    assert_eq!(proxy.receive(most), Read::More);
    assert!(proxy.seen.capacity() <= MOST_V1);
    assert_eq!(proxy.receive(&[0, 1]), done(1, Some("[::]:0")));
}
