use super::*;
use crate::http::Facts;
use crate::http::request::tests::head;

fn routes() -> Routes {
    Routes::default()
        .page("/", "<p>attic</p>")
        .respond("/old", Response::redirect("/"))
        .health("/healthz")
        .readiness("/readyz")
        .metrics("/metrics")
}

/// The whole response to a request, if there is one.
fn answer(routes: &Routes, serving: Serving, method: &str, path: &str) -> Option<String> {
    let metrics = Metrics::new();
    let _shard = metrics.shard();
    let head = head(&format!("{method} {path}"), &["Host: here"]);
    let facts = Facts::default();
    let request = Request::new(&head, &facts);
    let response = routes.answer(&request, serving, &metrics)?;
    Some(String::from_utf8(response.encode()).unwrap())
}

fn status(routes: &Routes, serving: Serving, method: &str, path: &str) -> Option<u16> {
    let whole = answer(routes, serving, method, path)?;
    whole.split(' ').nth(1)?.parse().ok()
}

/// SERVE-05
#[test]
fn a_path_has_what_was_put_there() {
    let page = answer(&routes(), Serving::Ready, "GET", "/").unwrap();
    assert!(page.contains("Content-Type: text/html") && page.ends_with("\r\n\r\n<p>attic</p>"));
    let redirect = answer(&routes(), Serving::Ready, "GET", "/old").unwrap();
    assert!(redirect.starts_with("HTTP/1.1 307 ") && redirect.contains("\r\nLocation: /\r\n"));
}

/// SERVE-05
#[test]
fn a_server_that_leaves_lives_but_is_not_ready() {
    for (path, ready, leaving) in [("/healthz", 200, 200), ("/readyz", 200, 503)] {
        assert_eq!(status(&routes(), Serving::Ready, "GET", path), Some(ready), "{path}");
        assert_eq!(status(&routes(), Serving::Leaving, "GET", path), Some(leaving), "{path}");
        let whole = answer(&routes(), Serving::Ready, "GET", path).unwrap();
        assert!(whole.contains("\r\nCache-Control: no-store\r\n"), "{path}");
    }
}

/// SERVE-05, OPS-01
#[test]
fn the_metrics_have_a_path() {
    let whole = answer(&routes(), Serving::Ready, "GET", "/metrics").unwrap();
    assert!(whole.contains("\r\nContent-Type: text/plain; version=0.0.4; charset=utf-8\r\n"));
    assert!(whole.contains("\r\n\r\n# HELP ws_"));
    assert!(whole.contains("\nws_connections_open 0\n"));
}

/// RFC 9110 section 9.1: "All general-purpose servers MUST support the methods GET and HEAD."
#[test]
fn a_route_knows_get_and_head_alone() {
    for path in ["/", "/old", "/healthz", "/readyz", "/metrics"] {
        let get = status(&routes(), Serving::Ready, "GET", path);
        assert_eq!(status(&routes(), Serving::Ready, "HEAD", path), get);
        for method in ["POST", "OPTIONS", "get"] {
            let whole = answer(&routes(), Serving::Ready, method, path).unwrap();
            assert!(whole.starts_with("HTTP/1.1 405 Method Not Allowed\r\n"), "{method} {path}");
            assert!(whole.contains("\r\nAllow: GET, HEAD\r\n"), "{method} {path}");
        }
    }
}

#[test]
fn a_path_matches_as_a_whole() {
    for path in ["//", "/healthz/", "/HEALTHZ", "/health", "/healthz2", "*"] {
        assert_eq!(answer(&routes(), Serving::Ready, "GET", path), None, "{path}");
        assert_eq!(answer(&routes(), Serving::Ready, "POST", path), None, "{path}");
    }
}

/// SERVE-05
#[test]
fn a_path_without_a_route_is_for_the_program_to_answer() {
    let routes = routes().otherwise(|request| match (request.method(), request.path()) {
        ("POST", "/echo") => Some(Response::ok("echo")),
        ("GET", "/") => Some(Response::bad_request("a route goes first")),
        _ => None,
    });
    assert_eq!(status(&routes, Serving::Ready, "POST", "/echo"), Some(200));
    assert_eq!(status(&routes, Serving::Ready, "GET", "/echo"), None);
    assert_eq!(status(&routes, Serving::Ready, "GET", "/"), Some(200));
}

#[test]
fn of_two_routes_for_a_path_the_later_counts() {
    let routes = routes().respond("/", Response::bad_request("no"));
    assert_eq!(status(&routes, Serving::Ready, "GET", "/"), Some(400));
}

/// OPS-02
#[test]
fn what_is_logged_of_routes_is_their_paths() {
    let logged = format!("{:?}", routes().otherwise(|_| None));
    assert_eq!(logged, r#"{"/", "/healthz", "/metrics", "/old", "/readyz"}"#);
}
