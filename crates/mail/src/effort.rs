//! For tests: whether work grows with its input and not with the square of it, however busy the machine is.

use std::time::Duration;
use std::time::Instant;

/// Bytes of the smaller input; the larger has [`TIMES`] as many.
const SMALL: usize = 1 << 16;
/// How many times as many bytes the larger input has: quadratic work takes the square of it.
const TIMES: u32 = 4;
/// How many times as long the larger may take: half of the square. What is counted in pages and caches is not quite in proportion.
const MOST: u32 = TIMES * TIMES / 2;
/// What the clocks cannot tell: the scheduler counts a thread's time in ticks.
const UNSURE: Duration = Duration::from_millis(100);
/// How often a measurement that says no is taken again: others on the same core slow down memory too.
const TRIES: usize = 3;

/// Repeats a piece, small and large, and fails where the work on the large text takes more than its share.
pub(crate) fn assert_in_proportion(piece: &str, work: impl Fn(&str)) {
    let text = |bytes: usize| piece.repeat(bytes / piece.len());
    let (small, large) = (text(SMALL), text(SMALL * TIMES as usize));
    let mut taken = Vec::new();
    let grows = (0..TRIES).any(|_| {
        let (few, many) = (spent(|| work(&small)), spent(|| work(&large)));
        taken.push((few, many));
        many <= few * MOST + UNSURE
    });
    assert!(grows, "{piece:?}: {taken:?}");
}

/// Processor time of this thread where the system tells it (Linux, Documentation/scheduler/sched-stats.rst), else by the clock.
fn spent(work: impl FnOnce()) -> Duration {
    let of_thread = || {
        let told = std::fs::read_to_string("/proc/thread-self/schedstat").ok()?;
        Some(Duration::from_nanos(told.split(' ').next()?.parse().ok()?))
    };
    let (start, before) = (Instant::now(), of_thread());
    work();
    match (before, of_thread()) {
        (Some(before), Some(after)) => after.saturating_sub(before),
        _ => start.elapsed(),
    }
}

/// Adds up each byte as often as there are bytes in every 512th place.
fn quadratic(text: &str) -> u64 {
    let bytes = std::hint::black_box(text.as_bytes());
    let each = bytes.iter().step_by(512);
    each.map(|_| {
        std::hint::black_box(bytes)
            .iter()
            .map(|byte| u64::from(*byte))
            .sum::<u64>()
    })
    .sum()
}

#[test]
fn work_in_proportion_is_let_through() {
    assert_in_proportion("a pier\n", |text| assert_ne!(text.lines().count(), 0));
}

#[test]
#[should_panic(expected = "a pier")]
fn quadratic_work_is_told() {
    assert_in_proportion("a pier\n", |text| assert_ne!(quadratic(text), 0));
}
