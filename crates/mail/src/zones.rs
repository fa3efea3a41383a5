//! Zones: who said which stretch of a body.
use crate::model::Zone;

/// Cuts a text into zones that cover every byte once, in order.
pub fn cut(_text: &str) -> Vec<Zone> {
    Vec::new()
}
