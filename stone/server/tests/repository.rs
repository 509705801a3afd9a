//! Repositories on disk: seeds, backups, damage, rebuilding, and who may open what.

mod common;

use common::{Client, genesis, record};
use format::limits::FIRST_FREE_ID;
use proto::messages::commit_reply::Result as Outcome;
use proto::messages::*;
use proto::service::{Stone, StoneError};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use stone_server::{embedded, in_memory, read_only, seed_new};

/// Commits `count` objects of 100 bytes; returns the first id.
fn fill(stone: &Arc<dyn Stone>, count: u64) -> u64 {
    let mut c = Client::login(stone);
    c.must_commit(genesis());
    let first = c.lease(count);
    c.intern(&["size", "do:", "name"]);
    c.must_commit(
        (first..first + count)
            .flat_map(|id| record(id, &[id as u8; 100]))
            .collect(),
    );
    c.logout();
    first
}

fn backup(stone: &Arc<dyn Stone>, path: &Path) -> BackupReply {
    stone
        .backup(BackupRequest {
            path: path.display().to_string(),
        })
        .unwrap()
}

fn sample_dbf(dir: &Path) -> PathBuf {
    let stone = in_memory(None).unwrap();
    fill(&stone, 1000);
    let path = dir.join("sample.dbf");
    backup(&stone, &path);
    path
}

#[test]
fn the_same_commits_give_the_same_file() {
    let dir = tempfile::tempdir().unwrap();
    let mut files = Vec::new();
    for n in 0..2 {
        let stone = in_memory(None).unwrap();
        assert_eq!(fill(&stone, 500), FIRST_FREE_ID);
        let path = dir.path().join(format!("{n}.dbf"));
        backup(&stone, &path);
        files.push(std::fs::read(path).unwrap());
    }
    let stone = seed_new(&dir.path().join("data")).unwrap();
    fill(&stone, 500);
    stone.checkpoint(CheckpointRequest {}).unwrap();
    let path = dir.path().join("durable.dbf");
    backup(&stone, &path);
    files.push(std::fs::read(path).unwrap());
    assert!(files[0] == files[1] && files[0] == files[2]);
}

#[test]
fn a_read_only_file_reads_leases_and_interns_but_does_not_commit() {
    let dir = tempfile::tempdir().unwrap();
    let path = sample_dbf(dir.path());
    let before = std::fs::read(&path).unwrap();
    let stone = read_only(&path).unwrap();
    let mut c = Client::login(&stone);
    assert_eq!(
        c.read_one(FIRST_FREE_ID),
        Some(record(FIRST_FREE_ID, &[FIRST_FREE_ID as u8; 100]))
    );
    let symbols = c.intern(&["do:", "a new one"]);
    assert_eq!(c.intern(&["a new one", "do:"]), [symbols[1], symbols[0]]);
    assert!(c.read_one(symbols[1]).is_some());
    let id = c.lease(1);
    let refused = c.try_commit(CommitRequest {
        write_set: record(id, b"x").into(),
        ..Default::default()
    });
    assert_eq!(refused.unwrap_err(), StoneError::ReadOnly);
    assert_eq!(
        stone.audit(AuditRequest {}).unwrap().problems,
        Vec::<String>::new()
    );
    assert_eq!(std::fs::read(&path).unwrap(), before);
}

#[test]
fn a_seed_is_where_a_stone_begins_and_a_backup_restores() {
    let dir = tempfile::tempdir().unwrap();
    let seed = sample_dbf(dir.path());
    let data = dir.path().join("data");
    assert!(matches!(embedded(&data, None), Err(StoneError::Refused(_))));
    let stone = embedded(&data, Some(&seed)).unwrap();
    let mut c = Client::login(&stone);
    let id = c.lease(1);
    assert!(id >= FIRST_FREE_ID + 1000);
    c.must_commit(record(FIRST_FREE_ID, b"changed"));
    let copy = dir.path().join("copy.dbf");
    assert_eq!(backup(&stone, &copy).objects, 1000 + 3 + 3);
    let last = c.must_commit(record(FIRST_FREE_ID, b"changed again"));
    drop((c, stone));
    for (until, text) in [
        (
            stone_store::replay::Until::Commit(last - 1),
            &b"changed"[..],
        ),
        (stone_store::replay::Until::End, b"changed again"),
    ] {
        let restored = dir.path().join(format!("restored{}", text.len()));
        let logs = data.join("tranlogs");
        stone_server::data_dir::restore(&seed, &restored, Some(&logs), until).unwrap();
        let stone = embedded(&restored, None).unwrap();
        let c = Client::login(&stone);
        assert_eq!(c.read_one(FIRST_FREE_ID), Some(record(FIRST_FREE_ID, text)));
    }
}

