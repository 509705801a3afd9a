//! Every cut and every flipped bit of a small log.

use super::*;
use std::io;

/// Segments 1 and 2 in memory, only to be read.
struct TwoSegments([Vec<u8>; 2]);

struct InMemory(Vec<u8>);

fn read_only<T>() -> io::Result<T> {
    Err(io::ErrorKind::ReadOnlyFilesystem.into())
}

impl Disk for TwoSegments {
    fn create(&self, _: &Path) -> io::Result<Box<dyn DiskFile>> {
        read_only()
    }
    fn open(&self, path: &Path) -> io::Result<Box<dyn DiskFile>> {
        let number = segment_number(path).ok_or(io::ErrorKind::NotFound)?;
        Ok(Box::new(InMemory(self.0[number as usize - 1].clone())))
    }
    fn list(&self, dir: &Path) -> io::Result<Vec<PathBuf>> {
        Ok(vec![segment_path(dir, 1), segment_path(dir, 2)])
    }
    fn rename(&self, _: &Path, _: &Path) -> io::Result<()> {
        read_only()
    }
    fn remove(&self, _: &Path) -> io::Result<()> {
        read_only()
    }
    fn create_dir(&self, _: &Path) -> io::Result<()> {
        read_only()
    }
    fn sync_dir(&self, _: &Path) -> io::Result<()> {
        read_only()
    }
}

impl DiskFile for InMemory {
    fn len(&self) -> io::Result<u64> {
        Ok(self.0.len() as u64)
    }
    fn read_at(&self, offset: u64, buffer: &mut [u8]) -> io::Result<()> {
        let from = offset as usize;
        buffer.copy_from_slice(&self.0[from..from + buffer.len()]);
        Ok(())
    }
    fn write_at(&self, _: u64, _: &[u8]) -> io::Result<()> {
        read_only()
    }
    fn truncate(&self, _: u64) -> io::Result<()> {
        read_only()
    }
    fn sync(&self) -> io::Result<()> {
        read_only()
    }
}

/// Two segments of two frames each, and where all frames end in them.
struct Scene {
    segments: [Vec<u8>; 2],
    ends: [[usize; 2]; 2],
    stands: Vec<Position>,
}

fn scene() -> Scene {
    let dir = tempfile::tempdir().unwrap();
    let mut stands = vec![Position::default()];
    let mut middles = [0; 2];
    for (i, first) in [1, 3].into_iter().enumerate() {
        let segment = i as u64 + 1;
        let mut log = log_at(dir.path(), segment, *stands.last().unwrap(), segment);
        stands.extend(append(&mut log, first..=first));
        middles[i] = std::fs::read(segment_path(dir.path(), segment))
            .unwrap()
            .len();
        stands.extend(append(&mut log, first + 1..=first + 1));
    }
    let segments = [1, 2].map(|n| std::fs::read(segment_path(dir.path(), n)).unwrap());
    let ends = [0, 1].map(|i| [middles[i], segments[i].len()]);
    Scene {
        segments,
        ends,
        stands,
    }
}

impl Scene {
    fn with(&self, segment: usize, bytes: Vec<u8>, head: Position) -> Result<Outcome, StoreError> {
        let mut segments = self.segments.clone();
        segments[segment - 1] = bytes;
        outcome_on(&TwoSegments(segments), Path::new("/log"), head)
    }

    fn cut(&self, segment: usize, end: usize, head: Position) -> Result<Outcome, StoreError> {
        self.with(segment, self.segments[segment - 1][..end].to_vec(), head)
    }

    /// Heads of stores that have none, half and all of the log.
    fn heads(&self) -> [Position; 3] {
        [0, 2, 4].map(|frame| self.stands[frame])
    }
}

fn flipped(bytes: &[u8], bit: usize) -> Vec<u8> {
    let mut hurt = bytes.to_vec();
    hurt[bit / 8] ^= 1 << (bit % 8);
    hurt
}

#[test]
fn a_hurt_last_segment_is_a_shorter_log_or_damage() {
    let scene = scene();
    let [middle, end] = scene.ends[1];
    for head in scene.heads() {
        // What is there with so many bytes of the last segment, none of them torn.
        let whole = [0, SEGMENT_HEADER_BYTES, middle, end];
        let whole = whole.map(|end| (end, scene.cut(2, end, head).unwrap()));
        let frames = whole.each_ref().map(|(_, found)| found.0.last_frame);
        assert_eq!(frames, [2, 2, 3, 4]);
        let shorter = |cut| &whole.iter().rfind(|(end, _)| *end <= cut).unwrap().1;
        for cut in 0..end {
            let found = scene.cut(2, cut, head).unwrap();
            assert_eq!(&found, shorter(cut), "cut at {cut}");
        }
        for bit in 0..end * 8 {
            match scene.with(2, flipped(&scene.segments[1], bit), head) {
                Ok(found) if bit / 8 >= middle => assert_eq!(&found, shorter(middle), "bit {bit}"),
                Err(StoreError::Damaged(_)) if bit / 8 < middle => {}
                other => panic!("bit {bit}: {other:?}"),
            }
        }
    }
}

#[test]
fn a_hurt_earlier_segment_is_damage() {
    let scene = scene();
    let [middle, end] = scene.ends[0];
    for head in scene.heads() {
        for cut in 0..end {
            match scene.cut(1, cut, head) {
                Err(StoreError::Damaged(_)) => {}
                // Whole frames are missing that the store has: the same history, but the fate
                // of the commits in them is no longer known.
                Ok((replayed, now, ..)) if head.frame >= 2 => {
                    assert!(
                        [SEGMENT_HEADER_BYTES, middle].contains(&cut),
                        "cut at {cut}"
                    );
                    assert_eq!(now, scene.stands[4]);
                    assert_eq!((seqs(&replayed), replayed.tokens_since), (vec![3, 4], 2));
                }
                other => panic!("cut at {cut}: {other:?}"),
            }
        }
        for bit in 0..end * 8 {
            let found = scene.with(1, flipped(&scene.segments[0], bit), head);
            assert!(
                matches!(found, Err(StoreError::Damaged(_))),
                "bit {bit}: {found:?}"
            );
        }
    }
}
