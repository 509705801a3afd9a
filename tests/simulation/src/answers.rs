//! The answers of a round: each what was foreseen, each told to the client if it still listens.

use crate::acts::same_kind;
use crate::client::{About, Draft, Job};
use crate::foresight::Verdict;
use crate::world::World;
use proto::messages::commit_reply::Result as Outcome;
use proto::messages::{CommitReply, RejectReason, ViewReply};
use proto::service::StoneError;
use stone_txn::session::Hold;
use stone_txn::{Answer, Ask, Fate, Unlogged, ViewMove};

impl World {
    /// The round has ended: what the log said becomes true in the model, and the answers are looked at in their order.
    pub(crate) fn ended(
        &mut self,
        jobs: &[Job],
        verdicts: Vec<Verdict>,
        logged: Result<(), Unlogged>,
        answers: Vec<Answer>,
    ) {
        let failed = match logged {
            Ok(()) => {
                self.tokens.climbing.clear();
                let seq = self.model.next_seq() - 1;
                self.publish(seq);
                None
            }
            Err(unlogged) => Some(self.not_logged(unlogged)),
        };
        assert_eq!(self.stone().store.head().seq, self.model.head());
        if failed.is_some() {
            self.check_untouched(jobs);
        }
        assert_eq!(answers.len(), jobs.len());
        for ((job, verdict), answer) in jobs.iter().zip(verdicts).zip(answers) {
            self.answered(job, verdict, failed.as_ref(), answer);
        }
    }

    /// Commits up to `seq` happened.
    pub(crate) fn publish(&mut self, seq: u64) {
        for commit in self.model.publish(seq) {
            self.tokens.committed(commit.token);
            self.tally.count("commits");
        }
    }

    fn not_logged(&mut self, unlogged: Unlogged) -> StoneError {
        let gone = self.model.take_back();
        for seat in self.seats.live.values_mut() {
            seat.creating = None;
        }
        match unlogged {
            Unlogged::Nothing(error) => {
                self.tokens.climbing.clear();
                error
            }
            Unlogged::Unknown(why) => {
                self.doubtful.extend(gone);
                self.tokens.in_doubt.append(&mut self.tokens.climbing);
                StoneError::Poisoned(why)
            }
        }
    }

    fn answered(
        &mut self,
        job: &Job,
        verdict: Verdict,
        failed: Option<&StoneError>,
        answer: Answer,
    ) {
        let hears = job.number >= self.clients[job.client].deaf_before;
        if hears {
            self.clients[job.client].waiting -= 1;
        }
        match (&job.about, answer) {
            (About::Commit(draft), Answer::Commit { reply, view }) => {
                let unknown = matches!(reply, Err(StoneError::Poisoned(_)));
                self.commit_answered(job, draft, verdict, failed, reply, view);
                if hears {
                    self.clients[job.client].heard_of(draft.token, unknown);
                }
            }
            (About::Fate, Answer::Fate(fate)) => self.fate_answered(job, fate, hears),
            (About::Symbols(_) | About::Ids, Answer::Done(done)) => {
                let expected = match (verdict, failed) {
                    (Verdict::Refuse(error), _) => Some(error),
                    (_, failed) => failed.cloned(),
                };
                match (&done, &expected) {
                    (Ok(()), None) => {}
                    (Err(found), Some(expected)) if same_kind(found, expected) => {}
                    _ => panic!("{done:?} where {expected:?} was expected"),
                }
                if let (About::Symbols(symbols), Ok(()), true) = (&job.about, done, hears) {
                    self.told_symbols(job.client, symbols.clone());
                }
            }
            (about, answer) => panic!("{answer:?} to {about:?}"),
        }
    }

