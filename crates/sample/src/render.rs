//! A message as bytes, with `\n` line ends.

use crate::attachment::File;
use crate::attachment::Naming;
use crate::attachment::escape_html;
use crate::encode::Charset;
use crate::encode::base64;
use crate::encode::base64_lines;
use crate::encode::encoded_words;
use crate::encode::header;
use crate::encode::quoted_printable;
use crate::encode::wrap;
use crate::mail::Form;
use crate::mail::Mail;
use crate::mail::Party;
use crate::mail::Transfer;

/// What differs between copies of one message.
#[derive(Clone, Debug, Default)]
pub(crate) struct Dress {
    /// Header fields that a mail system put before the others, whole lines.
    pub trace: Vec<String>,
    /// Header fields that the exporting program put behind them.
    pub labels: Vec<String>,
    /// True where the blind copies are shown: the sender's own copy.
    pub bcc: bool,
    /// True where the text is packed otherwise than its sender packed it.
    pub repacked: bool,
}

/// The bytes of `mails[place]`.
pub(crate) fn render(mails: &[Mail], place: usize, dress: &Dress) -> Vec<u8> {
    let mail = &mails[place];
    let mut out = Vec::new();
    if mail.traced {
        push_lines(&mut out, &dress.trace);
    }
    if let Some(raw) = &mail.raw {
        out.extend(raw);
        return out;
    }
    push_fields(&mut out, mail, dress);
    out.extend(content(mails, place, dress));
    out
}

fn push_lines(out: &mut Vec<u8>, lines: &[String]) {
    for line in lines {
        out.extend(line.bytes());
        out.push(b'\n');
    }
}

fn push_fields(out: &mut Vec<u8>, mail: &Mail, dress: &Dress) {
    let mut put = |name: &str, value: &str| out.extend(header(name, value).bytes());
    put("From", &mailbox(&mail.from, mail.charset));
    if mail.to.is_empty() {
        put("To", "undisclosed-recipients:;");
    } else {
        put("To", &mailboxes(&mail.to, mail.charset));
    }
    if !mail.cc.is_empty() {
        put("Cc", &mailboxes(&mail.cc, mail.charset));
    }
    if dress.bcc && !mail.bcc.is_empty() {
        put("Bcc", &mailboxes(&mail.bcc, mail.charset));
    }
    put(
        "Subject",
        &encoded_words(
            &mail.subject,
            word_charset(mail.charset),
            mail.transfer == Transfer::Base64,
        ),
    );
    if !mail.thread_topic.is_empty() && mail.thread_index.is_some() {
        put(
            "Thread-Topic",
            &encoded_words(&mail.thread_topic, word_charset(mail.charset), false),
        );
    }
    if let Some(index) = &mail.thread_index {
        put("Thread-Index", &base64(index));
    }
    if mail.dated {
        put("Date", &mail.at.rfc5322());
    }
    if let Some(id) = &mail.message_id {
        put("Message-ID", &format!("<{id}>"));
    }
    if !mail.references.is_empty() {
        let references: Vec<String> = mail.references.iter().map(|id| format!("<{id}>")).collect();
        put("References", &references.join(" "));
    }
    if let Some(id) = &mail.in_reply_to {
        put("In-Reply-To", &format!("<{id}>"));
    }
    push_lines(out, &mail.extra);
    push_lines(out, &dress.labels);
    out.extend(b"MIME-Version: 1.0\n");
}

/// Header fields know no UTF-7.
fn word_charset(charset: Charset) -> Charset {
    if matches!(charset, Charset::Utf7 | Charset::Ascii) {
        Charset::Utf8
    } else {
        charset
    }
}

fn mailboxes(parties: &[Party], charset: Charset) -> String {
    let written: Vec<String> = parties
        .iter()
        .map(|party| mailbox(party, charset))
        .collect();
    written.join(", ")
}

fn mailbox(party: &Party, charset: Charset) -> String {
    let name = &party.name;
    if name.is_empty() {
        return party.address.clone();
    }
    if !name.is_ascii() {
        return format!(
            "{} <{}>",
            encoded_words(name, word_charset(charset), true),
            party.address
        );
    }
    let special = name
        .chars()
        .any(|character| matches!(character, ',' | '(' | ')' | '.' | '@' | ';' | ':'));
    if special {
        format!("\"{name}\" <{}>", party.address)
    } else {
        format!("{name} <{}>", party.address)
    }
}

