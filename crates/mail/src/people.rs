//! People strings: names and addresses as header fields have them.
use crate::model::Mention;

/// Reads a decoded, unfolded address list.
pub fn parse_list(_text: &str) -> Vec<Mention> {
    Vec::new()
}