    fn commit_answered(
        &mut self,
        job: &Job,
        draft: &Draft,
        verdict: Verdict,
        failed: Option<&StoneError>,
        reply: Result<CommitReply, StoneError>,
        view: Option<u64>,
    ) {
        let verdict = match (verdict, failed) {
            (Verdict::Refuse(error), _) => Verdict::Refuse(error),
            (_, Some(error)) => Verdict::Refuse(error.clone()),
            // It logged out while it was not even accepted.
            (Verdict::Conflict(_) | Verdict::Reject(..), None)
                if !self.seats.live.contains_key(&draft.session) =>
            {
                Verdict::Refuse(StoneError::SessionGone(draft.session))
            }
            (verdict, None) => verdict,
        };
        let outcome = reply.map(|reply| reply.result.expect("an outcome"));
        match (verdict, outcome) {
            (Verdict::Accept { seq }, Ok(Outcome::Committed(done))) => {
                assert_eq!(done.seq, seq);
                self.accepted(job, draft, done.view.expect("a view"), view);
            }
            (Verdict::Conflict(lost), Ok(Outcome::Conflict(conflict))) => {
                let found = conflict.conflicts.iter().map(|c| (c.id, c.winning_seq));
                assert_eq!(found.collect::<Vec<_>>(), lost, "who won");
                assert!(!conflict.winning_user.is_empty());
                self.tally.count("conflicts");
                let reads = conflict.conflicts.iter().any(|c| c.read_dependency);
                if reads {
                    self.tally.count("conflicts over what was only read");
                }
                self.commit_moved(job, draft.session, conflict.view.expect("a view"), view);
            }
            (Verdict::Reject(reason, ids), Ok(Outcome::Rejected(rejected))) => {
                assert_eq!((rejected.reason, rejected.ids), (reason as i32, ids));
                assert_eq!(view, None, "a rejected commit stays in its transaction");
                self.tally.count(match reason {
                    RejectReason::IdNotLeased => "commits were rejected: ids",
                    _ => "commits were rejected: names of nobody",
                });
            }
            (Verdict::Refuse(expected), Err(found)) => {
                assert!(same_kind(&found, &expected), "{found:?}, not {expected:?}");
                self.tally.count(match found {
                    StoneError::SessionGone(_) => "commits were refused: no session",
                    StoneError::OutsideTransaction => "commits were refused: outside",
                    StoneError::TransactionRevoked => "commits were refused: revoked",
                    StoneError::Poisoned(_) => "commits were refused: poisoned",
                    StoneError::BadRequest(text) if text.contains("token") => {
                        "commits were refused: token"
                    }
                    StoneError::BadRequest(_) => "commits were refused: busy",
                    _ => "commits were refused: not written",
                });
            }
            (verdict, outcome) => panic!("{outcome:?}, not {verdict:?}"),
        }
    }

    fn accepted(&mut self, job: &Job, draft: &Draft, reply: ViewReply, view: Option<u64>) {
        let Some(seat) = self.seats.live.get_mut(&draft.session) else {
            assert_eq!((reply.view, view), (self.model.head(), None));
            return self.tally.count("a commit outlived its session");
        };
        let created = seat.creating.take().expect("it was accepted");
        created.iter().for_each(|id| _ = seat.ids.remove(id));
        self.commit_moved(job, draft.session, reply, view);
        if job.number >= self.clients[job.client].deaf_before {
            self.clients[job.client].used(&draft.created);
        }
    }

    fn commit_moved(&mut self, job: &Job, session: u64, reply: ViewReply, view: Option<u64>) {
        assert_eq!(view, Some(reply.view));
        let moved = ViewMove {
            view: reply.view,
            changed: reply.changed_ids,
            everything: reply.everything_changed,
        };
        self.view_moved(session, moved, false);
        if job.number >= self.clients[job.client].deaf_before {
            self.clients[job.client].view = reply.view;
        }
    }

    /// The stone moved a session's view: to the newest commit, and it tells what others changed.
    pub(crate) fn view_moved(&mut self, session: u64, moved: ViewMove, outside: bool) {
        let head = self.model.head();
        let limit = self.stone().limits.changed_ids;
        let seat = self.seats.live.get_mut(&session).expect("a live session");
        assert_eq!(moved.view, head);
        let expected = self.model.changed(seat.view, head, session);
        if moved.everything {
            let many = expected.len() > limit || limit < 1000;
            assert!(many || !seat.hold.pins(), "what changed is known");
            self.tally.count("a view moved, and all may have changed");
        } else {
            assert!(seat.hold.pins(), "what changed is not known any more");
            assert_eq!(moved.changed, expected, "what others changed");
        }
        seat.view = head;
        seat.hold = if outside { Hold::Outside } else { Hold::Inside };
    }

    fn fate_answered(&mut self, job: &Job, fate: Result<Fate, StoneError>, hears: bool) {
        let Ask::Fate { token, view } = job.ask else {
            unreachable!("a fate was asked for");
        };
        let expected = self.tokens.ask(token, view, &self.model);
        let found = match fate {
            Ok(fate) => fate,
            Err(StoneError::Poisoned(_)) => Fate::InDoubt,
            Err(error) => panic!("{error}"),
        };
        assert_eq!(found, expected, "the fate of a commit made at {view}");
        self.tally.count(match found {
            Fate::Committed { .. } => "fates: committed",
            Fate::NeverHappened => "fates: never happened",
            Fate::Forgotten => "fates: forgotten",
            Fate::InDoubt => "fates: in doubt",
        });
        self.tokens.said(token, found);
        if hears {
            let client = &mut self.clients[job.client];
            match found {
                Fate::Committed { .. } => client.resolve(token, Some(true)),
                Fate::NeverHappened => client.resolve(token, Some(false)),
                Fate::Forgotten => client.resolve(token, None),
                Fate::InDoubt => {}
            }
        }
    }
}
