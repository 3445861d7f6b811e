//! One timer per connection, in a wheel.
