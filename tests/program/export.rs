//! Taking messages out: originals byte for byte, manifests, ids, targets.

use crate::common::Sandbox;
use crate::common::harbour;
use crate::common::text;
use mail_parser::MessageParser;
use rusqlite::Connection;
use serde_json::Value;
use sha2::Digest;
use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::Stdio;

fn lines(bytes: &[u8]) -> Vec<Value> {
    String::from_utf8_lossy(bytes)
        .lines()
        .map(|line| serde_json::from_str(line).expect("a manifest is JSON Lines"))
        .collect()
}

fn sha256(bytes: &[u8]) -> String {
    let digest = sha2::Sha256::digest(bytes);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The bytes of all EML files in a folder.
fn collect(folder: &Path, into: &mut BTreeSet<Vec<u8>>) {
    for entry in fs::read_dir(folder).expect("the folder is there") {
        let path = entry.expect("it can be listed").path();
        if path.is_dir() {
            collect(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "eml") {
            into.insert(fs::read(path).expect("it can be read"));
        }
    }
}

#[test]
fn eml_files_are_the_originals() {
    let sandbox = Sandbox::new();
    let mails = harbour();
    for (number, mail) in mails.iter().enumerate() {
        sandbox.write(&format!("in/{number}.eml"), mail.replace('\n', "\r\n"));
    }
    let _ = sandbox.run(["ingest", "in", "--release", "r"]).expect(0);
    let _ = sandbox
        .run(["export", "*", "--to", "out", "--format", "eml"])
        .expect(0);
    let mut written = BTreeSet::new();
    collect(&sandbox.path("out"), &mut written);
    let originals: BTreeSet<Vec<u8>> = mails
        .iter()
        .map(|mail| mail.replace('\n', "\r\n").into_bytes())
        .collect();
    assert_eq!(written, originals);
    let manifest = lines(&sandbox.read("out/manifest.jsonl"));
    assert_eq!(manifest.len(), 1 + mails.len());
}

#[test]
fn a_mailbox_read_back_holds_the_same_messages() {
    let sandbox = Sandbox::with_harbour();
    let _ = sandbox
        .run(["export", "*", "--to", "out.mbox", "--format", "mbox"])
        .expect(0);
    assert!(sandbox.path("out.mbox.manifest.jsonl").is_file());
    let _ = sandbox
        .run([
            "--case",
            "again",
            "ingest",
            "out.mbox",
            "--release",
            "again",
        ])
        .expect(0);
    let again = sandbox
        .run(["--case", "again", "search", "*", "--json"])
        .expect(0)
        .json();
    let again: BTreeSet<String> = again.iter().map(|hit| text(&hit["id"])).collect();
    assert_eq!(again, sandbox.ids("*").into_iter().collect());
}

#[test]
fn json_and_csv_are_tables_of_the_same() {
    let sandbox = Sandbox::with_harbour();
    let _ = sandbox
        .run(["export", "*", "--to", "out.jsonl", "--format", "json"])
        .expect(0);
    let rows = lines(&sandbox.read("out.jsonl"));
    assert_eq!(rows.len(), 4);
    assert!(
        rows.iter()
            .all(|row| row["schema"] == 1 && row["body"].is_array())
    );
    let _ = sandbox
        .run(["export", "*", "--to", "out.csv", "--format", "csv"])
        .expect(0);
    assert!(sandbox.read("out.csv").starts_with(b"id,thread,date,"));
}

#[test]
fn whole_threads_and_lists_of_ids() {
    let sandbox = Sandbox::with_harbour();
    let _ = sandbox
        .run([
            "export",
            "said:ready",
            "--threads",
            "--to",
            "thread",
            "--format",
            "eml",
        ])
        .expect(0);
    assert_eq!(lines(&sandbox.read("thread/manifest.jsonl")).len(), 1 + 2);

    let ids = sandbox.ids("*");
    sandbox.write("ids.txt", format!("{}\n\n  {}  \n", ids[0], &ids[1][..10]));
    let _ = sandbox
        .run([
            "export",
            "--ids",
            "ids.txt",
            "--to",
            "two.jsonl",
            "--format",
            "json",
        ])
        .expect(0);
    assert_eq!(lines(&sandbox.read("two.jsonl")).len(), 2);

    sandbox.write("bad.txt", format!("{}\nffffffffffff\nxyz\n", ids[0]));
    let _ = sandbox
        .run([
            "export",
            "--ids",
            "bad.txt",
            "--to",
            "bad.jsonl",
            "--format",
            "json",
        ])
        .expect(3)
        .says(&["left out: ", "`ffffffffffff`", "`xyz`"]);
    assert_eq!(lines(&sandbox.read("bad.jsonl")).len(), 1);
}

#[test]
fn ids_come_through_a_pipe() {
    let sandbox = Sandbox::with_harbour();
    let mut child = sandbox
        .command([
            "export", "--ids", "-", "--to", "all.mbox", "--format", "mbox",
        ])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .expect("the program can be started");
    let list = sandbox.ids("*").join("\n");
    child
        .stdin
        .take()
        .expect("it is a pipe")
        .write_all(list.as_bytes())
        .expect("the program reads");
    assert_eq!(child.wait().expect("it ends").code(), Some(0));
    let mailbox = sandbox.read("all.mbox");
    let separators = mailbox
        .split(|byte| *byte == b'\n')
        .filter(|line| line.starts_with(b"From "))
        .count();
    assert_eq!(separators, 4);
    assert!(MessageParser::default().parse(&mailbox).is_some());
}

#[test]
fn nothing_is_overwritten_unless_asked() {
    let sandbox = Sandbox::with_harbour();
    sandbox.write("mine.csv", "precious");
    let export = ["export", "*", "--to", "mine.csv", "--format", "csv"];
    let _ = sandbox
        .run(export)
        .expect(2)
        .says(&["`mine.csv` exists already", "--force"]);
    assert_eq!(sandbox.read("mine.csv"), b"precious");
    let _ = sandbox.run(export.iter().chain(&["--force"])).expect(0);
    assert_ne!(sandbox.read("mine.csv"), b"precious");
    sandbox.write("folder/precious.txt", "precious");
    let _ = sandbox
        .run([
            "export", "*", "--to", "folder", "--format", "eml", "--force",
        ])
        .expect(2);
    assert_eq!(sandbox.read("folder/precious.txt"), b"precious");
}

#[test]
fn nothing_found_writes_nothing() {
    let sandbox = Sandbox::with_harbour();
    let _ = sandbox
        .run(["export", "zeppelin", "--to", "x.csv", "--format", "csv"])
        .expect(1);
    assert!(!sandbox.path("x.csv").exists());
    let _ = sandbox
        .run(["export", "form:anne", "--to", "x.csv", "--format", "csv"])
        .expect(2)
        .says(&["^^^^"]);
}

#[test]
fn an_export_to_standard_output_is_refused() {
    let sandbox = Sandbox::with_harbour();
    let _ = sandbox
        .run(["export", "*", "--format", "csv", "--to", "-"])
        .expect(2)
        .says(&["standard output", "hint: name a file"]);
    assert!(!sandbox.path("-").exists());
}

/// Every file below a folder, by its path from there.
fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(next) = folders.pop() {
        for entry in fs::read_dir(&next).expect("the folder is there") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            let name = path.strip_prefix(folder).expect("it lies below");
            let name = name.to_string_lossy().replace('\\', "/");
            files.insert(name, fs::read(&path).expect("it can be read"));
        }
    }
    files
}

