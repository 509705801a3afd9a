//! Where one version of an object stands.

use bytes::Bytes;

/// The place of an object's record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Place {
    /// There never was such an object.
    Absent,
    /// There was one: its id is never used again.
    Dead,
    /// In a sealed page. A big object is named by the head of its run, slot 0.
    Packed { page: u64, slot: u16 },
    /// Committed since the last checkpoint: the encoded record itself.
    Loose(Bytes),
}

/// Page ids take 48 bits of an object table entry.
pub const PAGE_ID_MAX: u64 = (1 << 48) - 1;

/// Page 0 does not exist, so this word is free for objects that are gone.
const DEAD_WORD: u64 = 1;

impl Place {
    /// Whether a view that sees this place sees an object.
    pub fn is_there(&self) -> bool {
        matches!(self, Place::Packed { .. } | Place::Loose(_))
    }

    /// The object table's word for a place that is not loose; 0 is absent, 1 dead.
    pub fn to_word(&self) -> u64 {
        match self {
            Place::Absent => 0,
            Place::Dead => DEAD_WORD,
            Place::Packed { page, slot } => {
                assert!(
                    *page != 0 && *page <= PAGE_ID_MAX,
                    "page ids are 1 ..= 2^48-1"
                );
                (page << 16) | *slot as u64
            }
            Place::Loose(_) => panic!("a loose record has no word in the object table"),
        }
    }

    pub fn from_word(word: u64) -> Place {
        match word {
            DEAD_WORD => Place::Dead,
            _ if word >> 16 == 0 => Place::Absent,
            _ => Place::Packed {
                page: word >> 16,
                slot: word as u16,
            },
        }
    }
}
