//! The service trait on the engine: each request checked, then carried out.

use crate::engine::{BACKLOG_BYTES, BACKLOG_BYTES_MAX, Backing, Core, Engine, OUTSIDE};
use format::limits;
use format::version::FORMAT;
use proto::messages::commit_reply::Result as Outcome;
use proto::messages::*;
use proto::service::{Stone, StoneError};
use proto::version;
use std::path::Path;
use std::sync::atomic::Ordering;
use stone_store::RealDisk;
use stone_txn::error::{stone_error, txn_error};
use stone_txn::session::Hold;
use stone_txn::wire::{self, audit_reply, fate_reply, fault_reply, token_of, view_reply};
use stone_txn::{Answer, Ask, CommitAsk, Interned, Lease, SessionId, Wanted, intern};

fn bad(text: impl Into<String>) -> StoneError {
    StoneError::BadRequest(text.into())
}

fn check_ids(what: &str, ids: &[u64]) -> Result<(), StoneError> {
    if ids.len() > limits::REQUEST_IDS_MAX {
        return Err(bad(format!(
            "{what}: {} ids, more than {}",
            ids.len(),
            limits::REQUEST_IDS_MAX
        )));
    }
    match ids
        .iter()
        .find(|id| **id == 0 || **id > limits::OBJECT_ID_MAX)
    {
        Some(id) => Err(bad(format!("{what}: {id} is no object id"))),
        None => Ok(()),
    }
}

/// Most ranges of ids that a session can bring along.
const RESUMED_RANGES_MAX: usize = 1 << 20;

fn rejected(refusal: CommitRejected) -> CommitReply {
    CommitReply {
        result: Some(Outcome::Rejected(refusal)),
    }
}

impl Engine {
    fn commit_checked(&self, request: CommitRequest) -> Result<CommitReply, StoneError> {
        check_ids("depends_on", &request.depends_on)?;
        if request.write_set.len() > limits::COMMIT_BYTES_MAX {
            let message = format!(
                "the write set has {} bytes; one commit takes at most {}",
                request.write_set.len(),
                limits::COMMIT_BYTES_MAX
            );
            return Ok(rejected(CommitRejected {
                reason: RejectReason::TooLarge as i32,
                message,
                ids: Vec::new(),
            }));
        }
        if let Some(root) = request.root {
            check_ids("root", &[root])?;
        }
        let wanted = Wanted {
            session: request.session,
            records: request.write_set,
            root: request.root,
            depends_on: request.depends_on,
            token: token_of(&request.token)?,
        };
        // The object table is read here, by each committer for itself.
        let ask = match CommitAsk::prepare(&self.store, wanted)? {
            Ok(ask) => ask,
            Err(refusal) => return Ok(rejected(refusal)),
        };
        self.hold_backlog()?;
        match self.climb(Ask::Commit(ask)) {
            Answer::Commit { reply, .. } => reply,
            Answer::Done(_) | Answer::Fate(_) => unreachable!("a commit was asked for"),
        }
    }

    /// Waits until the log has what `ask` wants in it.
    fn climb_done(&self, ask: Ask) -> Result<(), StoneError> {
        match self.climb(ask) {
            Answer::Done(done) => done,
            Answer::Commit { .. } | Answer::Fate(_) => unreachable!("no commit was asked for"),
        }
    }

    /// The new session goes on where one ended whose connection, or whose stone, broke: with its ids.
    fn resume(
        &self,
        core: &mut Core,
        session: SessionId,
        resume: &Resume,
    ) -> Result<Vec<IdRange>, StoneError> {
        if resume.leases.len() > RESUMED_RANGES_MAX {
            return Err(bad(format!(
                "resume: more than {RESUMED_RANGES_MAX} ranges"
            )));
        }
        let same_stone = resume.stone[..] == self.incarnation.to_le_bytes();
        let old = same_stone.then_some(SessionId(resume.session));
        if let Some(old) = old {
            self.views
                .write()
                .expect("no panic while held")
                .remove(&old.0);
        }
        let sequencer = &mut core.ladder.sequencer;
        wire::resume(sequencer, session, old, resume, self.born)
    }

    /// Bounds what is committed and not yet packed.
    fn hold_backlog(&self) -> Result<(), StoneError> {
        let backlog = self.store.backlog_bytes();
        if backlog > BACKLOG_BYTES {
            self.wake_keeper();
        }
        if backlog > BACKLOG_BYTES_MAX {
            self.run_checkpoint()?;
        }
        Ok(())
    }

