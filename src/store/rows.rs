//! Rows as they stand on the pages of a file, without SQLite: every leaf of a table can be read by itself, whatever became of the pages
//! that lead to it.

use std::collections::HashSet;

use rusqlite::types::Value;

use super::pages::{Pages, number};

/// A row of a table: its number, and its columns.
#[derive(Debug, PartialEq)]
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) values: Vec<Value>,
}

/// Kinds of b-tree pages, by their first byte.
const INDEX_BRANCH: u8 = 2;
const INDEX_LEAF: u8 = 10;
const TABLE_LEAF: u8 = 13;

/// The rows on a page, if it is a leaf of a table; those that cannot be read are passed over.
pub(super) fn rows(pages: &mut Pages, page_number: u32) -> Vec<Row> {
    let page = pages.page(page_number);
    let begin = Pages::begin(page_number);
    if page.get(begin) != Some(&TABLE_LEAF) {
        return Vec::new();
    }
    cells(&page, begin, 8).into_iter().filter_map(|cell| row(pages, &page, cell)).collect()
}

/// The numbers of the rows that an index knows, by its root; and whether all of the index could be read.
pub(super) fn ids_of_index(pages: &mut Pages, root: u32) -> (HashSet<i64>, bool) {
    let (mut ids, mut is_whole) = (HashSet::new(), true);
    let (mut left, mut seen) = (vec![root], HashSet::new());
    while let Some(page_number) = left.pop() {
        let page = pages.page(page_number);
        let kind = page[0];
        let fits = (2..=pages.count()).contains(&page_number) && matches!(kind, INDEX_BRANCH | INDEX_LEAF);
        if !fits || !seen.insert(page_number) {
            is_whole = false;
            continue;
        }
        let (header, child) = if kind == INDEX_BRANCH { (12, 4) } else { (8, 0) };
        if kind == INDEX_BRANCH {
            left.push(number(&page, 8));
        }
        let all = cells(&page, 0, header);
        is_whole &= all.len() == cell_count(&page, 0);
        for cell in all {
            if kind == INDEX_BRANCH {
                left.push(number(&page, cell));
            }
            match id_in_index(&page, cell + child) {
                Some(id) => is_whole &= ids.insert(id),
                None => is_whole = false,
            }
        }
    }
    (ids, is_whole)
}

fn cell_count(page: &[u8], begin: usize) -> usize {
    page.get(begin + 3..begin + 5).map_or(0, |two| usize::from(u16::from_be_bytes([two[0], two[1]])))
}

/// Where the cells of a page begin, without those that would lie outside of it.
fn cells(page: &[u8], begin: usize, header: usize) -> Vec<usize> {
    let pointers = begin + header..;
    let pointers = page.get(pointers).unwrap_or_default().chunks_exact(2).take(cell_count(page, begin));
    pointers.map(|two| usize::from(u16::from_be_bytes([two[0], two[1]]))).filter(|cell| *cell < page.len()).collect()
}

fn row(pages: &mut Pages, page: &[u8], cell: usize) -> Option<Row> {
    let (length, at) = varint(page, cell)?;
    let (id, at) = varint(page, at)?;
    let payload = payload(pages, page, at, usize::try_from(length).ok()?)?;
    Some(Row { id: id.cast_signed(), values: values(&payload)? })
}

/// The row's number at the end of an entry of an index. Keys are short: an entry has no further page.
fn id_in_index(page: &[u8], cell: usize) -> Option<i64> {
    let (length, at) = varint(page, cell)?;
    let entry = page.get(at..at.checked_add(usize::try_from(length).ok()?)?)?;
    match values(entry)?.as_slice() {
        [Value::Blob(_), Value::Integer(id)] => Some(*id),
        _ => None,
    }
}

/// What a cell holds: its beginning on the page, the rest on a chain of further pages.
fn payload(pages: &mut Pages, page: &[u8], at: usize, length: usize) -> Option<Vec<u8>> {
    let usable = pages.usable();
    let most = usable - 35;
    if length <= most {
        return page.get(at..at + length).map(<[u8]>::to_vec);
    }
    if length / usable > pages.count() as usize {
        return None;
    }
    let least = (usable - 12) * 32 / 255 - 23;
    let some = least + (length - least) % (usable - 4);
    let here = if some <= most { some } else { least };
    let mut payload = page.get(at..at + here)?.to_vec();
    let mut next = number(page, at + here);
    while payload.len() < length {
        if !(2..=pages.count()).contains(&next) {
            return None;
        }
        let further = pages.page(next);
        let rest = (length - payload.len()).min(usable - 4);
        payload.extend_from_slice(&further[4..4 + rest]);
        next = number(&further, 0);
    }
    Some(payload)
}

/// The values of a record: a header of their types, then what they are.
fn values(record: &[u8]) -> Option<Vec<Value>> {
    let (header, mut at) = varint(record, 0)?;
    let header = usize::try_from(header).ok().filter(|header| *header <= record.len())?;
    let mut body = header;
    let mut values = Vec::new();
    while at < header {
        let (kind, next) = varint(record, at)?;
        at = next;
        let size = match kind {
            0 | 8 | 9 => 0,
            1..=4 => usize::try_from(kind).ok()?,
            5 => 6,
            6 | 7 => 8,
            10 | 11 => return None,
            _ => usize::try_from((kind - 12) / 2).ok()?,
        };
        let bytes = record.get(body..body.checked_add(size)?)?;
        body += size;
        values.push(match kind {
            0 => Value::Null,
            7 => Value::Real(f64::from_be_bytes(bytes.try_into().ok()?)),
            8 => Value::Integer(0),
            9 => Value::Integer(1),
            1..=6 => Value::Integer(integer(bytes)),
            _ if kind % 2 == 0 => Value::Blob(bytes.to_vec()),
            _ => Value::Text(std::str::from_utf8(bytes).ok()?.to_owned()),
        });
    }
    Some(values)
}

/// A number of one to eight bytes, in two's complement.
fn integer(bytes: &[u8]) -> i64 {
    let sign = if bytes[0] & 0x80 == 0 { 0 } else { -1 };
    bytes.iter().fold(sign, |number, byte| number << 8 | i64::from(*byte))
}

/// A number of variable length, and the place behind it.
fn varint(bytes: &[u8], at: usize) -> Option<(u64, usize)> {
    let mut number = 0;
    for place in at..at + 8 {
        let byte = *bytes.get(place)?;
        number = number << 7 | u64::from(byte & 0x7f);
        if byte & 0x80 == 0 {
            return Some((number, place + 1));
        }
    }
    Some((number << 8 | u64::from(*bytes.get(at + 8)?), at + 9))
}
