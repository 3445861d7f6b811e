//! EXT-01: permessage-deflate on the server and in the client, over real sockets on port 0.

mod agreeing;
mod bombs;
mod broadcasts;
mod choosing;
mod client;
mod messages;
mod slow;
mod turns;
mod unfinished;