const FORMATS: [&str; 8] = [
    "mbox",
    "eml",
    "csv",
    "json",
    "html",
    "sqlite",
    "dat",
    "attachments",
];

#[test]
fn the_same_export_has_the_same_bytes() {
    let sandbox = Sandbox::with_harbour();
    for format in FORMATS {
        for time in ["one", "two"] {
            let to = format!("{time}/{format}/out");
            fs::create_dir_all(sandbox.path(&format!("{time}/{format}"))).expect("it can be made");
            let _ = sandbox
                .run(["export", "*", "--to", &to, "--format", format])
                .expect(0);
        }
        let one = files(&sandbox.path(&format!("one/{format}")));
        assert!(one.len() > 1, "{format}");
        assert_eq!(
            one,
            files(&sandbox.path(&format!("two/{format}"))),
            "{format}"
        );
    }
}

#[test]
fn a_manifest_vouches_for_every_file() {
    let sandbox = Sandbox::with_harbour();
    for format in FORMATS {
        let to = format!("{format}/out");
        fs::create_dir_all(sandbox.path(format)).expect("it can be made");
        let _ = sandbox
            .run(["export", "*", "--to", &to, "--format", format])
            .expect(0);
        let folder = sandbox.path(format);
        let inside = folder.join("out").is_dir();
        let root = if inside { folder.join("out") } else { folder };
        let mut files = files(&root);
        let name = if inside {
            "manifest.jsonl"
        } else {
            "out.manifest.jsonl"
        };
        let manifest = lines(&files.remove(name).expect("there is a manifest"));
        assert_eq!(manifest[0]["kind"], "export");
        assert_eq!(manifest[0]["case"]["releases"][0]["name"], "harbour");
        let mut vouched = BTreeSet::new();
        for item in &manifest[1..] {
            let file = text(&item["file"]);
            let bytes = &files[&file];
            if item["sha256"].is_null() {
                continue;
            }
            let offset = item["offset"].as_u64().unwrap_or(0) as usize;
            let length = item["length"].as_u64().unwrap_or(bytes.len() as u64) as usize;
            let stretch = &bytes[offset..offset + length];
            assert_eq!(text(&item["sha256"]), sha256(stretch), "{format}: {item}");
            if length == bytes.len() {
                vouched.insert(file);
            }
        }
        let beside = |name: &&String| !name.contains("/TEXT/") && !name.contains("/IMAGES/");
        let all: BTreeSet<String> = files.keys().filter(beside).cloned().collect();
        assert_eq!(vouched, all, "{format}");
        if format == "attachments" {
            continue;
        }
        let hashes: Vec<&Value> = manifest
            .iter()
            .filter(|item| item["message_id"] == "1.anne@harbour.example")
            .map(|item| &item["edrm_message_id_hash"])
            .collect();
        // By `printf '<1.anne@harbour.example>' | md5sum`.
        assert_eq!(hashes, ["6ae6a97e1c1c4f927bcfb86fd8f1f972"], "{format}");
    }
}

