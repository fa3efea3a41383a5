//! PDFs: read by a program of its own where it is there, and told of where it is not.

use crate::common::Run;
use crate::common::Sandbox;
use crate::common::text;
use std::fs;

/// A PDF of pages of text, made by the rules of ISO 32000-1 §7.5: a line at a time in Courier.
fn pdf(pages: &[&str]) -> Vec<u8> {
    let mut objects = vec![
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        String::new(),
        "<< /Type /Font /Subtype /Type1 /BaseFont /Courier >>".to_owned(),
    ];
    let mut kids = String::new();
    for page in pages {
        let mut content = "BT /F1 9 Tf 12 TL 40 760 Td\n".to_owned();
        for line in page.lines() {
            let line = line
                .replace('\\', "\\\\")
                .replace('(', "\\(")
                .replace(')', "\\)");
            content.push_str(&format!("({line}) Tj T*\n"));
        }
        content.push_str("ET");
        let number = objects.len() + 1;
        kids.push_str(&format!("{number} 0 R "));
        objects.push(format!(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents {} 0 R \
             /Resources << /Font << /F1 3 0 R >> >> >>",
            number + 1
        ));
        let length = content.len();
        objects.push(format!(
            "<< /Length {length} >>\nstream\n{content}\nendstream"
        ));
    }
    objects[1] = format!("<< /Type /Pages /Kids [{kids}] /Count {} >>", pages.len());
    whole(&objects)
}

/// A PDF of some objects, the first of them the catalogue.
fn whole(objects: &[String]) -> Vec<u8> {
    let mut file = b"%PDF-1.4\n".to_vec();
    let mut places = Vec::new();
    for (index, object) in objects.iter().enumerate() {
        places.push(file.len());
        file.extend(format!("{} 0 obj\n{object}\nendobj\n", index + 1).bytes());
    }
    let table = file.len();
    file.extend(format!("xref\n0 {}\n0000000000 65535 f \n", objects.len() + 1).bytes());
    for place in places {
        file.extend(format!("{place:010} 00000 n \n").bytes());
    }
    let end = format!(
        "trailer\n<< /Size {} /Root 1 0 R >>\nstartxref\n{table}\n%%EOF\n",
        objects.len() + 1
    );
    file.extend(end.bytes());
    file
}

/// A PDF of one page without text that holds files: a name and what it holds, each.
fn portfolio(files: &[(&str, &str)]) -> Vec<u8> {
    let mut objects = vec![
        String::new(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] >>".to_owned(),
    ];
    let mut names = String::new();
    for (position, (name, bytes)) in files.iter().enumerate() {
        let number = objects.len() + 1;
        names.push_str(&format!("(key {position}) {number} 0 R "));
        let after = number + 1;
        objects.push(format!(
            "<< /Type /Filespec /F ({name}) /EF << /F {after} 0 R >> >>"
        ));
        let length = bytes.len();
        objects.push(format!(
            "<< /Type /EmbeddedFile /Length {length} >>\nstream\n{bytes}\nendstream"
        ));
    }
    objects[0] = format!(
        "<< /Type /Catalog /Pages 2 0 R /Collection << /View /T >> /Names << /EmbeddedFiles << /Names [{names}] >> >> >>"
    );
    whole(&objects)
}

const FIRST: &str = "From:      Pier, Anne (HARBOUR)\nSent:      Wednesday, March 03, 2021 3:23 PM\n\
    To:        Quay, Bob (DEP)\nSubject:   Dredging contract\n\nThe estimate is attached.\n";
const SECOND: &str = "From:      Quay, Bob (DEP)\nSent:      Thursday, March 04, 2021 8:00 AM\n\
    To:        Pier, Anne (HARBOUR)\nSubject:   Piers\n\nWhich piers?\n";

/// Whether the program that reads PDFs is there; says so if it is not.
fn can_read_pdfs() -> bool {
    let found = std::process::Command::new("pdftotext")
        .arg("-v")
        .output()
        .is_ok();
    if !found {
        eprintln!("skipped: pdftotext is not installed");
    }
    found
}

