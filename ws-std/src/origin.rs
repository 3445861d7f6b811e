//! Which pages may connect.
