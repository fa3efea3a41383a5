//! What the program is made of besides itself: licences, yanked versions, build scripts, the network.
//!
//! Known from Cargo.lock, the manifests and the registry's index as Cargo has them on disk; nothing is
//! asked of the network here. `.ci/run` fetches both anew before. There is no advisory database on crates.io, so
//! known vulnerabilities are not looked for.

use serde_json::Value;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

/// Licences that let the program be given on as MIT or Apache-2.0, with their notices.
const LICENCES: &[&str] = &[
    "0BSD",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "CC0-1.0",
    "ISC",
    "MIT",
    "MIT-0",
    "Unicode-3.0",
    "Unlicense",
    "Zlib",
    "bzip2-1.0.6",
];

/// Crates whose build scripts compile C, the first for the benches alone. A new one is to be thought about, and
/// written into `docs/dependencies.md`.
const COMPILE_C: &[&str] = &[
    "alloca",
    "blake3",
    "libmimalloc-sys",
    "libsqlite3-sys",
    // For WebAssembly alone; seen where Cargo has fetched the crates of every system.
    "sqlite-wasm-rs",
    "zstd-sys",
];

/// Crates that speak to a network, by the beginnings of their names.
const NETWORK: &[&str] = &[
    "async-std",
    "attohttpc",
    "curl",
    "h2",
    "hickory",
    "hyper",
    "isahc",
    "minreq",
    "native-tls",
    "openssl",
    "quinn",
    "reqwest",
    "rustls",
    "socket2",
    "surf",
    "tokio",
    "trust-dns",
    "ureq",
];

/// What a build script that fetches something would name.
const FETCHES: &[&str] = &[
    "TcpStream",
    "reqwest",
    "ureq",
    "curl",
    "wget",
    "git clone",
    "git2",
    "Invoke-WebRequest",
];

/// The packages of the whole workspace, for every system where their manifests are on disk, else for this one.
fn packages() -> Vec<Value> {
    let all = metadata(&[]);
    let Some(all) = all else {
        let version = Command::new(env!("CARGO"))
            .arg("-vV")
            .output()
            .expect("cargo runs");
        let version = String::from_utf8_lossy(&version.stdout).into_owned();
        let host = version
            .lines()
            .find_map(|line| line.strip_prefix("host: "))
            .expect("cargo tells its host");
        eprintln!(
            "crates for other systems than {host} are not looked at: `cargo fetch --locked` has not been run"
        );
        return metadata(&["--filter-platform", host]).expect("what was built is on disk");
    };
    all
}

fn metadata(more: &[&str]) -> Option<Vec<Value>> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--locked", "--offline", "--format-version", "1"])
        .args(more)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs");
    let mut metadata: Value = serde_json::from_slice(&output.stdout).ok()?;
    Some(metadata["packages"].as_array_mut()?.drain(..).collect())
}

fn text<'a>(package: &'a Value, key: &str) -> &'a str {
    package[key].as_str().unwrap_or_default()
}

/// Whether an expression of licences (SPDX, and the older form with slashes) can be met by those that are allowed.
fn is_allowed(expression: &str) -> bool {
    let expression = expression.replace('/', " OR ");
    any_of(&expression, " OR ", |choice| {
        !any_of(choice, " AND ", |part| {
            let part = part.trim();
            match part
                .strip_prefix('(')
                .and_then(|part| part.strip_suffix(')'))
            {
                Some(inner) => !is_allowed(inner),
                None => !LICENCES.contains(&part),
            }
        })
    })
}

/// Whether one of the parts between separators outside parentheses holds.
fn any_of(text: &str, separator: &str, mut holds: impl FnMut(&str) -> bool) -> bool {
    let mut depth = 0usize;
    let mut start = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ if depth == 0 && text[at..].starts_with(separator) => {
                if holds(&text[start..at]) {
                    return true;
                }
                start = at + separator.len();
            }
            _ => {}
        }
    }
    holds(&text[start..])
}

#[test]
fn expressions_of_licences_are_read() {
    for (expression, allowed) in [
        ("MIT OR Apache-2.0", true),
        ("GPL-3.0-only", false),
        ("GPL-3.0-only OR MIT", true),
        ("MIT AND GPL-3.0-only", false),
        ("(MIT OR Apache-2.0) AND Unicode-3.0", true),
        ("(MIT OR Apache-2.0) AND LGPL-2.1", false),
        ("Apache-2.0 / MIT / MPL-2.0", true),
        ("", false),
    ] {
        assert_eq!(is_allowed(expression), allowed, "{expression}");
    }
}

