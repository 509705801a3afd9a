//! The object record: how one object stands in a page, in a tranlog and on the wire.
//!
//! ```text
//! offset 0   u64  object id
//!        8   u64  class id
//!       16   u8   format          (Format)
//!       17   u8   flags           (RecordFlags)
//!       18   u16  detail          encoding of a String, else 0
//!       20   u32  security policy id
//!       24   u64  size            slots format: number of slots; bytes format: number of bytes
//!       32   u64  dynamic count   number of (symbol, value) pairs that follow the body
//!       40   body                 slots: size * 8 bytes; bytes: size bytes, padded with zeros to 8
//!        .   pairs                (symbol id, value) * dynamic count
//! ```
//! All little-endian. A record's length is a multiple of 8. For format `Indexed` the first
//! `fixed` slots are the class's declared ones; the class's own record says how many.

use crate::oop::{ObjectId, Oop};

/// Bytes of a record before its body.
pub const RECORD_HEADER_BYTES: usize = 40;

/// What the body of an object is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum Format {
    /// Named slots only.
    Slots = 0,
    /// Named slots, then indexable slots that may grow.
    Indexed = 1,
    /// Bytes.
    Bytes = 2,
    /// Named slots, then the elements of an unordered collection.
    Unordered = 3,
}

impl Format {
    pub fn from_u8(byte: u8) -> Option<Format> {
        Some(match byte {
            0 => Format::Slots,
            1 => Format::Indexed,
            2 => Format::Bytes,
            3 => Format::Unordered,
            _ => return None,
        })
    }
}

/// The object may not be changed (literals, frozen Ruby objects).
pub const RECORD_FROZEN: u8 = 1;

/// Why bytes are not a record.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    #[error("record is cut short: {have} bytes where {need} are needed")]
    Truncated { have: usize, need: usize },
    #[error("record of object {id} is damaged: {what}")]
    Damaged { id: u64, what: &'static str },
}

/// An owned record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub id: ObjectId,
    pub class: ObjectId,
    pub format: Format,
    pub flags: u8,
    pub detail: u16,
    pub policy: u32,
    pub body: Body,
    pub dynamic: Vec<(Oop, Oop)>,
}

/// The body of an owned record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body {
    Slots(Vec<Oop>),
    Bytes(Vec<u8>),
}

impl Record {
    /// Number of bytes `encode` appends.
    pub fn encoded_len(&self) -> usize {
        let body = match &self.body {
            Body::Slots(s) => s.len() * 8,
            Body::Bytes(b) => b.len().next_multiple_of(8),
        };
        RECORD_HEADER_BYTES + body + self.dynamic.len() * 16
    }

    /// Appends the record to `out`.
    pub fn encode(&self, out: &mut Vec<u8>) {
        let size = match &self.body {
            Body::Slots(s) => s.len(),
            Body::Bytes(b) => b.len(),
        };
        out.extend_from_slice(&self.id.0.to_le_bytes());
        out.extend_from_slice(&self.class.0.to_le_bytes());
        out.push(self.format as u8);
        out.push(self.flags);
        out.extend_from_slice(&self.detail.to_le_bytes());
        out.extend_from_slice(&self.policy.to_le_bytes());
        out.extend_from_slice(&(size as u64).to_le_bytes());
        out.extend_from_slice(&(self.dynamic.len() as u64).to_le_bytes());
        match &self.body {
            Body::Slots(slots) => {
                for s in slots {
                    debug_assert!(s.is_storable(), "{s:?} in record {:?}", self.id);
                    out.extend_from_slice(&s.bits().to_le_bytes());
                }
            }
            Body::Bytes(bytes) => {
                out.extend_from_slice(bytes);
                out.resize(out.len().next_multiple_of(8).max(out.len()), 0);
            }
        }
        for (k, v) in &self.dynamic {
            out.extend_from_slice(&k.bits().to_le_bytes());
            out.extend_from_slice(&v.bits().to_le_bytes());
        }
    }
}

/// A checked view of one record inside a larger buffer. Bytes from disk or network become
/// a `RecordView` only through [`RecordView::parse`], which proves every length and every oop.
#[derive(Clone, Copy, Debug)]
pub struct RecordView<'a> {
    bytes: &'a [u8],
}

