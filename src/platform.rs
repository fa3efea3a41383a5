//! What differs from one operating system to another, in one place.
//!
//! A closed pipe needs no code of its own: the runtime turns SIGPIPE (Unix) and
//! `ERROR_NO_DATA` (Windows) into an error of the write, and
//! [`crate::error::CommandError::is_closed_pipe`] makes a normal end of it.
//! Colours on an old Windows console are `anstream`'s work.

use crate::error::CommandError;
use crate::exit::ExitStatus;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;

/// Set by the first Ctrl-C while a job runs that ends by itself. Process-wide,
/// because signals are.
static STOP: AtomicBool = AtomicBool::new(false);
/// Whether such a job runs.
static STOPPABLE: AtomicBool = AtomicBool::new(false);

/// From now on Ctrl-C (SIGINT, SIGTERM, SIGHUP; Ctrl-C and Ctrl-Break on Windows)
/// ends the program with the exit code that says so.
pub(crate) fn listen_for_interrupts() -> Result<(), CommandError> {
    ctrlc::set_handler(interrupted)
        .map_err(|error| CommandError::failed("cannot listen for Ctrl-C").because(error))
}

/// Runs a job that looks at the flag it is given: the first Ctrl-C only sets it, so
/// that the work in flight is finished and the case left sound.
pub(crate) fn stoppable<T>(job: impl FnOnce(&AtomicBool) -> T) -> T {
    STOPPABLE.store(true, Ordering::SeqCst);
    let result = job(&STOP);
    STOPPABLE.store(false, Ordering::SeqCst);
    result
}

#[expect(
    clippy::exit,
    reason = "the case survives it: index and ledger are written in an order that allows for it"
)]
fn interrupted() {
    let asked_before = STOP.swap(true, Ordering::SeqCst);
    if asked_before || !STOPPABLE.load(Ordering::SeqCst) {
        std::process::exit(i32::from(ExitStatus::Interrupted.code()));
    }
}
