//! `size:`.

use super::ast::SizeRange;
use super::error::quoted;

/// Why a size cannot be read, and what would be right.
pub(super) type Fault = (String, Option<String>);

const FORMS: &str = "sizes are written `size:>1M`, `size:<=500k`, `size:100k..2M` or `size:1234`; \
     K is 1,000, M is 1,000,000, G is 1,000,000,000 bytes";

/// Reads `>1M`, `<1M`, `>=1M`, `<=1M`, `1k..2M`, `1k..`, `..2M` or a bare size.
pub(super) fn size_range(text: &str) -> Result<SizeRange, Fault> {
    if let Some(least) = text.strip_prefix(">=") {
        return Ok(SizeRange {
            min: Some(bytes(least)?),
            max: None,
        });
    }
    if let Some(most) = text.strip_prefix("<=") {
        return Ok(SizeRange {
            min: None,
            max: Some(bytes(most)?),
        });
    }
    if let Some(below) = text.strip_prefix('>') {
        let min = bytes(below)?.checked_add(1);
        return min
            .map(|min| SizeRange {
                min: Some(min),
                max: None,
            })
            .ok_or_else(|| too_large(below));
    }
    if let Some(above) = text.strip_prefix('<') {
        let max = bytes(above)?.checked_sub(1);
        return max
            .map(|max| SizeRange {
                min: None,
                max: Some(max),
            })
            .ok_or_else(|| ("nothing is smaller than 0 bytes".to_owned(), None));
    }
    let Some((least, most)) = text.split_once("..") else {
        let exact = bytes(text)?;
        return Ok(SizeRange {
            min: Some(exact),
            max: Some(exact),
        });
    };
    let end = |part: &str| (!part.is_empty()).then(|| bytes(part)).transpose();
    let (min, max) = (end(least)?, end(most)?);
    match (min, max) {
        (None, None) => Err(("a range without a beginning and an end".to_owned(), forms())),
        (Some(low), Some(high)) if low > high => Err((
            "the range ends before it begins".to_owned(),
            Some(format!("`{most}..{least}`")),
        )),
        _ => Ok(SizeRange { min, max }),
    }
}

fn forms() -> Option<String> {
    Some(FORMS.to_owned())
}

fn too_large(text: &str) -> Fault {
    (format!("{} is too large", quoted(text)), None)
}

fn unreadable(text: &str) -> Fault {
    let what = if text.is_empty() {
        "a size is missing".to_owned()
    } else {
        not_a_size(text)
    };
    (what, forms())
}

fn not_a_size(text: &str) -> String {
    format!("{} is not a size", quoted(text))
}

/// Reads `1234`, `1.5M`, `2GB`.
fn bytes(text: &str) -> Result<u64, Fault> {
    let lower = text.to_ascii_lowercase();
    if lower.ends_with("ib") {
        let hint = "K, M and G count in thousands; there are no binary units".to_owned();
        return Err((not_a_size(text), Some(hint)));
    }
    let bare = lower.strip_suffix('b').unwrap_or(&lower);
    let (number, zeros) = match bare.as_bytes().last() {
        Some(b'k') => (bare.strip_suffix('k').unwrap_or(bare), 3),
        Some(b'm') => (bare.strip_suffix('m').unwrap_or(bare), 6),
        Some(b'g') => (bare.strip_suffix('g').unwrap_or(bare), 9),
        _ => (bare, 0),
    };
    if number.contains(',') {
        let hint = format!("leave the commas out: `{}`", text.replace(',', ""));
        return Err((not_a_size(text), Some(hint)));
    }
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let all_digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !all_digits(whole) || (number.contains('.') && !all_digits(fraction)) {
        return Err(unreadable(text));
    }
    if fraction.len() > zeros {
        return Err(("a size is a whole number of bytes".to_owned(), forms()));
    }
    let padding = "0".repeat(zeros - fraction.len());
    format!("{whole}{fraction}{padding}")
        .parse()
        .map_err(|_| too_large(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(min: Option<u64>, max: Option<u64>) -> Result<SizeRange, Fault> {
        Ok(SizeRange { min, max })
    }

    #[test]
    fn every_form_is_read() {
        assert_eq!(size_range(">1M"), range(Some(1_000_001), None));
        assert_eq!(size_range("<1M"), range(None, Some(999_999)));
        assert_eq!(size_range(">=1k"), range(Some(1_000), None));
        assert_eq!(size_range("<=2G"), range(None, Some(2_000_000_000)));
        assert_eq!(
            size_range("100k..2M"),
            range(Some(100_000), Some(2_000_000))
        );
        assert_eq!(size_range("100k.."), range(Some(100_000), None));
        assert_eq!(size_range("..2mb"), range(None, Some(2_000_000)));
        assert_eq!(size_range("1234"), range(Some(1234), Some(1234)));
        assert_eq!(size_range("1.5M"), range(Some(1_500_000), Some(1_500_000)));
        assert_eq!(size_range("1.5k..1.75k"), range(Some(1_500), Some(1_750)));
    }

    #[test]
    fn what_is_no_size_is_an_error() {
        for wrong in [
            "",
            ">",
            "M",
            "1T",
            "1,000",
            "1MiB",
            "-1",
            "1.5",
            "1..2..3",
            "..",
            "2M..1M",
            "<0",
            "99999999999999999999",
            "99999999999G",
            ">18446744073709551615",
            "1 M",
            "b",
            "1.k",
            ">1..2",
            "1e6",
            "１",
        ] {
            assert!(size_range(wrong).is_err(), "{wrong}");
        }
        assert_eq!(
            size_range("2M..1M").map_err(|(_, hint)| hint),
            Err(Some("`1M..2M`".to_owned()))
        );
    }
}
