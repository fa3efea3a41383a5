//! `format=flowed` (RFC 3676): lines that end in a space go on in the next one.

/// Joins flowed lines of one quotation depth. `delete_space` is `DelSp=yes`.
pub(crate) fn join(text: &str, delete_space: bool) -> String {
    let mut joined = String::with_capacity(text.len());
    // Quotation depth of the paragraph that the last line left open.
    let mut open: Option<usize> = None;
    for line in text.split_inclusive('\n') {
        let (line, line_break) = match line.strip_suffix('\n') {
            Some(line) => (line, "\n"),
            None => (line, ""),
        };
        let content = line.trim_start_matches('>');
        let depth = line.len() - content.len();
        let content = content.strip_prefix(' ').unwrap_or(content);
        let signature = content == "-- ";
        match open {
            Some(open_depth) if open_depth == depth && !signature => {}
            _ => {
                if open.is_some() {
                    joined.push('\n');
                }
                push_quote_marks(&mut joined, depth);
            }
        }
        let flows = content.ends_with(' ') && !signature && !line_break.is_empty();
        joined.push_str(if flows && delete_space {
            content.strip_suffix(' ').unwrap_or(content)
        } else {
            content
        });
        open = flows.then_some(depth);
        if !flows {
            joined.push_str(line_break);
        }
    }
    if open.is_some() {
        joined.push('\n');
    }
    joined
}

fn push_quote_marks(text: &mut String, depth: usize) {
    if depth > 0 {
        text.extend(std::iter::repeat_n('>', depth));
        text.push(' ');
    }
}

#[cfg(test)]
mod tests {
    use super::join;

    /// After the example of RFC 3676 §4.5 and §5.
    #[test]
    fn paragraphs_and_quotes() {
        let text = ">> one \n>> two\n> three\nfour \nfive\n-- \nme\n";
        assert_eq!(
            join(text, false),
            ">> one two\n> three\nfour five\n-- \nme\n"
        );
    }

    #[test]
    fn another_depth_ends_a_paragraph() {
        assert_eq!(join("a \n> b\n", false), "a \n> b\n");
        assert_eq!(join("text \n-- \nme", false), "text \n-- \nme");
    }

    #[test]
    fn stuffed_lines_and_delsp() {
        assert_eq!(
            join(" >not a quote\n  two\n", false),
            ">not a quote\n two\n"
        );
        assert_eq!(join("un \nbroken\n", true), "unbroken\n");
    }
}
