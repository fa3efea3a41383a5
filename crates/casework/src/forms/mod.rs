//! One message in several forms: a mail and the page that it was printed on, two prints of one mail.
//!
//! Nothing is merged: a link is a statement about two messages, with what it rests on and how sure it is. Pairs are looked
//! for by what both tell alike (who wrote it, or the subject, and a clock whose minutes agree within the quarter of an hour), so
//! that the work grows with the mail and not with its square; then people, subjects and texts are compared.

mod candidates;
mod compare;
mod families;
mod own;
mod text;

pub use candidates::Candidates;
pub use candidates::Entry;
pub use candidates::RECIPIENTS;
pub use compare::Agreed;
pub use compare::Evidence;
pub use compare::Header;
pub use compare::Likeness;
pub use compare::Text;
pub use compare::agree;
pub use compare::compare;
pub use families::Families;
pub use families::Pair;
pub use families::holding;
pub use text::Differing;
