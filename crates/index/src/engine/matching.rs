//! Where words stand to one another: arithmetic on positions, shared by the
//! index, by snippets and by headers that are read from the original.

/// How the words of a condition have to stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// One word, anywhere.
    Single,
    /// Next to one another in this order.
    Exact,
    /// In any order within a window of so many positions; each word has to be
    /// there as often as the list says.
    Loose {
        /// Positions from the first to the last, both counted.
        window: u32,
        /// How often each word is needed; as long as the list of words.
        needed: Vec<u32>,
    },
}

/// Positions at which the words stand next to one another, given by the first word's.
///
/// `lists` holds the positions of each word in order; `starts` is overwritten.
pub(crate) fn exact(lists: &[Vec<u32>], starts: &mut Vec<u32>) {
    starts.clear();
    let Some((first, others)) = lists.split_first() else {
        return;
    };
    starts.extend_from_slice(first);
    for (other, offset) in others.iter().zip(1u32..) {
        let mut at = 0;
        starts.retain(|start| {
            let wanted = start.saturating_add(offset);
            while other.get(at).is_some_and(|position| *position < wanted) {
                at += 1;
            }
            other.get(at) == Some(&wanted)
        });
        if starts.is_empty() {
            return;
        }
    }
}

/// Windows, first and last position, that hold every word as often as needed;
/// each as narrow as it can be, none beginning inside the one before.
///
/// The words are different, so that no position belongs to two of them.
pub(crate) fn loose(
    lists: &[Vec<u32>],
    window: u32,
    needed: &[u32],
    events: &mut Vec<(u32, usize)>,
    windows: &mut Vec<(u32, u32)>,
) {
    events.clear();
    windows.clear();
    if let ([one, other], [1, 1]) = (lists, needed) {
        return pairs(one, other, window, windows);
    }
    for (word, list) in lists.iter().enumerate() {
        events.extend(list.iter().map(|position| (*position, word)));
    }
    // The lists are sorted already, and the stable sort makes use of such runs.
    events.sort();
    let mut counts = vec![0u32; lists.len()];
    let mut lacking = needed.iter().filter(|need| **need > 0).count();
    let mut left = 0;
    for right in 0..events.len() {
        let (last, word) = events[right];
        counts[word] += 1;
        if counts[word] == needed[word] {
            lacking -= 1;
        }
        while left <= right {
            let (first, word) = events[left];
            let too_wide = last - first >= window;
            let not_needed = lacking == 0 && counts[word] > needed[word];
            if !too_wide && !not_needed {
                break;
            }
            if counts[word] == needed[word] {
                lacking += 1;
            }
            counts[word] -= 1;
            left += 1;
        }
        if lacking == 0 && left <= right {
            windows.push((events[left].0, last));
            counts.fill(0);
            lacking = needed.iter().filter(|need| **need > 0).count();
            left = right + 1;
        }
    }
}

/// The windows that hold both of two words; pairs are what is asked most. A window is narrow
/// as it can be if its words stand next to one another in the order of all positions.
fn pairs(one: &[u32], other: &[u32], window: u32, windows: &mut Vec<(u32, u32)>) {
    let (mut one, mut other) = (one.iter().peekable(), other.iter().peekable());
    // The position before, and whether it is one of the first word; none once it is in a window.
    let mut before: Option<(u32, bool)> = None;
    loop {
        let (position, is_first) = match (one.peek(), other.peek()) {
            (Some(a), Some(b)) => (**a.min(b), a < b),
            (Some(a), None) => (**a, true),
            (None, Some(b)) => (**b, false),
            (None, None) => return,
        };
        let _ = if is_first { one.next() } else { other.next() };
        before = match before {
            Some((start, first)) if first != is_first && position - start < window => {
                windows.push((start, position));
                None
            }
            _ => Some((position, is_first)),
        };
    }
}

/// Moves positions apart at the beginnings of parts, so that no window of
/// `window` positions reaches from one part into the next.
pub(crate) fn spread_parts(list: &mut [u32], parts: &[u32], window: u32) {
    let mut passed = 0u32;
    let mut parts = parts.iter().peekable();
    for position in list {
        while parts.next_if(|part| **part <= *position).is_some() {
            passed += 1;
        }
        *position = position.saturating_add(passed.saturating_mul(window));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn starts(lists: &[Vec<u32>]) -> Vec<u32> {
        let mut found = Vec::new();
        exact(lists, &mut found);
        found
    }

    fn windows(lists: &[Vec<u32>], window: u32, needed: &[u32]) -> Vec<(u32, u32)> {
        let mut found = Vec::new();
        loose(lists, window, needed, &mut Vec::new(), &mut found);
        found
    }

    #[test]
    fn words_next_to_one_another() {
        assert_eq!(starts(&[vec![1, 5, 9], vec![2, 7, 10]]), [1, 9]);
        assert_eq!(starts(&[vec![1, 2], vec![2, 3], vec![3]]), [1]);
        // "a a" in "a a a".
        assert_eq!(starts(&[vec![0, 1, 2], vec![0, 1, 2]]), [0, 1]);
        assert!(starts(&[vec![3], vec![3]]).is_empty());
    }

    #[test]
    fn words_in_a_window_in_any_order() {
        // Two words with at most one other between: windows of three.
        assert_eq!(windows(&[vec![4], vec![2]], 3, &[1, 1]), [(2, 4)]);
        assert!(windows(&[vec![5], vec![2]], 3, &[1, 1]).is_empty());
        // The narrowest window is taken.
        assert_eq!(windows(&[vec![0, 8], vec![9]], 10, &[1, 1]), [(8, 9)]);
        // The same word twice needs two positions.
        assert!(windows(&[vec![3]], 5, &[2]).is_empty());
        assert_eq!(windows(&[vec![3, 6]], 5, &[2]), [(3, 6)]);
        assert_eq!(
            windows(&[vec![0, 1], vec![2], vec![9]], 4, &[2, 1, 0]),
            [(0, 2)]
        );
    }

    /// Every window of two words by trying all, from the left: the earliest end, then the latest start.
    fn pairs_by_trying(one: &[u32], other: &[u32], window: u32) -> Vec<(u32, u32)> {
        let mut found = Vec::new();
        let mut from = 0;
        loop {
            let both = one
                .iter()
                .flat_map(|a| other.iter().map(move |b| (*a.min(b), *a.max(b))));
            let fits = both.filter(|(start, end)| *start >= from && end - start < window);
            let Some((start, end)) = fits.min_by_key(|(start, end)| (*end, u32::MAX - start))
            else {
                return found;
            };
            found.push((start, end));
            from = end + 1;
        }
    }

    #[test]
    fn pairs_are_those_that_trying_all_finds() {
        // Every way to give eight positions to the first word, the other or neither.
        for ways in 0..3u32.pow(8) {
            let at = |word| (0..8).filter(move |at| ways / 3u32.pow(*at) % 3 == word);
            let lists: [Vec<u32>; 2] = [at(0).collect(), at(1).collect()];
            for window in [2, 3, 5] {
                assert_eq!(
                    windows(&lists, window, &[1, 1]),
                    pairs_by_trying(&lists[0], &lists[1], window),
                    "{lists:?} in {window}"
                );
            }
        }
    }

    #[test]
    fn parts_are_moved_out_of_reach() {
        let mut list = [0, 3, 104, 210];
        spread_parts(&mut list, &[104, 205], 1000);
        assert_eq!(list, [0, 3, 1104, 2210]);
    }
}
