//! From the path of a letter back to its bytes.

use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use super::ROW;
use super::columns::Role;
use super::dialect::Dialect;
use super::links::Links;
use super::plan;
use super::reading::letter_of;
use super::rows::Rows;
use crate::discover;
use crate::error::ReadError;
use crate::readback::Place;

/// Makes letters of rows again. The load file read last stays known, with where its rows lie.
#[derive(Debug, Default)]
pub(crate) struct RowsBack {
    open: Option<Open>,
}

#[derive(Debug)]
struct Open {
    path: PathBuf,
    dialect: Dialect,
    /// First byte and length of each row; a length of 0 where it cannot be read.
    rows: Vec<(u64, u64)>,
    links: Links,
}

impl RowsBack {
    /// The bytes of a place, if that is a letter of a load file.
    pub(crate) fn read(
        &mut self,
        place: Place<'_>,
        limit: u64,
    ) -> Option<Result<Vec<u8>, ReadError>> {
        let number = place.path_inside?.strip_prefix(ROW)?.split(' ').next()?;
        let number: u64 = number.parse().ok()?;
        if self
            .open
            .as_ref()
            .is_none_or(|open| open.path != place.source)
        {
            self.open = Open::of(place.source).transpose()?.ok();
        }
        let open = self.open.as_mut()?;
        Some(match open.letter(number, place.length, limit) {
            Ok(Some(letter)) => Ok(letter),
            Ok(None) => Err(ReadError::FindMember {
                path: place.source.to_owned(),
                path_inside: place.path_inside.unwrap_or_default().to_owned(),
            }),
            Err(source) => Err(ReadError::ReadSource {
                path: place.source.to_owned(),
                source,
            }),
        })
    }
}

impl Open {
    /// Looks up where the rows of a load file lie; `None` of a file that is none.
    fn of(path: &Path) -> io::Result<Option<Self>> {
        let Some(dialect) = plan::open(path) else {
            return Ok(None);
        };
        let mut reading = Rows::new(&dialect, discover::open(path)?)?;
        let mut rows = Vec::new();
        while let Some(row) = reading.next()? {
            rows.push((row.offset, row.fields.map_or(0, |_| row.length)));
        }
        Ok(Some(Self {
            path: path.to_owned(),
            rows,
            links: Links::new(path),
            dialect,
        }))
    }

    /// The letter of a row. Its text file was left out if it was not among the files read; its length tells.
    fn letter(&mut self, number: u64, length: u64, limit: u64) -> io::Result<Option<Vec<u8>>> {
        let place = usize::try_from(number.saturating_sub(1)).unwrap_or(usize::MAX);
        let Some(&(offset, row)) = self.rows.get(place).filter(|(_, row)| *row > 0) else {
            return Ok(None);
        };
        let mut file = discover::open(&self.path)?;
        file.seek(SeekFrom::Start(offset))?;
        // Its bytes alone: what rows there are depends on those before it, where a quote is not closed.
        let mut bytes = Vec::new();
        file.take(row).read_to_end(&mut bytes)?;
        let fields = self.dialect.fields(&self.dialect.decode(&bytes));
        let text = self
            .links
            .find(self.dialect.columns.get(&fields, Role::Text));
        let whole = letter_of(&self.dialect, &fields, text.as_deref(), limit);
        if whole.len() as u64 == length || text.is_none() {
            return Ok(Some(whole));
        }
        Ok(Some(letter_of(&self.dialect, &fields, None, limit)))
    }
}
