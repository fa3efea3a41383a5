//! Single hostile messages, small enough to lie in `fixtures/hostile`.

use super::head;

/// One hostile message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hostile {
    /// File name in `fixtures/hostile`.
    pub name: &'static str,
    /// What is hostile about it.
    pub what: &'static str,
    /// The message.
    pub bytes: Vec<u8>,
}

/// All of them.
pub fn small() -> Vec<Hostile> {
    let mut all = Vec::new();
    let mut add = |name, what, bytes| all.push(Hostile { name, what, bytes });
    show(&mut add);
    names(&mut add);
    identity(&mut add);
    structure(&mut add);
    all
}

/// The README of `fixtures/hostile`: what each file is.
pub fn readme() -> String {
    let mut out = "# Hostile mail\n\nInvented messages that are meant to do harm. Made by `muckrake_sample::hostile::small`, where they are to be \
                   changed;\n`cargo run -p muckrake-sample --example hostile -- fixtures/hostile` writes them. Do not print them to a terminal.\n\n\
                   | file | what it is |\n|---|---|\n"
        .to_owned();
    for hostile in small() {
        out.push_str(&format!("| `{}` | {} |\n", hostile.name, hostile.what));
    }
    out
}

type Add<'a> = &'a mut dyn FnMut(&'static str, &'static str, Vec<u8>);

fn with(subject: &str, rest: &[u8]) -> Vec<u8> {
    let mut out = head(subject);
    out.extend(rest);
    out
}

/// Against whoever looks at it: terminal, browser, spreadsheet.
fn show(add: Add<'_>) {
    add(
        "terminal-escapes.eml",
        "Clears the screen, sets the title, writes to the clipboard, rings, and hides text on a terminal that prints it raw.",
        b"From: \"Eve\x1b[31m\" <eve@hostile.example>\nTo: desk@newsroom.example\nSubject: \x1b[2J\x1b]0;pwned\x07Nothing \x1b[8mto see\x1b[0m\n\
          Date: Tue, 14 Jun 2022 16:52:10 -0400\nMessage-ID: <escapes\x1b[1m@hostile.example>\n\nBefore\x1b]52;c;cm0gLXJmIH4=\x07\x08\x08\x9b2J after.\n"
            .to_vec(),
    );
    add(
        "bidirectional.eml",
        "A subject, a name and a file name that read otherwise than they are written (U+202E, U+2066, zero-width characters).",
        with(
            "invoice \u{202e}fdp.exe \u{2066}paid\u{2069} pay\u{200b}roll",
            "Content-Type: application/octet-stream\nContent-Transfer-Encoding: base64\nContent-Disposition: attachment;\n \
             filename=\"annual\u{202e}fdp.exe\"\n\nTVo=\n"
                .as_bytes(),
        ),
    );
    add(
        "formula.eml",
        "Subject, sender and file name are formulas to a spreadsheet that opens an export.",
        b"From: \"=HYPERLINK(\"\"http://hostile.example\"\",\"\"x\"\")\" <formula@hostile.example>\nTo: \"@SUM(1+1)\" <desk@newsroom.example>\n\
          Subject: =cmd|'/c calc'!A1\nDate: Tue, 14 Jun 2022 16:52:10 -0400\nMessage-ID: <formula@hostile.example>\nMIME-Version: 1.0\n\
          Content-Type: text/csv\nContent-Disposition: attachment; filename=\"+1-1.csv\"\n\n-2+3,\"\t=1+1\"\n"
            .to_vec(),
    );
    add(
        "script.eml",
        "Subject and text are HTML that runs or fetches something when an export or a page shows it unescaped.",
        with(
            "</title><script>alert(1)</script>",
            b"Content-Type: text/html; charset=utf-8\n\n<meta http-equiv=\"refresh\" content=\"0;url=http://hostile.example/\"><base href=\"http://hostile.example/\">\
              <img src=\"http://hostile.example/seen.gif?id=1\" onerror=\"alert(2)\"><link rel=stylesheet href=\"//hostile.example/x.css\">\
              <p>Visible <b style=\"display:none\">hidden</b> words.</p><script>document.write('scripted')</script><a href=\"javascript:alert(3)\">link</a>\n",
        ),
    );
    add(
        "long-subject.eml",
        "A subject of 10,000 characters in many scripts, raw and on one line.",
        with(&long_subject(), b"\nShort text.\n"),
    );
    add(
        "nul-bytes.eml",
        "Zero bytes in field names, values and text; lone carriage returns.",
        {
            b"From: nul\0l@hostile.example\nSub\0ject: hidden\nSubject: zero\0byte\nDate: Tue, 14 Jun 2022 16:52:10 -0400\nMessage-ID: <nul@hostile.example>\n\n\
          before\0after\rlone\rreturns\r\n\0\0\0\n"
            .to_vec()
        },
    );
}