#[test]
fn damaged_files_are_named_and_never_panic() {
    let dir = tempfile::tempdir().unwrap();
    let path = sample_dbf(dir.path());
    let whole = std::fs::read(&path).unwrap();
    let hurt = dir.path().join("hurt.dbf");
    for cut in [0, 1, 15, 100, 127, 5000, whole.len() / 2, whole.len() - 1] {
        std::fs::write(&hurt, &whole[..cut]).unwrap();
        assert!(read_only(&hurt).is_err(), "cut at {cut}");
        assert!(
            embedded(&dir.path().join(format!("d{cut}")), Some(&hurt)).is_err(),
            "cut at {cut}"
        );
    }
    let mut at = 5;
    while at < whole.len() {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x10;
        std::fs::write(&hurt, &bytes).unwrap();
        // The rest of the header's page is padding that nothing reads.
        let padding = (128..16384).contains(&at);
        let noticed = match read_only(&hurt) {
            Err(_) => true,
            Ok(stone) => !stone.audit(AuditRequest {}).unwrap().problems.is_empty(),
        };
        assert!(noticed || padding, "byte {at} of {}", whole.len());
        at += 1009;
    }
}

#[test]
fn a_second_stone_on_the_same_data_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let stone = seed_new(dir.path()).unwrap();
    let error = embedded(dir.path(), None).err().expect("refused");
    assert!(
        matches!(&error, StoneError::Refused(text) if text.contains("in use")),
        "{error}"
    );
    drop(stone);
    embedded(dir.path(), None).unwrap();
    assert!(matches!(seed_new(dir.path()), Err(StoneError::Refused(_))));
}

#[test]
fn a_deleted_extent_is_rebuilt_from_base_and_logs() {
    let dir = tempfile::tempdir().unwrap();
    let stone = seed_new(dir.path()).unwrap();
    let first = fill(&stone, 2000);
    stone.checkpoint(CheckpointRequest {}).unwrap();
    let mut c = Client::login(&stone);
    let symbols = c.intern(&["later", "size"]);
    c.must_commit(record(first + 7, b"after the checkpoint"));
    drop((c, stone));
    std::fs::remove_dir_all(dir.path().join("extent")).unwrap();
    let stone = embedded(dir.path(), None).unwrap();
    let mut c = Client::login(&stone);
    assert_eq!(
        c.read_one(first + 7),
        Some(record(first + 7, b"after the checkpoint"))
    );
    assert_eq!(
        c.read(&(first..first + 2000).collect::<Vec<_>>()).len(),
        2000
    );
    assert_eq!(c.intern(&["later", "size"]), symbols);
    assert_eq!(
        stone.audit(AuditRequest {}).unwrap().problems,
        Vec::<String>::new()
    );
    let fresh = c.lease(1);
    assert!(fresh > symbols[0], "ids are not given twice");
    assert!(matches!(
        c.commit(record(fresh, b"and on")),
        Outcome::Committed(_)
    ));
}

#[test]
fn a_scribbled_extent_is_set_aside_and_rebuilt() {
    let dir = tempfile::tempdir().unwrap();
    let stone = seed_new(dir.path()).unwrap();
    let first = fill(&stone, 2000);
    drop(stone);
    for entry in std::fs::read_dir(dir.path().join("extent")).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            std::fs::write(&path, vec![0x5A; 70_000]).unwrap();
        }
    }
    let stone = embedded(dir.path(), None).unwrap();
    assert_eq!(
        Client::login(&stone)
            .read(&(first..first + 2000).collect::<Vec<_>>())
            .len(),
        2000
    );
}

