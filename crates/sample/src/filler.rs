//! Everyday mail: threads put together from building blocks.

use crate::attachment::File;
use crate::attachment::csv;
use crate::attachment::invitation;
use crate::attachment::note;
use crate::attachment::pdf;
use crate::attachment::photo;
use crate::desk::Desk;
use crate::desk::Does;
use crate::desk::Draft;
use crate::mail::Held;
use crate::moment::Moment;
use crate::people::Agency;
use crate::people::Person;
use crate::people::person;
use crate::topics::CLOSINGS;
use crate::topics::Enclosure;
use crate::topics::GREETINGS;
use crate::topics::NODS;
use crate::topics::TOPICS;
use crate::topics::Topic;

/// Writes threads until there are about `count` messages more.
pub(crate) fn fill(desk: &mut Desk, count: usize) {
    let until = desk.mails.len() + count;
    let turns: Vec<usize> = TOPICS
        .iter()
        .enumerate()
        .flat_map(|(place, topic)| vec![place; topic.weight])
        .collect();
    while desk.mails.len() < until {
        let place = *desk.random.pick(&turns);
        thread(desk, &TOPICS[place]);
    }
}

fn thread(desk: &mut Desk, topic: &Topic) {
    let circle = circle(desk, topic);
    let (first, last) = (Moment::city(topic.from), Moment::city(topic.until));
    let mut at = first
        .plus(desk.random.between(0, last.unix() - first.unix()))
        .at_work();
    let both = [Agency::Procurement, Agency::Mayor]
        .iter()
        .all(|agency| circle.iter().any(|one| one.agency == *agency));
    let held = match desk.random.below(100) {
        _ if !both => Held::Natural,
        0..6 => Held::ProcurementOnly,
        6..9 => Held::MayorOnly,
        _ => Held::Natural,
    };
    let starter = circle[desk.random.below(2.min(circle.len()))];
    let others: Vec<&'static Person> = circle
        .iter()
        .copied()
        .filter(|one| *one != starter)
        .collect();
    let split = desk.random.between(1, others.len().min(3) as i64) as usize;
    let (to, cc) = (others[..split].to_vec(), others[split..].to_vec());
    let subject = {
        let subject = *desk.random.pick(topic.subjects);
        fill_in(desk, subject, at, &circle)
    };
    let draft = Draft {
        key: "",
        at,
        from: starter,
        text: first_text(desk, topic, at, (starter, to[0]), &circle),
        bcc: blind(desk, starter),
        files: enclose(desk, topic, at, starter, &others),
        to,
        cc,
        does: Does::Write,
        subject,
        attached: Vec::new(),
        held,
    };
    let mut parent = desk.send(draft);
    let mut writer = starter;
    // Lengths as in real office mail: many single messages, most threads of 2 or 3, few long ones.
    let answers = *desk
        .random
        .pick(&[0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 6]);
    for _ in 0..answers {
        at = at.plus(pause(desk)).at_work();
        let choices: Vec<&'static Person> = circle
            .iter()
            .copied()
            .filter(|one| *one != writer)
            .collect();
        let next = *desk.random.pick(&choices);
        parent = answer(desk, topic, parent, (next, writer), at, &circle, held);
        writer = next;
    }
}

/// Those who take part: the topic's people, thinned out, with one of a releasing agency among them.
fn circle(desk: &mut Desk, topic: &Topic) -> Vec<&'static Person> {
    let size = desk.random.between(2, 6) as usize;
    let keys = desk.random.sample(topic.circle, size);
    let mut circle: Vec<&'static Person> = keys.into_iter().map(person).collect();
    let releasing = |one: &&Person| matches!(one.agency, Agency::Procurement | Agency::Mayor);
    if !circle.iter().any(releasing) {
        let missing = topic.circle.iter().copied().map(person).find(releasing);
        circle.extend(missing);
    }
    circle
}