#[test]
fn whole_threads_are_marked_and_stay_together() {
    let sandbox = Sandbox::with_harbour();
    let run = |to: &str, threads: &str| {
        let _ = sandbox
            .run([
                "export",
                "pier -said:ready OR subject:estimate",
                threads,
                "--to",
                to,
                "--format",
                "json",
            ])
            .expect(0);
        let rows = lines(&sandbox.read(to));
        let row = |row: &Value| (text(&row["subject"]), row["hit"].as_bool());
        rows.iter().map(row).collect::<Vec<_>>()
    };
    let hit = |subject: &str, hit| (subject.to_owned(), Some(hit));
    assert_eq!(
        run("all.jsonl", "--threads"),
        [
            hit("North pier contract", false),
            hit("Re: North pier contract", true),
            hit("Estimate", true)
        ]
    );
    assert_eq!(
        run("hits.jsonl", "--threads=hits"),
        [hit("Re: North pier contract", true), hit("Estimate", true)]
    );
}

#[test]
fn a_database_answers_in_sql() {
    let sandbox = Sandbox::with_harbour();
    let _ = sandbox
        .run(["export", "*", "--to", "out.sqlite", "--format", "sqlite"])
        .expect(0);
    let database = Connection::open(sandbox.path("out.sqlite")).expect("it opens");
    let answer = |sql: &str| -> String {
        database
            .query_row(sql, [], |row| row.get::<_, rusqlite::types::Value>(0))
            .map(|value| format!("{value:?}"))
            .unwrap_or_else(|error| panic!("{sql}: {error}"))
    };
    for (sql, expected) in [
        ("PRAGMA integrity_check", "Text(\"ok\")"),
        (
            "SELECT count(*) FROM pragma_foreign_key_check",
            "Integer(0)",
        ),
        ("SELECT count(*) FROM messages", "Integer(4)"),
        (
            "SELECT messages FROM threads WHERE subject = 'North pier contract'",
            "Integer(2)",
        ),
        (
            "SELECT date FROM messages WHERE subject = 'Estimate'",
            "Text(\"2021-03-04 04:30:00\")",
        ),
        (
            "SELECT own_words FROM messages WHERE subject LIKE 'Re:%'",
            "Text(\"Send it over.\\n\\n\")",
        ),
        (
            "SELECT m.subject FROM messages_fts f JOIN messages m ON m.number = f.rowid WHERE messages_fts MATCH 'pilings'",
            "Text(\"Estimate\")",
        ),
        (
            "SELECT count(*) FROM message_people mp JOIN people p ON p.id = mp.person WHERE p.address = 'anne@harbour.example' AND role = 'to'",
            "Integer(3)",
        ),
        (
            "SELECT s.name FROM copies c JOIN sources s ON s.id = c.source LIMIT 1",
            "Text(\"harbour.mbox\")",
        ),
        ("SELECT name FROM attachments", "Text(\"estimate.csv\")"),
    ] {
        assert_eq!(answer(sql), expected, "{sql}");
    }
}

