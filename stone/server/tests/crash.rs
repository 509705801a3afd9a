//! SIGKILL for a real stone at random moments under commit load: every acknowledged commit stays.

mod common;

use common::{Client, genesis, record};
use proto::client::GrpcStone;
use proto::messages::*;
use proto::service::{Stone, StoneError};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const ROUNDS: u64 = 24;
const CLIENTS: usize = 4;

/// xorshift64*: enough for choosing moments.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: u64) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_F491_4F6C_DD1D) % n
    }
}

fn stone_command(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_stone"));
    command
        .args(arguments)
        .env("MAGLEV_HOME", home)
        .env_remove("MAGLEV_IMAGES");
    command
}

fn start(home: &Path) -> (Child, Arc<dyn Stone>) {
    let child = stone_command(home, &["start", "--foreground"])
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let waited = stone_command(home, &["wait"]).status().unwrap();
    assert!(waited.success(), "the stone serves");
    let address = format!("unix:{}", home.join("run/maglev.sock").display());
    (child, Arc::new(GrpcStone::connect(&address).unwrap()))
}

/// What the clients know to be committed.
#[derive(Default)]
struct Acknowledged {
    counters: [AtomicU64; CLIENTS],
    objects: Mutex<Vec<u64>>,
}

/// Commits until the stone is gone: counts up its own object, and adds one each time.
fn commit_until_gone(stone: &Arc<dyn Stone>, n: usize, counter: u64, known: &Acknowledged) {
    let request = LoginRequest {
        user: "crash".into(),
        client: format!("{n}"),
        pid: 1,
        protocol: proto::version::PROTOCOL,
        resume: None,
    };
    let Ok(login) = stone.login(request) else {
        return;
    };
    let session = login.session;
    let Ok(lease) = stone.lease_ids(LeaseIdsRequest {
        session,
        count: 1 << 20,
    }) else {
        return;
    };
    let mut count = known.counters[n].load(Ordering::Acquire);
    let mut found = read_counter(stone, session, login.view, counter);
    for new in lease.first.. {
        // The commit before the crash may have become durable without its answer.
        count = found.take().unwrap_or(count) + 1;
        let write_set = [
            record(counter, &count.to_le_bytes()),
            record(new, &[n as u8; 100]),
        ]
        .concat();
        let request = CommitRequest {
            session,
            write_set: write_set.into(),
            ..Default::default()
        };
        match stone
            .commit(request)
            .map(|reply| reply.result.expect("an outcome"))
        {
            Ok(commit_reply::Result::Committed(_)) => {
                known.counters[n].store(count, Ordering::Release);
                known.objects.lock().unwrap().push(new);
            }
            Ok(other) => panic!("client {n}: {other:?}"),
            Err(_) => return,
        }
    }
}

fn read_counter(stone: &Arc<dyn Stone>, session: u64, view: u64, id: u64) -> Option<u64> {
    let request = FaultRequest {
        session,
        view,
        ids: vec![id],
        prefetch_pages_max: 0,
    };
    let mut value = None;
    stone
        .fault(request)
        .ok()?
        .for_each_record(|r| {
            if r.id().0 == id {
                value = Some(u64::from_le_bytes(
                    r.byte_body().try_into().expect("eight bytes"),
                ));
            }
        })
        .unwrap();
    value
}