#[test]
fn every_licence_is_allowed() {
    let refused: Vec<String> = packages()
        .iter()
        .filter(|package| !is_allowed(text(package, "license")))
        .map(|package| format!("{}: {}", text(package, "name"), text(package, "license")))
        .collect();
    assert_eq!(refused, [""; 0]);
}

#[test]
fn no_version_is_yanked() {
    let mut asked = 0;
    for package in packages()
        .iter()
        .filter(|package| package["source"].is_string())
    {
        let (name, version) = (text(package, "name"), text(package, "version"));
        let Some(index) = index_entry(package) else {
            continue;
        };
        let Ok(entry) = fs::read(&index) else {
            continue;
        };
        asked += 1;
        // Cargo's cache: records with a zero byte behind each, version and JSON in turn.
        let mut records = entry.split(|byte| *byte == 0);
        let record = records.find_map(|record| {
            let record: Value = serde_json::from_slice(record).ok()?;
            (record["vers"] == version).then_some(record)
        });
        let yanked = record.is_some_and(|record| record["yanked"] == true);
        assert!(!yanked, "{name} {version} was yanked");
    }
    if asked == 0 {
        eprintln!("skipped: Cargo has no index on disk");
    }
}

/// Where Cargo keeps what the registry says of a package.
fn index_entry(package: &Value) -> Option<PathBuf> {
    // …/registry/src/REGISTRY/NAME-VERSION/Cargo.toml
    let source = Path::new(text(package, "manifest_path"))
        .parent()?
        .parent()?;
    let registry = source.file_name()?;
    let name = text(package, "name").to_lowercase();
    let folder = match name.len() {
        1 | 2 => name.len().to_string(),
        3 => format!("3/{}", name.get(..1)?),
        _ => format!("{}/{}", name.get(..2)?, name.get(2..4)?),
    };
    let cache = source
        .parent()?
        .parent()?
        .join("index")
        .join(registry)
        .join(".cache");
    Some(cache.join(folder).join(name))
}

#[test]
fn no_build_script_fetches_and_those_that_compile_c_are_known() {
    let mut compile_c = BTreeSet::new();
    for package in packages() {
        for target in package["targets"].as_array().expect("targets are listed") {
            if target["kind"][0] != "custom-build" {
                continue;
            }
            let path = target["src_path"].as_str().expect("it has a path");
            let script = fs::read_to_string(path).expect("it is on disk");
            let name = text(&package, "name");
            let found = FETCHES.iter().find(|word| script.contains(**word));
            assert_eq!(found, None, "the build script of {name}");
            if script.contains("cc::") {
                compile_c.insert(name.to_owned());
            }
        }
    }
    let unknown: Vec<&String> = compile_c
        .iter()
        .filter(|name| !COMPILE_C.contains(&name.as_str()))
        .collect();
    assert_eq!(unknown, [""; 0]);
}

#[test]
fn nothing_in_the_tree_speaks_to_a_network() {
    for package in packages() {
        let name = text(&package, "name");
        let found = NETWORK.iter().find(|start| name.starts_with(**start));
        assert_eq!(found, None, "{name}");
    }
    let mut folders = vec![
        Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        Path::new(env!("CARGO_MANIFEST_DIR")).join("crates"),
    ];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("it is a folder") {
            let path = entry.expect("it can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|ending| ending == "rs") {
                let source = fs::read_to_string(&path).expect("it is text");
                assert!(!source.contains("std::net"), "{}", path.display());
            }
        }
    }
}

#[test]
fn every_direct_dependency_is_justified() {
    let manifest = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml"))
        .expect("it is there");
    let written =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/dependencies.md"))
            .expect("it is there");
    let named: BTreeSet<&str> = written
        .split(|letter: char| !(letter.is_ascii_alphanumeric() || matches!(letter, '-' | '_')))
        .collect();
    let names = manifest
        .lines()
        .skip_while(|line| *line != "[workspace.dependencies]")
        .skip(1)
        .take_while(|line| !line.starts_with('['))
        .filter_map(|line| line.split_once(" = "))
        .map(|(name, _)| name)
        .filter(|name| !name.starts_with("muckrake-"));
    for name in names {
        assert!(
            named.contains(name),
            "{name} is not in docs/dependencies.md"
        );
    }
}
