//! The bytes of a tranlog: headers of segments and frames, made and read here and nowhere else.
//!
//! ```text
//! segment  8 bytes magic, u64 number, then frames of the same version
//! frame    u32 magic, u32 crc32c of the rest, words of the header, payload
//! words    u64 payload bytes, u64 frame number, u64 chain before, u64 time (unix ms);
//!          since version 2: u64 epoch, u128 writer (low half first)
//! ```
//! Must not know: what a payload means, files, whether a frame continues a log.
//!
//! The magics differ in more than one bit, so that damage to one does not make the other.

use std::ops::Range;

/// Which layout a segment and all its frames have. Only the newest is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Version {
    One,
    Two,
}

struct Layout {
    segment_magic: &'static [u8; 8],
    frame_magic: u32,
    words: usize,
}

const VERSIONS: [Version; 2] = [Version::One, Version::Two];
const WORDS_MAX: usize = 7;
/// Magic and checksum, before the words.
const LEAD_BYTES: usize = 8;
pub const SEGMENT_HEADER_BYTES: usize = 16;

impl Version {
    const fn layout(self) -> Layout {
        match self {
            Version::One => Layout {
                segment_magic: b"MAGTLOG1",
                frame_magic: 0x4D46_7261,
                words: 4,
            },
            Version::Two => Layout {
                segment_magic: b"MAGTLOG2",
                frame_magic: 0x4D46_7262,
                words: WORDS_MAX,
            },
        }
    }

    pub const fn frame_header_bytes(self) -> usize {
        LEAD_BYTES + self.layout().words * 8
    }

    pub fn segment_header(self, number: u64) -> Vec<u8> {
        let mut header = self.layout().segment_magic.to_vec();
        header.extend_from_slice(&number.to_le_bytes());
        header
    }

    /// The version of segment `number`; `None`: its header is not whole.
    pub fn of_segment(bytes: &[u8], number: u64) -> Option<Version> {
        VERSIONS
            .into_iter()
            .find(|version| bytes.starts_with(&version.segment_header(number)))
    }
}

/// Who appends. Each start of a stone is another writer of a higher epoch; frames of version 1
/// have none (zeros).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Writer {
    /// From 1 upwards.
    pub epoch: u64,
    /// Random: two writers that both believe in an epoch are told apart.
    pub id: u128,
}

/// All that stands before a frame's payload, but for its length and checksum.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FrameHeader {
    pub version: Version,
    pub number: u64,
    /// Digest of all payloads before.
    pub chain: u64,
    pub time_ms: u64,
    pub writer: Writer,
}

/// A whole frame among the bytes of a segment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogFrame {
    pub header: FrameHeader,
    pub payload: Range<usize>,
}

impl FrameHeader {
    fn words(&self, payload_bytes: u64) -> [u64; WORDS_MAX] {
        let Writer { epoch, id } = self.writer;
        [
            payload_bytes,
            self.number,
            self.chain,
            self.time_ms,
            epoch,
            id as u64,
            (id >> 64) as u64,
        ]
    }

    /// Words that the version does not have are 0.
    fn from_words(version: Version, words: [u64; WORDS_MAX]) -> (FrameHeader, u64) {
        let [payload_bytes, number, chain, time_ms, epoch, low, high] = words;
        let header = FrameHeader {
            version,
            number,
            chain,
            time_ms,
            writer: Writer {
                epoch,
                id: u128::from(high) << 64 | u128::from(low),
            },
        };
        (header, payload_bytes)
    }

    /// The whole frame; the payload is `parts` one after the other.
    pub fn frame(&self, parts: &[&[u8]]) -> Vec<u8> {
        let payload_bytes: usize = parts.iter().map(|part| part.len()).sum();
        let layout = self.version.layout();
        let mut frame = Vec::with_capacity(self.version.frame_header_bytes() + payload_bytes);
        frame.extend_from_slice(&layout.frame_magic.to_le_bytes());
        frame.extend_from_slice(&[0; 4]);
        for word in &self.words(payload_bytes as u64)[..layout.words] {
            frame.extend_from_slice(&word.to_le_bytes());
        }
        parts.iter().for_each(|part| frame.extend_from_slice(part));
        let crc = crc32c::crc32c(&frame[LEAD_BYTES..]);
        frame[4..LEAD_BYTES].copy_from_slice(&crc.to_le_bytes());
        frame
    }
}

