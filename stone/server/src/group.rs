//! Group commit: committers queue; one of them leads, appends all that queued, and syncs once.
//!
//! The leader waits a little for company when the last rounds had it: without that, eight
//! committers fall into two groups of four that take turns. It waits a quarter of a sync at
//! most, and not at all when it was alone.

use crate::engine::{Core, Engine, is_fatal, now_ms};
use crate::error::{DecideError, stone_error, txn_error};
use proto::messages::commit_reply::Result as Outcome;
use proto::messages::{CommitConflict, CommitReply, Committed, ViewReply};
use proto::service::StoneError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use stone_store::entry::Entry;
use stone_store::{StoreError, WriteSet};
use stone_txn::{Decision, Proposal, SessionId, ViewMove};

/// One commit in the queue.
pub(crate) struct Job {
    pub session: SessionId,
    pub set: WriteSet,
    pub proposal: Proposal,
    pub root: Option<u64>,
    pub answer: Mutex<Option<Result<CommitReply, StoneError>>>,
}

impl Job {
    fn answer(&self, answer: Result<CommitReply, StoneError>) {
        self.answer
            .lock()
            .expect("no panic while held")
            .get_or_insert(answer);
    }
    fn take(&self) -> Option<Result<CommitReply, StoneError>> {
        self.answer.lock().expect("no panic while held").take()
    }
}

/// The queue and its leader.
#[derive(Default)]
pub(crate) struct Group {
    queue: Vec<Arc<Job>>,
    leading: bool,
    /// Commits seen in the last round: in its batch, and queued while it ran.
    company: usize,
    sync_time: Duration,
}

/// No leader waits longer for company.
const GATHER_MAX: Duration = Duration::from_millis(2);