    fn session_there(&self, session: u64) -> Result<(), StoneError> {
        if self
            .views
            .read()
            .expect("no panic while held")
            .contains_key(&session)
        {
            Ok(())
        } else {
            Err(StoneError::SessionGone(session))
        }
    }
}

impl Stone for Engine {
    fn login(&self, request: LoginRequest) -> Result<LoginReply, StoneError> {
        if self.stopping.load(Ordering::Acquire) {
            return Err(StoneError::Unavailable("the stone is stopping".into()));
        }
        version::check_gem(&request).map_err(StoneError::Refused)?;
        let mut core = self.core();
        let login = core
            .ladder
            .sequencer
            .login(&request.user, &request.client, request.pid);
        let (session, view) = login.map_err(txn_error)?;
        let leases = match &request.resume {
            Some(resume) => self.resume(&mut core, session, resume)?,
            None => Vec::new(),
        };
        self.set_view(session.0, view);
        Ok(LoginReply {
            session: session.0,
            view,
            root: self.store.root(),
            read_only: matches!(self.backing, Backing::ReadOnly),
            protocol: version::PROTOCOL,
            format: FORMAT,
            image: u32::try_from(self.store.image()).unwrap_or(u32::MAX),
            leases,
            stone: self.incarnation.to_le_bytes().to_vec().into(),
        })
    }

    fn logout(&self, request: LogoutRequest) -> Result<LogoutReply, StoneError> {
        self.views
            .write()
            .expect("no panic while held")
            .remove(&request.session);
        let mut core = self.core();
        core.ladder
            .sequencer
            .logout(SessionId(request.session))
            .map_err(txn_error)?;
        Ok(LogoutReply {})
    }

    fn fault(&self, request: FaultRequest) -> Result<FaultReply, StoneError> {
        check_ids("fault", &request.ids)?;
        let view = self.view_of(request.session)?;
        if view != request.view {
            return Err(bad(format!(
                "the session's view is {view}, not {}",
                request.view
            )));
        }
        let prefetch = request.prefetch_pages_max.min(limits::PREFETCH_PAGES_MAX);
        let found = self
            .store
            .fault(view, &request.ids, prefetch)
            .map_err(stone_error)?;
        // If the view was taken away meanwhile, versions that it needs may have gone.
        if self.view_of(request.session)? != view {
            return Err(StoneError::TransactionRevoked);
        }
        Ok(fault_reply(found))
    }

    fn lease_ids(&self, request: LeaseIdsRequest) -> Result<LeaseIdsReply, StoneError> {
        let count = request.count;
        if count == 0 || count > limits::ID_LEASE_MAX {
            return Err(bad(format!(
                "a lease takes 1 to {} ids, not {count}",
                limits::ID_LEASE_MAX
            )));
        }
        self.session_there(request.session)?;
        let session = SessionId(request.session);
        loop {
            let lease = {
                let mut core = self.core();
                // The log's last frame says exactly which ids were leased.
                if self.stopping.load(Ordering::Acquire) {
                    return Err(StoneError::Unavailable("the stone is stopping".into()));
                }
                let has_log = self.changes();
                core.ladder.lease(&self.store, session, count, has_log)?
            };
            match lease {
                Lease::First(first) => return Ok(LeaseIdsReply { first, count }),
                Lease::Unmarked { below } => self.climb_done(Ask::Ids { below })?,
            }
        }
    }

    fn intern_symbols(
        &self,
        request: InternSymbolsRequest,
    ) -> Result<InternSymbolsReply, StoneError> {
        self.session_there(request.session)?;
        if let Some(long) = request
            .symbols
            .iter()
            .find(|s| s.len() > limits::SYMBOL_BYTES_MAX)
        {
            let max = limits::SYMBOL_BYTES_MAX;
            return Err(bad(format!(
                "a symbol has {} bytes, more than {max}",
                long.len()
            )));
        }
        let one_at_a_time = self.symbols.lock().expect("no panic while held");
        let has_log = self.changes();
        let Interned { made, ids } = intern(&self.store, &request.symbols, has_log);
        if !has_log {
            return Ok(InternSymbolsReply { ids: ids? });
        }
        let mut core = self.core();
        for (id, record) in made {
            core.ladder.made_symbol(id, record);
        }
        let ids = ids?;
        let logged = core.ladder.symbols_logged(&ids);
        drop((core, one_at_a_time));
        // Nobody is told of a symbol that a crash would forget: its id would be given to another.
        if !logged {
            self.climb_done(Ask::Symbols)?;
        }
        Ok(InternSymbolsReply { ids })
    }