#[test]
fn pages_hold_nothing_of_a_mail_but_its_words() {
    let sandbox = Sandbox::new();
    sandbox.write(
        "in/evil.eml",
        "From: \"<script>a()</script>\" <evil@x.example>\nTo: bob@city.example\nSubject: <img src=x onerror=b()>\n\
         Date: Mon, 1 Mar 2021 10:30:00 -0500\nMessage-ID: <\"><script>c()</script>@x.example>\n\
         Content-Type: multipart/mixed; boundary=cut\n\n--cut\nContent-Type: text/html\n\n\
         <p>Hello</p><script>d()</script><img src=\"https://evil.example/p.png\">\n\
         --cut\nContent-Type: text/html; name=\"../../index.html\"\n\n<script>e()</script>\n--cut--\n",
    );
    let _ = sandbox.run(["ingest", "in", "--release", "r"]).expect(0);
    let _ = sandbox
        .run(["export", "*", "--to", "out", "--format", "html"])
        .expect(0);
    let files = files(&sandbox.path("out"));
    let attached: Vec<&String> = files
        .keys()
        .filter(|name| name.starts_with("attachments/"))
        .collect();
    assert_eq!(attached.len(), 1);
    assert!(attached[0].ends_with("/1-index.html.txt"), "{attached:?}");
    for (name, bytes) in files.iter().filter(|(name, _)| name.ends_with(".html")) {
        let page = String::from_utf8(bytes.clone()).expect("pages are UTF-8");
        assert!(
            page.contains("Content-Security-Policy\" content=\"default-src 'none';"),
            "{name}"
        );
        assert_eq!(page.matches("<script").count(), 1, "{name}");
        assert_eq!(page.matches("<style").count(), 1, "{name}");
        // Style and script are ours, and known by the hashes of the policy.
        let (_, rest) = page.split_once("</style>").expect("it has a style sheet");
        let (page, _) = rest.split_once("<script>").expect("it has a script");
        for bad in [
            "<img",
            "<iframe",
            "<object",
            "<link",
            " on",
            "http:",
            "https:",
            "javascript:",
        ] {
            let found = page.match_indices(bad).find(|(place, _)| {
                // ` on` counts as the beginning of an attribute in a tag only.
                bad != " on" || page[..*place].rfind('<') > page[..*place].rfind('>')
            });
            assert_eq!(found, None, "{name} has `{bad}`");
        }
    }
}

