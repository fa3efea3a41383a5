//! Mail that is out of the ordinary: other languages and character sets, machines, damage.

mod broken;
mod languages;
mod machines;

use crate::desk::Desk;
use crate::desk::Does;
use crate::desk::Draft;
use crate::mail::Held;
use crate::moment::Moment;
use crate::people::Person;
use crate::people::person;

/// Writes all of it.
pub(crate) fn strew(desk: &mut Desk) {
    languages::write(desk);
    machines::write(desk);
    broken::write(desk);
}

/// A first message without anything special, to be made special.
fn letter(
    desk: &mut Desk,
    at: Moment,
    people: (&'static str, &[&'static str]),
    subject: &str,
    text: &str,
) -> usize {
    let to: Vec<&'static Person> = people.1.iter().map(|key| person(key)).collect();
    desk.send(Draft {
        key: "",
        at,
        from: person(people.0),
        to,
        cc: Vec::new(),
        bcc: Vec::new(),
        does: Does::Write,
        subject: subject.to_owned(),
        text: text.to_owned(),
        files: Vec::new(),
        attached: Vec::new(),
        held: Held::Natural,
    })
}
