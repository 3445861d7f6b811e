//! Conformance to RFC 6455, a module for each section, and what cases 1 to 7, 9 and 10 of the
//! Autobahn suite look for.
//!
//! Every scene is played to servers and to clients, over the blocking and over the async driver,
//! taking messages whole and in chunks, with the input cut at every byte; all of them must come to
//! the same, and the oracle must agree.

mod s10_4_limits;
mod s4_1_client;
mod s4_2_server;
mod s5_1_masking;
mod s5_2_header;
mod s5_4_fragments;
mod s5_5_1_close;
mod s5_5_control;
mod s5_6_data;
mod s6_sending;
mod s7_4_codes;
mod s7_closing;
mod s8_1_inflated;
mod s8_1_utf8;