/// Runs the program where `pdftotext` is found as it is here.
fn with_path(sandbox: &Sandbox, arguments: &[&str], path: Option<&str>) -> Run {
    let mut command = sandbox.command(arguments);
    match path {
        Some(path) => command.env("PATH", path),
        None => command.env("PATH", std::env::var_os("PATH").unwrap_or_default()),
    };
    Run::of(command.output().expect("the program runs"))
}

#[test]
fn printed_mail_in_a_pdf_has_its_pages() {
    if !can_read_pdfs() {
        return;
    }
    let sandbox = Sandbox::new();
    let document = pdf(&[FIRST, "The last page of it.", SECOND]);
    sandbox.write("release/mail.pdf", &document);
    let ingest = ["ingest", "release", "--release", "r"];
    let _ = with_path(&sandbox, &ingest, None).expect(0);
    let hit = sandbox.hit("from:pier subject:dredging date:2021-03-03");
    assert_eq!(text(&hit["copies"][0]["pages"]), "1-2");
    assert_eq!(text(&hit["copies"][0]["path_inside"]), "text");
    let raw = sandbox.run(["show", &text(&hit["id"]), "--raw"]).expect(0);
    assert!(raw.text().contains("The last page of it."));
    assert!(!raw.text().contains("Which piers?"));
    let show = ["show", &text(&hit["id"]), "--json"];
    let view = with_path(&sandbox, &show, None).expect(0).json().remove(0);
    // Courier of 9 points is 5.4 wide; the text begins at 40, its base lines 12 apart from 32 below the top on.
    let from = &view["boxes"][0][0];
    assert_eq!(from["page"], 1);
    let corner = |at: usize| from["box"][at].as_f64().expect("a number");
    let label_and_name = "From:      Pier, Anne (HARBOUR)".len() as f64;
    for (at, wanted) in [(0, 40.0), (2, 40.0 + 5.4 * label_and_name)] {
        assert!((corner(at) - wanted).abs() < 1.0, "{from}");
    }
    assert!(
        corner(1) < 32.0 && corner(3) > 31.0 && corner(3) < 44.0,
        "{from}"
    );
    let second = sandbox.hit("subject:piers");
    assert_eq!(text(&second["copies"][0]["pages"]), "3");
    let before = sandbox.ids("*");
    let _ = with_path(&sandbox, &["rebuild"], None).expect(0);
    assert_eq!(sandbox.ids("*"), before);
    assert_eq!(sandbox.totals()["balanced"], true);
}

#[test]
fn a_pdf_that_nothing_can_read_is_told_with_the_way_out() {
    let sandbox = Sandbox::new();
    sandbox.write("release/mail.pdf", pdf(&[FIRST]));
    // A folder with the shell alone.
    sandbox.write("bin/empty", b"");
    std::os::unix::fs::symlink("/bin/sh", sandbox.path("bin/sh")).expect("a link can be made");
    let bin = sandbox.path("bin");
    let path = bin.to_str().expect("is UTF-8");
    let _ = with_path(
        &sandbox,
        &["ingest", "release", "--release", "r"],
        Some(path),
    )
    .expect(0);
    let told = sandbox.run(["ledger"]).expect(0);
    assert!(told.text().contains("poppler-utils"), "{}", told.text());
    if can_read_pdfs() {
        let _ = with_path(&sandbox, &["rebuild"], None).expect(0);
        assert_eq!(sandbox.count("subject:dredging"), 1);
    }
}

#[test]
fn bad_pdfs_are_entries_and_harm_nothing() {
    if !can_read_pdfs() {
        return;
    }
    let sandbox = Sandbox::new();
    let whole = pdf(&[FIRST]);
    let ring = String::from_utf8(pdf(&[FIRST]))
        .expect("is ASCII")
        .replacen("/Kids [4 0 R ]", "/Kids [2 0 R ]", 1);
    sandbox.write("release/cut.pdf", &whole[..whole.len() / 3]);
    sandbox.write("release/ring.pdf", ring);
    sandbox.write("release/head.pdf", "%PDF-1.4\n");
    sandbox.write("release/scan.pdf", pdf(&[""]));
    sandbox.write("release/report.pdf", pdf(&["A report on piers."]));
    sandbox.write("release/sound.pdf", &whole);
    let ingest = with_path(&sandbox, &["ingest", "release", "--release", "r"], None);
    assert!(matches!(ingest.status, 0 | 3), "{}", ingest.stderr);
    assert_eq!(sandbox.count("subject:dredging"), 1);
    let totals = sandbox.totals();
    assert_eq!(totals["balanced"], true);
    let open = |key: &str| totals[key].as_u64().expect("is a number");
    assert_eq!(
        open("unread") + open("unsupported") + open("copies"),
        6,
        "{totals}"
    );
    assert!(open("unread") >= 1, "{totals}");
}

