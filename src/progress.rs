//! How far a long job is, on standard error.
//!
//! A watcher thread reads counters while the job runs, so that the job itself
//! knows nothing of screens. On a terminal a bar appears once a job has taken a
//! second; elsewhere a line is written every ten.

use crate::escape;
use crate::escape::Target;
use crate::format;
use crate::terminal::Terminal;
use indicatif::ProgressBar;
use indicatif::ProgressDrawTarget;
use indicatif::ProgressStyle;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::Duration;
use std::time::Instant;

const GLANCE: Duration = Duration::from_millis(100);
const PATIENCE: Duration = Duration::from_secs(1);
const LINE_EVERY: Duration = Duration::from_secs(10);
const TEMPLATE: &str = "{bar:12} {percent:>3}%  {wide_msg}";

/// What a job has done so far.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Snapshot {
    /// Files seen and files finished.
    pub(crate) files: (u64, u64),
    /// Bytes seen and bytes finished.
    pub(crate) bytes: (u64, u64),
    /// Messages expected, 0 where that is not known, and messages finished.
    pub(crate) messages: (u64, u64),
    /// What is being read.
    pub(crate) current: String,
}

/// Runs a job and shows how far it is. `look` is called from another thread.
pub(crate) fn watch<T>(
    terminal: &Terminal,
    label: &str,
    cancel: &AtomicBool,
    look: impl Fn() -> Snapshot + Sync,
    job: impl FnOnce() -> T,
) -> T {
    let (done, ended) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let watcher = Watcher::new(terminal, label, cancel);
        let look = &look;
        scope.spawn(move || watcher.run(&ended, look));
        // Dropped also when the job panics, so that the watcher always ends.
        let _done = done;
        job()
    })
}

struct Watcher<'a> {
    terminal: &'a Terminal,
    label: &'a str,
    cancel: &'a AtomicBool,
    start: Instant,
    bar: Option<ProgressBar>,
    said_stopping: bool,
    last_line: Instant,
}

impl<'a> Watcher<'a> {
    fn new(terminal: &'a Terminal, label: &'a str, cancel: &'a AtomicBool) -> Self {
        let start = Instant::now();
        Self {
            terminal,
            label,
            cancel,
            start,
            bar: None,
            said_stopping: false,
            last_line: start,
        }
    }

    fn run(mut self, ended: &mpsc::Receiver<()>, look: &impl Fn() -> Snapshot) {
        while ended.recv_timeout(GLANCE) == Err(RecvTimeoutError::Timeout) {
            self.say_stopping();
            if self.terminal.stderr.target == Target::Terminal {
                if self.start.elapsed() >= PATIENCE {
                    self.draw(&look());
                }
            } else if self.last_line.elapsed() >= LINE_EVERY {
                self.last_line = Instant::now();
                let line = line(&look(), self.start.elapsed());
                self.terminal.plain(&format!("{}: {line}", self.label));
            }
        }
        if let Some(bar) = self.bar {
            bar.finish_and_clear();
        }
    }

    fn draw(&mut self, snapshot: &Snapshot) {
        let bar = self.bar.get_or_insert_with(|| {
            let bar = ProgressBar::with_draw_target(Some(0), ProgressDrawTarget::stderr());
            // The template is a constant with known keys; if it is refused the plain bar does.
            bar.with_style(
                ProgressStyle::with_template(TEMPLATE)
                    .unwrap_or_else(|_| ProgressStyle::default_bar()),
            )
        });
        let (length, position) = if snapshot.bytes.0 > 0 {
            snapshot.bytes
        } else {
            snapshot.messages
        };
        bar.set_length(length);
        bar.set_position(position);
        let current = escape::one_line(&snapshot.current, Target::Terminal).into_owned();
        bar.set_message(format!(
            "{}  {current}",
            line(snapshot, self.start.elapsed())
        ));
    }

    fn say_stopping(&mut self) {
        if !self.said_stopping && self.cancel.load(Ordering::SeqCst) {
            self.said_stopping = true;
            let say = || {
                self.terminal
                    .note("stopping; what is finished is kept (Ctrl-C again stops at once)");
            };
            match &self.bar {
                Some(bar) => bar.suspend(say),
                None => say(),
            }
        }
    }
}

/// The figures of a job for people, what they ask first in front: a narrow screen cuts the end.
fn line(snapshot: &Snapshot, elapsed: Duration) -> String {
    let seconds = elapsed.as_secs_f64();
    let mut parts = Vec::new();
    if let (found @ 1.., done) = snapshot.bytes {
        parts.push(format!(
            "{} of {}",
            format::bytes(done),
            format::bytes(found)
        ));
        parts.push(format!("{}/s", format::bytes(rate(done, seconds) as u64)));
        parts.extend(time_left(snapshot.bytes, seconds));
    }
    match snapshot.messages {
        (0, 0) => {}
        (0, done) => parts.push(format::counted(done, "message")),
        (expected, done) => {
            parts.push(format!(
                "{} of {}",
                format::count(done),
                format::counted(expected, "message")
            ));
            parts.extend(time_left(snapshot.messages, seconds));
        }
    }
    if let (found @ 2.., done) = snapshot.files {
        parts.push(format!(
            "{} of {}",
            format::count(done),
            format::counted(found, "file")
        ));
    }
    parts.join(", ")
}

fn rate(done: u64, seconds: f64) -> f64 {
    if seconds > 0.0 {
        done as f64 / seconds
    } else {
        0.0
    }
}

fn time_left((found, done): (u64, u64), seconds: f64) -> Option<String> {
    let rate = rate(done, seconds);
    if rate <= 0.0 || found <= done {
        return None;
    }
    let left = (found - done) as f64 / rate;
    Some(format!("{} left", format::duration(left.ceil() as u64)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_tells_rate_and_time_left() {
        let snapshot = Snapshot {
            files: (40, 12),
            bytes: (1_200_000_000, 120_000_000),
            messages: (0, 12_345),
            current: String::new(),
        };
        assert_eq!(
            line(&snapshot, Duration::from_secs(10)),
            "120.0 MB of 1.2 GB, 12.0 MB/s, 1 min 30 s left, 12,345 messages, 12 of 40 files"
        );
        let export = Snapshot {
            messages: (40, 10),
            ..Snapshot::default()
        };
        assert_eq!(
            line(&export, Duration::from_secs(10)),
            "10 of 40 messages, 30 s left"
        );
        assert_eq!(line(&Snapshot::default(), Duration::from_secs(1)), "");
    }

    #[test]
    fn the_result_of_the_job_comes_back() {
        let terminal = Terminal {
            stdout: crate::terminal::Layout::plain(80),
            stderr: crate::terminal::Layout::plain(80),
        };
        let cancel = AtomicBool::new(false);
        assert_eq!(
            watch(&terminal, "working", &cancel, Snapshot::default, || 7),
            7
        );
    }
}
