//! Where output goes: a terminal or a pipe, how wide, with colour or without.

use crate::escape;
use crate::escape::Target;
use anstream::AutoStream;
use anstream::ColorChoice;
use anstyle::AnsiColor;
use anstyle::Effects;
use anstyle::Style;
use std::borrow::Cow;
use std::io;
use std::io::BufWriter;
use std::io::IsTerminal;
use std::io::Write;

/// Columns where no terminal tells them.
const PIPE_WIDTH: usize = 100;
/// Lines longer than this are hard to read, however wide the window is.
const WIDEST: usize = 120;
const NARROWEST: usize = 40;

/// The styles of people's output; all empty where colour is not wanted.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Palette {
    /// What a list is about: subjects, names of releases.
    pub(crate) strong: Style,
    /// What is needed only at times: ids, quotes, headings.
    pub(crate) faint: Style,
    /// Words that matched.
    pub(crate) mark: Style,
    /// `error:`.
    pub(crate) error: Style,
    /// `note:`, `hint:`.
    pub(crate) note: Style,
}

impl Palette {
    /// The colours of the program; they read on a light and on a dark ground.
    pub(crate) fn coloured() -> Self {
        Self {
            strong: Style::new().bold(),
            faint: Style::new().dimmed(),
            mark: AnsiColor::Red.on_default() | Effects::BOLD | Effects::UNDERLINE,
            error: AnsiColor::Red.on_default().bold(),
            note: AnsiColor::Cyan.on_default().bold(),
        }
    }
}

/// How text for people is to be laid out for one stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Layout {
    /// Whether a terminal shows it, and so what must be escaped.
    pub(crate) target: Target,
    /// Columns to use.
    pub(crate) width: usize,
    /// Styles.
    pub(crate) palette: Palette,
}

impl Layout {
    /// Text of one line, safe here.
    pub(crate) fn one_line<'a>(&self, text: &'a str) -> Cow<'a, str> {
        escape::one_line(text, self.target)
    }

    /// Text of several lines, safe here.
    pub(crate) fn lines<'a>(&self, text: &'a str) -> Cow<'a, str> {
        escape::lines(text, self.target)
    }

    #[cfg(test)]
    pub(crate) fn plain(width: usize) -> Self {
        Self {
            target: Target::Pipe,
            width,
            palette: Palette::default(),
        }
    }
}

/// The standard streams of this run.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Terminal {
    /// Layout of standard output.
    pub(crate) stdout: Layout,
    /// Layout of standard error.
    pub(crate) stderr: Layout,
}

impl Terminal {
    /// Looks at the machine, once.
    pub(crate) fn detect() -> Self {
        let stdout = io::stdout();
        let stderr = io::stderr();
        Self {
            stdout: layout(stdout.is_terminal(), AutoStream::choice(&stdout)),
            stderr: layout(stderr.is_terminal(), AutoStream::choice(&stderr)),
        }
    }

    /// Whether a person reads standard output as it comes.
    pub(crate) fn is_interactive(&self) -> bool {
        self.stdout.target == Target::Terminal
    }

    /// Standard output, buffered. On an old Windows console colours are translated on the way.
    pub(crate) fn output(&self) -> BufWriter<AutoStream<io::StdoutLock<'static>>> {
        BufWriter::new(AutoStream::new(io::stdout().lock(), ColorChoice::Always))
    }

    /// Says something beside the answer.
    pub(crate) fn note(&self, text: &str) {
        self.say(self.stderr.palette.note, "note", text);
    }

    /// Says what can be done.
    pub(crate) fn hint(&self, text: &str) {
        self.say(self.stderr.palette.note, "hint", text);
    }

    /// Says what went wrong.
    pub(crate) fn error(&self, text: &str) {
        self.say(self.stderr.palette.error, "error", text);
    }

    /// A line without a label.
    pub(crate) fn plain(&self, text: &str) {
        // Whoever closed standard error does not want to know.
        let _ = writeln!(io::stderr(), "{}", self.stderr.lines(text));
    }

    fn say(&self, style: Style, label: &str, text: &str) {
        let text = self.stderr.lines(text);
        let _ = writeln!(io::stderr(), "{style}{label}:{style:#} {text}");
    }
}

fn layout(is_terminal: bool, choice: ColorChoice) -> Layout {
    let width = if is_terminal {
        terminal_size::terminal_size().map_or(PIPE_WIDTH, |(width, _)| usize::from(width.0))
    } else {
        PIPE_WIDTH
    };
    Layout {
        target: if is_terminal {
            Target::Terminal
        } else {
            Target::Pipe
        },
        width: width.clamp(NARROWEST, WIDEST),
        palette: match choice {
            ColorChoice::Never => Palette::default(),
            _ => Palette::coloured(),
        },
    }
}