fn first_text(
    desk: &mut Desk,
    topic: &Topic,
    at: Moment,
    (writer, to): (&Person, &Person),
    circle: &[&'static Person],
) -> String {
    let count = desk.random.between(2, 5) as usize;
    let mut sentences = desk.random.sample(&said_by(writer, topic.sentences), count);
    if desk.random.chance(40) {
        sentences.rotate_left(1);
    }
    let cut = sentences.len().div_ceil(2);
    let mut paragraphs = Vec::new();
    if desk.random.chance(80) {
        paragraphs.push(desk.random.pick(GREETINGS).replace("{first}", to.first));
    }
    paragraphs.push(sentences[..cut].join(" "));
    paragraphs.push(sentences[cut..].join(" "));
    if desk.random.chance(60) {
        paragraphs.push((*desk.random.pick(CLOSINGS)).to_owned());
    }
    paragraphs.retain(|paragraph| !paragraph.is_empty());
    fill_in(desk, &paragraphs.join("\n\n"), at, circle)
}

/// The sentences that this person may say, without the marks of who says them.
fn said_by(writer: &Person, sentences: &[&'static str]) -> Vec<&'static str> {
    let city = writer.agency.is_city();
    sentences
        .iter()
        .filter_map(|sentence| match sentence.split_once('|') {
            Some((mark, text)) => ((mark == "c") == city).then_some(text),
            None => Some(*sentence),
        })
        .collect()
}

fn answer(
    desk: &mut Desk,
    topic: &Topic,
    parent: usize,
    (writer, to): (&'static Person, &'static Person),
    at: Moment,
    circle: &[&'static Person],
    held: Held,
) -> usize {
    let mut text = Vec::new();
    let roll = desk.random.below(100);
    let answers = said_by(writer, topic.answers);
    if roll < 75 && !answers.is_empty() {
        text.push(*desk.random.pick(&answers));
    }
    if roll >= 60 || text.is_empty() {
        text.push(*desk.random.pick(NODS));
    }
    let text = fill_in(desk, &text.join(" "), at, circle);
    let cc = if desk.random.chance(70) {
        circle
            .iter()
            .copied()
            .filter(|one| *one != writer && *one != to)
            .collect()
    } else {
        Vec::new()
    };
    let does = if desk.random.chance(8) {
        Does::Forward(parent)
    } else {
        Does::Answer(parent)
    };
    let bcc = blind(desk, writer);
    let draft = Draft {
        key: "",
        at,
        from: writer,
        to: vec![to],
        cc,
        bcc,
        does,
        subject: String::new(),
        text,
        files: Vec::new(),
        attached: Vec::new(),
        held,
    };
    desk.send(draft)
}

/// Seconds until an answer: half within three hours, some after days.
fn pause(desk: &mut Desk) -> i64 {
    match desk.random.below(100) {
        0..26 => desk.random.between(120, 3600),
        26..55 => desk.random.between(3600, 3 * 3600),
        55..84 => desk.random.between(3 * 3600, 24 * 3600),
        _ => desk.random.between(86_400, 6 * 86_400),
    }
}

/// Now and then somebody's assistant is copied in blind.
fn blind(desk: &mut Desk, writer: &Person) -> Vec<&'static Person> {
    let assistant = match writer.agency {
        Agency::Procurement if writer.key != "abernethy" => "abernethy",
        Agency::Mayor if writer.key != "dunmore" => "dunmore",
        _ => return Vec::new(),
    };
    if desk.random.chance(7) {
        vec![person(assistant)]
    } else {
        Vec::new()
    }
}

fn enclose(
    desk: &mut Desk,
    topic: &Topic,
    at: Moment,
    writer: &'static Person,
    guests: &[&'static Person],
) -> Vec<File> {
    if !desk.random.chance(40) {
        return Vec::new();
    }
    let number = desk.random.between(2, 60);
    match topic.enclosure {
        Enclosure::Nothing => Vec::new(),
        Enclosure::Minutes => vec![note(
            &format!("Minutes {}.txt", at.day()),
            &minutes(desk, topic, at, writer, guests),
        )],
        Enclosure::Ledger => vec![csv(
            &format!("Übersicht {number}.csv").replace(
                "Übersicht",
                if number % 7 == 0 {
                    "Übersicht"
                } else {
                    "Summary"
                },
            ),
            &ledger(desk),
        )],
        Enclosure::Invitation => {
            let start = at.plus(desk.random.between(2, 9) * 86_400).at_work();
            vec![invitation(
                &format!("Tidegate, {}", start.day()),
                "City Hall annex",
                start,
                writer,
                guests,
            )]
        }
        Enclosure::Photo => vec![photo(&format!("IMG_{:04}.png", 1000 + number))],
        Enclosure::Letter => vec![pdf(
            &format!("Letter {number}.pdf"),
            "Letter concerning Contract 2021-CV-00417",
        )],
    }
}

fn minutes(
    desk: &mut Desk,
    topic: &Topic,
    at: Moment,
    writer: &Person,
    guests: &[&'static Person],
) -> String {
    let names: Vec<String> = guests.iter().map(|guest| guest.name()).collect();
    let points = desk.random.sample(&said_by(writer, topic.sentences), 4);
    let listed: Vec<String> = points
        .iter()
        .enumerate()
        .map(|(place, point)| format!("{}. {point}", place + 1))
        .collect();
    let text = format!(
        "Minutes, {}\nPresent: {}\n\n{}\n",
        at.day(),
        names.join(", "),
        listed.join("\n")
    );
    fill_in(desk, &text, at, guests)
}

fn ledger(desk: &mut Desk) -> String {
    let mut table = "item,description,quantity,amount\n".to_owned();
    let things = [
        "Duct, 4 inch",
        "Radar gauge",
        "Cabinet, stainless",
        "Night shift",
        "Diver, half day",
        "Conduit fitting",
        "Crane hire",
        "Survey",
    ];
    for (place, thing) in desk.random.sample(&things, 5).iter().enumerate() {
        let (quantity, amount) = (desk.random.between(1, 40), desk.random.between(200, 90_000));
        table.push_str(&format!(
            "{},\"{thing}\",{quantity},{amount}.00\n",
            place + 1
        ));
    }
    table
}

/// Puts numbers, dates and names into their places.
fn fill_in(desk: &mut Desk, text: &str, at: Moment, circle: &[&'static Person]) -> String {
    let mut out = String::with_capacity(text.len() + 32);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('{') {
        let Some((slot, tail)) = after.split_once('}') else {
            break;
        };
        out.push_str(before);
        out.push_str(&value(desk, slot, at, circle));
        rest = tail;
    }
    out.push_str(rest);
    out.replace("p.m..", "p.m.")
}

fn value(desk: &mut Desk, slot: &str, at: Moment, circle: &[&'static Person]) -> String {
    let random = &mut desk.random;
    match slot {
        "n" => random.between(3, 28).to_string(),
        "pct" => random.between(31, 96).to_string(),
        "pier" => random.between(7, 11).to_string(),
        "gate" => random.between(1, 14).to_string(),
        "room" => format!("{}{:02}", random.between(2, 9), random.between(1, 20)),
        "hour" => format!(
            "{}:{} p.m.",
            random.between(1, 6),
            random.pick(&["00", "15", "30", "45"])
        ),
        "invoice" => format!(
            "INV-{}",
            1003 + (at.unix() - Moment::city("2021-08-01 00:00:00").unix()).max(0) / 1_300_000
        ),
        "amount" => format!(
            "${},{:03}",
            random.between(4, 380),
            random.between(0, 199) * 5
        ),
        "date" => at.plus(random.between(2, 20) * 86_400).at_work().day(),
        "weekday" => {
            (*random.pick(&["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"])).to_owned()
        }
        "name" => circle.first().map(|one| one.name()).unwrap_or_default(),
        "first" => circle
            .first()
            .map(|one| one.first.to_owned())
            .unwrap_or_default(),
        other => format!("{{{other}}}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::random::Random;

    #[test]
    fn every_slot_is_known_and_every_key_is_in_the_cast() {
        let mut desk = Desk::new(Random::new(3));
        let at = Moment::city("2022-01-05 10:00:00");
        for topic in TOPICS {
            assert!(
                topic
                    .circle
                    .iter()
                    .all(|key| !person(key).address.is_empty())
            );
            for text in topic
                .subjects
                .iter()
                .chain(topic.sentences)
                .chain(topic.answers)
            {
                let filled = fill_in(&mut desk, text, at, &[]);
                assert!(!filled.contains('{'), "{filled}");
            }
        }
    }
}