fn word(bytes: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(bytes[at..at + 8].try_into().expect("eight bytes"))
}

impl<'a> RecordView<'a> {
    /// Checks the record at the start of `bytes` (which may be longer).
    ///
    /// # Errors
    /// `Truncated` when bytes are missing, `Damaged` when a field has an impossible value.
    pub fn parse(bytes: &'a [u8]) -> Result<RecordView<'a>, RecordError> {
        if bytes.len() < RECORD_HEADER_BYTES {
            return Err(RecordError::Truncated {
                have: bytes.len(),
                need: RECORD_HEADER_BYTES,
            });
        }
        let id = word(bytes, 0);
        let damaged = |what| RecordError::Damaged { id, what };
        if id == 0 || id > crate::limits::OBJECT_ID_MAX {
            return Err(damaged("its id is out of range"));
        }
        let class = word(bytes, 8);
        if class == 0 || class > crate::limits::OBJECT_ID_MAX {
            return Err(damaged("its class id is out of range"));
        }
        let format = Format::from_u8(bytes[16]).ok_or_else(|| damaged("its format is unknown"))?;
        let size = word(bytes, 24);
        let dynamic = word(bytes, 32);
        let limit = crate::limits::OBJECT_ELEMENTS_MAX;
        if size > limit || dynamic > limit {
            return Err(damaged("its size is out of range"));
        }
        let body = if format == Format::Bytes {
            (size as usize).next_multiple_of(8)
        } else {
            size as usize * 8
        };
        let need = RECORD_HEADER_BYTES + body + dynamic as usize * 16;
        if bytes.len() < need {
            return Err(RecordError::Truncated {
                have: bytes.len(),
                need,
            });
        }
        let view = RecordView {
            bytes: &bytes[..need],
        };
        if format != Format::Bytes {
            for i in 0..view.size() {
                if Oop::from_wire(view.slot_word(i)).is_none() {
                    return Err(damaged("a slot holds a word that is no oop"));
                }
            }
        }
        for (k, v) in view.dynamic_words() {
            let key = Oop::from_wire(k).filter(|k| k.is_id());
            if key.is_none() || Oop::from_wire(v).is_none() {
                return Err(damaged(
                    "a dynamic instance variable holds a word that is no oop",
                ));
            }
        }
        Ok(view)
    }

    /// The whole record's bytes.
    pub fn bytes(&self) -> &'a [u8] {
        self.bytes
    }
    pub fn id(&self) -> ObjectId {
        ObjectId(word(self.bytes, 0))
    }
    pub fn class(&self) -> ObjectId {
        ObjectId(word(self.bytes, 8))
    }
    pub fn format(&self) -> Format {
        Format::from_u8(self.bytes[16]).expect("checked by parse")
    }
    pub fn flags(&self) -> u8 {
        self.bytes[17]
    }
    pub fn detail(&self) -> u16 {
        u16::from_le_bytes([self.bytes[18], self.bytes[19]])
    }
    pub fn policy(&self) -> u32 {
        u32::from_le_bytes(self.bytes[20..24].try_into().expect("four bytes"))
    }
    /// Slots, or bytes for format `Bytes`.
    pub fn size(&self) -> usize {
        word(self.bytes, 24) as usize
    }
    fn slot_word(&self, i: usize) -> u64 {
        word(self.bytes, RECORD_HEADER_BYTES + i * 8)
    }
    /// Slot `i` of a record that is not of format `Bytes`; `i < size()`.
    pub fn slot(&self, i: usize) -> Oop {
        debug_assert!(i < self.size());
        Oop::from_checked(self.slot_word(i))
    }
    /// The bytes of a record of format `Bytes`.
    pub fn byte_body(&self) -> &'a [u8] {
        &self.bytes[RECORD_HEADER_BYTES..RECORD_HEADER_BYTES + self.size()]
    }
    pub fn dynamic_count(&self) -> usize {
        word(self.bytes, 32) as usize
    }
    /// The (symbol id, value) pairs of dynamic instance variables.
    pub fn dynamic(&self) -> impl Iterator<Item = (Oop, Oop)> + use<'a> {
        self.dynamic_words()
            .map(|(k, v)| (Oop::from_checked(k), Oop::from_checked(v)))
    }
    fn dynamic_words(&self) -> impl Iterator<Item = (u64, u64)> + use<'a> {
        let bytes = self.bytes;
        let start = bytes.len() - self.dynamic_count() * 16;
        (0..self.dynamic_count())
            .map(move |i| (word(bytes, start + i * 16), word(bytes, start + i * 16 + 8)))
    }
    /// Every object id this record refers to: its class, its slots, its dynamic pairs.
    pub fn references(&self) -> impl Iterator<Item = ObjectId> + 'a {
        let this = *self;
        let slots = if this.format() == Format::Bytes {
            0
        } else {
            this.size()
        };
        std::iter::once(this.class())
            .chain((0..slots).filter_map(move |i| this.slot(i).as_id()))
            .chain(
                this.dynamic()
                    .flat_map(|(k, v)| [k.as_id(), v.as_id()])
                    .flatten(),
            )
    }
    pub fn to_record(&self) -> Record {
        Record {
            id: self.id(),
            class: self.class(),
            format: self.format(),
            flags: self.flags(),
            detail: self.detail(),
            policy: self.policy(),
            body: if self.format() == Format::Bytes {
                Body::Bytes(self.byte_body().to_vec())
            } else {
                Body::Slots((0..self.size()).map(|i| self.slot(i)).collect())
            },
            dynamic: self.dynamic().collect(),
        }
    }
}

