//! Other programs that read hostile files, each in a process of its own with bounds on time and memory.

use std::io::{self, Read, Seek, SeekFrom};
use std::process::{Child, Command, ExitStatus, Stdio};

/// Virtual memory that a program may take, in KiB: 2 GiB.
#[cfg(unix)]
const MEMORY_KIB: u64 = 2 << 20;
/// Bytes of its complaints that are looked at.
const COMPLAINTS: u64 = 4 << 10;
/// What a shell says where there is no such program (POSIX, `sh`, exit status).
pub(crate) const NOT_FOUND: i32 = 127;

/// A program with bounds, where the system has them; `seconds` are of processor time.
#[cfg(unix)]
pub(crate) fn command(program: &str, seconds: u64) -> Command {
    const BOUNDED: &str = "ulimit -c 0; ulimit -v \"$1\"; ulimit -t \"$2\"; shift 2; exec \"$@\"";
    let mut command = Command::new("sh");
    command
        .args(["-c", BOUNDED, "sh"])
        .arg(MEMORY_KIB.to_string())
        .arg(seconds.to_string())
        .arg(program)
        .env("LC_ALL", "C");
    command
}

/// A program.
#[cfg(not(unix))]
pub(crate) fn command(program: &str, _: u64) -> Command {
    let mut command = Command::new(program);
    command.env("LC_ALL", "C");
    command
}

/// A program whose output is read.
#[derive(Debug)]
pub(crate) struct Running {
    child: Child,
    complaints: std::fs::File,
}

/// How a program ended.
#[derive(Debug)]
pub(crate) struct Ended {
    /// Its status.
    pub(crate) status: ExitStatus,
    /// What it complained of, its beginning.
    pub(crate) said: String,
}

impl Running {
    /// Starts a program; its complaints go to a file without a name in `folder`. `None` where there is no such program.
    pub(crate) fn start(
        command: &mut Command,
        folder: &std::path::Path,
    ) -> io::Result<Option<Self>> {
        std::fs::create_dir_all(folder)?;
        let complaints = tempfile::tempfile_in(folder)?;
        let started = command
            .stdout(Stdio::piped())
            .stderr(Stdio::from(complaints.try_clone()?))
            .spawn();
        match started {
            Ok(child) => Ok(Some(Self { child, complaints })),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Reads at most `most` bytes of its output and waits for its end; whether there was more, in which case it is stopped.
    pub(crate) fn read(mut self, most: u64) -> io::Result<(Vec<u8>, bool, Ended)> {
        let mut output = Vec::new();
        let read = match self.child.stdout.take() {
            Some(from) => from.take(most.saturating_add(1)).read_to_end(&mut output),
            None => Ok(0),
        };
        let is_more = output.len() as u64 > most;
        if is_more || read.is_err() {
            // It may have ended by itself meanwhile.
            let _ = self.child.kill();
        }
        let ended = self.wait()?;
        read?;
        Ok((output, is_more, ended))
    }

    fn wait(&mut self) -> io::Result<Ended> {
        let status = self.child.wait()?;
        self.complaints.seek(SeekFrom::Start(0))?;
        let mut said = Vec::new();
        (&self.complaints).take(COMPLAINTS).read_to_end(&mut said)?;
        Ok(Ended {
            status,
            said: String::from_utf8_lossy(&said).into_owned(),
        })
    }
}

impl Drop for Running {
    /// One that nobody reads to its end is stopped.
    fn drop(&mut self) {
        if !matches!(self.child.try_wait(), Ok(Some(_))) {
            let _ = self.child.kill();
            let _ = self.child.wait();
        }
    }
}

impl Read for Running {
    /// Reads its output. That it failed is told in the place of the end.
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let Some(output) = &mut self.child.stdout else {
            return Ok(0);
        };
        let count = output.read(buffer)?;
        if count > 0 || buffer.is_empty() {
            return Ok(count);
        }
        self.child.stdout = None;
        let ended = self.wait()?;
        if ended.status.success() {
            return Ok(0);
        }
        let said = ended.said.lines().find(|line| !line.trim().is_empty());
        Err(io::Error::other(match said {
            Some(line) => line.trim().to_owned(),
            None => format!("the program that reads it ended with {}", ended.status),
        }))
    }
}
