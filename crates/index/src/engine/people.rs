//! Who wrote and who got each of many messages, read from the lists of the index.

use roaring::RoaringBitmap;
use tantivy::Searcher;
use tantivy::SegmentReader;
use tantivy::schema::IndexRecordOption;

use super::error::IndexError;
use super::ordinals;
use super::reader::Reader;
use super::request::Roles;
use super::schema::ExactKey;
use super::schema::Fields;

/// The roles by their index in [`Fields::people`].
const ROLES: [Roles; 4] = [Roles::From, Roles::To, Roles::Cc, Roles::Bcc];

impl Reader {
    /// Calls `visit` with every address of some messages: its role, itself in lower case, and the ordinals
    /// that have it, those of one segment of the index at a time. A person without an address is not met.
    ///
    /// # Errors
    /// If the index cannot be read.
    pub fn for_each_address(
        &self,
        wanted: &RoaringBitmap,
        mut visit: impl FnMut(Roles, &str, &[u32]),
    ) -> Result<(), IndexError> {
        let (searcher, fields) = self.parts();
        Ok(addresses(searcher, fields, wanted, &mut visit)?)
    }
}

fn addresses(
    searcher: &Searcher,
    fields: &Fields,
    wanted: &RoaringBitmap,
    visit: &mut dyn FnMut(Roles, &str, &[u32]),
) -> tantivy::Result<()> {
    let mut found = Vec::new();
    for reader in searcher.segment_readers() {
        let ordinals = ordinals_of(reader, wanted)?;
        let index = reader.inverted_index(fields.exact)?;
        for (number, role) in ROLES.into_iter().enumerate() {
            // All values of a role begin with its key.
            let key = ExactKey::Person(number).term("");
            let mut terms = index.terms().range().ge(&key).into_stream()?;
            while let Some((term, place)) = terms.next() {
                let Some(value) = term.strip_prefix(key.as_bytes()) else {
                    break;
                };
                let Ok(address) = std::str::from_utf8(value) else {
                    continue;
                };
                if address.starts_with('@') {
                    continue;
                }
                found.clear();
                let mut block =
                    index.read_block_postings_from_terminfo(place, IndexRecordOption::Basic)?;
                while !block.docs().is_empty() {
                    let docs = block.docs().iter();
                    found.extend(docs.filter_map(|doc| *ordinals.get(*doc as usize)?));
                    block.advance();
                }
                if !found.is_empty() {
                    visit(role, address, &found);
                }
            }
        }
    }
    Ok(())
}

/// The ordinal of each document of a segment, if it is wanted and not deleted.
fn ordinals_of(
    reader: &SegmentReader,
    wanted: &RoaringBitmap,
) -> tantivy::Result<Vec<Option<u32>>> {
    let mut ordinals = vec![None; reader.max_doc() as usize];
    ordinals::for_each_ordinal(reader, |doc, ordinal| {
        if let Some(slot) = ordinals.get_mut(doc as usize)
            && !reader.is_deleted(doc)
            && wanted.contains(ordinal)
        {
            *slot = Some(ordinal);
        }
    })?;
    Ok(ordinals)
}