#[test]
fn a_production_keeps_families_together() {
    let sandbox = Sandbox::with_harbour();
    let _ = sandbox
        .run([
            "export", "*", "--to", "out", "--format", "dat", "--prefix", "PIER-",
        ])
        .expect(0);
    let dat = String::from_utf8(sandbox.read("out/VOL001.dat")).expect("it is UTF-8");
    let dat = dat.strip_prefix('\u{feff}').expect("it has a mark");
    let rows: Vec<Vec<&str>> = dat
        .strip_suffix("\r\n")
        .expect("each record has its end")
        .split("\r\n")
        .map(|row| {
            let row = row.strip_prefix('þ').and_then(|row| row.strip_suffix('þ'));
            row.expect("fields are quoted").split("þ\u{14}þ").collect()
        })
        .collect();
    let column = |name: &str| {
        rows[0]
            .iter()
            .position(|field| *field == name)
            .unwrap_or_else(|| panic!("no {name}"))
    };
    assert_eq!(rows.len(), 1 + 5, "four messages and an attachment");
    let table = rows
        .iter()
        .find(|row| row[column("FILENAME")] == "estimate.csv")
        .expect("the attachment is a document");
    let mail = rows
        .iter()
        .find(|row| row[column("SUBJECT")] == "Estimate")
        .expect("the mail is a document");
    assert_eq!(table[column("PARENTID")], mail[column("BEGBATES")]);
    assert_eq!(mail[column("BEGATTACH")], mail[column("BEGBATES")]);
    assert_eq!(mail[column("ENDATTACH")], table[column("ENDBATES")]);
    assert_eq!(mail[column("DATESENT")], "2021-03-04 04:30:00");
    let path = |link: &str| format!("out/{}", link.trim_start_matches(".\\").replace('\\', "/"));
    let native = sandbox.read(&path(table[column("NATIVELINK")]));
    assert_eq!(native, b"item,price\npilings,30500000");
    assert_eq!(table[column("SHA256HASH")], sha256(&native));
    let opt = String::from_utf8(sandbox.read("out/VOL001.opt")).expect("it is ASCII");
    assert_eq!(
        opt.lines().next(),
        Some("PIER-00000001,VOL001,.\\VOL001\\IMAGES\\IMG0001\\PIER-00000001.tif,Y,,,1")
    );
    assert_eq!(opt.matches("\r\n").count(), 5);
    let _ = sandbox
        .run([
            "export", "*", "--to", "x", "--format", "dat", "--prefix", "a/b",
        ])
        .expect(2);
}

#[test]
fn what_a_dead_export_left_goes_with_the_next() {
    let sandbox = Sandbox::with_harbour();
    sandbox.write("out.partial/muckrake-export.lock", "");
    sandbox.write("out.partial/export/half.eml", "half");
    let _ = sandbox
        .run(["export", "*", "--to", "out", "--format", "eml"])
        .expect(0);
    assert!(!sandbox.path("out.partial").exists());
    sandbox.write("mine.partial/precious.txt", "precious");
    let _ = sandbox
        .run(["export", "*", "--to", "mine", "--format", "eml"])
        .expect(2);
    assert_eq!(sandbox.read("mine.partial/precious.txt"), b"precious");
}

#[test]
fn options_of_another_form_are_refused() {
    let sandbox = Sandbox::with_harbour();
    for options in [
        ["--bom", "--format=eml"],
        ["--prefix=X", "--format=csv"],
        ["--encoding=cp1252", "--format=html"],
    ] {
        let _ = sandbox
            .run(["export", "*", "--to", "x"].iter().chain(&options))
            .expect(2)
            .says(&["says how `--format"]);
    }
    let _ = sandbox
        .run(["export", "*", "--to", "x.csv", "--format", "csv", "--bom"])
        .expect(0);
    assert!(sandbox.read("x.csv").starts_with(b"\xef\xbb\xbfid,"));
}