/// Exactly 10,000 characters, of which no two neighbours share a script.
fn long_subject() -> String {
    let scripts = [
        "tide",
        "прилив",
        "潮汐",
        "παλίρροια",
        "مد",
        "גאות",
        "ज्वार",
        "กระแสน้ำ",
        "조수",
        "🌊",
        "e\u{301}\u{323}",
    ];
    scripts
        .iter()
        .cycle()
        .flat_map(|word| word.chars().chain([' ']))
        .take(10_000)
        .collect()
}

/// Against the file system.
fn names(add: Add<'_>) {
    let names: [(&str, &str); 10] = [
        ("CON", "device"),
        ("../../etc/x", "climbs"),
        ("/etc/passwd", "absolute"),
        ("C:\\\\Windows\\\\x.txt", "drive"),
        ("..\\\\..\\\\x.txt", "backslash"),
        ("nul.txt ", "device with ending"),
        ("name:stream.txt", "alternate stream"),
        ("trailing dots...", "dots"),
        ("-rf", "option"),
        ("", "empty"),
    ];
    let mut rest = b"Content-Type: multipart/mixed; boundary=\"b\"\n\n".to_vec();
    for (name, what) in names {
        rest.extend(
            format!("--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=\"{name}\"\n\nfile name: {what}\n").bytes(),
        );
    }
    let long = "long".repeat(100);
    rest.extend(format!("--b\nContent-Type: text/plain\nContent-Disposition: attachment; filename=\"{long}.txt\"\n\nfile name: long\n--b--\n").bytes());
    add(
        "file-names.eml",
        "Attachments named like devices, paths, options, streams, nothing, and 400 characters.",
        with("file names", &rest),
    );

    let mut pieces = b"Content-Type: text/plain\nContent-Disposition: attachment;\n".to_vec();
    for number in (0..400).rev() {
        pieces.extend(format!(" filename*{number}*=%2e%2e%2f;\n").bytes());
    }
    pieces.extend(b" filename=sound.txt\n\nfour hundred pieces\n");
    add(
        "name-in-pieces.eml",
        "A file name in 400 continuations (RFC 2231), backwards, each of them `../`.",
        with("name in pieces", &pieces),
    );
}

/// Against identity and threads.
fn identity(add: Add<'_>) {
    for (name, text) in [
        ("shared-id-a.eml", "Pay it."),
        ("shared-id-b.eml", "Do not pay it."),
    ] {
        let message = format!(
            "From: mallory@hostile.example\nTo: desk@newsroom.example\nSubject: INV-1031\nDate: Tue, 14 Jun 2022 16:52:10 -0400\n\
             Message-ID: <one@hostile.example>\n\n{text}\n"
        );
        add(
            name,
            "Two messages with one Message-ID that say opposite things; both are to be found.",
            message.into_bytes(),
        );
    }
    add(
        "year-0101.eml",
        "A date in the year 101.",
        b"From: mallory@hostile.example\nSubject: old\nDate: Sat, 01 Jan 0101 00:00:00 +0000\nMessage-ID: <old@hostile.example>\n\nVery old.\n".to_vec(),
    );
    add(
        "no-readable-field.eml",
        "Lines that are no header fields; nothing to make an identity of but the bytes.",
        b"\xff\xfe\x80 no colon here\nnor here\n\tfolded nothing\n: no name\n\n\x81\x82\x83\n"
            .to_vec(),
    );
    for (name, own, other) in [("loop-a.eml", "a", "b"), ("loop-b.eml", "b", "a")] {
        let message = format!(
            "From: {own}@hostile.example\nSubject: Re: loop\nDate: Tue, 14 Jun 2022 16:52:10 -0400\nMessage-ID: <{own}@loop.example>\n\
             In-Reply-To: <{other}@loop.example>\nReferences: <{own}@loop.example> <{other}@loop.example> <{own}@loop.example>\n\nRound and round.\n"
        );
        add(
            name,
            "Two messages that answer each other, and themselves.",
            message.into_bytes(),
        );
    }
    let references: String = (0..3000)
        .map(|number| format!("\n <r{number}@loop.example>"))
        .collect();
    add(
        "many-references.eml",
        "References to 3,000 messages that do not exist.",
        with(
            "many references",
            format!("References:{references}\n\nWho are they?\n").as_bytes(),
        ),
    );
}

