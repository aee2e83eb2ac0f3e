//! A run of the online list: up to 512 people in order, with their encoded rows once somebody has asked for them.

use std::hash::{BuildHasher, RandomState};
use std::ops::Range;
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use hereabouts_protocol::{Timestamp, UserId, encode};

use super::list::Row;
use super::seen::SeenTable;

/// People per chunk. 512 rows are about 120 KB of JSON: large enough to send in few writes, small enough that a
/// change re-encodes little.
pub(super) const CHUNK_LEN_MAX: usize = 512;

/// Rows in order of (`since`, id), and the cache of their encoded form.
#[derive(Debug, Default)]
pub(super) struct Chunk {
    rows: Vec<Row>,
    encoded: Mutex<Option<Arc<EncodedChunk>>>,
}

/// The rows as JSON, joined by commas, with what is needed to patch, cut and hash them.
#[derive(Debug, Clone)]
pub(super) struct EncodedChunk {
    bytes: Bytes,
    rows: Vec<EncodedRow>,
}

#[derive(Debug, Clone, Copy)]
struct EncodedRow {
    start: u32,
    end: u32,
    times_at: [u32; 2],
    last_seen: Timestamp,
    hash: u64,
}

impl Clone for Chunk {
    fn clone(&self) -> Self {
        Self { rows: self.rows.clone(), encoded: Mutex::default() }
    }
}

impl Chunk {
    pub(super) fn new(rows: Vec<Row>) -> Self {
        Self { rows, encoded: Mutex::default() }
    }

    pub(super) fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// Changes the rows; what was encoded of them is void.
    pub(super) fn rows_mut(&mut self) -> &mut Vec<Row> {
        *self.encoded.get_mut().unwrap_or_else(PoisonError::into_inner) = None;
        &mut self.rows
    }

    /// The rows as JSON with the times of now: from the cache where nobody moved, patched where somebody did.
    pub(super) fn encoded(&self, seen: &SeenTable, hasher: &RandomState) -> Arc<EncodedChunk> {
        let mut cache = self.encoded.lock().unwrap_or_else(PoisonError::into_inner);
        let current = match cache.take() {
            None => Arc::new(EncodedChunk::new(&self.rows, seen, hasher)),
            Some(encoded) => encoded.patched(&self.rows, seen, hasher),
        };
        *cache = Some(Arc::clone(&current));
        current
    }
}

impl EncodedChunk {
    fn new(rows: &[Row], seen: &SeenTable, hasher: &RandomState) -> Self {
        let mut bytes = Vec::with_capacity(rows.len() * 256);
        let mut encoded_rows = Vec::with_capacity(rows.len());
        for row in rows {
            if !bytes.is_empty() {
                bytes.push(b',');
            }
            let last_seen = seen.load(row.user);
            let start = bytes.len();
            let [a, b] = encode::list_row(&mut bytes, &row.as_online(last_seen));
            encoded_rows.push(EncodedRow {
                start: start as u32,
                end: bytes.len() as u32,
                times_at: [a as u32, b as u32],
                last_seen,
                hash: row_hash(hasher, row, &bytes[start..]),
            });
        }
        Self { bytes: bytes.into(), rows: encoded_rows }
    }

    fn patched(self: Arc<Self>, rows: &[Row], seen: &SeenTable, hasher: &RandomState) -> Arc<Self> {
        let moved = |(encoded, row): (&EncodedRow, &Row)| encoded.last_seen != seen.load(row.user);
        if !self.rows.iter().zip(rows).any(moved) {
            return self;
        }
        let mut bytes = self.bytes.to_vec();
        let mut encoded_rows = self.rows.clone();
        for (encoded, row) in encoded_rows.iter_mut().zip(rows) {
            let last_seen = seen.load(row.user);
            if encoded.last_seen == last_seen {
                continue;
            }
            encoded.last_seen = last_seen;
            for at in encoded.times_at {
                bytes[at as usize..][..Timestamp::TEXT_LEN].copy_from_slice(&last_seen.to_text());
            }
            encoded.hash = row_hash(hasher, row, &bytes[encoded.start as usize..encoded.end as usize]);
        }
        Arc::new(Self { bytes: bytes.into(), rows: encoded_rows })
    }

    /// The JSON of the rows in `range`, joined by commas; nothing for an empty range.
    pub(super) fn slice(&self, range: Range<usize>) -> Option<Bytes> {
        let rows = self.rows.get(range)?;
        let (first, last) = (rows.first()?, rows.last()?);
        Some(self.bytes.slice(first.start as usize..last.end as usize))
    }

    /// A sum over the rows in `range` that changes when any of them does.
    pub(super) fn hash(&self, range: Range<usize>) -> u64 {
        self.rows.get(range).unwrap_or_default().iter().fold(0, |sum, row| sum.wrapping_add(row.hash))
    }
}

/// Depends on the row's place in the order (`since`) too, so that adding the hashes up loses nothing.
fn row_hash(hasher: &RandomState, row: &Row, bytes: &[u8]) -> u64 {
    hasher.hash_one((row.since, bytes))
}

impl Row {
    pub(super) fn as_online(&self, last_seen: Timestamp) -> encode::Row<'_> {
        encode::Row {
            id: self.profile.user_id,
            username: &self.profile.username,
            profile_image_url: self.profile.profile_image_url.as_deref(),
            is_online: true,
            last_seen: Some(last_seen),
            slug: &self.profile.slug,
        }
    }

    pub(super) fn key(&self) -> (Timestamp, UserId) {
        (self.since, self.profile.user_id)
    }
}