#[test]
fn a_production_ingested_again_gives_the_same_messages() {
    let sandbox = Sandbox::with_harbour();
    let inner = harbour().remove(0).replace("1.anne@", "inner@");
    sandbox.write(
        "more/outer.eml",
        format!(
            "From: carol@city.example\nTo: anne@harbour.example\nSubject: Passed on\nDate: Thu, 4 Mar 2021 10:30:00 -0500\n\
             Message-ID: <outer@city.example>\nContent-Type: multipart/mixed; boundary=cut\n\n--cut\n\nSee attached.\n\
             --cut\nContent-Type: message/rfc822\n\n{inner}\n--cut\nContent-Type: application/octet-stream; name=\"../CON.html\"\n\n\
             <p>x</p>\n--cut\nContent-Type: text/x-patch; name=0001.patch\n\n\
             From 0123456789abcdef0123456789abcdef01234567 Mon Sep 17 00:00:00 2001\nFrom: Anne Example <anne@harbour.example>\n\
             Date: Mon, 1 Mar 2021 10:30:00 -0500\nSubject: [PATCH] pier\n\nMend it.\n\n--cut--\n"
        ),
    );
    let _ = sandbox
        .run(["ingest", "more", "--release", "more"])
        .expect(0);
    assert_eq!(sandbox.ids("*").len(), 6);
    let _ = sandbox
        .run(["export", "*", "--to", "out", "--format", "dat"])
        .expect(0);
    let again = |place: &str, status: i32| {
        let case = format!("case-{place}");
        let _ = sandbox
            .run(["--case", &case, "ingest", place, "--release", "again"])
            .expect(status);
        let hits = sandbox
            .run(["--case", &case, "search", "*", "--json"])
            .expect(0)
            .json();
        let ids: BTreeSet<String> = hits.iter().map(|hit| text(&hit["id"])).collect();
        let totals = sandbox
            .run(["--case", &case, "ledger", "--json"])
            .expect(0)
            .json()
            .pop()
            .expect("the totals come last");
        assert_eq!(totals["balanced"], true);
        (ids, hits, totals)
    };
    let (ids, _, totals) = again("out", 0);
    assert_eq!(ids, sandbox.ids("*").into_iter().collect());
    // Five families of a mail with a table, a mail with a mail and a file, and three mails alone.
    assert_eq!(totals["copies"], 6, "what is attached is not read twice");

    // Without its natives it is what the load file says, with the texts.
    fs::rename(sandbox.path("out"), sandbox.path("bare")).expect("it can be moved");
    fs::remove_dir_all(sandbox.path("bare/VOL001/NATIVES")).expect("it is there");
    let (_, hits, totals) = again("bare", 3);
    let subjects: BTreeSet<String> = hits.iter().map(|hit| text(&hit["subject"])).collect();
    // The text of the patch begins as a mailbox, and is read as what it is.
    let expected = [
        "Estimate",
        "Keys",
        "North pier contract",
        "Passed on",
        "Re: North pier contract",
        "[PATCH] pier",
    ];
    assert_eq!(subjects, expected.map(str::to_owned).into());
    let estimate = hits
        .iter()
        .find(|hit| hit["subject"] == "Estimate")
        .expect("it is there");
    assert_eq!(estimate["date"], "2021-03-04T04:30:00Z");
    assert_eq!(estimate["from"][0]["address"], "carol@city.example");
    assert!(totals["unread"].as_u64() > Some(0), "natives are missing");
    let found = sandbox
        .run([
            "--case",
            "case-bare",
            "search",
            "--count",
            "body:\"See the table\"",
        ])
        .expect(0);
    assert_eq!(found.text().trim(), "1");
    let raw = sandbox
        .run([
            "--case",
            "case-bare",
            "show",
            "--raw",
            &text(&estimate["id"]),
        ])
        .expect(0);
    assert!(raw.text().contains("Subject: Estimate\r\n"));
    let _ = sandbox.run(["--case", "case-bare", "rebuild"]).expect(3);
}

#[test]
fn a_bag_vouches_for_all_that_is_in_it() {
    let sandbox = Sandbox::with_harbour();
    for format in FORMATS {
        let to = format!("bag-{format}");
        let _ = sandbox
            .run(["export", "*", "--to", &to, "--format", format, "--bag"])
            .expect(0);
        let files = files(&sandbox.path(&to));
        assert_eq!(
            files["bagit.txt"],
            b"BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
        );
        let manifest =
            String::from_utf8(files["manifest-sha256.txt"].clone()).expect("it is UTF-8");
        let listed: BTreeMap<&str, &str> = manifest
            .lines()
            .map(|line| line.split_once("  ").expect("two spaces are between"))
            .map(|(digest, path)| (path, digest))
            .collect();
        let payload: BTreeMap<&String, &Vec<u8>> = files
            .iter()
            .filter(|(name, _)| name.starts_with("data/"))
            .collect();
        assert_eq!(listed.len(), payload.len(), "{format}");
        for (name, bytes) in &payload {
            assert_eq!(listed[name.as_str()], sha256(bytes), "{format}: {name}");
        }
        let oxum: usize = payload.values().map(|bytes| bytes.len()).sum();
        let about = String::from_utf8(files["bag-info.txt"].clone()).expect("it is UTF-8");
        assert!(
            about.contains(&format!("Payload-Oxum: {oxum}.{}\n", payload.len())),
            "{about}"
        );
        let _ = sandbox
            .run(["export", "*", "--to", &to, "--format", format, "--bag"])
            .expect(2);
        let _ = sandbox
            .run([
                "export", "*", "--to", &to, "--format", format, "--bag", "--force",
            ])
            .expect(0);
    }
}