fn newest_log(data: &Path) -> PathBuf {
    let logs = std::fs::read_dir(data.join("tranlogs")).unwrap();
    logs.map(|e| e.unwrap().path())
        .filter(|p| p.metadata().unwrap().len() > 16)
        .max()
        .unwrap()
}

#[test]
fn a_torn_tail_is_cut_and_a_damaged_middle_is_an_error() {
    let dir = tempfile::tempdir().unwrap();
    let stone = seed_new(dir.path()).unwrap();
    let mut c = Client::login(&stone);
    c.must_commit(genesis());
    let id = c.lease(1);
    for n in 0..10u8 {
        c.must_commit(record(id, &[n; 50]));
    }
    // Not closed in order: what follows is what a crash leaves.
    std::mem::forget((c, stone));
    let copy = tempfile::tempdir().unwrap();
    std::fs::create_dir(copy.path().join("tranlogs")).unwrap();
    let log = newest_log(dir.path());
    let whole = std::fs::read(&log).unwrap();
    let base = stone_store::recovery::bases(&stone_store::RealDisk, dir.path())
        .unwrap()
        .remove(0)
        .1;
    let reopen = |bytes: &[u8]| {
        let data = tempfile::tempdir().unwrap();
        std::fs::create_dir(data.path().join("tranlogs")).unwrap();
        std::fs::copy(&base, data.path().join(base.file_name().unwrap())).unwrap();
        std::fs::write(
            data.path().join("tranlogs").join(log.file_name().unwrap()),
            bytes,
        )
        .unwrap();
        let stone = embedded(data.path(), None)?;
        let read = Client::login(&stone).read_one(id);
        let seq = stone.status(StatusRequest {})?.commit_seq;
        drop(stone);
        // What was repaired opens again.
        assert_eq!(
            embedded(data.path(), None)?
                .status(StatusRequest {})?
                .commit_seq,
            seq
        );
        Ok::<_, StoneError>((seq, read))
    };
    assert_eq!(reopen(&whole).unwrap(), (11, Some(record(id, &[9; 50]))));
    for cut in [1, 7, 40, 100] {
        let (seq, read) = reopen(&whole[..whole.len() - cut]).unwrap();
        assert_eq!((seq, read), (10, Some(record(id, &[8; 50]))), "cut {cut}");
    }
    let garbage = [&whole[..], &[0xEE; 300]].concat();
    assert_eq!(reopen(&garbage).unwrap().0, 11);
    for at in (16..whole.len() - 250).step_by(61) {
        let mut bytes = whole.clone();
        bytes[at] ^= 1;
        assert!(
            matches!(reopen(&bytes), Err(StoneError::Damaged(_))),
            "byte {at}"
        );
    }
}

#[test]
fn logs_of_another_repository_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (dir.path().join("a"), dir.path().join("b"));
    for (data, count) in [(&a, 10), (&b, 20)] {
        let stone = seed_new(data).unwrap();
        fill(&stone, count);
        let file = data.with_extension("dbf");
        backup(&stone, &file);
        fill(&stone, count);
    }
    let restored = stone_server::data_dir::restore(
        &a.with_extension("dbf"),
        &dir.path().join("c"),
        Some(&b.join("tranlogs")),
        stone_store::replay::Until::End,
    );
    assert!(
        matches!(restored, Err(StoneError::Damaged(_))),
        "{restored:?}"
    );
}

#[test]
fn a_log_that_lost_what_the_extent_has_is_replaced_by_a_base() {
    let dir = tempfile::tempdir().unwrap();
    let stone = seed_new(dir.path()).unwrap();
    let first = fill(&stone, 100);
    drop(stone);
    std::fs::write(newest_log(dir.path()), b"").unwrap();
    let stone = embedded(dir.path(), None).unwrap();
    Client::login(&stone).must_commit(record(first, b"and on"));
    drop(stone);
    std::fs::remove_dir_all(dir.path().join("extent")).unwrap();
    let stone = embedded(dir.path(), None).unwrap();
    let c = Client::login(&stone);
    assert_eq!(c.read(&(first..first + 100).collect::<Vec<_>>()).len(), 100);
    assert_eq!(c.read_one(first), Some(record(first, b"and on")));
}
