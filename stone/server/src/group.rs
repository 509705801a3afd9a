//! Group commit: who asks queues; one of them leads, takes all that queued up the ladder of `stone_txn`, and syncs once.
//!
//! The leader waits a little for company when the last rounds had it: without that, eight
//! committers fall into two groups of four that take turns. It waits a quarter of a sync at
//! most, and not at all when it was alone.

use crate::engine::{Engine, now_ms};
use proto::service::StoneError;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use stone_store::extent::Position;
use stone_txn::{Answer, Ask, Round, Unlogged};

/// One ask in the queue.
pub(crate) struct Job {
    ask: Ask,
    answer: Mutex<Option<Answer>>,
}

impl Job {
    /// The first answer counts.
    fn answer(&self, answer: Answer) {
        self.answer
            .lock()
            .expect("no panic while held")
            .get_or_insert(answer);
    }
    fn take(&self) -> Option<Answer> {
        self.answer.lock().expect("no panic while held").take()
    }
}

/// The queue and its leader.
#[derive(Default)]
pub(crate) struct Group {
    queue: Vec<Arc<Job>>,
    leading: bool,
    /// Asks seen in the last round: in its batch, and queued while it ran.
    company: usize,
    sync_time: Duration,
}

/// No leader waits longer for company.
const GATHER_MAX: Duration = Duration::from_millis(2);

impl Engine {
    /// Takes an ask up the ladder: queued, decided, staged, logged, published, settled.
    pub(crate) fn climb(&self, ask: Ask) -> Answer {
        let job = Arc::new(Job {
            ask,
            answer: Mutex::new(None),
        });
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
        // Whoever has no answer yet was in the way of that error. Whether a commit is durable shows when its fate is asked.
        for job in batch {
            let error = StoneError::Poisoned(self.poisoned.get().cloned().unwrap_or_default());
            job.answer(match job.ask {
                Ask::Commit(_) => Answer::Commit {
                    reply: Err(error),
                    view: None,
                },
                Ask::Fate { .. } => Answer::Fate(Err(error)),
                Ask::Symbols | Ask::Ids { .. } => Answer::Done(Err(error)),
            });
        }
    }

    fn run_batch(&self, batch: &[Arc<Job>]) {
        let asks: Vec<&Ask> = batch.iter().map(|job| &job.ask).collect();
        let mut round = {
            let mut core = self.core();
            if let Some(why) = self.poisoned.get() {
                core.ladder.poison(why);
            }
            core.ladder.decide(&self.store, &asks)
        };
        let logged = round
            .stage(&self.store, &asks)
            .and_then(|()| self.make_durable(&round));
        let mut core = self.core();
        let answers = core.ladder.end(&self.store, &asks, round, logged);
        if let Some(why) = core.ladder.poisoned() {
            self.poison(why);
        }
        for (job, answer) in batch.iter().zip(answers) {
            if let (
                Ask::Commit(commit),
                Answer::Commit {
                    view: Some(view), ..
                },
            ) = (&job.ask, &answer)
            {
                self.set_view(commit.session.0, *view);
            }
            job.answer(answer);
        }
        if !core.ladder.sequencer.enforce_history_limit().is_empty() {
            self.mirror_views(&core);
        }
    }

    /// Appends the round's payload to the log. A repository without one moves its position all the same.
    fn make_durable(&self, round: &Round) -> Result<Position, Unlogged> {
        let head = self.store.head();
        if round.payload.is_empty() {
            return Ok(head);
        }
        let Some(mut log) = self.log() else {
            return Ok(Position {
                seq: round.seq,
                frame: head.frame + 1,
                chain: stone_store::tranlog::chain(head.chain, &round.payload),
            });
        };
        let delay = self.sync_delay;
        let appended = log.append(&round.payload, round.seq, now_ms(), || {
            if !delay.is_zero() {
                std::thread::sleep(delay);
            }
        });
        Ok(appended?)
    }
}
