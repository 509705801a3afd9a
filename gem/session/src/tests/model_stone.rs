//! A stone of one hash map: what the contract says, nothing more. Records travel loose, ten to a page when `pages` is set.

use super::glass::GlassStone;
use format::ObjectId;
use format::limits::FIRST_FREE_ID;
use format::page::PageBuilder;
use format::record::{Body, Record, RecordView, records};
use format::{Format, wellknown};
use proto::messages::*;
use proto::service::{Stone, StoneError};
use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

#[derive(Clone, Default)]
struct Inner {
    /// Versions of each object: (commit, session, record).
    objects: BTreeMap<u64, Vec<(u64, u64, Vec<u8>)>>,
    symbols: HashMap<Vec<u8>, u64>,
    views: HashMap<u64, View>,
    seq: u64,
    next_id: u64,
    faults: u64,
    /// Commits by their tokens; 0 for those that were given up.
    tokens: HashMap<Vec<u8>, u64>,
    sessions: u64,
}

/// What a session reads at.
#[derive(Clone, Copy, Default)]
struct View {
    seq: u64,
    hold: Hold,
}

/// How it holds on to it.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
enum Hold {
    #[default]
    Inside,
    /// Between transactions: nothing is kept for it, so it must refresh before it reads.
    Outside,
    /// It held back too much history.
    Revoked,
}

pub struct ModelStone {
    inner: Mutex<Inner>,
    pages: bool,
}

impl ModelStone {
    pub fn new(pages: bool) -> ModelStone {
        ModelStone {
            inner: Mutex::default(),
            pages,
        }
    }

    /// A stone that has what this one has, and goes its own way from here.
    pub fn copy(&self) -> ModelStone {
        ModelStone {
            inner: Mutex::new(self.inner.lock().unwrap().clone()),
            pages: self.pages,
        }
    }

    pub fn faults(&self) -> u64 {
        self.inner.lock().unwrap().faults
    }

    /// Everything that is stored now, by id.
    pub fn records(&self) -> Vec<Vec<u8>> {
        let inner = self.inner.lock().unwrap();
        inner
            .objects
            .values()
            .map(|v| v.last().unwrap().2.clone())
            .collect()
    }
}

impl GlassStone for ModelStone {
    fn record_at(&self, id: u64, seq: u64) -> Option<Vec<u8>> {
        Some(self.inner.lock().unwrap().at(id, seq)?.to_vec())
    }

    fn record_of(&self, id: u64, whole: u64, sessions: &[u64]) -> Option<Vec<u8>> {
        let inner = self.inner.lock().unwrap();
        let versions = inner.objects.get(&id)?.iter();
        let mut known = versions.filter(|v| v.0 <= whole || sessions.contains(&v.1));
        Some(known.next_back()?.2.clone())
    }

    fn seq(&self) -> u64 {
        self.inner.lock().unwrap().seq
    }

    fn revoke(&self, session: u64) {
        let mut inner = self.inner.lock().unwrap();
        if let Some(view) = inner.views.get_mut(&session) {
            view.hold = Hold::Revoked;
        }
    }
}

impl Inner {
    fn at(&self, id: u64, view: u64) -> Option<&[u8]> {
        self.objects
            .get(&id)?
            .iter()
            .rev()
            .find(|v| v.0 <= view)
            .map(|v| &v.2[..])
    }

    /// Moves the session to the newest commit. As with the real stone, the list names neither what the session changed itself nor what
    /// is new: nobody older can have that.
    fn moved(&mut self, session: u64, outside: bool) -> ViewReply {
        let hold = if outside { Hold::Outside } else { Hold::Inside };
        let seq = self.seq;
        let new = View { seq, hold };
        let old = self.views.insert(session, new).unwrap_or_default();
        let changed = self.objects.iter().filter(|(id, versions)| {
            let mut others = versions
                .iter()
                .enumerate()
                .filter(|(_, v)| v.0 > old.seq && v.1 != session && v.1 != 0);
            others.any(|(i, _)| i > 0 || **id < FIRST_FREE_ID)
        });
        let revoked = old.hold == Hold::Revoked;
        ViewReply {
            view: seq,
            changed_ids: if revoked {
                Vec::new()
            } else {
                changed.map(|(id, _)| *id).collect()
            },
            everything_changed: revoked,
        }
    }