/// The content fields and the body.
fn content(mails: &[Mail], place: usize, dress: &Dress) -> Vec<u8> {
    let mail = &mails[place];
    let body = body(mail, place, dress.repacked);
    if mail.files.is_empty() && mail.attached.is_empty() {
        return body;
    }
    let mut parts = vec![body];
    parts.extend(mail.files.iter().map(file_part));
    parts.extend(mail.attached.iter().map(|inner| {
        let name = slug(&mails[*inner].subject);
        let mut part =
            format!("Content-Type: message/rfc822\nContent-Disposition: attachment;\n filename=\"{name}.eml\"\n\n").into_bytes();
        part.extend(render(mails, *inner, &Dress::default()));
        part
    }));
    multipart("mixed", &format!("----=_NextPart_{place:04}_0001"), &parts)
}

/// A file name out of a subject.
pub(crate) fn slug(subject: &str) -> String {
    let mut name = String::new();
    for character in subject.chars().filter(char::is_ascii) {
        match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' | '-' => name.push(character),
            _ if !name.ends_with(' ') && !name.is_empty() => name.push(' '),
            _ => {}
        }
        if name.len() >= 48 {
            break;
        }
    }
    let name = name.trim_end();
    if name.is_empty() {
        "no subject".to_owned()
    } else {
        name.to_owned()
    }
}

fn multipart(kind: &str, boundary: &str, parts: &[Vec<u8>]) -> Vec<u8> {
    let mut out =
        format!("Content-Type: multipart/{kind};\n boundary=\"{boundary}\"\n\n").into_bytes();
    if kind == "mixed" {
        out.extend(b"This is a multi-part message in MIME format.\n\n");
    }
    for part in parts {
        out.extend(format!("--{boundary}\n").bytes());
        out.extend(part);
        if part.last() != Some(&b'\n') {
            out.push(b'\n');
        }
        out.push(b'\n');
    }
    out.extend(format!("--{boundary}--\n").bytes());
    out
}

fn body(mail: &Mail, place: usize, repacked: bool) -> Vec<u8> {
    let text = mail.text();
    let transfer = if repacked && !mail.text().is_empty() {
        other(mail.transfer)
    } else {
        mail.transfer
    };
    match mail.form {
        Form::Plain if mail.transfer == Transfer::EightBit => {
            text_part("plain", "", &wrap(&text, 76, "\n"), mail.charset, transfer)
        }
        Form::Plain => text_part("plain", "", &text, mail.charset, transfer),
        Form::Flowed => text_part(
            "plain",
            "; format=flowed",
            &flow(&text),
            mail.charset,
            transfer,
        ),
        Form::Html => text_part("html", "", &html(&text), mail.charset, transfer),
        Form::Alternative => multipart(
            "alternative",
            &format!("----=_NextPart_{place:04}_0002"),
            &[
                text_part("plain", "", &text, mail.charset, transfer),
                text_part("html", "", &html(&text), mail.charset, transfer),
            ],
        ),
    }
}

fn other(transfer: Transfer) -> Transfer {
    match transfer {
        Transfer::Base64 => Transfer::QuotedPrintable,
        _ => Transfer::Base64,
    }
}

fn text_part(
    kind: &str,
    parameters: &str,
    text: &str,
    charset: Charset,
    transfer: Transfer,
) -> Vec<u8> {
    // `pack` has seen to it that the text fits its character set.
    let bytes = charset
        .encode(text)
        .unwrap_or_else(|| text.as_bytes().to_vec());
    let (name, packed) = match transfer {
        Transfer::SevenBit => ("7bit", bytes),
        Transfer::EightBit => ("8bit", bytes),
        Transfer::QuotedPrintable => ("quoted-printable", quoted_printable(&bytes).into_bytes()),
        Transfer::Base64 => ("base64", base64_lines(&bytes).into_bytes()),
    };
    let label = charset.label();
    let mut out =
        format!("Content-Type: text/{kind}; charset=\"{label}\"{parameters}\nContent-Transfer-Encoding: {name}\n\n").into_bytes();
    out.extend(packed);
    if out.last() != Some(&b'\n') {
        out.push(b'\n');
    }
    out
}

