//! What stands in a frame of the tranlog.
//!
//! ```text
//! u64 kind, u64 body bytes, body
//! 1 commit   u64 seq, u64 session, u64 root (0: unchanged), u64 next id, records
//! 2 symbols  u64 next id, records
//! 3 close    nothing: the stone stopped in order
//! ```

use crate::error::StoreError;

/// One entry, its records not yet parsed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Entry<'a> {
    Commit {
        seq: u64,
        session: u64,
        root: u64,
        next_id: u64,
        records: &'a [u8],
    },
    Symbols {
        next_id: u64,
        records: &'a [u8],
    },
    Close,
}

impl Entry<'_> {
    /// Appends the entry to a frame's payload.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let (kind, words, records): (u64, &[u64], &[u8]) = match self {
            Entry::Commit {
                seq,
                session,
                root,
                next_id,
                records,
            } => (1, &[*seq, *session, *root, *next_id], records),
            Entry::Symbols { next_id, records } => (2, &[*next_id], records),
            Entry::Close => (3, &[], &[]),
        };
        out.extend_from_slice(&kind.to_le_bytes());
        out.extend_from_slice(&((words.len() * 8 + records.len()) as u64).to_le_bytes());
        words
            .iter()
            .for_each(|w| out.extend_from_slice(&w.to_le_bytes()));
        out.extend_from_slice(records);
    }
}

/// The entries of a payload.
///
/// # Errors
/// `Damaged` at the first that is none.
pub fn decode(mut payload: &[u8]) -> Result<Vec<Entry<'_>>, StoreError> {
    let damaged = || StoreError::Damaged("a tranlog entry makes no sense".into());
    let mut entries = Vec::new();
    while !payload.is_empty() {
        let word = |i: usize| {
            let bytes = payload.get(i * 8..i * 8 + 8).ok_or_else(damaged)?;
            Ok::<u64, StoreError>(u64::from_le_bytes(bytes.try_into().expect("eight bytes")))
        };
        let (kind, len) = (word(0)?, word(1)?);
        let end = usize::try_from(len)
            .ok()
            .and_then(|n| n.checked_add(16))
            .ok_or_else(damaged)?;
        let records = |words: usize| payload.get(16 + words * 8..end).ok_or_else(damaged);
        entries.push(match kind {
            1 => Entry::Commit {
                records: records(4)?,
                seq: word(2)?,
                session: word(3)?,
                root: word(4)?,
                next_id: word(5)?,
            },
            2 => Entry::Symbols {
                records: records(1)?,
                next_id: word(2)?,
            },
            3 if len == 0 => Entry::Close,
            _ => return Err(damaged()),
        });
        payload = payload.get(end..).ok_or_else(damaged)?;
    }
    Ok(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_round_trip_and_truncations_are_refused() {
        let entries = [
            Entry::Symbols {
                next_id: 5,
                records: b"12345678",
            },
            Entry::Commit {
                seq: 1,
                session: 2,
                root: 3,
                next_id: 4,
                records: b"abcdefgh",
            },
            Entry::Close,
        ];
        let mut out = Vec::new();
        entries.iter().for_each(|e| e.encode(&mut out));
        assert_eq!(decode(&out).unwrap(), entries);
        for n in 1..out.len() {
            if let Ok(fewer) = decode(&out[..n]) {
                assert_eq!(fewer[..], entries[..fewer.len()]);
            }
        }
    }
}
