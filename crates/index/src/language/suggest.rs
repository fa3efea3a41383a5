//! Finding what a person probably meant.

/// The candidate nearest to `word`, if one is near enough to be meant: at most
/// one edit for words of up to three letters, two up to seven, three beyond;
/// of equally near ones the first. Case is ignored. An edit inserts, leaves out
/// or changes a letter, or swaps two neighbours.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    /// Longer words are not compared: nobody mistypes a field of that length.
    const LONGEST: usize = 64;
    let word: Vec<char> = word
        .chars()
        .flat_map(char::to_lowercase)
        .take(LONGEST + 1)
        .collect();
    if word.len() > LONGEST {
        return None;
    }
    let allowed = match word.len() {
        0..=3 => 1,
        4..=7 => 2,
        _ => 3,
    };
    let mut best: Option<(usize, &str)> = None;
    for candidate in candidates {
        let letters: Vec<char> = candidate.chars().flat_map(char::to_lowercase).collect();
        if letters.len() > LONGEST || letters.len().abs_diff(word.len()) > allowed {
            continue;
        }
        let distance = distance(&word, &letters);
        if distance <= allowed && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, candidate)| candidate)
}

/// Optimal string alignment distance.
fn distance(left: &[char], right: &[char]) -> usize {
    let width = right.len() + 1;
    let mut before_last = vec![0; width];
    let mut last: Vec<usize> = (0..width).collect();
    let mut current = vec![0; width];
    let mut left_before = None;
    for (row, &l) in left.iter().enumerate() {
        current[0] = row + 1;
        let mut right_before = None;
        for (column, &r) in right.iter().enumerate() {
            let changed = last[column] + usize::from(l != r);
            let mut least = changed.min(last[column + 1] + 1).min(current[column] + 1);
            if column > 0 && left_before == Some(r) && right_before == Some(l) {
                least = least.min(before_last[column - 1] + 1);
            }
            current[column + 1] = least;
            right_before = Some(r);
        }
        left_before = Some(l);
        std::mem::swap(&mut before_last, &mut last);
        std::mem::swap(&mut last, &mut current);
    }
    last[width - 1]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn the_nearest_within_reach_is_given() {
        let fields = ["from", "to", "folder", "subject", "attachment", "attached"];
        assert_eq!(nearest("form", fields), Some("from"));
        assert_eq!(nearest("FROM", fields), Some("from"));
        assert_eq!(nearest("subjct", fields), Some("subject"));
        assert_eq!(nearest("attachement", fields), Some("attachment"));
        assert_eq!(nearest("t", fields), Some("to"));
        assert_eq!(nearest("zebra", fields), None);
        assert_eq!(nearest(&"x".repeat(100_000), fields), None);
    }

    #[test]
    fn distances_are_those_of_the_definition() {
        let between = |left: &str, right: &str| {
            super::distance(
                &left.chars().collect::<Vec<_>>(),
                &right.chars().collect::<Vec<_>>(),
            )
        };
        assert_eq!(between("kitten", "sitting"), 3);
        assert_eq!(between("ab", "ba"), 1);
        assert_eq!(between("ca", "abc"), 3);
        assert_eq!(between("", "abc"), 3);
        assert_eq!(between("abc", "abc"), 0);
    }
}
