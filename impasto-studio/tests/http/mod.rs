//! What tests of the server share.

pub mod client;
#[allow(dead_code, reason = "only the interface is described")]
pub mod schema;
pub mod studio;