#[test]
fn hostile_names_of_attachments_make_harmless_files() {
    let names = [
        "../../etc/passwd",
        "C:\\\\Windows\\\\x.ini",
        "CON",
        "nul.txt",
        "aux.html",
        "com1.csv",
        ".htaccess",
        "a\u{202e}fdp.exe",
        "\u{5951}\u{7d04}.pdf",
        "x\u{0}y.txt",
        "trailing. ",
        "~$x.docx",
        "-rf",
        "%2e%2e%2fx",
        "",
    ];
    let long = format!("{}.pdf", "\u{434}".repeat(400));
    let sandbox = Sandbox::new();
    let parts: String = names
        .iter()
        .copied()
        .chain([long.as_str()])
        .enumerate()
        .map(|(number, name)| {
            format!("--c\nContent-Type: application/x-y\nContent-Disposition: attachment; filename=\"{name}\"\n\nfile {number}\n")
        })
        .collect();
    sandbox.write(
        "in/one.eml",
        format!(
            "From: anne@harbour.example\nTo: bob@city.example\nSubject: CON\nDate: Mon, 1 Mar 2021 10:30:00 -0500\n\
             Message-ID: <1@x>\nContent-Type: multipart/mixed; boundary=c\n\n{parts}--c--\n"
        ),
    );
    let _ = sandbox.run(["ingest", "in", "--release", "r"]);
    for (format, number) in [("attachments", 16), ("html", 16), ("dat", 17)] {
        let _ = sandbox
            .run(["export", "*", "--to", format, "--format", format])
            .expect(0);
        let files = files(&sandbox.path(format));
        let written: Vec<&String> = files
            .keys()
            .filter(|name| {
                name.starts_with("attachments/")
                    || name.starts_with("application-")
                    || name.contains("/NATIVES/")
            })
            .collect();
        assert_eq!(written.len(), number, "{format}: {written:?}");
        for name in written {
            let last = name.rsplit('/').next().unwrap_or_default();
            assert!(
                last.len() <= 140 && !last.starts_with('.') && !last.ends_with(['.', ' ']),
                "{last}"
            );
            let harmless = |letter: char| letter.is_alphanumeric() || "-_(),+.".contains(letter);
            assert!(last.chars().all(harmless), "{last}");
            let stem = last
                .split('.')
                .next()
                .unwrap_or_default()
                .to_ascii_lowercase();
            assert!(
                !["con", "nul", "aux", "com1"].contains(&stem.as_str()),
                "{last}"
            );
        }
    }
    assert!(!sandbox.path("etc").exists());
}

#[test]
fn the_same_attachment_is_one_file_with_every_place() {
    let sandbox = Sandbox::with_harbour();
    let again = harbour().remove(2).replace("3.carol@", "5.carol@");
    sandbox.write("in/again.eml", again.replace("estimate.csv", "other.csv"));
    let _ = sandbox
        .run(["ingest", "in", "--release", "second"])
        .expect(0);
    let _ = sandbox
        .run(["export", "*", "--to", "out", "--format", "attachments"])
        .expect(0);
    let files = files(&sandbox.path("out"));
    let list = String::from_utf8(files["attachments.csv"].clone()).expect("it is UTF-8");
    assert_eq!(list.matches("\r\n").count(), 3, "{list}");
    assert!(
        list.contains("estimate.csv") && list.contains("other.csv"),
        "{list}"
    );
    let written: Vec<&String> = files
        .keys()
        .filter(|name| name.starts_with("text-csv/"))
        .collect();
    assert_eq!(written.len(), 1, "{written:?}");
    let _ = sandbox
        .run(["export", "pier", "--to", "none", "--format", "attachments"])
        .expect(1)
        .says(&["no message has an attachment"]);
    assert!(!sandbox.path("none").exists());
}
