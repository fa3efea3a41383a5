//! The planted mail, written by hand: who wrote what to whom, and when.

mod award;
mod change_order;
mod records;

use crate::attachment::File;
use crate::desk::Desk;
use crate::desk::Does;
use crate::desk::Draft;
use crate::mail::Held;
use crate::moment::Moment;
use crate::people::Person;
use crate::people::person;

/// What a scene does with an earlier one, named by its key.
#[derive(Clone, Copy)]
enum Act {
    Write,
    Answer(&'static str),
    Forward(&'static str),
}

/// One message, planted.
#[derive(Clone, Copy)]
struct Scene {
    key: &'static str,
    at: &'static str,
    from: &'static str,
    to: &'static [&'static str],
    cc: &'static [&'static str],
    bcc: &'static [&'static str],
    act: Act,
    subject: &'static str,
    text: &'static str,
    files: fn() -> Vec<File>,
    /// Keys of messages that are attached.
    carries: &'static [&'static str],
    held: Held,
}

const BASE: Scene = Scene {
    key: "",
    at: "",
    from: "",
    to: &[],
    cc: &[],
    bcc: &[],
    act: Act::Write,
    subject: "",
    text: "",
    files: Vec::new,
    carries: &[],
    held: Held::Natural,
};

/// Writes all planted messages.
pub(crate) fn play(desk: &mut Desk) {
    for scene in [award::SCENES, change_order::SCENES, records::SCENES]
        .into_iter()
        .flatten()
    {
        let draft = draft(desk, scene);
        desk.send(draft);
    }
}

fn draft(desk: &Desk, scene: &Scene) -> Draft {
    let people =
        |keys: &[&str]| -> Vec<&'static Person> { keys.iter().map(|key| person(key)).collect() };
    Draft {
        key: scene.key,
        at: Moment::city(scene.at),
        from: person(scene.from),
        to: people(scene.to),
        cc: people(scene.cc),
        bcc: people(scene.bcc),
        does: match scene.act {
            Act::Write => Does::Write,
            Act::Answer(key) => Does::Answer(desk.find(key)),
            Act::Forward(key) => Does::Forward(desk.find(key)),
        },
        subject: scene.subject.to_owned(),
        text: scene.text.to_owned(),
        files: (scene.files)(),
        attached: scene.carries.iter().map(|key| desk.find(key)).collect(),
        held: scene.held,
    }
}
