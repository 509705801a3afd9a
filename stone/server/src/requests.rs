//! The service trait on the engine: each request checked, then carried out.

use crate::engine::{BACKLOG_BYTES, BACKLOG_BYTES_MAX, Backing, Engine, REVOKED};
use crate::error::{stone_error, txn_error};
use crate::group::{Job, view_reply};
use proto::limits;
use proto::messages::commit_reply::Result as Outcome;
use proto::messages::*;
use proto::service::{Stone, StoneError};
use proto::wellknown::SYMBOL;
use std::path::Path;
use std::sync::Mutex;
use std::sync::atomic::Ordering;
use stone_store::{RealDisk, WriteSet};
use stone_txn::session::Hold;
use stone_txn::{Proposal, SessionId};

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

fn rejected(reason: RejectReason, message: String, ids: Vec<u64>) -> CommitReply {
    let rejected = CommitRejected {
        reason: reason as i32,
        message,
        ids,
    };
    CommitReply {
        result: Some(Outcome::Rejected(rejected)),
    }
}

impl Engine {
    fn commit_checked(&self, request: CommitRequest) -> Result<CommitReply, StoneError> {
        check_ids("depends_on", &request.depends_on)?;
        check_ids("newly_referenced", &request.newly_referenced)?;
        if request.write_set.len() > limits::COMMIT_BYTES_MAX {
            let message = format!(
                "the write set has {} bytes; one commit takes at most {}",
                request.write_set.len(),
                limits::COMMIT_BYTES_MAX
            );
            return Ok(rejected(RejectReason::TooLarge, message, vec![]));
        }
        let set = match WriteSet::parse(request.write_set) {
            Ok(set) => set,
            Err(error) => return Ok(rejected(RejectReason::BadRecord, error.to_string(), vec![])),
        };
        if let Some(refusal) = self.check_symbols(&set)? {
            return Ok(refusal);
        }
        if let Some(root) = request.root {
            check_ids("root", &[root])?;
        }
        let mut newly_referenced = request.newly_referenced;
        newly_referenced.extend(request.root);
        let proposal = Proposal {
            written: set.written.iter().map(|w| (w.id, w.class)).collect(),
            depends_on: request.depends_on,
            newly_referenced,
        };
        self.hold_backlog()?;
        let answer = Mutex::new(None);
        let session = SessionId(request.session);
        self.commit_job(Job {
            session,
            set,
            proposal,
            root: request.root,
            answer,
        })
    }

    /// Symbols are made by `intern_symbols`; a commit brings only well-known ones, once.
    fn check_symbols(&self, set: &WriteSet) -> Result<Option<CommitReply>, StoneError> {
        let head = self.store.head().seq;
        let mut wrong = Vec::new();
        for written in set.written.iter().filter(|w| w.class == SYMBOL.0) {
            let known = written.id < limits::FIRST_FREE_ID
                && !self.store.exists(written.id, head).map_err(stone_error)?;
            if !known {
                wrong.push(written.id);
            }
        }
        if wrong.is_empty() {
            return Ok(None);
        }
        let message = "symbols are interned, never written".to_string();
        Ok(Some(rejected(RejectReason::Symbol, message, wrong)))
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
        let mut core = self.core();
        let login = core
            .sequencer
            .login(&request.user, &request.client, request.pid);
        let (session, view) = login.map_err(txn_error)?;
        self.set_view(session.0, view);
        Ok(LoginReply {
            session: session.0,
            view,
            root: self.store.root(),
            read_only: matches!(self.backing, Backing::ReadOnly),
        })
    }

    fn logout(&self, request: LogoutRequest) -> Result<LogoutReply, StoneError> {
        self.views
            .write()
            .expect("no panic while held")
            .remove(&request.session);
        let mut core = self.core();
        core.sequencer
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
        let reply = self
            .store
            .fault(view, &request.ids, prefetch)
            .map_err(stone_error)?;
        // If the view was taken away meanwhile, versions that it needs may have gone.
        if self.view_of(request.session)? != view {
            return Err(StoneError::TransactionRevoked);
        }
        Ok(reply)
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
        let mut core = self.core();
        let first = self
            .store
            .take_ids(count)
            .ok_or(StoneError::Refused("no object ids are left".into()))?;
        core.sequencer
            .lease(SessionId(request.session), first, count)
            .map_err(txn_error)?;
        Ok(LeaseIdsReply { first, count })
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
        let mut core = self.core();
        let mut ids = Vec::with_capacity(request.symbols.len());
        for symbol in &request.symbols {
            let id = match self.store.find_symbol(symbol).map_err(stone_error)? {
                Some(id) => id,
                None => {
                    let made = self.store.make_symbol(symbol).map_err(stone_error)?;
                    let (id, record) =
                        made.ok_or(StoneError::Refused("no object ids are left".into()))?;
                    if !matches!(self.backing, Backing::ReadOnly) {
                        core.unlogged_symbols.extend_from_slice(&record);
                    }
                    id
                }
            };
            ids.push(id);
        }
        Ok(InternSymbolsReply { ids })
    }

    fn commit(&self, request: CommitRequest) -> Result<CommitReply, StoneError> {
        self.check_writable()?;
        self.view_of(request.session)?;
        self.commit_checked(request)
    }

    fn refresh(&self, request: RefreshRequest) -> Result<ViewReply, StoneError> {
        let mut core = self.core();
        let session = SessionId(request.session);
        let moved = core
            .sequencer
            .refresh(session, request.outside_transaction)
            .map_err(txn_error)?;
        self.set_view(session.0, moved.view);
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
            session_count: core.sequencer.sessions().count() as u64,
            loose_records,
            loose_bytes,
            tranlog_bytes,
            commit_count: core.sequencer.commit_count,
            conflict_count: core.sequencer.conflict_count,
            sync_count,
            poisoned: self.poisoned.get().cloned().unwrap_or_default(),
            read_only: matches!(self.backing, Backing::ReadOnly),
            version: env!("CARGO_PKG_VERSION").to_string(),
        })
    }

    fn sessions(&self, _: SessionsRequest) -> Result<SessionsReply, StoneError> {
        let core = self.core();
        let durable = core.sequencer.durable();
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
            sessions: core.sequencer.sessions().map(row).collect(),
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
        Ok(self.with_pinned(|position| self.store.audit(position.seq)))
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
        let sessions = self.core().sequencer.sessions().count();
        if sessions > 0 && !request.force {
            let text = format!("{sessions} sessions are logged in; stop them, or use --force");
            return Err(StoneError::Refused(text));
        }
        self.stopping.store(true, Ordering::Release);
        Ok(StopReply {})
    }
}

const _: () = assert!(REVOKED > limits::OBJECT_ID_MAX);