#[test]
fn pdfs_can_be_left_alone() {
    let sandbox = Sandbox::with_harbour();
    sandbox.write("release/mail.pdf", pdf(&[FIRST]));
    sandbox.write("muckrake-case/muckrake.toml", "[limits]\npdf_seconds = 0\n");
    let _ = with_path(&sandbox, &["ingest", "release", "--release", "r"], None).expect(0);
    let told = sandbox.run(["ledger"]).expect(0);
    assert!(told.text().contains("pdf_seconds"), "{}", told.text());
}

#[test]
fn the_files_of_a_portfolio_are_read_as_members() {
    if !can_read_pdfs() {
        return;
    }
    let sandbox = Sandbox::new();
    let mail = crate::common::mail(
        3,
        "anne@harbour.example",
        "bob@city.example",
        "Embedded",
        "It lay in a PDF.",
    );
    let inner = portfolio(&[("deep.eml", &mail.replace("Embedded", "Deeper"))]);
    let inner = String::from_utf8(inner).expect("is ASCII");
    let document = portfolio(&[
        ("../../etc/mail.eml", &mail),
        ("../../etc/mail.eml", &mail.replace("Embedded", "Second")),
        ("inner.pdf", &inner),
        ("notes.txt", "no mail"),
    ]);
    sandbox.write("release/all.pdf", &document);
    let ingest = with_path(&sandbox, &["ingest", "release", "--release", "r"], None);
    let _ = ingest.expect(0);
    for (subject, path) in [
        ("embedded", "../../etc/mail.eml"),
        ("second", "../../etc/mail.eml#2"),
        ("deeper", "inner.pdf!/deep.eml"),
    ] {
        let hit = sandbox.hit(&format!("subject:{subject}"));
        assert_eq!(text(&hit["copies"][0]["path_inside"]), path);
        // Twice: what was opened for the first is kept for the second.
        let id = text(&hit["id"]);
        for raw in [
            with_path(&sandbox, &["show", &id, "--raw"], None),
            with_path(
                &sandbox,
                &[
                    "export",
                    "*",
                    "--format",
                    "mbox",
                    "--to",
                    &format!("{subject}.mbox"),
                ],
                None,
            ),
        ] {
            let _ = raw.expect(0);
        }
        let raw = with_path(&sandbox, &["show", &id, "--raw"], None).expect(0);
        assert!(
            raw.text()
                .to_lowercase()
                .contains(&format!("subject: {subject}"))
        );
    }
    let totals = sandbox.totals();
    assert_eq!(totals["balanced"], true, "{totals}");
    // The notes, and the pages of both PDFs, which are blank.
    assert_eq!(
        (&totals["copies"], &totals["unsupported"]),
        (&3.into(), &3.into()),
        "{totals}"
    );
    assert!(!sandbox.path("etc").exists());
    let ids = sandbox.ids("*");
    let _ = with_path(&sandbox, &["rebuild"], None).expect(0);
    assert_eq!(sandbox.ids("*"), ids);
}

#[test]
fn an_encrypted_pdf_is_told_as_such() {
    if !can_read_pdfs() {
        return;
    }
    let sandbox = Sandbox::new();
    // Made from the page FIRST with a password (RC4, 128 bits).
    let fixture =
        std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pdfs/encrypted.pdf");
    sandbox.write(
        "release/locked.pdf",
        std::fs::read(fixture).expect("a fixture"),
    );
    sandbox.write("release/open.pdf", pdf(&[FIRST]));
    let _ = with_path(&sandbox, &["ingest", "release", "--release", "r"], None).expect(3);
    assert_eq!(sandbox.count("subject:dredging"), 1);
    let told = sandbox.run(["ledger", "--unread"]).expect(0);
    assert!(
        told.text().contains("encrypted; take the password off"),
        "{}",
        told.text()
    );
    assert_eq!(sandbox.totals()["balanced"], true);
}

