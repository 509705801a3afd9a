//! The simulated stone as gems know it: requests of the service, answered as the stone's server does, without threads and sockets. Deaths and other
//! misfortunes come in between, see `life.rs`.
//!
//! Must not know: what sessions keep in memory.

use crate::disk::SimDisk;
use crate::life::{Life, lost};
use crate::stone::write_first_base;
use crate::tally::Tally;
use crate::versions::Written;
use bytes::Bytes;
use format::record::RecordView;
use format::version::{FORMAT, IMAGE};
use proto::messages::*;
use proto::service::{Stone, StoneError};
use proto::version::PROTOCOL;
use std::sync::{Mutex, MutexGuard};
use stone_txn::error::{stone_error, txn_error};
use stone_txn::wire::{self, fate_reply, fault_reply, token_of, view_reply};
use stone_txn::{Answer, Ask, CommitAsk, Interned, Lease, SessionId, Wanted, intern};

/// A repository on a disk, of which worlds take copies.
pub struct Birth {
    disk: SimDisk,
    first: Written,
}

/// See the module text.
pub struct ServedStone {
    life: Mutex<Life>,
    root: u64,
}

/// The session as its gem knows it. A stone's server refuses a number that came over another connection; here the number itself tells which stone gave it.
fn gems_number(stone: u64, session: SessionId) -> u64 {
    stone << 32 | session.0
}

impl Birth {
    /// A repository whose first commit is `records`.
    pub fn new(records: Bytes, root: u64) -> Birth {
        let disk = SimDisk::default();
        write_first_base(&disk, records.clone(), Some(root));
        let first = Written {
            seq: 1,
            author: 0,
            records,
        };
        Birth { disk, first }
    }
}

impl ServedStone {
    /// A stone on a copy of `birth`, without trouble at first.
    pub fn new(birth: &Birth, root: u64, seed: u64) -> ServedStone {
        ServedStone {
            life: Mutex::new(Life::new(birth.disk.copy(), &birth.first, seed)),
            root,
        }
    }

    fn life(&self) -> MutexGuard<'_, Life> {
        // A failed check ends the world; sessions log out of what is left.
        self.life
            .lock()
            .unwrap_or_else(|broken| broken.into_inner())
    }

    /// From now on something befalls `part` of a thousand requests.
    pub fn set_trouble(&self, part: u64) {
        self.life().trouble = part;
    }

    /// The newest durable commit.
    pub fn seq(&self) -> u64 {
        self.life().versions.seq
    }

    /// The record of `id` that a view of the commit `seq` shows.
    pub fn record_at(&self, id: u64, seq: u64) -> Option<Vec<u8>> {
        Some(self.life().versions.at(id, seq)?.to_vec())
    }

    /// What a gem whose memory shows the commit `whole` has of `id`: that, or what it committed itself since under one of its numbers.
    pub fn record_of(&self, id: u64, whole: u64, numbers: &[u64]) -> Option<Vec<u8>> {
        let life = self.life();
        Some(life.versions.known_to(id, whole, numbers)?.to_vec())
    }

    /// Every view that is not the newest is taken away.
    pub fn revoke_older_views(&self) {
        self.life().stone.ladder.sequencer.revoke_older_views();
    }

    /// Ends what is open: see `Life::settle`.
    pub fn settle(&self, late_too: bool) {
        self.life().settle(late_too);
    }

    /// What happened so far.
    pub fn tally(&self) -> Tally {
        self.life().tally.clone()
    }
}

impl Life {
    /// The session that a gem means; gone with the stone that gave the number.
    fn session(&self, number: u64) -> Result<SessionId, StoneError> {
        match number >> 32 == self.stone.number {
            true => Ok(SessionId(number & 0xffff_ffff)),
            false => Err(StoneError::SessionGone(number)),
        }
    }

    fn view(&self, session: SessionId) -> Result<u64, StoneError> {
        let view = self.stone.ladder.sequencer.view(session);
        view.map_err(txn_error)
    }

    fn resume(&mut self, session: SessionId, resume: &Resume) -> Result<Vec<IdRange>, StoneError> {
        let same_stone = resume.stone[..] == self.stone.number.to_le_bytes();
        let old = same_stone.then_some(SessionId(resume.session & 0xffff_ffff));
        let born = self.stone.born;
        let sequencer = &mut self.stone.ladder.sequencer;
        wire::resume(sequencer, session, old, resume, born)
    }

    fn climb_done(&mut self, number: u64, ask: Ask) -> Result<(), StoneError> {
        match self.climb(number, &ask)? {
            Answer::Done(done) => done,
            other => unreachable!("{other:?} to {ask:?}"),
        }
    }

