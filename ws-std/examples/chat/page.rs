//! The page, and what browsers are told about it.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA256, digest};
use ws_std::http::Response;

const PAGE: &str = include_str!("chat.html");

/// The page may do nothing but run its own script and style and speak to this server: whatever else
/// somebody might smuggle into it, the browser ignores.
pub(crate) fn response() -> Response {
    let policy = format!(
        "default-src 'none'; script-src {}; style-src {}; connect-src 'self'; img-src data:; \
         base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
        hash_of("script"),
        hash_of("style"),
    );
    Response::html(PAGE)
        .header("Content-Security-Policy", policy)
        .header("Referrer-Policy", "no-referrer")
        .header("Cache-Control", "no-cache")
}

/// How a policy names what is between these tags.
fn hash_of(tag: &str) -> String {
    let inside = PAGE.split_once(&format!("<{tag}>")).map_or("", |(_, rest)| rest);
    let inside = inside.split_once(&format!("</{tag}>")).map_or("", |(inside, _)| inside);
    format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, inside.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_served_with_its_policy() {
        let head = String::from_utf8(response().encode_head()).unwrap();
        assert!(head.starts_with("HTTP/1.1 200"));
        assert!(head.contains("Content-Security-Policy: default-src 'none'; script-src 'sha256-"));
    }

    #[test]
    fn the_policy_allows_one_script_and_one_style_that_are_there() {
        let nothing = format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, b"")));
        for tag in ["script", "style"] {
            assert_eq!(PAGE.matches(&format!("<{tag}>")).count(), 1);
            assert_ne!(hash_of(tag), nothing);
        }
    }

    #[test]
    fn the_page_is_whole_and_never_makes_markup_of_words() {
        for forbidden in ["innerHTML", "outerHTML", "insertAdjacentHTML", "document.write"] {
            assert!(!PAGE.contains(forbidden), "{forbidden}");
        }
        for elsewhere in ["src=\"http", "href=\"http", "@import", "style=\"", "onclick="] {
            assert!(!PAGE.contains(elsewhere), "{elsewhere}");
        }
    }
}