#[test]
fn words_under_a_black_box_are_flagged_and_read_on_request_only() {
    if !can_read_pdfs() || which("pdftoppm").is_none() {
        eprintln!("skipped: pdftoppm is not installed");
        return;
    }
    let sandbox = Sandbox::new();
    // The words of the body stand on the sixth line: base line at 760 - 12 * 5.
    let document = String::from_utf8(pdf(&[FIRST])).expect("is ASCII");
    let content = document.split("stream\n").nth(1).expect("a page");
    let content = content.strip_suffix("\nend").expect("its end");
    // `is attached.` are the letters 13 to 25 of the line, 5.4 points each from 40 on.
    let boxed = format!("{content}\n0 g 109.5 697 66 11 re f");
    let length = content.len();
    let document = document.replacen(content, &boxed, 1).replacen(
        &format!("/Length {length}"),
        &format!("/Length {}", boxed.len()),
        1,
    );
    sandbox.write("release/boxed.pdf", &document);
    sandbox.write("release/open.pdf", pdf(&[SECOND]));
    let ingest = ["ingest", "release", "--release", "r"];
    let _ = with_path(&sandbox, &ingest, None).expect(0);
    let hit = sandbox.hit("subject:dredging from:pier to:quay date:2021-03-03");
    assert_eq!(sandbox.count("estimate"), 1);
    assert_eq!(sandbox.count("attached"), 0);
    assert_eq!(sandbox.count("has:redaction"), 1);
    let view = sandbox
        .run(["show", &text(&hit["id"]), "--json"])
        .expect(0)
        .json()
        .remove(0);
    assert_eq!(
        view["covered"],
        serde_json::json!([{"page": 1, "words": 2}])
    );
    let told = sandbox.run(["ledger"]).expect(0);
    assert!(told.text().contains("covered_text"), "{}", told.text());
    sandbox.write("muckrake-case/muckrake.toml", "covered_text = true\n");
    let _ = with_path(&sandbox, &["rebuild"], None).expect(0);
    assert_eq!(sandbox.count("attached"), 1);
    assert_eq!(sandbox.hit("attached")["id"], hit["id"]);
    assert_eq!(sandbox.totals()["balanced"], true);
}

/// Where a program is, as the path of these tests has it.
fn which(program: &str) -> Option<std::path::PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path)
        .map(|folder| folder.join(program))
        .find(|place| place.is_file())
}

/// Whether pages that are images can be read here; says so if not.
fn can_recognise() -> bool {
    let missing = ["pdftotext", "pdftoppm", "tesseract"]
        .into_iter()
        .find(|program| which(program).is_none());
    if let Some(missing) = missing {
        eprintln!("skipped: {missing} is not installed");
    }
    missing.is_none()
}

/// A PDF whose one page is the picture of a page of text.
fn scanned(sandbox: &Sandbox, page: &str) -> Vec<u8> {
    sandbox.write("drawn/page.pdf", pdf(&[page]));
    let drawn = std::process::Command::new("pdftoppm")
        .args(["-gray", "-r", "200"])
        .arg(sandbox.path("drawn/page.pdf"))
        .output()
        .expect("it can be started")
        .stdout;
    // Netpbm: `P5`, width, height, 255, and a byte for each dot.
    let text = String::from_utf8_lossy(&drawn[..40]).into_owned();
    let mut words = text.split_ascii_whitespace().skip(1);
    let mut number = || {
        words
            .next()
            .and_then(|word| word.parse().ok())
            .expect("a number")
    };
    let (width, height): (usize, usize) = (number(), number());
    let dots = &drawn[drawn.len() - width * height..];
    // Written in hexadecimal, so that the file is text (ISO 32000-1 §7.4.2).
    let dots: String = dots.iter().map(|dot| format!("{dot:02x}")).collect();
    let content = "q 612 0 0 792 0 0 cm /I Do Q";
    whole(&[
        "<< /Type /Catalog /Pages 2 0 R >>".to_owned(),
        "<< /Type /Pages /Kids [3 0 R] /Count 1 >>".to_owned(),
        "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R \
         /Resources << /XObject << /I 5 0 R >> >> >>"
            .to_owned(),
        format!(
            "<< /Length {} >>\nstream\n{content}\nendstream",
            content.len()
        ),
        format!(
            "<< /Type /XObject /Subtype /Image /Width {width} /Height {height} /ColorSpace /DeviceGray \
             /BitsPerComponent 8 /Filter /ASCIIHexDecode /Length {} >>\nstream\n{dots}>\nendstream",
            dots.len() + 1
        ),
    ])
}

