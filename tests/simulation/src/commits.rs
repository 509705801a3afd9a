//! How clients commit: mostly soundly, sometimes the same again, sometimes nonsense.

use crate::client::{About, Draft, Pending};
use crate::world::World;
use bytes::Bytes;
use proto::messages::RejectReason;
use stone_store::Existence;
use stone_store::symbols::symbol_record;
use stone_txn::{Ask, CommitAsk, Wanted};

impl World {
    pub(crate) fn commit(&mut self, n: usize) {
        let mut draft = self.draft(n);
        if let Some(last) = self.clients[n].draft.clone()
            && self.dice.once_in(15)
        {
            self.tally.count("a commit was sent again");
            draft = Draft {
                session: draft.session,
                view: draft.view,
                ..last
            };
        }
        let mut records: Vec<Bytes> = draft.values.iter().map(|(id, o)| o.record(*id)).collect();
        if self.dice.once_in(60) {
            return self.commit_nonsense(draft, records);
        }
        let first = self.dice.below(records.len().max(1) as u64) as usize;
        records.rotate_left(first);
        // The service looks at this before anything else.
        if self.poisoned.is_some() && self.dice.once_in(2) {
            return;
        }
        let unreadable = self.unlucky(self.faults.failed_extent, 60);
        self.extent.fail_reads(unreadable);
        let prepared = CommitAsk::prepare(&self.stone().store, wanted(&draft, records));
        self.extent.calm();
        let Ok(prepared) = prepared else {
            assert!(unreadable, "nothing failed");
            return self.tally.count("a commit was refused: unreadable");
        };
        let ask = prepared.expect("whole records and no symbols");
        self.check_standing(&ask, &mut draft);
        let client = &mut self.clients[n];
        client.outstanding.push(Pending {
            token: draft.token,
            view: draft.view,
            created: draft.created.clone(),
        });
        if draft.token != 0 {
            client.tokens.push((draft.token, draft.view));
        }
        client.draft = Some(draft.clone());
        self.ask(n, Ask::Commit(ask), About::Commit(draft));
    }

    /// What the store said of the ids is what the model says.
    fn check_standing(&mut self, ask: &CommitAsk, draft: &mut Draft) {
        let also = draft
            .root
            .into_iter()
            .chain(draft.depends_on.iter().copied());
        let standing = self.model.standing(&draft.values, also);
        let written: Vec<Existence> = ask.proposal.written.iter().map(|w| w.was).collect();
        assert_eq!(written, standing.written, "which of them exist");
        assert_eq!(ask.proposal.missing, standing.missing, "names of nobody");
        let ids = draft.values.keys().zip(standing.written);
        draft.created = ids
            .filter(|(_, was)| *was == Existence::Never)
            .map(|(id, _)| *id)
            .collect();
        draft.missing = standing.missing;
    }

    /// Records that are refused before they queue: one that stands twice, a symbol.
    fn commit_nonsense(&mut self, draft: Draft, mut records: Vec<Bytes>) {
        let reason = if self.dice.once_in(2) && !records.is_empty() {
            records.push(records[0].clone());
            RejectReason::BadRecord
        } else {
            records = vec![symbol_record(1 << 50, b"written")];
            RejectReason::Symbol
        };
        let prepared = CommitAsk::prepare(&self.stone().store, wanted(&draft, records));
        let refused = prepared.expect("no damage").expect_err("nonsense");
        assert_eq!(refused.reason, reason as i32);
        self.tally.count("nonsense was refused");
    }
}

fn wanted(draft: &Draft, records: Vec<Bytes>) -> Wanted {
    Wanted {
        session: draft.session,
        records: records.concat().into(),
        root: draft.root,
        depends_on: draft.depends_on.clone(),
        token: draft.token,
    }
}
