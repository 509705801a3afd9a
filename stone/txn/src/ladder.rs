//! The ladder that every change of the repository climbs: decided, staged, logged, published, settled. A plain state machine; the stone's server and the simulation
//! both drive it, one round at a time:
//!
//! 1. `Ladder::decide` orders the asks of a round and writes the frame's payload; it reads nothing from disk.
//! 2. `Round::stage` puts the records where `publish` will show them: the last step of a commit that can fail before the log.
//! 3. The driver appends the payload to the log and syncs it.
//! 4. `Ladder::end` publishes and settles what the log took, takes back what it certainly did not, and poisons the stone when nobody knows.
//!
//! Must not know: clocks, threads, sockets, who waits for the answers.

use crate::conflict::{Decision, Proposal};
use crate::error::{stone_error, txn_error};
use crate::fate::{Fate, Fates};
use crate::sequencer::Sequencer;
use crate::session::SessionId;
use crate::view::ViewMove;
use crate::wire::view_reply;
use bytes::Bytes;
use hashbrown::HashSet;
use proto::messages::commit_reply::Result as Outcome;
use proto::messages::{CommitConflict, CommitReply, Committed};
use proto::service::StoneError;
use stone_store::entry::Entry;
use stone_store::extent::Position;
use stone_store::{Store, StoreError, WriteSet};

/// How far ahead of the leases the log marks ids as taken. After a crash so many are skipped at most, of 2^56.
pub const IDS_AHEAD: u64 = 16 << 20;

/// A commit that waits for its turn.
#[derive(Clone, Debug)]
pub struct CommitAsk {
    pub session: SessionId,
    pub set: WriteSet,
    pub proposal: Proposal,
    pub root: Option<u64>,
}

/// What can be asked of a round.
#[derive(Clone, Debug)]
pub enum Ask {
    Commit(CommitAsk),
    /// Answered when every symbol that was made so far is in the log.
    Symbols,
    /// Answered when the log says that ids below are taken.
    Ids {
        below: u64,
    },
    Fate {
        token: u128,
        view: u64,
    },
}

/// What a round says to one ask.
#[derive(Clone, Debug)]
pub enum Answer {
    Commit {
        reply: Result<CommitReply, StoneError>,
        /// Where the session reads from now on, when its view moved.
        view: Option<u64>,
    },
    Done(Result<(), StoneError>),
    Fate(Result<Fate, StoneError>),
}

/// A round between `decide` and `end`.
#[derive(Debug)]
pub struct Round {
    decided: Vec<Result<Decision, StoneError>>,
    /// What the log must take; empty when nothing of the round changes anything.
    pub payload: Vec<u8>,
    /// The last commit of the frame.
    pub seq: u64,
    /// No view that reads is older.
    oldest: u64,
    symbols: Vec<(u64, Bytes)>,
    ids: Option<u64>,
    /// Accepted commits that `stage` has put in place.
    staged: usize,
}

/// See the module text.
pub struct Ladder {
    pub sequencer: Sequencer,
    fates: Fates,
    /// Symbols that the next frame must hold: ids and records.
    unlogged: Vec<(u64, Bytes)>,
    /// Ids of these and of the symbols of the round that is climbing.
    unlogged_ids: HashSet<u64>,
    /// Ids below are marked as taken in the log.
    marked: u64,
    ids_ahead: u64,
    poisoned: Option<String>,
    climbing: bool,
}

impl Ladder {
    /// A ladder over a repository whose log, if there is one, told `fates`.
    pub fn new(sequencer: Sequencer, fates: Fates) -> Ladder {
        Ladder {
            sequencer,
            fates,
            unlogged: Vec::new(),
            unlogged_ids: HashSet::new(),
            marked: 0,
            ids_ahead: IDS_AHEAD,
            poisoned: None,
            climbing: false,
        }
    }

    /// Makes marks of ids end earlier, for tests.
    pub fn set_ids_ahead(&mut self, count: u64) {
        self.ids_ahead = count;
    }

    /// Why nothing is written any more.
    pub fn poisoned(&self) -> Option<&str> {
        self.poisoned.as_deref()
    }