#[test]
fn a_killed_stone_keeps_every_acknowledged_commit() {
    let seed = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_nanos() as u64
        | 1;
    println!("seed {seed}");
    let mut dice = Dice(seed);
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data/maglev");
    let counters: Vec<u64> = {
        let stone = stone_server::seed_new(&data).unwrap();
        let mut c = Client::login(&stone);
        c.must_commit(genesis());
        let first = c.lease(CLIENTS as u64);
        let ids: Vec<u64> = (first..first + CLIENTS as u64).collect();
        c.must_commit(ids.iter().flat_map(|id| record(*id, &[0; 8])).collect());
        ids
    };
    let known = Acknowledged::default();
    for round in 0..ROUNDS {
        let (mut child, stone) = start(home.path());
        check(&stone, &counters, &known, round);
        let moment = Duration::from_millis(10 + dice.below(120));
        let packs = dice.below(2) == 0;
        std::thread::scope(|scope| {
            for (n, counter) in counters.iter().enumerate() {
                let (stone, known) = (&stone, &known);
                scope.spawn(move || commit_until_gone(stone, n, *counter, known));
            }
            if packs {
                scope.spawn(|| while stone.checkpoint(CheckpointRequest {}).is_ok() {});
            }
            // The random moment.
            std::thread::sleep(moment);
            child.kill().unwrap();
        });
        child.wait().unwrap();
        if dice.below(5) == 0 {
            std::fs::remove_dir_all(data.join("extent")).unwrap();
        }
    }
    let (mut child, stone) = start(home.path());
    check(&stone, &counters, &known, ROUNDS);
    let total = known.objects.lock().unwrap().len();
    println!("{total} commits acknowledged over {ROUNDS} kills");
    assert!(total as u64 > ROUNDS, "there was load");
    drop(stone);
    let stopped = stone_command(home.path(), &["stop", "--force"])
        .status()
        .unwrap();
    assert!(stopped.success());
    assert!(child.wait().unwrap().success());
    let audited = stone_command(home.path(), &["audit", "--data"])
        .arg(&data)
        .status()
        .unwrap();
    assert!(audited.success());
}

fn check(stone: &Arc<dyn Stone>, counters: &[u64], known: &Acknowledged, round: u64) {
    let audit = stone.audit(AuditRequest {}).unwrap();
    assert_eq!(audit.problems, Vec::<String>::new(), "round {round}");
    let client = Client::login(stone);
    for (n, id) in counters.iter().enumerate() {
        let found = read_counter(stone, client.session, client.view, *id).expect("a counter");
        let acknowledged = known.counters[n].load(Ordering::Acquire);
        assert!(
            found == acknowledged || found == acknowledged + 1,
            "round {round}: client {n} was told {acknowledged}, the repository says {found}"
        );
        known.counters[n].store(found, Ordering::Release);
    }
    let mut ids = known.objects.lock().unwrap().clone();
    ids.sort_unstable();
    let missing = client.fault(&ids, 0).unwrap().missing;
    assert_eq!(missing, Vec::<u64>::new(), "round {round}");
    client.logout();
}

/// A client's channel mends itself, towards whatever process serves the socket by then. The session numbers of the old one are those of others there.
#[test]
fn a_session_of_a_stone_that_is_gone_is_nobody_at_the_next() {
    let home = tempfile::tempdir().unwrap();
    let data = home.path().join("data/maglev");
    let id = {
        let stone = stone_server::seed_new(&data).unwrap();
        let mut c = Client::login(&stone);
        c.must_commit(genesis());
        let id = c.lease(1);
        c.must_commit(record(id, b"first"));
        id
    };
    let (mut child, old) = start(home.path());
    let mut sleeper = Client::login(&old);
    child.kill().unwrap();
    child.wait().unwrap();

    let (mut child, new) = start(home.path());
    let mut awake = Client::login(&new);
    assert_eq!(awake.session, sleeper.session, "numbers begin anew");
    awake.must_commit(record(id, b"second"));
    let third = || CommitRequest {
        write_set: record(id, b"third").into(),
        ..Default::default()
    };
    let mut mended = sleeper.try_commit(third());
    while matches!(mended, Err(StoneError::Unavailable(_))) {
        mended = sleeper.try_commit(third());
    }
    let gone = |e: &StoneError| matches!(e, StoneError::SessionGone(_));
    assert!(mended.as_ref().is_err_and(gone), "{mended:?}");
    sleeper.view = awake.view;
    let faulted = sleeper.fault(&[id], 0);
    assert!(faulted.as_ref().is_err_and(gone), "{faulted:?}");
    assert_eq!(awake.read_one(id), Some(record(id, b"second")));
    child.kill().unwrap();
    child.wait().unwrap();
}
