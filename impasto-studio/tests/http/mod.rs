//! What tests of the server share.

pub mod client;
pub mod studio;
