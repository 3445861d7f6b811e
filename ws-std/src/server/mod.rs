//! The server: its shards, and who hands them sockets.
