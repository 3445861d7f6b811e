//! What the operating system is asked, beyond the standard library.