#[test]
fn pages_that_are_images_are_read_on_request_and_only_once() {
    if !can_recognise() {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.write("release/scan.pdf", scanned(&sandbox, FIRST));
    let _ = with_path(&sandbox, &["ingest", "release", "--release", "r"], None).expect(0);
    assert_eq!(sandbox.totals()["copies"], 0);
    let told = sandbox.run(["ledger"]).expect(0);
    assert!(told.text().contains("rebuild --ocr"), "{}", told.text());
    let _ = with_path(&sandbox, &["rebuild", "--ocr"], None).expect(0);
    let hit = sandbox.hit("subject:dredging from:pier date:2021-03-03");
    assert_eq!(text(&hit["copies"][0]["pages"]), "1");
    let view = sandbox
        .run(["show", &text(&hit["id"]), "--json"])
        .expect(0)
        .json()
        .remove(0);
    let page = &view["ocr"][0];
    assert_eq!(page["page"], 1);
    assert!(page["confidence"].as_u64() > Some(50), "{page}");
    assert!(page["words"].as_u64() > Some(10), "{page}");
    assert!(text(&page["by"]).starts_with("tesseract"), "{page}");
    // Without the program that reads images: what was read is kept.
    for program in ["sh", "pdftotext"] {
        let place = which(program).expect("it was there before");
        sandbox.write("bin/empty", b"");
        std::os::unix::fs::symlink(place, sandbox.path(&format!("bin/{program}")))
            .expect("a link can be made");
    }
    let bin = sandbox.path("bin");
    let bin = bin.to_str().expect("is UTF-8");
    let before = sandbox.ids("*");
    let _ = with_path(&sandbox, &["rebuild"], Some(bin)).expect(0);
    assert_eq!(sandbox.ids("*"), before);
    // Where the program is missing and was asked for, that is what is told.
    sandbox.write("release/other.pdf", scanned(&sandbox, SECOND));
    let ingest = ["ingest", "release", "--release", "r", "--ocr"];
    let _ = with_path(&sandbox, &ingest, Some(bin)).expect(0);
    let told = sandbox.run(["ledger"]).expect(0);
    assert!(told.text().contains("install tesseract"), "{}", told.text());
    assert_eq!(sandbox.totals()["balanced"], true);
    // A release that is forgotten takes the words of its pages with it.
    let kept = || {
        fs::read_dir(sandbox.path("muckrake-case/ocr"))
            .expect("it is there")
            .count()
    };
    assert_eq!(kept(), 1);
    let _ = sandbox.run(["releases", "forget", "r"]).expect(0);
    assert_eq!(kept(), 0);
}

#[test]
fn pages_of_which_nothing_is_read_are_in_the_ledger() {
    if !can_read_pdfs() {
        return;
    }
    let sandbox = Sandbox::new();
    sandbox.write("release/mixed.pdf", pdf(&[FIRST, "", "", SECOND, ""]));
    let _ = with_path(&sandbox, &["ingest", "release", "--release", "r"], None).expect(0);
    let totals = sandbox.totals();
    assert_eq!(
        (&totals["copies"], &totals["unsupported"]),
        (&2.into(), &1.into()),
        "{totals}"
    );
    let told = sandbox.run(["ledger", "--unread"]).expect(0);
    let all = sandbox.run(["ledger"]).expect(0);
    assert!(
        told.text().contains("pages 2-3, 5") || all.text().contains("pages 2-3, 5"),
        "{}\n{}",
        told.text(),
        all.text()
    );
}
