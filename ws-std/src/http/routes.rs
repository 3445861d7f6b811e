//! What there is at which path for those who want no WebSocket.

use std::collections::BTreeMap;
use std::fmt;

use ws_core::handshake::Status;

use super::{Body, Request, Response};
use crate::metrics::Metrics;

/// The paths that a server answers over plain HTTP, on the port of its WebSockets.
///
/// A path matches as a whole, without its query; of two routes for one path the later counts.
///
/// ```
/// use ws_std::http::{Response, Routes};
///
/// let routes = Routes::default()
///     .page("/", "<h1>Attic</h1>")
///     .health("/healthz")
///     .readiness("/readyz")
///     .metrics("/metrics")
///     .otherwise(|request| {
///         let name = request.path().strip_prefix("/old/")?;
///         Some(Response::redirect(format!("/new/{name}")))
///     });
/// ```
#[derive(Default)]
#[must_use]
pub struct Routes {
    known: BTreeMap<String, Route>,
    otherwise: Option<Box<Otherwise>>,
}

impl Routes {
    /// A page of HTML.
    pub fn page(self, path: impl Into<String>, html: impl Into<Body>) -> Self {
        self.respond(path, Response::html(html))
    }

    /// Always the same response.
    pub fn respond(self, path: impl Into<String>, response: Response) -> Self {
        self.route(path, Route::Fixed(response))
    }

    /// Whether the process lives: 200 as long as anything is answered at all. Who restarts what
    /// does not live asks here.
    pub fn health(self, path: impl Into<String>) -> Self {
        self.route(path, Route::Health)
    }

    /// Whether the server takes connections: 200, or 503 from the moment that it is told to go.
    /// Who spreads connections over servers asks here.
    pub fn readiness(self, path: impl Into<String>) -> Self {
        self.route(path, Route::Readiness)
    }

    /// The metrics, as text for Prometheus. Everyone who reaches the path may read them.
    pub fn metrics(self, path: impl Into<String>) -> Self {
        self.route(path, Route::Metrics)
    }

    /// Asked for each request, by any method, to a path without a route: a response, or none where
    /// there is nothing but WebSockets. It runs on a thread that serves connections, so it must
    /// not wait for anything.
    pub fn otherwise(
        mut self,
        otherwise: impl Fn(&Request<'_>) -> Option<Response> + Send + Sync + 'static,
    ) -> Self {
        self.otherwise = Some(Box::new(otherwise));
        self
    }

    /// What a request gets that asks for no WebSocket; none if nobody has an answer.
    pub(crate) fn answer(
        &self,
        request: &Request<'_>,
        serving: Serving,
        metrics: &Metrics,
    ) -> Option<Response> {
        let Some(route) = self.known.get(request.path()) else {
            return self.otherwise.as_ref().and_then(|otherwise| otherwise(request));
        };
        // Methods are case-sensitive (RFC 9110 section 9.1).
        match request.method() {
            "GET" | "HEAD" => Some(route.response(serving, metrics)),
            _ => Some(wrong_method()),
        }
    }

    fn route(mut self, path: impl Into<String>, route: Route) -> Self {
        self.known.insert(path.into(), route);
        self
    }
}

/// Paths only: what is there may be nobody's business.
impl fmt::Debug for Routes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.known.keys()).finish()
    }
}

/// Whether a server wants more connections.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Serving {
    /// It does.
    Ready,
    /// It is told to go.
    Leaving,
}

type Otherwise = dyn Fn(&Request<'_>) -> Option<Response> + Send + Sync;

enum Route {
    Fixed(Response),
    Health,
    Readiness,
    Metrics,
}

impl Route {
    fn response(&self, serving: Serving, metrics: &Metrics) -> Response {
        match (self, serving) {
            (Self::Fixed(response), _) => response.clone(),
            (Self::Health, _) => fresh(Response::text("ok\n")),
            (Self::Readiness, Serving::Ready) => fresh(Response::text("ready\n")),
            (Self::Readiness, Serving::Leaving) => {
                fresh(Response::new(Status::SERVICE_UNAVAILABLE, "leaving\n"))
            }
            (Self::Metrics, _) => {
                let text = Response::text(metrics.render());
                fresh(text.content_type("text/plain; version=0.0.4; charset=utf-8"))
            }
        }
    }
}

/// What is true now is not what was true before.
fn fresh(response: Response) -> Response {
    response.header("Cache-Control", "no-store")
}

/// RFC 9110 section 15.5.6: "The origin server MUST generate an Allow header field in a 405
/// response containing a list of the target resource's currently supported methods."
fn wrong_method() -> Response {
    let response = Response::new(Status::METHOD_NOT_ALLOWED, "GET or HEAD is needed\n");
    response.header("Allow", "GET, HEAD")
}

#[cfg(test)]
#[path = "routes_tests.rs"]
mod tests;
