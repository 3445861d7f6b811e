//! Who the client is, if a proxy that we trust says so.
