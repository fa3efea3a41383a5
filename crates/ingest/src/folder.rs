//! The mailbox or folder in which a message lies, told by the path of its file.

use muckrake_mail::Flag;

/// Endings that mailboxes carry and folders do not.
const MAILBOX_ENDINGS: &[&str] = &[".mbox", ".mbx", ".mmdf"];
/// Endings of the folders in which mail programs keep subfolders and mailboxes.
const FOLDER_ENDINGS: &[&str] = &[".sbd", ".mbox"];
/// The three folders of a Maildir; what they say is the state of a message, not its folder.
const MAILDIR: &[&str] = &["cur", "new", "tmp"];

/// What a Maildir notes in the name of a file, after `:2,`: D for a draft, T for one in the
/// trash. Where file names may not hold a colon, programs write `;` or `!` instead.
pub(crate) fn maildir_flags(path: &str) -> Vec<Flag> {
    let in_cur = path
        .rsplit_once('/')
        .is_some_and(|(parent, _)| parent == "cur" || parent.ends_with("/cur"));
    let info = [":2,", ";2,", "!2,"]
        .iter()
        .find_map(|mark| path.rsplit_once(mark))
        .map(|(_, info)| info)
        .filter(|info| in_cur && info.bytes().all(|letter| letter.is_ascii_alphabetic()));
    let mut flags = Vec::new();
    for letter in info.unwrap_or_default().chars() {
        match letter {
            'D' => flags.push(Flag::Draft),
            'T' => flags.push(Flag::Deleted),
            _ => {}
        }
    }
    flags
}

/// The folder of a message that is a file, or a member, of its own.
pub(crate) fn of_file(path: &str) -> Option<String> {
    let (parent, _) = path.rsplit_once('/')?;
    let mut names = parts(parent);
    if names.last().is_some_and(|last| MAILDIR.contains(last)) {
        names.pop();
        // Maildir++ has its subfolders side by side: .INBOX.Sent is Sent under INBOX.
        if let Some(dotted) = names.last().and_then(|last| last.strip_prefix('.')) {
            names.pop();
            names.extend(dotted.split('.'));
        }
    } else if names.last() == Some(&"Messages") && names.len() > 1 {
        // Apple Mail: NAME.mbox/Messages/1.emlx
        names.pop();
    }
    let folder = join(&names);
    (!folder.is_empty()).then_some(folder)
}

/// The folder of messages in a mailbox: the mailbox itself.
pub(crate) fn of_mailbox(path: &str) -> Option<String> {
    let mut names = parts(path);
    let last = names.pop()?;
    if last == "mbox" && names.last().is_some_and(|parent| parent.ends_with(".mbox")) {
        // Apple Mail's export: NAME.mbox/mbox
        return Some(join(&names));
    }
    let mut folder = join(&names);
    push(&mut folder, without_ending(last, MAILBOX_ENDINGS));
    (!folder.is_empty()).then_some(folder)
}

fn parts(path: &str) -> Vec<&str> {
    path.split('/')
        .filter(|part| !part.is_empty() && *part != ".")
        .collect()
}

fn join(names: &[&str]) -> String {
    let mut folder = String::new();
    for name in names {
        push(&mut folder, without_ending(name, FOLDER_ENDINGS));
    }
    folder
}

fn push(folder: &mut String, name: &str) {
    if name.is_empty() {
        return;
    }
    if !folder.is_empty() {
        folder.push('/');
    }
    folder.push_str(name);
}

fn without_ending<'a>(name: &'a str, endings: &[&str]) -> &'a str {
    for ending in endings {
        if let Some(start) = name.len().checked_sub(ending.len())
            && start > 0
            && name
                .get(start..)
                .is_some_and(|tail| tail.eq_ignore_ascii_case(ending))
        {
            return name.get(..start).unwrap_or(name);
        }
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_in_their_folder() {
        let cases = [
            ("1.eml", None),
            ("inbox/1.", Some("inbox")),
            ("a/b/1.eml", Some("a/b")),
            ("box/cur/1:2,S", Some("box")),
            ("cur/1:2,S", None),
            ("mail/.INBOX.Sent/cur/1:2,S", Some("mail/INBOX/Sent")),
            ("mail/v1.2/new/1", Some("mail/v1.2")),
            ("Inbox.mbox/Messages/7.emlx", Some("Inbox")),
            ("../../etc/1.eml", Some("../../etc")),
        ];
        for (path, folder) in cases {
            assert_eq!(of_file(path).as_deref(), folder, "{path}");
        }
    }

    #[test]
    fn a_maildir_notes_drafts_and_trash() {
        let cases = [
            ("box/cur/1.a:2,DS", vec![Flag::Draft]),
            ("cur/1.a!2,RT", vec![Flag::Deleted]),
            ("box/new/1.a:2,DT", vec![]),
            ("box/cur/1.a:2,", vec![]),
            ("box/cur/Re:2,D T", vec![]),
        ];
        for (path, flags) in cases {
            assert_eq!(maildir_flags(path), flags, "{path}");
        }
    }

    #[test]
    fn a_mailbox_is_its_own_folder() {
        let cases = [
            ("dump.mbox", "dump"),
            ("Inbox", "Inbox"),
            ("Local.sbd/Old.sbd/2016", "Local/Old/2016"),
            ("Sent.mbox/mbox", "Sent"),
            ("a/All mail.MBOX", "a/All mail"),
        ];
        for (path, folder) in cases {
            assert_eq!(of_mailbox(path).as_deref(), Some(folder), "{path}");
        }
    }
}
