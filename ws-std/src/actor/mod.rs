//! What the program is to a connection: its handler, and what that is given.
