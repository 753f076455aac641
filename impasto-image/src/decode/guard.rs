//! A fence around third-party decoders.

use std::cell::Cell;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::sync::Once;

thread_local! {
    static QUIET: Cell<bool> = const { Cell::new(false) };
}

static HOOK: Once = Once::new();

/// Runs `decode`, turning a panic inside it into an error with the panic's message.
///
/// The decoders are written not to panic, but they parse hostile bytes and have had such bugs; a user's broken file must
/// never look like a crash of this program. Everything the closure builds is dropped with the panic, so nothing torn can
/// be seen afterwards. The panic message is kept from stderr by a hook that passes on every other thread's and every
/// other panic.
pub(crate) fn guarded<T>(decode: impl FnOnce() -> T) -> Result<T, String> {
    HOOK.call_once(|| {
        let previous = take_hook();
        set_hook(Box::new(move |info| {
            if !QUIET.get() {
                previous(info);
            }
        }));
    });
    let before = QUIET.replace(true);
    let outcome = catch_unwind(AssertUnwindSafe(decode));
    QUIET.set(before);
    outcome.map_err(|payload| {
        let message = (payload.downcast_ref::<&str>().map(|s| (*s).to_owned()))
            .or_else(|| payload.downcast_ref::<String>().cloned())
            .unwrap_or_else(|| "unknown".to_owned());
        format!("the decoder gave up: {message}")
    })
}

#[cfg(test)]
mod tests {
    use super::guarded;

    #[test]
    fn a_panic_becomes_an_error_with_its_message() {
        assert_eq!(guarded(|| 7), Ok(7));
        let message = guarded(|| -> i32 { panic!("index {} is out of range", 9) }).unwrap_err();
        assert!(message.contains("index 9"), "{message}");
        assert!(guarded(|| -> i32 { panic!("plain") }).unwrap_err().contains("plain"));
    }
}
