//! From a path in a load file to a file that was delivered with it.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// Most parts of a path that is looked for.
const PARTS: usize = 64;
/// Most folders whose names are kept.
const FOLDERS: usize = 1000;

/// Finds the files that a load file links to.
///
/// Load files are written on other machines: their paths begin anywhere, are separated by `\` and are
/// in other capitals. They are also written by strangers: only files in the folder of the load file, or in
/// the one above it, are found, never through a link or `..`.
#[derive(Debug)]
pub(super) struct Links {
    bases: Vec<PathBuf>,
    /// Which base, and how many parts were left out at the start, when a file was found last.
    last: (usize, usize),
    folders: HashMap<PathBuf, HashMap<String, String>>,
}

impl Links {
    pub(super) fn new(load_file: &Path) -> Self {
        let bases = load_file.ancestors().skip(1).take(2);
        Self {
            bases: bases.map(Path::to_owned).collect(),
            last: (0, 0),
            folders: HashMap::new(),
        }
    }

    /// The file that a link means.
    pub(super) fn find(&mut self, link: &str) -> Option<PathBuf> {
        let parts: Vec<&str> = link
            .split(['/', '\\'])
            .map(str::trim)
            .filter(|part| !part.is_empty() && *part != "." && !part.ends_with(':'))
            .collect();
        let is_bad = |part: &&str| *part == ".." || part.contains('\0') || part.len() > 255;
        if parts.is_empty() || parts.len() > PARTS || parts.iter().any(is_bad) {
            return None;
        }
        let first = Some(self.last);
        let all = (0..parts.len()).flat_map(|left_out| [(0, left_out), (1, left_out)]);
        for (base, left_out) in first.into_iter().chain(all) {
            let (Some(folder), Some(rest)) = (self.bases.get(base).cloned(), parts.get(left_out..))
            else {
                continue;
            };
            if !rest.is_empty()
                && let Some(found) = self.below(folder, rest)
            {
                self.last = (base, left_out);
                return Some(found);
            }
        }
        None
    }

    fn below(&mut self, folder: PathBuf, parts: &[&str]) -> Option<PathBuf> {
        let (file, folders) = parts.split_last()?;
        let mut path = folder;
        for part in folders {
            path.push(self.name(&path, part)?);
            if !path.symlink_metadata().ok()?.is_dir() {
                return None;
            }
        }
        path.push(self.name(&path, file)?);
        path.symlink_metadata().ok()?.is_file().then_some(path)
    }

    /// The name in a folder that is this one, in whatever capitals.
    fn name(&mut self, folder: &Path, wanted: &str) -> Option<String> {
        if folder.join(wanted).symlink_metadata().is_ok() {
            return Some(wanted.to_owned());
        }
        if !self.folders.contains_key(folder) {
            if self.folders.len() >= FOLDERS {
                self.folders.clear();
            }
            let names = std::fs::read_dir(folder).ok()?.filter_map(|entry| {
                let name = entry.ok()?.file_name().into_string().ok()?;
                Some((name.to_lowercase(), name))
            });
            // Of several that differ in capitals alone the last in order is taken, each time.
            let mut names: Vec<(String, String)> = names.collect();
            names.sort_unstable();
            self.folders
                .insert(folder.to_owned(), names.into_iter().collect());
        }
        let names = self.folders.get(folder)?;
        names.get(&wanted.to_lowercase()).cloned()
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test fails by panicking")]
mod tests {
    use super::*;

    #[test]
    fn finds_what_was_delivered_and_nothing_else() {
        let place = tempfile::tempdir().unwrap();
        let write = |name: &str| {
            let path = place.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, name).unwrap();
            path
        };
        let secret = write("secret.txt");
        let native = write("prod/VOL01/NATIVES/a.eml");
        let text = write("prod/DATA/b.txt");
        let mut links = Links::new(&place.path().join("prod/DATA/VOL01.dat"));
        for (link, found) in [
            (r".\VOL01\NATIVES\a.eml", Some(&native)),
            (r"\\server\share\PROD\vol01\natives\A.EML", Some(&native)),
            ("X:/vol01/natives/a.eml", Some(&native)),
            ("b.txt", Some(&text)),
            ("data/b.txt", Some(&text)),
            (r"..\..\secret.txt", None),
            (secret.to_str().unwrap(), None),
            ("", None),
            (".", None),
            ("VOL01", None),
        ] {
            assert_eq!(links.find(link).as_ref(), found, "{link}");
        }
    }

    #[cfg(unix)]
    #[test]
    fn follows_no_link() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("prod/DATA");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(place.path().join("secret.txt"), "x").unwrap();
        std::os::unix::fs::symlink(place.path(), folder.join("NATIVES")).unwrap();
        std::os::unix::fs::symlink(place.path().join("secret.txt"), folder.join("a.txt")).unwrap();
        let mut links = Links::new(&folder.join("VOL01.dat"));
        assert_eq!(links.find("NATIVES/secret.txt"), None);
        assert_eq!(links.find("a.txt"), None);
    }
}