impl Engine {
    /// Puts a commit through the ladder: queued, decided, logged, published, settled.
    pub(crate) fn commit_job(&self, job: Job) -> Result<CommitReply, StoneError> {
        let job = Arc::new(job);
        let mut group = self.group.lock().expect("no panic while held");
        group.queue.push(job.clone());
        self.group_moved.notify_all();
        loop {
            if let Some(answer) = job.take() {
                return answer;
            }
            if group.leading {
                group = self.group_moved.wait(group).expect("no panic while held");
                continue;
            }
            group.leading = true;
            let until = Instant::now() + (group.sync_time / 4).min(GATHER_MAX);
            while group.queue.len() < group.company {
                let left = until.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    break;
                }
                group = self
                    .group_moved
                    .wait_timeout(group, left)
                    .expect("no panic while held")
                    .0;
            }
            let batch = std::mem::take(&mut group.queue);
            drop(group);
            let started = Instant::now();
            self.lead(&batch);
            group = self.group.lock().expect("no panic while held");
            group.leading = false;
            group.company = batch.len() + group.queue.len();
            group.sync_time = started.elapsed();
            self.group_moved.notify_all();
        }
    }

    /// Runs `job` while nobody leads a group: nothing is between decided and published.
    pub(crate) fn exclusive<T>(&self, job: impl FnOnce() -> T) -> T {
        let mut group = self.group.lock().expect("no panic while held");
        while group.leading {
            group = self.group_moved.wait(group).expect("no panic while held");
        }
        group.leading = true;
        drop(group);
        let result = catch_unwind(AssertUnwindSafe(job));
        self.group.lock().expect("no panic while held").leading = false;
        self.group_moved.notify_all();
        result.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }

    fn lead(&self, batch: &[Arc<Job>]) {
        if catch_unwind(AssertUnwindSafe(|| self.run_batch(batch))).is_err() {
            self.poison("an internal error during a commit");
        }
        // Whoever has no answer yet was in the way of that error.
        for job in batch {
            let why = self.poisoned.get().cloned().unwrap_or_default();
            job.answer(Err(StoneError::Poisoned(why)));
        }
    }

    fn run_batch(&self, batch: &[Arc<Job>]) {
        let mut payload = Vec::new();
        let (decided, oldest, symbols) = {
            let mut core = self.core();
            let symbols = self.encode_symbols(&mut core, &mut payload);
            let decided: Vec<_> = batch
                .iter()
                .map(|job| self.decide(&mut core, job, &mut payload))
                .collect();
            (decided, core.sequencer.oldest_view(), symbols)
        };
        let seq = decided.iter().flatten().filter_map(|d| match d {
            Decision::Accepted { seq } => Some(*seq),
            _ => None,
        });
        let published = match seq.max() {
            Some(seq) => self.make_durable(batch, &decided, &payload, seq, oldest),
            None => {
                self.put_symbols_back(&mut self.core(), symbols.clone());
                Ok(())
            }
        };
        if let Err(error) = published {
            if is_fatal(&error) {
                self.poison(&error.to_string());
            }
            let mut core = self.core();
            core.sequencer.roll_back();
            self.put_symbols_back(&mut core, symbols);
            batch
                .iter()
                .for_each(|job| job.answer(Err(stone_error(error.clone()))));
            return;
        }
        let mut core = self.core();
        for (job, decision) in batch.iter().zip(decided) {
            job.answer(self.settle(&mut core, job, decision));
        }
        if !core.sequencer.enforce_history_limit().is_empty() {
            self.mirror_views(&core);
        }
    }

    /// Puts the symbols that no frame has yet into `payload`; returns them in case it is lost.
    pub(crate) fn encode_symbols(&self, core: &mut Core, payload: &mut Vec<u8>) -> Vec<u8> {
        let symbols = std::mem::take(&mut core.unlogged_symbols);
        if !symbols.is_empty() {
            Entry::Symbols {
                next_id: self.store.next_id(),
                records: &symbols,
            }
            .encode(payload);
        }
        symbols
    }

    fn put_symbols_back(&self, core: &mut Core, mut symbols: Vec<u8>) {
        symbols.append(&mut core.unlogged_symbols);
        core.unlogged_symbols = symbols;
    }

    fn decide(
        &self,
        core: &mut Core,
        job: &Job,
        payload: &mut Vec<u8>,
    ) -> Result<Decision, StoneError> {
        let head = self.store.head().seq;
        let exist = |ids: &[u64]| self.store.exist(ids, head).map_err(DecideError::Store);
        let decision = core.sequencer.decide(job.session, &job.proposal, exist)?;
        if let Decision::Accepted { seq } = decision {
            let entry = Entry::Commit {
                seq,
                session: job.session.0,
                root: job.root.unwrap_or(0),
                next_id: self.store.next_id(),
                token: 0,
                records: &job.set.bytes,
            };
            entry.encode(payload);
        }
        Ok(decision)
    }

    fn make_durable(
        &self,
        batch: &[Arc<Job>],
        decided: &[Result<Decision, StoneError>],
        payload: &[u8],
        seq: u64,
        oldest: u64,
    ) -> Result<(), StoreError> {
        let position = match self.log() {
            Some(mut log) => {
                let delay = self.sync_delay;
                log.append(payload, seq, now_ms(), || {
                    if !delay.is_zero() {
                        std::thread::sleep(delay);
                    }
                })?
            }
            None => {
                let head = self.store.head();
                let chain = stone_store::tranlog::chain(head.chain, payload);
                stone_store::extent::Position {
                    seq,
                    frame: head.frame + 1,
                    chain,
                }
            }
        };
        let mut root = None;
        for (job, decision) in batch.iter().zip(decided) {
            if let Ok(Decision::Accepted { seq }) = decision {
                // The log has it: a failure here is one that only a restart can mend.
                self.store
                    .add_commit(*seq, oldest, &job.set)
                    .map_err(StoreError::poison)?;
                root = job.root.or(root);
            }
        }
        let mut core = self.core();
        self.store.publish(position, root);
        core.sequencer.publish(seq);
        Ok(())
    }

    fn settle(
        &self,
        core: &mut Core,
        job: &Job,
        decision: Result<Decision, StoneError>,
    ) -> Result<CommitReply, StoneError> {
        let decision = decision?;
        let moved = match core.sequencer.settle(job.session, &decision) {
            Ok(moved) => moved,
            // It logged out while its commit was under way; the commit stands.
            Err(error) => match decision {
                Decision::Accepted { .. } => ViewMove {
                    view: core.sequencer.durable(),
                    ..ViewMove::default()
                },
                _ => return Err(txn_error(error)),
            },
        };
        if !matches!(decision, Decision::Rejected(_)) && core.sequencer.view(job.session).is_ok() {
            self.set_view(job.session.0, moved.view);
        }
        let view = Some(view_reply(moved));
        let outcome = match decision {
            Decision::Accepted { seq } => Outcome::Committed(Committed { seq, view }),
            Decision::Conflict {
                conflicts,
                winning_user,
            } => Outcome::Conflict(CommitConflict {
                conflicts,
                view,
                winning_user,
            }),
            Decision::Rejected(rejected) => Outcome::Rejected(rejected),
        };
        Ok(CommitReply {
            result: Some(outcome),
        })
    }
}

pub(crate) fn view_reply(moved: ViewMove) -> ViewReply {
    ViewReply {
        view: moved.view,
        changed_ids: moved.changed,
        everything_changed: moved.everything,
    }
}