impl LogFrame {
    /// The frame that begins at `at`, when it is whole.
    pub fn at(bytes: &[u8], at: usize) -> Option<LogFrame> {
        let half = |from: usize| {
            let four = bytes.get(from..from.checked_add(4)?)?;
            Some(u32::from_le_bytes(four.try_into().expect("four bytes")))
        };
        let (magic, crc) = (half(at)?, half(at + 4)?);
        let version = VERSIONS
            .into_iter()
            .find(|version| version.layout().frame_magic == magic)?;
        let start = at + version.frame_header_bytes();
        let header = bytes.get(at + LEAD_BYTES..start)?;
        let mut words = [0; WORDS_MAX];
        for (word, eight) in words.iter_mut().zip(header.chunks_exact(8)) {
            *word = u64::from_le_bytes(eight.try_into().expect("eight bytes"));
        }
        let (header, payload_bytes) = FrameHeader::from_words(version, words);
        let end = start.checked_add(usize::try_from(payload_bytes).ok()?)?;
        let whole = crc32c::crc32c(bytes.get(at + LEAD_BYTES..end)?) == crc;
        whole.then_some(LogFrame {
            header,
            payload: start..end,
        })
    }

    /// Whether a whole frame of a number above `number` begins at `at` or after: then what stands
    /// before it is damage. Lower numbers are a log that somebody stored as data.
    pub fn follows(bytes: &[u8], at: usize, number: u64) -> bool {
        let magics = VERSIONS.map(|version| version.layout().frame_magic.to_le_bytes());
        let rest = bytes.get(at..).unwrap_or_default();
        rest.windows(4)
            .enumerate()
            .filter(|(_, window)| magics.iter().any(|magic| magic == window))
            .filter_map(|(i, _)| LogFrame::at(bytes, at + i))
            .any(|frame| frame.header.number > number)
    }
}

/// The digest after a payload.
pub fn chain(before: u64, payload: &[u8]) -> u64 {
    xxhash_rust::xxh3::xxh3_64_with_seed(payload, before)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn header(version: Version, writer: Writer) -> FrameHeader {
        FrameHeader {
            version,
            number: 7,
            chain: 8,
            time_ms: 9,
            writer,
        }
    }

    #[test]
    fn version_one_is_laid_out_as_it_always_was() {
        let frame = header(Version::One, Writer::default()).frame(&[b"pay", b"load"]);
        let mut expected = 0x4D46_7261_u32.to_le_bytes().to_vec();
        let mut rest = Vec::new();
        for word in [7_u64, 7, 8, 9] {
            rest.extend_from_slice(&word.to_le_bytes());
        }
        rest.extend_from_slice(b"payload");
        expected.extend_from_slice(&crc32c::crc32c(&rest).to_le_bytes());
        expected.extend_from_slice(&rest);
        assert_eq!(frame, expected);
        assert_eq!(
            Version::One.segment_header(3),
            b"MAGTLOG1\x03\0\0\0\0\0\0\0"
        );
    }

    #[test]
    fn frames_of_both_versions_round_trip() {
        let writer = Writer {
            epoch: 5,
            id: u128::MAX - 3,
        };
        for header in [
            header(Version::One, Writer::default()),
            header(Version::Two, writer),
        ] {
            let mut bytes = vec![0xEE; 3];
            bytes.extend(header.frame(&[b"payload"]));
            let frame = LogFrame::at(&bytes, 3).expect("a whole frame");
            assert_eq!(frame.header, header);
            assert_eq!(&bytes[frame.payload], b"payload");
            assert!(LogFrame::follows(&bytes, 0, 6) && !LogFrame::follows(&bytes, 0, 7));
            for n in 0..bytes.len() {
                assert_eq!(LogFrame::at(&bytes[..n], 3), None, "cut at {n}");
            }
        }
        assert_eq!(LogFrame::at(&[], usize::MAX), None);
    }

    #[test]
    fn a_length_beyond_all_bytes_is_no_frame() {
        let mut bytes = header(Version::Two, Writer::default()).frame(&[b"payload"]);
        bytes[8..16].copy_from_slice(&u64::MAX.to_le_bytes());
        assert_eq!(LogFrame::at(&bytes, 0), None);
    }
}
