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
    if let [one, other] = lists {
        merge(one, other, events);
    } else {
        for (word, list) in lists.iter().enumerate() {
            events.extend(list.iter().map(|position| (*position, word)));
        }
        // The lists are sorted already, and the stable sort makes use of such runs.
        events.sort();
    }
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

/// The positions of two words in order; pairs of words are what is asked most.
fn merge(one: &[u32], other: &[u32], events: &mut Vec<(u32, usize)>) {
    let mut others = other.iter().peekable();
    for position in one {
        while let Some(earlier) = others.next_if(|other| *other < position) {
            events.push((*earlier, 1));
        }
        events.push((*position, 0));
    }
    events.extend(others.map(|position| (*position, 1)));
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

    #[test]
    fn parts_are_moved_out_of_reach() {
        let mut list = [0, 3, 104, 210];
        spread_parts(&mut list, &[104, 205], 1000);
        assert_eq!(list, [0, 3, 1104, 2210]);
    }
}
