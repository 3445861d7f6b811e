//! The opening handshake, both sides.
