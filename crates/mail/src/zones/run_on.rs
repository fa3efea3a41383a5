//! Header blocks whose first line has been run on to the author's last words: `Thanks, Anne From: Bob`, and the other fields
//! on lines of their own below it.

use super::labels;
use super::labels::Role;
use super::lines::Line;

/// Among so many lines below the date stand the recipients or the subject.
const NEAR: usize = 3;

/// Cuts such lines in two before the label of the sender.
pub(super) fn split(text: &str, lines: &mut Vec<Line>) {
    let mut found = Vec::new();
    for at in 1..lines.len() {
        let dated =
            matches!(lines[at].label, Some(label) if matches!(label.role, Role::Sent | Role::Date));
        if dated && let Some(sender) = sender(text, lines, at) {
            found.push((at - 1, sender));
        }
    }
    if found.is_empty() {
        return;
    }
    let mut cuts = found.into_iter().peekable();
    let mut parts = Vec::with_capacity(lines.len() + cuts.len());
    for (at, line) in lines.iter().enumerate() {
        match cuts.next_if(|(cut, _)| *cut == at) {
            Some((_, sender)) => {
                parts.push(Line {
                    end: sender,
                    ..*line
                });
                parts.push(Line {
                    start: sender,
                    content: sender,
                    label: labels::label(&text[sender..line.end]),
                    ..*line
                });
            }
            None => parts.push(*line),
        }
    }
    *lines = parts;
}

/// Where on the line above that of a date the label of the sender stands, with more of a header below.
fn sender(text: &str, lines: &[Line], dated: usize) -> Option<usize> {
    let (above, line) = (&lines[dated - 1], &lines[dated]);
    let languages = line.label?.languages;
    if above.empty || above.label.is_some() || above.marks != line.marks {
        return None;
    }
    let mut below = lines[dated + 1..].iter().take(NEAR);
    below.find(|next| {
        next.label.is_some_and(|label| {
            matches!(label.role, Role::To | Role::Copy | Role::Subject)
                && label.languages & languages != 0
        })
    })?;
    let content = above.content(text);
    memchr::memchr_iter(b':', content.as_bytes())
        .filter_map(|colon| {
            let word = content[..colon].rsplit(char::is_whitespace).next()?;
            let start = colon - word.len();
            let label = labels::label(&content[start..])?;
            let is_sender = label.role == Role::From && label.languages & languages != 0;
            (is_sender && start > 0).then_some(above.content + start)
        })
        .next_back()
}