    /// Nothing is written from now on.
    pub fn poison(&mut self, why: &str) {
        self.poisoned.get_or_insert_with(|| why.to_string());
    }

    /// Whether ids below `end` can be leased without asking for a mark.
    pub fn ids_marked(&self, end: u64) -> bool {
        end <= self.marked
    }

    /// The log's older segments will go, and with them its marks: the next lease makes a new one.
    pub fn forget_marks(&mut self) {
        self.marked = 0;
    }

    /// A symbol was made: its record waits for a frame.
    pub fn made_symbol(&mut self, id: u64, record: Bytes) {
        self.unlogged.push((id, record));
        self.unlogged_ids.insert(id);
    }

    /// Whether the log has the symbols with these ids.
    pub fn symbols_logged(&self, ids: &[u64]) -> bool {
        self.unlogged_ids.is_empty() || !ids.iter().any(|id| self.unlogged_ids.contains(id))
    }

    /// Decides the asks in their order. One round at a time: `end` must follow.
    pub fn decide(&mut self, store: &Store, asks: &[&Ask]) -> Round {
        assert!(!self.climbing, "one round at a time");
        assert_eq!(
            self.sequencer.decided(),
            store.head().seq,
            "nothing is decided and not published between rounds"
        );
        self.climbing = true;
        let writes = self.poisoned.is_none();
        let symbols = match writes {
            true => std::mem::take(&mut self.unlogged),
            false => Vec::new(),
        };
        let mut round = Round {
            decided: Vec::with_capacity(asks.len()),
            payload: Vec::new(),
            seq: self.sequencer.decided(),
            oldest: self.sequencer.oldest_reading(),
            symbols,
            ids: None,
            staged: 0,
        };
        let below = asks.iter().filter_map(|ask| match ask {
            Ask::Ids { below } if writes && !self.ids_marked(*below) => Some(*below),
            _ => None,
        });
        round.ids = below
            .max()
            .map(|below| below.saturating_add(self.ids_ahead));
        let mut body = Vec::new();
        for ask in asks {
            let decision = match ask {
                Ask::Commit(commit) => self.decide_commit(store, commit, &mut body),
                Ask::Fate { token, view } => {
                    self.fates.ask(*token, *view);
                    Ok(Decision::Noted)
                }
                Ask::Symbols | Ask::Ids { .. } => self.writable().map(|()| Decision::Noted),
            };
            round.decided.push(decision);
        }
        round.seq = self.sequencer.decided();
        self.write_payload(store, &mut round, body);
        round
    }

    fn decide_commit(
        &mut self,
        store: &Store,
        commit: &CommitAsk,
        body: &mut Vec<u8>,
    ) -> Result<Decision, StoneError> {
        self.writable()?;
        let token = commit.proposal.token;
        if token != 0 && !self.fates.is_fresh(token) {
            return Err(txn_error(crate::TxnError::TokenUsed));
        }
        let decided = self.sequencer.decide(commit.session, &commit.proposal);
        let decision = decided.map_err(txn_error)?;
        if let Decision::Accepted { seq } = decision {
            self.fates.decided(token);
            let entry = Entry::Commit {
                seq,
                session: commit.session.0,
                root: commit.root.unwrap_or(0),
                next_id: store.next_id(),
                token,
                records: &commit.set.bytes,
            };
            entry.encode(body);
        }
        Ok(decision)
    }

    /// The payload of the log's last frame: symbols that no frame has, and the end in order.
    pub fn closing(&self, store: &Store) -> Vec<u8> {
        let next_id = store.next_id();
        let mut payload = Vec::new();
        encode_symbols(&self.unlogged, next_id, &mut payload);
        Entry::Close {
            next_id: Some(next_id),
        }
        .encode(&mut payload);
        payload
    }

    /// The log has the payload that `closing` made. Said before its position is published.
    pub fn closed(&mut self, store: &Store) {
        store.symbols_logged(self.unlogged.drain(..).map(|(id, _)| id));
        self.unlogged_ids.clear();
    }