    fn view_of(&self, session: u64) -> Result<View, StoneError> {
        match self.views.get(&session) {
            None => Err(StoneError::SessionGone(session)),
            Some(view) if view.hold == Hold::Revoked => Err(StoneError::TransactionRevoked),
            Some(view) => Ok(*view),
        }
    }
}

impl Stone for ModelStone {
    fn login(&self, request: LoginRequest) -> Result<LoginReply, StoneError> {
        let mut inner = self.inner.lock().unwrap();
        inner.sessions += 1;
        let session = inner.sessions;
        let leases = request.resume.map_or(Vec::new(), |resume| {
            inner.views.remove(&resume.session);
            resume.leases
        });
        let view = inner.seq;
        let new = View {
            seq: view,
            hold: Hold::Inside,
        };
        inner.views.insert(session, new);
        Ok(LoginReply {
            session,
            view,
            root: wellknown::REPOSITORY_ROOT.0,
            read_only: false,
            protocol: proto::version::PROTOCOL,
            format: format::version::FORMAT,
            image: format::version::IMAGE,
            leases,
            stone: vec![1; 16].into(),
        })
    }
    fn logout(&self, _request: LogoutRequest) -> Result<LogoutReply, StoneError> {
        Ok(LogoutReply {})
    }
    fn fault(&self, request: FaultRequest) -> Result<FaultReply, StoneError> {
        let mut inner = self.inner.lock().unwrap();
        inner.faults += 1;
        let view = inner.view_of(request.session)?;
        if view.hold == Hold::Outside {
            let text = "a session outside a transaction refreshes before it reads";
            return Err(StoneError::BadRequest(text.into()));
        }
        if view.seq != request.view {
            let text = format!("the session's view is {}, not {}", view.seq, request.view);
            return Err(StoneError::BadRequest(text));
        }
        let mut reply = FaultReply::default();
        let mut loose = Vec::new();
        for id in request.ids {
            let small = inner
                .at(id, request.view)
                .is_none_or(|r| r.len() <= format::page::PAGE_RECORD_BYTES_MAX / 10);
            if self.pages && small {
                let mut builder = PageBuilder::new();
                for near in id / 10 * 10..id / 10 * 10 + 10 {
                    if let Some(record) = inner.at(near, request.view)
                        && record.len() <= format::page::PAGE_RECORD_BYTES_MAX / 10
                    {
                        builder.push(record);
                    }
                }
                let page = builder.seal(id / 10 + 1);
                let count = format::page::PageView::parse(&page).unwrap().slot_count();
                if inner.at(id, request.view).is_none() {
                    reply.missing.push(id);
                }
                reply.pages.push(FaultedPage {
                    page_id: id / 10 + 1,
                    page: page.into(),
                    current_slots: (0..count as u32).collect(),
                });
                continue;
            }
            match inner.at(id, request.view) {
                Some(record) => loose.extend_from_slice(record),
                None => reply.missing.push(id),
            }
        }
        reply.loose = loose.into();
        Ok(reply)
    }
    fn lease_ids(&self, request: LeaseIdsRequest) -> Result<LeaseIdsReply, StoneError> {
        let mut inner = self.inner.lock().unwrap();
        let first = inner.next_id.max(FIRST_FREE_ID);
        inner.next_id = first + request.count;
        Ok(LeaseIdsReply {
            first,
            count: request.count,
        })
    }
    fn intern_symbols(
        &self,
        request: InternSymbolsRequest,
    ) -> Result<InternSymbolsReply, StoneError> {
        let mut inner = self.inner.lock().unwrap();
        let mut ids = Vec::new();
        for symbol in request.symbols {
            if let Some(&id) = inner.symbols.get(&symbol[..]) {
                ids.push(id);
                continue;
            }
            let id = inner.next_id.max(FIRST_FREE_ID);
            inner.next_id = id + 1;
            let record = Record {
                id: ObjectId(id),
                class: wellknown::SYMBOL,
                format: Format::Bytes,
                flags: format::record::RECORD_FROZEN,
                detail: 0,
                policy: 0,
                body: Body::Bytes(symbol.to_vec()),
                dynamic: vec![],
            };
            let mut bytes = Vec::new();
            record.encode(&mut bytes);
            inner.objects.insert(id, vec![(0, 0, bytes)]);
            inner.symbols.insert(symbol.to_vec(), id);
            ids.push(id);
        }
        Ok(InternSymbolsReply { ids })
    }
    fn commit(&self, request: CommitRequest) -> Result<CommitReply, StoneError> {
        let mut inner = self.inner.lock().unwrap();
        let view = inner.view_of(request.session)?.seq;
        let token = request.token.to_vec();
        if !token.is_empty() && inner.tokens.contains_key(&token) {
            return Err(StoneError::BadRequest("the token was used".into()));
        }
        let records: Vec<Vec<u8>> = records(&request.write_set)
            .map(|r| r.unwrap().bytes().to_vec())
            .collect();
        let mut conflicts = Vec::new();
        for record in &records {
            let parsed = RecordView::parse(record).unwrap();
            for id in parsed.references() {
                let known = inner.objects.contains_key(&id.0)
                    || records
                        .iter()
                        .any(|r| RecordView::parse(r).unwrap().id() == id);
                assert!(
                    known || id.0 < FIRST_FREE_ID,
                    "dangling reference {id} from {:?}",
                    parsed.id()
                );
            }
            if let Some((seq, winner, _)) = inner.objects.get(&parsed.id().0).and_then(|v| v.last())
                && *seq > view
                && *winner != request.session
            {
                conflicts.push(Conflict {
                    id: parsed.id().0,
                    class_id: parsed.class().0,
                    winning_session: *winner,
                    winning_seq: *seq,
                    read_dependency: false,
                });
            }
        }
        if !conflicts.is_empty() {
            let view = inner.moved(request.session, false);
            let conflict = CommitConflict {
                conflicts,
                view: Some(view),
                winning_user: "somebody".into(),
            };
            return Ok(CommitReply {
                result: Some(commit_reply::Result::Conflict(conflict)),
            });
        }
        inner.seq += 1;
        let seq = inner.seq;
        inner.tokens.insert(token, seq);
        for record in records {
            let id = RecordView::parse(&record).unwrap().id().0;
            inner
                .objects
                .entry(id)
                .or_default()
                .push((seq, request.session, record));
        }
        let view = inner.moved(request.session, false);
        let committed = Committed {
            seq,
            view: Some(view),
        };
        Ok(CommitReply {
            result: Some(commit_reply::Result::Committed(committed)),
        })
    }
    fn fate(&self, request: FateRequest) -> Result<FateReply, StoneError> {
        let mut inner = self.inner.lock().unwrap();
        let seq = *inner.tokens.entry(request.token.to_vec()).or_insert(0);
        let fate = match seq {
            0 => Fate::NeverHappened,
            _ => Fate::Committed,
        };
        Ok(FateReply {
            fate: fate as i32,
            seq,
        })
    }
    fn refresh(&self, request: RefreshRequest) -> Result<ViewReply, StoneError> {
        let mut inner = self.inner.lock().unwrap();
        if !inner.views.contains_key(&request.session) {
            return Err(StoneError::SessionGone(request.session));
        }
        Ok(inner.moved(request.session, request.outside_transaction))
    }
}
