//! Pictures read, changed in size and colour, and saved: everything the crate offers, from outside.

mod bad_input;
mod formats;
mod metadata;
mod output;
mod profiles;
mod resizing;
mod roundtrip;