/// Lines broken softly after a space, and stuffed where they begin as no flowed line may (RFC 3676 §4).
fn flow(text: &str) -> String {
    let lines: Vec<String> = text
        .lines()
        .map(|line| match line {
            "-- " => line.to_owned(),
            quoted if quoted.starts_with('>') => quoted.trim_end().to_owned(),
            stuffed if stuffed.starts_with(' ') || stuffed.starts_with("From ") => {
                wrap(&format!(" {}", stuffed.trim_end()), 70, " \n")
            }
            plain => wrap(plain.trim_end(), 70, " \n"),
        })
        .collect();
    lines.join("\n")
}

/// The same words as HTML. Quotations become nested blocks.
fn html(text: &str) -> String {
    let mut out = "<html><head><style>p.MsoNormal { margin: 0; font-family: Calibri }</style></head>\n<body lang=\"EN-US\">\n".to_owned();
    let mut depth = 0;
    for line in text.lines() {
        let content = line.trim_start_matches(['>', ' ']);
        let marks = line[..line.len() - content.len()].matches('>').count();
        while depth < marks {
            out.push_str("<blockquote type=\"cite\">\n");
            depth += 1;
        }
        while depth > marks {
            out.push_str("</blockquote>\n");
            depth -= 1;
        }
        match content {
            "" => out.push_str("<p class=\"MsoNormal\">&nbsp;</p>\n"),
            "________________________________" => out.push_str("<hr>\n"),
            content => out.push_str(&format!(
                "<p class=\"MsoNormal\">{}</p>\n",
                escape_html(content)
            )),
        }
    }
    out.push_str(&"</blockquote>\n".repeat(depth));
    out.push_str("</body></html>\n");
    out
}

fn file_part(file: &File) -> Vec<u8> {
    let name = match file.naming {
        Naming::Quoted => format!(
            "filename=\"{}\"",
            encoded_words(&file.name, Charset::Utf8, true).replace('\n', "")
        ),
        Naming::Continued => continued(&file.name),
    };
    let charset = match file.text.is_some() && !file.bytes.is_ascii() {
        true => "; charset=\"utf-8\"",
        false => "",
    };
    let mut out = format!(
        "Content-Type: {}{charset}\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment;\n {name}; size={}\n\n",
        file.content_type,
        file.bytes.len()
    )
    .into_bytes();
    out.extend(base64_lines(&file.bytes).bytes());
    out
}

/// A name in two percent-encoded pieces (RFC 2231 §3 and §4).
fn continued(name: &str) -> String {
    let encoded: Vec<String> = name
        .bytes()
        .map(|byte| {
            if byte.is_ascii_alphanumeric() || byte == b'.' {
                char::from(byte).to_string()
            } else {
                format!("%{byte:02X}")
            }
        })
        .collect();
    let (front, back) = encoded.split_at(encoded.len() / 2);
    format!(
        "filename*0*=utf-8''{};\n filename*1*={}",
        front.concat(),
        back.concat()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flowed_lines_join_to_the_same_text() {
        let text = "a ".repeat(100) + "end\n> quoted\nFrom here on";
        let flowed = flow(&text);
        assert!(flowed.lines().all(|line| line.len() <= 78));
        assert!(flowed.ends_with("\n> quoted\n From here on"));
        assert_eq!(
            flowed.replace(" \n", " "),
            text.replace("\nFrom", "\n From")
        );
    }

    #[test]
    fn html_nests_quotations() {
        let page = html("one\n> two\n>> three & four\n");
        assert_eq!(page.matches("<blockquote").count(), 2);
        assert_eq!(page.matches("</blockquote").count(), 2);
        assert!(page.contains("three &amp; four"));
    }

    #[test]
    fn slugs_are_plain_file_names() {
        assert_eq!(slug("RE: Änderung ../../x"), "RE nderung x");
        assert_eq!(slug("…"), "no subject");
    }
}