    fn told_symbols(&mut self, ids: &[u64]) -> Result<(), StoneError> {
        let head = self.stone.store.head().seq;
        let found = self.stone.store.fault(head, ids, 0).map_err(stone_error)?;
        let told = |record: RecordView<'_>| {
            if ids.contains(&record.id().0) {
                self.versions.told(record.id().0, record.bytes());
            }
        };
        let read = fault_reply(found).for_each_record(told);
        read.expect("whole records");
        Ok(())
    }
}

impl Stone for ServedStone {
    fn login(&self, request: LoginRequest) -> Result<LoginReply, StoneError> {
        let mut life = self.life();
        life.befall()?;
        let login = life.stone.ladder.sequencer.login("sim", "sim", 0);
        let (session, view) = login.map_err(txn_error)?;
        let leases = match &request.resume {
            Some(resume) => life.resume(session, resume)?,
            None => Vec::new(),
        };
        let number = life.stone.number;
        Ok(LoginReply {
            session: gems_number(number, session),
            view,
            root: self.root,
            read_only: false,
            protocol: PROTOCOL,
            format: FORMAT,
            image: IMAGE,
            leases,
            stone: number.to_le_bytes().to_vec().into(),
        })
    }

    fn logout(&self, request: LogoutRequest) -> Result<LogoutReply, StoneError> {
        let mut life = self.life();
        let session = life.session(request.session)?;
        let gone = life.stone.ladder.sequencer.logout(session);
        gone.map_err(txn_error)?;
        Ok(LogoutReply {})
    }

    fn fault(&self, request: FaultRequest) -> Result<FaultReply, StoneError> {
        let mut life = self.life();
        life.befall()?;
        let session = life.session(request.session)?;
        let view = life.view(session)?;
        if view != request.view {
            let text = format!("the session's view is {view}, not {}", request.view);
            return Err(StoneError::BadRequest(text));
        }
        let store = &life.stone.store;
        let found = store.fault(view, &request.ids, request.prefetch_pages_max);
        Ok(fault_reply(found.map_err(stone_error)?))
    }

    fn lease_ids(&self, request: LeaseIdsRequest) -> Result<LeaseIdsReply, StoneError> {
        let mut life = self.life();
        life.befall()?;
        let session = life.session(request.session)?;
        let count = request.count;
        loop {
            let stone = &mut life.stone;
            match stone.ladder.lease(&stone.store, session, count, true)? {
                Lease::First(first) => return Ok(LeaseIdsReply { first, count }),
                Lease::Unmarked { below } => {
                    life.climb_done(request.session, Ask::Ids { below })?;
                }
            }
        }
    }

    fn intern_symbols(
        &self,
        request: InternSymbolsRequest,
    ) -> Result<InternSymbolsReply, StoneError> {
        let mut life = self.life();
        life.befall()?;
        life.session(request.session)?;
        let stone = &mut life.stone;
        let Interned { made, ids } = intern(&stone.store, &request.symbols, true);
        for (id, record) in made {
            stone.ladder.made_symbol(id, record);
        }
        let ids = ids?;
        if !stone.ladder.symbols_logged(&ids) {
            life.climb_done(request.session, Ask::Symbols)?;
        }
        life.told_symbols(&ids)?;
        Ok(InternSymbolsReply { ids })
    }

    fn commit(&self, request: CommitRequest) -> Result<CommitReply, StoneError> {
        let mut life = self.life();
        life.befall()?;
        let session = life.session(request.session)?;
        life.view(session)?;
        let wanted = Wanted {
            session: session.0,
            records: request.write_set,
            root: request.root,
            depends_on: request.depends_on,
            token: token_of(&request.token)?,
        };
        let ask = match CommitAsk::prepare(&life.stone.store, wanted)? {
            Ok(ask) => Ask::Commit(ask),
            Err(refusal) => {
                return Ok(CommitReply {
                    result: Some(commit_reply::Result::Rejected(refusal)),
                });
            }
        };
        if life.is_late() {
            life.late = Some((request.session, ask));
            return Err(lost());
        }
        match life.climb(request.session, &ask)? {
            Answer::Commit { reply, .. } => reply,
            other => unreachable!("{other:?} to a commit"),
        }
    }

    fn fate(&self, request: FateRequest) -> Result<FateReply, StoneError> {
        let mut life = self.life();
        life.befall()?;
        let ask = Ask::Fate {
            token: token_of(&request.token)?,
            view: request.view,
        };
        let fate = match life.climb(0, &ask)? {
            Answer::Fate(fate) => fate?,
            other => unreachable!("{other:?} to a fate"),
        };
        Ok(fate_reply(fate))
    }

    fn refresh(&self, request: RefreshRequest) -> Result<ViewReply, StoneError> {
        let mut life = self.life();
        life.befall()?;
        let session = life.session(request.session)?;
        let sequencer = &mut life.stone.ladder.sequencer;
        let moved = sequencer.refresh(session, request.outside_transaction);
        moved.map(view_reply).map_err(txn_error)
    }
}
