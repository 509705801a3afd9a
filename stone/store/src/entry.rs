//! What stands in a frame of the tranlog.
//!
//! ```text
//! u64 kind, u64 body bytes, body
//! 1 commit   u64 seq, u64 session, u64 root (0: unchanged), u64 next id, records
//!            (read only; it had no token)
//! 2 symbols  u64 next id, records
//! 3 close    u64 next id, exact (absent in logs of version 1): the stone stopped in order
//! 4 commit   u64 seq, u64 session, u64 root (0: unchanged), u64 next id,
//!            u128 token (0: none; low half first), records
//! 5 epoch    u64 epoch, u128 writer: first in a segment's first frame, as its header says
//! 6 ids      u64 next id: ids below it may have been handed out, used or not
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
        /// What the committer calls it; 0: nothing.
        token: u128,
        records: &'a [u8],
    },
    Symbols {
        next_id: u64,
        records: &'a [u8],
    },
    Close {
        /// All ids below it are taken and no other.
        next_id: Option<u64>,
    },
    Epoch {
        epoch: u64,
        writer: u128,
    },
    /// Marked ahead: ids below it may have been handed out.
    Ids {
        next_id: u64,
    },
}

/// Low half first.
fn halves(wide: u128) -> [u64; 2] {
    [wide as u64, (wide >> 64) as u64]
}

fn wide(low: u64, high: u64) -> u128 {
    u128::from(high) << 64 | u128::from(low)
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
                token,
                records,
            } => {
                let [low, high] = halves(*token);
                (4, &[*seq, *session, *root, *next_id, low, high], records)
            }
            Entry::Symbols { next_id, records } => (2, &[*next_id], records),
            Entry::Close { next_id: None } => (3, &[], &[]),
            Entry::Close {
                next_id: Some(next_id),
            } => (3, &[*next_id], &[]),
            Entry::Epoch { epoch, writer } => {
                let [low, high] = halves(*writer);
                (5, &[*epoch, low, high], &[])
            }
            Entry::Ids { next_id } => (6, &[*next_id], &[]),
        };
        out.extend_from_slice(&kind.to_le_bytes());
        out.extend_from_slice(&((words.len() * 8 + records.len()) as u64).to_le_bytes());
        words
            .iter()
            .for_each(|w| out.extend_from_slice(&w.to_le_bytes()));
        out.extend_from_slice(records);
    }
}

/// A payload after the epoch entry that it may begin with: what the chain digests, so that the
/// same commits give the same chain, whoever wrote them (invariant 9).
pub fn after_epoch(payload: &[u8]) -> &[u8] {
    let epoch = [5_u64.to_le_bytes(), 24_u64.to_le_bytes()].concat();
    match payload.get(epoch.len() + 24..) {
        Some(rest) if payload.starts_with(&epoch) => rest,
        _ => payload,
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
                token: 0,
            },
            2 => Entry::Symbols {
                records: records(1)?,
                next_id: word(2)?,
            },
            3 if len == 0 => Entry::Close { next_id: None },
            3 if len == 8 => Entry::Close {
                next_id: Some(word(2)?),
            },
            4 => Entry::Commit {
                records: records(6)?,
                seq: word(2)?,
                session: word(3)?,
                root: word(4)?,
                next_id: word(5)?,
                token: wide(word(6)?, word(7)?),
            },
            5 if len == 24 => Entry::Epoch {
                epoch: word(2)?,
                writer: wide(word(3)?, word(4)?),
            },
            6 if len == 8 => Entry::Ids { next_id: word(2)? },
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
                token: u128::MAX - 5,
                records: b"abcdefgh",
            },
            Entry::Close { next_id: None },
            Entry::Close { next_id: Some(9) },
            Entry::Epoch {
                epoch: 3,
                writer: 7 << 64 | 8,
            },
            Entry::Ids { next_id: 1 << 40 },
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

    #[test]
    fn only_a_leading_epoch_entry_is_left_out() {
        let mut out = Vec::new();
        let epoch = Entry::Epoch {
            epoch: 3,
            writer: 9,
        };
        epoch.encode(&mut out);
        for n in 0..out.len() {
            assert_eq!(after_epoch(&out[..n]), &out[..n]);
        }
        assert_eq!(after_epoch(&out), b"");
        let mut rest = Vec::new();
        Entry::Ids { next_id: 4 }.encode(&mut rest);
        epoch.encode(&mut rest);
        assert_eq!(after_epoch(&rest), rest);
        out.extend_from_slice(&rest);
        assert_eq!(after_epoch(&out), rest);
    }

    #[test]
    fn a_commit_from_before_has_no_token() {
        let mut old = Vec::new();
        for word in [1_u64, 40, 7, 8, 9, 10] {
            old.extend_from_slice(&word.to_le_bytes());
        }
        old.extend_from_slice(b"abcdefgh");
        let commit = Entry::Commit {
            seq: 7,
            session: 8,
            root: 9,
            next_id: 10,
            token: 0,
            records: b"abcdefgh",
        };
        assert_eq!(decode(&old).unwrap(), [commit]);
    }
}