    fn writable(&self) -> Result<(), StoneError> {
        match &self.poisoned {
            Some(why) => Err(StoneError::Poisoned(why.clone())),
            None => Ok(()),
        }
    }

    /// Marks, symbols, then the commits, which may name them.
    fn write_payload(&self, store: &Store, round: &mut Round, body: Vec<u8>) {
        if let Some(next_id) = round.ids {
            Entry::Ids { next_id }.encode(&mut round.payload);
        }
        encode_symbols(&round.symbols, store.next_id(), &mut round.payload);
        round.payload.extend_from_slice(&body);
    }

    /// Ends a round. `logged` is what the log said of the payload, or why it was not even asked: `DiskFull` and whatever `stage` failed with say that nothing
    /// was written; after anything else nobody knows, and the stone is poisoned. The position is that of the frame.
    pub fn end(
        &mut self,
        store: &Store,
        asks: &[&Ask],
        round: Round,
        logged: Result<Position, Unlogged>,
    ) -> Vec<Answer> {
        assert!(self.climbing, "a round was begun");
        assert_eq!(asks.len(), round.decided.len(), "the asks of this round");
        self.climbing = false;
        let answers = match logged {
            Ok(position) => self.publish(store, asks, round, position),
            Err(unlogged) => self.give_up(store, asks, round, unlogged),
        };
        assert_eq!(
            self.sequencer.decided(),
            store.head().seq,
            "what is decided is published or taken back"
        );
        answers
    }

    fn publish(
        &mut self,
        store: &Store,
        asks: &[&Ask],
        round: Round,
        position: Position,
    ) -> Vec<Answer> {
        if !round.payload.is_empty() {
            assert_eq!(position.seq, round.seq, "the frame's last commit");
            let mut root = None;
            for (commit, seq) in round.accepted(asks) {
                self.fates.committed(commit.proposal.token, seq);
                store.settle_symbols(&commit.set);
                root = commit.root.or(root);
            }
            store.symbols_logged(round.symbols.iter().map(|(id, _)| *id));
            store.publish(position, root);
            self.sequencer.publish(round.seq);
            for (id, _) in &round.symbols {
                self.unlogged_ids.remove(id);
            }
            self.marked = self.marked.max(round.ids.unwrap_or(0));
        }
        let answers = asks.iter().zip(round.decided);
        answers
            .map(|(ask, decided)| self.settle(ask, decided))
            .collect()
    }

    fn give_up(
        &mut self,
        store: &Store,
        asks: &[&Ask],
        mut round: Round,
        unlogged: Unlogged,
    ) -> Vec<Answer> {
        let error = match unlogged {
            Unlogged::Nothing(error) => error,
            Unlogged::Unknown(why) => {
                self.poison(&why);
                StoneError::Poisoned(why)
            }
        };
        for (n, (commit, seq)) in round.accepted(asks).enumerate() {
            if n < round.staged {
                store.withdraw(seq, &commit.set);
            }
            // Of a poisoned log nobody knows what it holds: these stay in doubt.
            if self.poisoned.is_none() {
                self.fates.withdrawn(commit.proposal.token);
            }
        }
        self.sequencer.roll_back();
        round.symbols.append(&mut self.unlogged);
        self.unlogged = round.symbols;
        asks.iter()
            .zip(round.decided)
            .map(|(ask, decided)| match (ask, decided) {
                (Ask::Commit(_), Err(refused)) => refusal(refused),
                (Ask::Commit(_), Ok(_)) => refusal(error.clone()),
                (Ask::Fate { .. }, _) => self.answer_fate(ask),
                (_, Err(refused)) => Answer::Done(Err(refused)),
                (_, Ok(_)) => Answer::Done(Err(error.clone())),
            })
            .collect()
    }

    fn settle(&mut self, ask: &Ask, decided: Result<Decision, StoneError>) -> Answer {
        match ask {
            Ask::Commit(commit) => match decided {
                Ok(decision) => self.settle_commit(commit.session, decision),
                Err(error) => refusal(error),
            },
            Ask::Fate { .. } => self.answer_fate(ask),
            Ask::Symbols | Ask::Ids { .. } => Answer::Done(decided.map(|_| ())),
        }
    }

