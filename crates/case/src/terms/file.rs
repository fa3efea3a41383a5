//! A file of terms: text with a query a line, or a table with the columns name, query and notes.

use crate::table::BadRow;
use crate::table::Row;
use crate::table::Table;
use muckrake_index::language::QueryError;

/// One query of a file of terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Term {
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    /// Its name; the query itself where the file gives none.
    pub name: String,
    /// The query as it is written.
    pub query: String,
    /// What the file says of it.
    pub notes: Option<String>,
}

/// A line that holds no query that can be run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BadTerm {
    /// The line of the file on which it begins, from 1.
    pub line: u64,
    /// Its name, if one could be read.
    pub name: Option<String>,
    /// What the error points into: the query, or the line where no query could be read.
    pub text: String,
    /// What is wrong and where in `text`.
    pub error: QueryError,
}

/// Why a whole file cannot be read as terms.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TermsError {
    /// It is not text in UTF-8.
    #[error("the terms are not text in UTF-8: byte {offset}, on line {line}")]
    NotText {
        /// The first byte that is none.
        offset: usize,
        /// The line that it is on, from 1.
        line: u64,
    },
    /// It is a table, and none of its columns is named `query`.
    #[error("the table of terms has no column `query`")]
    NoQueryColumn,
    /// There is no query in it.
    #[error("there is no term in the file")]
    Empty,
}

impl TermsError {
    /// What to do about it.
    pub fn hint(&self) -> &'static str {
        match self {
            Self::NotText { .. } => "save it as UTF-8; spreadsheets call it `CSV UTF-8`",
            Self::NoQueryColumn => "its first row names the columns: name,query,notes",
            Self::Empty => "write a query a line; lines that begin with `#` are comments",
        }
    }
}

/// Reads the terms of a file, in their order. It is a table where it is said to be one (`is_table`) and where its
/// first line names columns, `query` among them.
///
/// # Errors
/// [`TermsError`] for a file that holds none.
pub fn read_terms(bytes: &[u8], is_table: bool) -> Result<Vec<Result<Term, BadTerm>>, TermsError> {
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let offset = error.valid_up_to();
        let before = bytes.get(..offset).unwrap_or_default();
        let line = 1 + before.iter().filter(|byte| **byte == b'\n').count() as u64;
        TermsError::NotText { offset, line }
    })?;
    let terms = if is_table || names_columns(text) {
        from_table(&Table::read(text))?
    } else {
        from_lines(text)
    };
    if terms.is_empty() {
        return Err(TermsError::Empty);
    }
    Ok(terms)
}

/// Whether the first line is the head of a table: `query` and another column that terms have.
fn names_columns(text: &str) -> bool {
    let first = text.trim_start_matches('\u{feff}').lines().next();
    let names = Table::read(first.unwrap_or_default()).names;
    names.len() > 1
        && names.iter().any(|name| name == "query")
        && names
            .iter()
            .all(|name| matches!(name.as_str(), "name" | "query" | "notes"))
}

fn from_lines(text: &str) -> Vec<Result<Term, BadTerm>> {
    let text = text.trim_start_matches('\u{feff}');
    let lines = (1u64..).zip(text.lines());
    lines
        .map(|(line, text)| (line, text.trim()))
        .filter(|(_, text)| !text.is_empty() && !text.starts_with('#'))
        .map(|(line, query)| {
            Ok(Term {
                line,
                name: query.to_owned(),
                query: query.to_owned(),
                notes: None,
            })
        })
        .collect()
}