/// Against the parser.
fn structure(add: Add<'_>) {
    add("empty.eml", "No byte at all.", Vec::new());
    add(
        "header-only.eml",
        "Header fields that end in the middle of one.",
        head("header only")
            .into_iter()
            .chain(*b"Cc: some")
            .collect(),
    );
    add(
        "comments.eml",
        "An address with 5,000 comments, none of them closed.",
        [b"From: ".as_slice(), &b"(".repeat(5000), b" mallory@hostile.example\nSubject: comments\nDate: Tue, 14 Jun 2022 16:52:10 -0400\n\nText.\n"].concat(),
    );
    add(
        "encoded-words.eml",
        "A subject of 2,000 encoded words, each of one byte of a longer character, in changing character sets.",
        with(
            &["=?utf-8?Q?=F0?= =?utf-8?B?nw==?= =?koi8-r?Q?=8C?= =?x-none?Q?=8A?="; 500]
                .join("\n "),
            b"\nText.\n",
        ),
    );
    add(
        "boundaries.eml",
        "Boundaries that are the beginnings of one another, one that is empty, one with regex characters; parts in each.",
        with(
            "boundaries",
            b"Content-Type: multipart/mixed; boundary=\"aa\"\n\n--aa\nContent-Type: multipart/mixed; boundary=\"a\"\n\n--a\nContent-Type: text/plain\n\nfirst\n\
              --aaa\nContent-Type: text/plain\n\nsecond\n--a--\n--aa\nContent-Type: multipart/mixed; boundary=\"\"\n\n--\nContent-Type: text/plain\n\nthird\n\
              --aa\nContent-Type: multipart/mixed; boundary=\"(a+)+$\"\n\n--(a+)+$\n\nfourth\n--(a+)+$--\n--aa--\n",
        ),
    );
    add(
        "charsets.eml",
        "Parts in character sets that switch state and never come back, or that cannot be told.",
        with(
            "character sets",
            b"Content-Type: multipart/mixed; boundary=\"b\"\n\n--b\nContent-Type: text/plain; charset=iso-2022-jp\n\n\x1b$B%j%s%0\n\
              --b\nContent-Type: text/plain; charset=utf-7\n\n+ZeVnLIq\n+2D3\n--b\nContent-Type: text/plain; charset=utf-16\n\n\xff\xfet\0i\0d\0e\0\xd8\n\
              --b\nContent-Type: text/plain; charset=\"\"; charset=utf-8; charset=utf-16\n\ntide\n--b--\n",
        ),
    );
    add(
        "transfer-encodings.eml",
        "Parts whose transfer encoding lies, breaks off, or is applied to a multipart.",
        with(
            "transfer encodings",
            b"Content-Type: multipart/mixed; boundary=\"b\"\nContent-Transfer-Encoding: base64\n\n--b\nContent-Type: text/plain\n\
              Content-Transfer-Encoding: base64\n\nnot base64 at all!\n--b\nContent-Type: text/plain\nContent-Transfer-Encoding: quoted-printable\n\n\
              broken =ZZ =4 =\n--b\nContent-Type: text/plain\nContent-Transfer-Encoding: x-uuencode\n\nbegin 644 ../../x\n#86)C\n`\nend\n--b--\n",
        ),
    );
}
