//! What is said to a request that opens no WebSocket.

use ws_core::handshake::Refusal;

/// An HTTP response, ready to be sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The page that charts the telemetry, out of flash.
    Page,
    /// The head of its response, for those who asked for that.
    PageHead,
    /// A status, and why.
    Refusal(Refusal),
}

/// Made of one file and nothing from elsewhere, so that the device needs no other network.
const PAGE: &str = include_str!("page.html");

const HEAD: &str = "HTTP/1.1 200 OK\r\nContent-Type: text/html; charset=utf-8\r\n\
    Cache-Control: no-cache\r\nX-Content-Type-Options: nosniff\r\nConnection: close\r\n\
    Content-Length: ";

impl Answer {
    /// Copies the response from byte `from` on into `out`, as much as fits, and tells how much:
    /// none at its end.
    pub fn write(&self, from: usize, out: &mut [u8]) -> usize {
        let body = match self {
            Self::Page => PAGE,
            Self::PageHead => "",
            Self::Refusal(refusal) => return refusal.response().write(from, out),
        };
        let digits = digits(PAGE.len());
        let parts = [HEAD.as_bytes(), &digits, b"\r\n\r\n", body.as_bytes()];
        let (mut from, mut filled) = (from, 0usize);
        for part in parts {
            let wanted = part.get(from..).unwrap_or_default();
            from = from.saturating_sub(part.len());
            let room = out.get_mut(filled..).unwrap_or_default();
            for (to, byte) in room.iter_mut().zip(wanted) {
                *to = *byte;
            }
            filled = filled.saturating_add(wanted.len().min(room.len()));
        }
        filled
    }
}

/// Four digits, leading zeros and all: `Content-Length = 1*DIGIT` (RFC 9110 section 8.6).
const fn digits(len: usize) -> [u8; 4] {
    [
        b'0' + (len / 1000 % 10) as u8,
        b'0' + (len / 100 % 10) as u8,
        b'0' + (len / 10 % 10) as u8,
        b'0' + (len % 10) as u8,
    ]
}

const _: () = assert!(PAGE.len() < 10_000);

#[cfg(test)]
mod tests {
    use super::*;
    use std::string::String;
    use std::vec::Vec;

    fn whole(answer: Answer, step: usize) -> String {
        let (mut all, mut out) = (Vec::new(), [0; 300]);
        loop {
            match answer.write(all.len(), &mut out[..step]) {
                0 => return String::from_utf8(all).unwrap(),
                len => all.extend_from_slice(&out[..len]),
            }
        }
    }

    #[test]
    fn the_page_comes_whole_through_any_buffer() {
        let page = whole(Answer::Page, 300);
        let (head, body) = page.split_once("\r\n\r\n").unwrap();
        let len = head.rsplit_once("Content-Length: ").unwrap().1;
        assert_eq!(len.parse(), Ok(body.len()));
        assert_eq!(body, PAGE);
        for step in [1, 7, 64] {
            assert_eq!(whole(Answer::Page, step), page);
        }
    }

    #[test]
    fn a_head_is_that_of_the_page() {
        let page = whole(Answer::Page, 300);
        let head = whole(Answer::PageHead, 300);
        assert!(head.ends_with("\r\n\r\n") && page.starts_with(&head));
    }

    #[test]
    fn a_refusal_says_why() {
        let refusal = whole(Answer::Refusal(Refusal::NotFound), 20);
        assert!(refusal.starts_with("HTTP/1.1 404 Not Found\r\n"));
        assert!(refusal.ends_with("nothing here\n"));
    }
}