fn from_table(table: &Table) -> Result<Vec<Result<Term, BadTerm>>, TermsError> {
    if table.names.is_empty() {
        return Err(TermsError::Empty);
    }
    let query = table.column("query").ok_or(TermsError::NoQueryColumn)?;
    let (name, notes) = (table.column("name"), table.column("notes"));
    let cell = |cells: &[String], column: Option<usize>| {
        let cell = column.and_then(|column| cells.get(column));
        cell.map(|cell| cell.trim().to_owned())
            .filter(|cell| !cell.is_empty())
    };
    let is_comment = |row: &&Result<Row, BadRow>| {
        let cells = row.as_ref().map(|row| row.cells.as_slice());
        matches!(cells, Ok([first, rest @ ..]) if first.starts_with('#') && rest.iter().all(String::is_empty))
    };
    let rows = table.rows.iter().filter(|row| !is_comment(row)).map(|row| {
        let row = row.as_ref().map_err(of_row)?;
        let name = cell(&row.cells, name);
        let Some(query) = cell(&row.cells, Some(query)) else {
            let text = row.cells.join(",");
            let error = QueryError::new("this row has no query", 0..text.len());
            return Err(BadTerm {
                line: row.line,
                name,
                text,
                error,
            });
        };
        Ok(Term {
            line: row.line,
            name: name.unwrap_or_else(|| query.clone()),
            query,
            notes: cell(&row.cells, notes),
        })
    });
    Ok(rows.collect())
}

fn of_row(bad: &BadRow) -> BadTerm {
    BadTerm {
        line: bad.line,
        name: None,
        text: bad.text.clone(),
        error: QueryError::new(bad.message.clone(), bad.span.clone()).with_hint(bad.hint),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn queries(text: &str, is_table: bool) -> Vec<(u64, String, String)> {
        let terms = read_terms(text.as_bytes(), is_table).expect("it holds terms");
        terms
            .into_iter()
            .map(|term| term.expect("it is a good line"))
            .map(|term| (term.line, term.name, term.query))
            .collect()
    }

    fn term(line: u64, name: &str, query: &str) -> (u64, String, String) {
        (line, name.to_owned(), query.to_owned())
    }

    #[test]
    fn a_text_has_a_query_a_line() {
        let text =
            "\u{feff}# the list of counsel\r\n\r\n  north pier \r\n\"change, order\"\r\n# end";
        assert_eq!(
            queries(text, false),
            [
                term(3, "north pier", "north pier"),
                term(4, "\"change, order\"", "\"change, order\"")
            ]
        );
        // A word that is a name of a column, and a list of words.
        assert_eq!(queries("query", false), [term(1, "query", "query")]);
        assert_eq!(queries("name, query, pier", false).len(), 1);
    }

    #[test]
    fn a_table_has_names() {
        let text = "Query;Name;Notes\n\"\"\"change order\"\"\";Orders;ask Anne\npier;;\n";
        let expected = [
            term(2, "Orders", "\"change order\""),
            term(3, "pier", "pier"),
        ];
        assert_eq!(queries(text, false), expected);
        assert_eq!(queries(text, true), expected);
        // Said to be a table, it may have columns of other names.
        let other = "no,query\n1,pier\n";
        assert_eq!(queries(other, true), [term(2, "pier", "pier")]);
    }

    #[test]
    fn a_file_without_terms_is_refused() {
        for text in ["", "\n\n", "# only a comment\n", "\u{feff}"] {
            assert_eq!(read_terms(text.as_bytes(), false), Err(TermsError::Empty));
        }
        assert_eq!(read_terms(b"name,query\n", true), Err(TermsError::Empty));
        assert_eq!(
            read_terms(b"a,b\n1,2\n", true),
            Err(TermsError::NoQueryColumn)
        );
        let latin = read_terms(b"pier\ncaf\xe9\n", false);
        let expected = TermsError::NotText { offset: 8, line: 2 };
        assert_eq!(latin, Err(expected));
    }

    #[test]
    fn a_bad_row_is_told_and_the_rest_is_read() {
        let text = "name,query\nOrders,\"change order\" pier\nNone,\npier,pier\n";
        let terms = read_terms(text.as_bytes(), false).expect("it holds terms");
        let lines: Vec<(u64, bool)> = terms
            .iter()
            .map(|term| match term {
                Ok(term) => (term.line, true),
                Err(bad) => (bad.line, false),
            })
            .collect();
        assert_eq!(lines, [(2, false), (3, false), (4, true)]);
    }
}
