//! What differs from one operating system to another, in one place.
//!
//! A closed pipe needs no code of its own: the runtime turns SIGPIPE (Unix) and
//! `ERROR_NO_DATA` (Windows) into an error of the write, and
//! [`crate::error::CommandError::is_closed_pipe`] makes a normal end of it.
//! Colours on an old Windows console are `anstream`'s work.

use crate::error::CommandError;
use crate::exit::ExitStatus;
use std::sync::OnceLock;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// Set by the first Ctrl-C (SIGINT, SIGTERM, SIGHUP; Ctrl-C and Ctrl-Break on
/// Windows). Process-wide, because signals are.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);
static HANDLER: OnceLock<Result<(), String>> = OnceLock::new();

/// From now on the first Ctrl-C only sets the flag that is returned, so that the
/// work in flight is finished and the case left sound; a second one ends the
/// process at once.
pub(crate) fn interrupt_flag() -> Result<&'static AtomicBool, CommandError> {
    let installed =
        HANDLER.get_or_init(|| ctrlc::set_handler(interrupted).map_err(|error| error.to_string()));
    match installed {
        Ok(()) => Ok(&INTERRUPTED),
        Err(reason) => Err(CommandError::failed(format!(
            "cannot listen for Ctrl-C: {reason}"
        ))),
    }
}

#[expect(
    clippy::exit,
    reason = "the user asked twice; the index and the ledger survive it by their commit order"
)]
fn interrupted() {
    if INTERRUPTED.swap(true, Ordering::SeqCst) {
        std::process::exit(i32::from(ExitStatus::Interrupted.code()));
    }
}