    fn commit(&self, request: CommitRequest) -> Result<CommitReply, StoneError> {
        self.check_writable()?;
        self.view_of(request.session)?;
        self.commit_checked(request)
    }

    fn fate(&self, request: FateRequest) -> Result<FateReply, StoneError> {
        let token = token_of(&request.token)?;
        if token == 0 {
            return Err(bad("a fate is asked by a token"));
        }
        let view = request.view;
        let fate = match self.climb(Ask::Fate { token, view }) {
            Answer::Fate(fate) => fate?,
            Answer::Commit { .. } | Answer::Done(_) => unreachable!("a fate was asked for"),
        };
        Ok(fate_reply(fate))
    }

    fn refresh(&self, request: RefreshRequest) -> Result<ViewReply, StoneError> {
        let mut core = self.core();
        let session = SessionId(request.session);
        let outside = request.outside_transaction;
        let moved = core.ladder.sequencer.refresh(session, outside);
        let moved = moved.map_err(txn_error)?;
        self.set_view(session.0, if outside { OUTSIDE } else { moved.view });
        Ok(view_reply(moved))
    }

    fn status(&self, _: StatusRequest) -> Result<StatusReply, StoneError> {
        let (tranlog_bytes, sync_count) =
            self.log().map_or((0, 0), |log| (log.bytes(), log.syncs()));
        let (loose_records, loose_bytes) = self.store.loose_size();
        let core = self.core();
        Ok(StatusReply {
            name: self.name.clone(),
            pid: std::process::id(),
            data_dir: self
                .data_dir()
                .map(|p| p.display().to_string())
                .unwrap_or_default(),
            commit_seq: self.store.head().seq,
            checkpoint_seq: self.store.checkpoint_seq(),
            next_id: self.store.next_id(),
            page_count: self.store.page_count(),
            symbol_count: self.store.symbol_count(),
            session_count: core.ladder.sequencer.sessions().count() as u64,
            loose_records,
            loose_bytes,
            tranlog_bytes,
            commit_count: core.ladder.sequencer.commit_count,
            conflict_count: core.ladder.sequencer.conflict_count,
            sync_count,
            poisoned: self.poisoned.get().cloned().unwrap_or_default(),
            read_only: matches!(self.backing, Backing::ReadOnly),
            version: env!("CARGO_PKG_VERSION").to_string(),
        })
    }

    fn sessions(&self, _: SessionsRequest) -> Result<SessionsReply, StoneError> {
        let core = self.core();
        let durable = core.ladder.sequencer.durable();
        let row = |(id, session): (SessionId, &stone_txn::session::Session)| SessionRow {
            session: id.0,
            user: session.user.clone(),
            client: session.client.clone(),
            pid: session.pid,
            view: session.view,
            outside_transaction: matches!(session.hold, Hold::Outside | Hold::Overtaken),
            commits: session.commits,
            behind: durable - session.view,
            view_revoked: session.hold == Hold::Revoked,
        };
        Ok(SessionsReply {
            sessions: core.ladder.sequencer.sessions().map(row).collect(),
        })
    }

    fn checkpoint(&self, _: CheckpointRequest) -> Result<CheckpointReply, StoneError> {
        let done = self.run_checkpoint()?;
        Ok(CheckpointReply {
            seq: done.seq,
            packed_records: done.packed_records,
        })
    }

    fn audit(&self, _: AuditRequest) -> Result<AuditReply, StoneError> {
        let report = self.with_pinned(|position| self.store.audit(position.seq));
        Ok(audit_reply(report))
    }

    fn backup(&self, request: BackupRequest) -> Result<BackupReply, StoneError> {
        let path = Path::new(&request.path);
        if !path.is_absolute() {
            return Err(bad("a backup needs an absolute path"));
        }
        let written = self.with_pinned(|position| self.store.write_dbf(&RealDisk, path, position));
        let header = written.map_err(stone_error)?;
        Ok(BackupReply {
            seq: header.seq,
            objects: header.object_count,
            bytes: header.file_bytes,
        })
    }

    fn stop(&self, request: StopRequest) -> Result<StopReply, StoneError> {
        let sessions = self.core().ladder.sequencer.sessions().count();
        if sessions > 0 && !request.force {
            let text = format!("{sessions} sessions are logged in; stop them, or use --force");
            return Err(StoneError::Refused(text));
        }
        self.stopping.store(true, Ordering::Release);
        Ok(StopReply {})
    }
}

const _: () = assert!(OUTSIDE > limits::OBJECT_ID_MAX);