    fn answer_fate(&mut self, ask: &Ask) -> Answer {
        let Ask::Fate { token, view } = ask else {
            unreachable!("asked of a fate only");
        };
        Answer::Fate(match self.fates.ask(*token, *view) {
            Fate::InDoubt => Err(StoneError::Poisoned(
                "whether this commit is durable shows when the stone is started again".into(),
            )),
            fate => Ok(fate),
        })
    }

    /// Nothing in here can make a durable commit fail.
    fn settle_commit(&mut self, session: SessionId, decision: Decision) -> Answer {
        let (moved, view) = match self.sequencer.settle(session, &decision) {
            Ok(moved) => {
                let view = moved.view;
                (moved, Some(view))
            }
            // It logged out while its commit was under way; the commit stands.
            Err(_) if matches!(decision, Decision::Accepted { .. }) => {
                let moved = ViewMove {
                    view: self.sequencer.durable(),
                    ..ViewMove::default()
                };
                (moved, None)
            }
            Err(error) => return refusal(txn_error(error)),
        };
        let reply = Some(view_reply(moved));
        let (outcome, view) = match decision {
            Decision::Accepted { seq } => {
                (Outcome::Committed(Committed { seq, view: reply }), view)
            }
            Decision::Conflict {
                conflicts,
                winning_user,
            } => {
                let conflict = CommitConflict {
                    conflicts,
                    view: reply,
                    winning_user,
                };
                (Outcome::Conflict(conflict), view)
            }
            Decision::Rejected(rejected) => (Outcome::Rejected(rejected), None),
            Decision::Noted => unreachable!("a commit is decided"),
        };
        Answer::Commit {
            reply: Ok(CommitReply {
                result: Some(outcome),
            }),
            view,
        }
    }
}

/// Why a round's payload is not in the log.
#[derive(Clone, Debug)]
pub enum Unlogged {
    /// It certainly is not.
    Nothing(StoneError),
    /// It may be.
    Unknown(String),
}

impl From<StoreError> for Unlogged {
    /// What the log's `append` failed with.
    fn from(error: StoreError) -> Unlogged {
        match error {
            StoreError::DiskFull(_) => Unlogged::Nothing(stone_error(error)),
            other => Unlogged::Unknown(other.to_string()),
        }
    }
}

impl Round {
    /// Makes the records ready to be published. All that can fail is done here; reads the object table, so it needs no lock of the ladder.
    ///
    /// # Errors
    /// When the object table cannot be read; the round must `end` with this error.
    pub fn stage(&mut self, store: &Store, asks: &[&Ask]) -> Result<(), Unlogged> {
        let mut staged = 0;
        let mut failed = None;
        for (commit, seq) in self.accepted(asks) {
            match store.stage(seq, self.oldest, &commit.set) {
                Ok(()) => staged += 1,
                Err(error) => {
                    failed = Some(Unlogged::Nothing(stone_error(error)));
                    break;
                }
            }
        }
        self.staged = staged;
        failed.map_or(Ok(()), Err)
    }

    /// The commits of the round that were accepted, in their order.
    fn accepted<'a>(
        &'a self,
        asks: &'a [&'a Ask],
    ) -> impl Iterator<Item = (&'a CommitAsk, u64)> + 'a {
        asks.iter()
            .zip(&self.decided)
            .filter_map(|(ask, decided)| match (ask, decided) {
                (Ask::Commit(commit), Ok(Decision::Accepted { seq })) => Some((commit, *seq)),
                _ => None,
            })
    }
}

fn encode_symbols(symbols: &[(u64, Bytes)], next_id: u64, payload: &mut Vec<u8>) {
    if !symbols.is_empty() {
        let records = symbols
            .iter()
            .flat_map(|(_, record)| record.iter().copied())
            .collect::<Vec<u8>>();
        let records = &records;
        Entry::Symbols { next_id, records }.encode(payload);
    }
}

fn refusal(error: StoneError) -> Answer {
    Answer::Commit {
        reply: Err(error),
        view: None,
    }
}

#[cfg(test)]
mod tests;