/// The records that stand one after the other in `bytes`. Ends after the first damaged one.
pub fn records(bytes: &[u8]) -> impl Iterator<Item = Result<RecordView<'_>, RecordError>> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let record = RecordView::parse(rest);
        rest = match &record {
            Ok(record) => &rest[record.bytes().len()..],
            Err(_) => &[],
        };
        Some(record)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample() -> Record {
        Record {
            id: ObjectId(9),
            class: ObjectId(3),
            format: Format::Bytes,
            flags: RECORD_FROZEN,
            detail: 1,
            policy: 0,
            body: Body::Bytes(b"hello".to_vec()),
            dynamic: vec![(Oop::from_id(ObjectId(77)), Oop::TRUE)],
        }
    }

    #[test]
    fn a_record_round_trips() {
        let mut out = Vec::new();
        sample().encode(&mut out);
        assert_eq!(out.len(), sample().encoded_len());
        let view = RecordView::parse(&out).unwrap();
        assert_eq!(view.to_record(), sample());
        assert_eq!(
            view.references().collect::<Vec<_>>(),
            [ObjectId(3), ObjectId(77)]
        );
    }

    #[test]
    fn every_truncation_is_refused() {
        let mut out = Vec::new();
        sample().encode(&mut out);
        for n in 0..out.len() {
            assert!(RecordView::parse(&out[..n]).is_err(), "{n}");
        }
    }

    #[test]
    fn records_in_a_row_end_after_the_first_damaged_one() {
        let mut row = Vec::new();
        sample().encode(&mut row);
        sample().encode(&mut row);
        let whole: Vec<bool> = records(&row).map(|r| r.is_ok()).collect();
        assert_eq!(whole, [true, true]);
        row.truncate(row.len() - 8);
        let cut: Vec<bool> = records(&row).map(|r| r.is_ok()).collect();
        assert_eq!(cut, [true, false]);
        assert_eq!(records(&[]).count(), 0);
    }

    #[test]
    fn a_pointer_in_a_slot_is_refused() {
        let mut out = Vec::new();
        let mut r = sample();
        r.format = Format::Slots;
        r.body = Body::Slots(vec![Oop::NIL]);
        r.encode(&mut out);
        out[RECORD_HEADER_BYTES..RECORD_HEADER_BYTES + 8].copy_from_slice(&0x1000u64.to_le_bytes());
        assert!(matches!(
            RecordView::parse(&out),
            Err(RecordError::Damaged { .. })
        ));
    }
}
