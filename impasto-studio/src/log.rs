//! What whoever started the studio should know: one line on standard error.

use std::fmt::Display;
use std::io::Write;

/// Tells of something that went wrong without ending the studio, with all causes.
pub fn warn(what: impl Display, error: &(dyn std::error::Error + 'static)) {
    let mut line = format!("warning: {what}: {error}");
    let mut cause = error.source();
    while let Some(error) = cause {
        line += &format!(": {error}");
        cause = error.source();
    }
    // A standard error that cannot be written is nobody's concern.
    let _ = writeln!(std::io::stderr().lock(), "{line}");
}
