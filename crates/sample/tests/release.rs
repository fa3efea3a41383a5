//! The invented releases: the same bytes each time, and as their truth says.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::collections::BTreeSet;
use std::collections::HashMap;

use muckrake_sample::Sample;
use muckrake_sample::release;
use muckrake_sample::story::MAYOR;
use muckrake_sample::story::Mark;
use muckrake_sample::story::PROCUREMENT;
use sha2::Digest;
use sha2::Sha256;

fn digest(sample: &Sample) -> String {
    let mut hash = Sha256::new();
    for (path, bytes) in sample.files() {
        hash.update(path.replace(";2,S", ":2,S"));
        hash.update((bytes.len() as u64).to_be_bytes());
        hash.update(bytes);
    }
    hash.finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

#[test]
fn the_same_seed_gives_the_same_bytes() {
    assert_eq!(digest(&release()), digest(&release()));
    assert_ne!(digest(&release()), digest(&Sample::new(1)));
}

#[test]
fn written_files_are_those_of_the_sample() {
    let folder = tempfile::tempdir().unwrap();
    let layout = release().write(folder.path()).unwrap();
    for (path, bytes) in release().files() {
        assert_eq!(std::fs::read(folder.path().join(path)).unwrap(), bytes);
    }
    assert!(layout.procurement.is_dir() && layout.mayor.is_dir());
    assert!(layout.mayor.join("Correspondence Unit/new").is_dir());
}

#[test]
fn counts_agree_with_the_files() {
    let sample = release();
    let truth = sample.truth();
    let files = sample.files();
    for release in &truth.releases {
        let prefix = format!("{}/", release.name);
        let delivered = files
            .iter()
            .filter(|(path, _)| path.starts_with(&prefix))
            .count();
        assert_eq!(release.sources, delivered, "{}", release.name);
        let distinct: BTreeSet<usize> = sample
            .messages()
            .filter(|copy| copy.release == release.name)
            .map(|copy| copy.fact)
            .collect();
        assert!(release.messages >= distinct.len());
        assert!(
            release.copies > distinct.len(),
            "some messages lie twice in one release"
        );
    }
    // Separators of the mbox, counted as grep would.
    let (_, mbox) = files
        .iter()
        .find(|(path, _)| path.ends_with(".mbox"))
        .unwrap();
    let separators = mbox
        .split(|byte| *byte == b'\n')
        .filter(|line| line.starts_with(b"From "))
        .count();
    assert_eq!(
        separators,
        sample
            .messages()
            .filter(|copy| copy.source.ends_with(".mbox"))
            .count()
    );
    assert_eq!(
        truth.facts.iter().map(|fact| fact.copies).sum::<usize>(),
        truth.copies()
    );
    assert_eq!(
        truth
            .facts
            .iter()
            .map(|fact| fact.attached_copies)
            .sum::<usize>(),
        truth.attached()
    );
}

#[test]
fn size_and_shape_are_those_of_a_small_release() {
    let truth = release().truth();
    assert!(
        (300..=500).contains(&truth.facts.len()),
        "{}",
        truth.facts.len()
    );
    assert!(truth.shared >= 50);
    let senders: BTreeSet<&str> = truth
        .facts
        .iter()
        .map(|fact| fact.from.address.as_str())
        .collect();
    assert!(senders.len() >= 36, "{}", senders.len());
    let years: BTreeSet<&str> = truth
        .facts
        .iter()
        .filter_map(|fact| fact.date.as_deref())
        .map(|date| &date[..4])
        .collect();
    assert_eq!(years.into_iter().collect::<Vec<_>>(), ["2021", "2022"]);
    let marks: BTreeSet<Mark> = truth
        .facts
        .iter()
        .flat_map(|fact| fact.marks.iter().copied())
        .collect();
    assert_eq!(marks.len(), 19, "{marks:?}");
}

#[test]
fn no_address_leaves_the_invented_domains() {
    for copy in release().messages() {
        // Soft line breaks of quoted-printable cut words in two.
        let text = String::from_utf8_lossy(copy.bytes)
            .replace('\r', "")
            .replace("=\n", "");
        for tail in text.split('@').skip(1) {
            let end = tail.find(|character: char| {
                !character.is_ascii_alphanumeric() && !".-".contains(character)
            });
            let domain = tail[..end.unwrap_or(tail.len())].trim_end_matches('.');
            assert!(
                domain.ends_with(".example") || !domain.contains('.'),
                "{domain}"
            );
        }
    }
}

#[test]
fn message_ids_are_unique_but_for_those_that_share_one() {
    let truth = release().truth();
    let mut seen: HashMap<&str, usize> = HashMap::new();
    for fact in &truth.facts {
        if let Some(id) = fact.message_id.as_deref() {
            *seen.entry(id).or_default() += 1;
        }
    }
    for fact in &truth.facts {
        let shared = fact.message_id.as_deref().is_some_and(|id| seen[id] > 1);
        assert_eq!(
            shared,
            fact.marks.contains(&Mark::SharedMessageId),
            "{}",
            fact.subject
        );
        assert_eq!(
            fact.message_id.is_none(),
            fact.marks.contains(&Mark::NoMessageId)
        );
    }
}

#[test]
fn the_story_is_where_it_should_be() {
    let truth = release().truth();
    let [who, held, standby] = &truth.questions[..] else {
        panic!("three questions")
    };
    let keys = |places: &[usize]| -> BTreeSet<&str> {
        places.iter().map(|place| truth.facts[*place].key).collect()
    };
    // Hand-made: the scenes that name the order in full.
    for key in [
        "co3-proposal",
        "co3-ask",
        "co3-home",
        "co3-split",
        "co3-pressure",
        "ribbon",
        "foil",
        "audit-findings",
    ] {
        assert!(keys(&who.answers).contains(key), "{key}");
    }
    assert!(keys(&held.answers).is_superset(&BTreeSet::from([
        "co3-ask",
        "co3-not-council",
        "co3-split",
        "co3-pressure"
    ])));
    assert!(
        held.answers
            .iter()
            .all(|place| truth.facts[*place].releases == [PROCUREMENT])
    );
    let billed = BTreeSet::from([
        "co3-proposal",
        "invoice",
        "invoice-2",
        "diary",
        "audit-findings",
    ]);
    assert_eq!(keys(&standby.answers), billed);
    assert!(
        standby
            .answers
            .iter()
            .all(|place| !truth.facts[*place].text.contains("tandby")
                || truth.facts[*place].key == "co3-proposal")
    );
    assert_eq!(truth.planted("co3-home").unwrap().releases, [MAYOR]);
    assert!(truth.planted("co3-ghost").is_none());
    let full = truth.planted("co3-pressure").unwrap();
    let black = truth.planted("co3-pressure-redacted").unwrap();
    assert_eq!(
        (&full.message_id, full.date.as_deref()),
        (&black.message_id, Some("2022-06-14T16:52:10-04:00"))
    );
    assert_ne!(full.text, black.text);
    let answered = truth
        .planted("co3-numbers")
        .unwrap()
        .in_reply_to
        .clone()
        .unwrap();
    assert!(truth.ghosts.contains(&answered));
}

/// Each planted message is where the table in `story` says; `co3-ghost` is nowhere.
#[test]
fn every_planted_message_is_in_a_release() {
    let truth = release().truth();
    let in_release = |name: &str| {
        truth
            .facts
            .iter()
            .filter(|fact| !fact.key.is_empty() && fact.releases == [name])
            .count()
    };
    let planted = truth
        .facts
        .iter()
        .filter(|fact| !fact.key.is_empty())
        .count();
    // 12 of the award, 28 of the change order without the ghost, 12 of the records, and the blacked-out twin.
    assert_eq!(planted, 12 + 28 + 12 + 1);
    let alone: Vec<&str> = truth
        .facts
        .iter()
        .filter(|fact| fact.key.starts_with("co3") && fact.releases == [MAYOR])
        .map(|fact| fact.key)
        .collect();
    assert_eq!(alone, ["co3-home", "co3-numbers", "co3-pressure-redacted"]);
    assert!(in_release(PROCUREMENT) > 20 && in_release(MAYOR) > 6);
}

#[test]
fn attached_messages_lie_two_deep() {
    let truth = release().truth();
    let outer = truth.planted("audit-chain").unwrap();
    let middle = &truth.facts[outer.attached[0]];
    let inner = &truth.facts[middle.attached[0]];
    assert_eq!((middle.key, inner.key), ("walkthrough-2", "walkthrough"));
    assert!(inner.attached_copies >= 2);
}
