//! Supervisors on real servers, whose clock is turned by hand. (ACTOR-08)

mod commanding;
mod ending;
mod family;
mod nesting;
mod often;
mod policies;
mod starting;
mod storm;
mod strategies;
