//! Zones of dates: offsets and names.

/// Farthest offset from UTC that a zone can have, in minutes (Kiribati is at +14:00).
const FARTHEST: i32 = 15 * 60;

/// The offset in seconds of hours and minutes; `None` if no zone can have it.
pub(super) fn offset(sign: i32, hours: u32, minutes: u32) -> Option<i32> {
    let total = i32::try_from(hours.checked_mul(60)?.checked_add(minutes)?).ok()?;
    (minutes < 60 && total <= FARTHEST).then_some(sign * total * 60)
}

/// Names whose offset is beyond doubt, in minutes: those of RFC 5322 §4.3, where `CST` is the
/// American one, and those that name one zone only.
const NAMES: [(&str, i32); 40] = [
    ("GMT", 0),
    ("UT", 0),
    ("UTC", 0),
    ("Z", 0),
    ("EST", -300),
    ("EDT", -240),
    ("CST", -360),
    ("CDT", -300),
    ("MST", -420),
    ("MDT", -360),
    ("PST", -480),
    ("PDT", -420),
    ("AKST", -540),
    ("AKDT", -480),
    ("HST", -600),
    ("NST", -210),
    ("NDT", -150),
    ("WET", 0),
    ("WEST", 60),
    ("BST", 60),
    ("CET", 60),
    ("MET", 60),
    ("MEZ", 60),
    ("CEST", 120),
    ("MEST", 120),
    ("MESZ", 120),
    ("METDST", 120),
    ("EET", 120),
    ("EEST", 180),
    ("SAST", 120),
    ("MSK", 180),
    ("HKT", 480),
    ("SGT", 480),
    ("AWST", 480),
    ("JST", 540),
    ("KST", 540),
    ("AEST", 600),
    ("AEDT", 660),
    ("NZST", 720),
    ("NZDT", 780),
];

/// The offset in seconds of a zone's name; `None` if it is unknown or means several.
pub(super) fn named(name: &str) -> Option<i32> {
    NAMES
        .iter()
        .find(|(known, _)| known.eq_ignore_ascii_case(name))
        .map(|(_, minutes)| minutes * 60)
}

/// Whether a name is one for UTC, which may have an offset after it (`GMT+2`).
pub(super) fn is_utc(name: &str) -> bool {
    named(name) == Some(0) && !name.eq_ignore_ascii_case("WET")
}
