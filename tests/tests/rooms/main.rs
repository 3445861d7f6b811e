//! Rooms, as their members see them: over real sockets, on port 0.

mod ahead;
mod chat;
mod delivery;
mod example;
mod filter;
mod flood;
mod jam;
mod latest;
mod laws;
mod leaving;
mod membership;
mod order;
mod parts;
mod pieces;
mod presence;
mod pressure;
mod rules;
mod script;
mod stopped;
mod storm;
mod tls;
mod waiting;
