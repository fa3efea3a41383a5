//! A case in a folder that cannot be written: on a read-only medium, or of another user.

use crate::common::Run;
use crate::common::Sandbox;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::os::unix::fs::PermissionsExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::path::PathBuf;
use std::process::Command;

/// A user without rights, `nobody` on most systems.
const NOBODY: u32 = 65534;

/// How a folder is kept from being written.
enum Guard {
    /// Permissions; root, who may write all the same, runs the program as another user.
    Permissions { is_root: bool },
    /// A read-only mount of the folder at this place, taken away when dropped.
    Mount(PathBuf),
}

impl Guard {
    /// `None` where the program cannot be run as another user.
    fn permissions(sandbox: &Sandbox) -> Option<Self> {
        let folder = sandbox.path("");
        let is_root = fs::metadata(&folder).is_ok_and(|own| own.uid() == 0);
        set_mode(&folder, 0o755);
        protect(&sandbox.path("muckrake-case"));
        let mut probe = sandbox.command(["--version"]);
        if is_root {
            probe.uid(NOBODY).gid(NOBODY);
        }
        let starts = probe.output().is_ok();
        starts.then_some(Self::Permissions { is_root })
    }

    /// `None` where this user or system cannot mount.
    fn mount(sandbox: &Sandbox) -> Option<Self> {
        let place = sandbox.path("medium");
        fs::create_dir(&place).expect("a folder can be made");
        let case = sandbox.path("muckrake-case");
        let done = |command: &mut Command| command.output().is_ok_and(|end| end.status.success());
        if !done(Command::new("mount").arg("--bind").args([&case, &place])) {
            return None;
        }
        let guard = Self::Mount(place.clone());
        done(
            Command::new("mount")
                .args(["-o", "remount,bind,ro"])
                .arg(&place),
        )
        .then_some(guard)
    }

    fn run(&self, sandbox: &Sandbox, arguments: &[&str]) -> Run {
        let (case, user) = match self {
            Self::Permissions { is_root } => {
                (sandbox.path("muckrake-case"), is_root.then_some(NOBODY))
            }
            Self::Mount(place) => (place.clone(), None),
        };
        let mut command = sandbox.command(arguments);
        command.arg("--case").arg(case);
        if let Some(user) = user {
            command.uid(user).gid(user);
        }
        Run::of(command.output().expect("the program can be started"))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Self::Mount(place) = self {
            let _ = Command::new("umount").arg(place).output();
        }
    }
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).expect("the mode can be set");
}

/// Takes the right to write from all that lies in a folder.
fn protect(folder: &Path) {
    for entry in fs::read_dir(folder).expect("it is a folder") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            protect(&path);
        } else {
            set_mode(&path, 0o444);
        }
    }
    set_mode(folder, 0o555);
}

/// Sets the modes back, so that the folder can be cleared away.
fn unprotect(folder: &Path) {
    set_mode(folder, 0o755);
    for entry in fs::read_dir(folder).expect("it is a folder") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            unprotect(&path);
        }
    }
}

fn reads_all(sandbox: &Sandbox, guard: &Guard) {
    let out = sandbox.path("out");
    fs::create_dir(&out).expect("a folder can be made");
    set_mode(&out, 0o777);
    let found = guard
        .run(sandbox, &["search", "--json", "contract"])
        .expect(0)
        .json();
    assert_eq!(found.len(), 2);
    let id = found[0]["id"].as_str().expect("it is a string");
    let _ = guard
        .run(sandbox, &["search", "--count", "header.message-id:4.dan"])
        .expect(0);
    let _ = guard.run(sandbox, &["show", id]).expect(0);
    let _ = guard.run(sandbox, &["show", "--raw", id]).expect(0);
    let _ = guard.run(sandbox, &["show", "--thread", id]).expect(0);
    let _ = guard.run(sandbox, &["ledger"]).expect(0);
    let releases = guard.run(sandbox, &["releases", "list"]).expect(0);
    assert!(releases.text().contains("harbour"), "{}", releases.text());
    let target = out.join("all.mbox");
    let target = target.to_str().expect("it is UTF-8");
    let _ = guard
        .run(
            sandbox,
            &["export", "*", "--format", "mbox", "--to", target],
        )
        .expect(0);
    assert!(sandbox.read("out/all.mbox").starts_with(b"From "));
    let _ = guard
        .run(sandbox, &["ingest", "harbour.mbox", "--release", "again"])
        .expect(4);
}

#[test]
fn a_case_of_another_user_can_be_searched_and_read() {
    let sandbox = Sandbox::with_harbour();
    if let Some(guard) = Guard::permissions(&sandbox) {
        reads_all(&sandbox, &guard);
    } else {
        eprintln!("skipped: another user cannot start the program");
    }
    unprotect(&sandbox.path("muckrake-case"));
}

#[test]
fn a_case_on_a_read_only_medium_can_be_searched_and_read() {
    let sandbox = Sandbox::with_harbour();
    let Some(guard) = Guard::mount(&sandbox) else {
        eprintln!("skipped: this user or system cannot mount a folder");
        return;
    };
    reads_all(&sandbox, &guard);
}

#[test]
fn what_a_dead_writer_left_is_told_where_nobody_can_finish_it() {
    let sandbox = Sandbox::with_harbour();
    sandbox.write("muckrake-case/ledger.sqlite-wal", [0x37; 4096]);
    if let Some(guard) = Guard::permissions(&sandbox) {
        for arguments in [&["search", "pier"][..], &["ledger"], &["releases", "list"]] {
            let _ = guard
                .run(&sandbox, arguments)
                .expect(4)
                .says(&["ledger.sqlite-wal", "hint: copy the whole case folder"]);
        }
    } else {
        eprintln!("skipped: another user cannot start the program");
    }
    unprotect(&sandbox.path("muckrake-case"));
}

/// A copy whose files have other times is compared with its checksums at each search, since
/// nobody can write down that it is sound.
#[test]
fn a_copied_case_of_another_user_can_be_searched_and_read() {
    let sandbox = Sandbox::with_harbour();
    let seal = sandbox.read("muckrake-case/seal");
    touch(&sandbox.path("muckrake-case"));
    if let Some(guard) = Guard::permissions(&sandbox) {
        reads_all(&sandbox, &guard);
    } else {
        eprintln!("skipped: another user cannot start the program");
    }
    unprotect(&sandbox.path("muckrake-case"));
    assert_eq!(sandbox.read("muckrake-case/seal"), seal);
    let _ = sandbox.run(["search", "contract"]).expect(0);
    assert_ne!(sandbox.read("muckrake-case/seal"), seal);
    let _ = sandbox.run(["verify"]).expect(0);
}

/// Gives all files in a folder another time.
fn touch(folder: &Path) {
    for entry in fs::read_dir(folder).expect("it is a folder") {
        let path = entry.expect("it can be read").path();
        if path.is_dir() {
            touch(&path);
        } else {
            let file = fs::File::options().write(true).open(path);
            file.and_then(|file| file.set_modified(std::time::SystemTime::UNIX_EPOCH))
                .expect("the time can be set");
        }
    }
}
