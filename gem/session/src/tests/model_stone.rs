//! A stone of one hash map: what the contract says, nothing more. Records travel loose, ten to a page when `pages` is set.

use proto::ObjectId;
use proto::limits::FIRST_FREE_ID;
use proto::messages::*;
use proto::page::PageBuilder;
use proto::record::{Body, Record, RecordView};
use proto::service::{Stone, StoneError};
use proto::{Format, wellknown};
use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

#[derive(Default)]
struct Inner {
    /// Versions of each object: (commit, session, record).
    objects: BTreeMap<u64, Vec<(u64, u64, Vec<u8>)>>,
    symbols: HashMap<Vec<u8>, u64>,
    views: HashMap<u64, u64>,
    seq: u64,
    next_id: u64,
    faults: u64,
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

impl Inner {
    fn at(&self, id: u64, view: u64) -> Option<&[u8]> {
        self.objects
            .get(&id)?
            .iter()
            .rev()
            .find(|v| v.0 <= view)
            .map(|v| &v.2[..])
    }

    fn moved(&mut self, session: u64) -> ViewReply {
        let old = self.views.insert(session, self.seq).unwrap_or(0);
        let changed = self.objects.iter().filter(|(_, v)| {
            v.last()
                .is_some_and(|v| v.0 > old && v.1 != session && v.1 != 0)
        });
        ViewReply {
            view: self.seq,
            changed_ids: changed.map(|(id, _)| *id).collect(),
            everything_changed: false,
        }
    }
}

fn refused<T>() -> Result<T, StoneError> {
    Err(StoneError::Refused("not in a model".into()))
}

impl Stone for ModelStone {
    fn login(&self, _request: LoginRequest) -> Result<LoginReply, StoneError> {
        let mut inner = self.inner.lock().unwrap();
        let session = inner.views.len() as u64 + 1;
        let view = inner.seq;
        inner.views.insert(session, view);
        Ok(LoginReply {
            session,
            view,
            root: wellknown::REPOSITORY_ROOT.0,
            read_only: false,
        })
    }
    fn logout(&self, _request: LogoutRequest) -> Result<LogoutReply, StoneError> {
        Ok(LogoutReply {})
    }
    fn fault(&self, request: FaultRequest) -> Result<FaultReply, StoneError> {
        let mut inner = self.inner.lock().unwrap();
        inner.faults += 1;
        let mut reply = FaultReply::default();
        let mut loose = Vec::new();
        for id in request.ids {
            let small = inner
                .at(id, request.view)
                .is_none_or(|r| r.len() <= proto::page::PAGE_RECORD_BYTES_MAX / 10);
            if self.pages && small {
                let mut builder = PageBuilder::new();
                for near in id / 10 * 10..id / 10 * 10 + 10 {
                    if let Some(record) = inner.at(near, request.view)
                        && record.len() <= proto::page::PAGE_RECORD_BYTES_MAX / 10
                    {
                        builder.push(record);
                    }
                }
                let page = builder.seal(id / 10 + 1);
                let count = proto::page::PageView::parse(&page).unwrap().slot_count();
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
                flags: proto::record::RECORD_FROZEN,
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
        let view = inner.views[&request.session];
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
            let view = inner.moved(request.session);
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
        for record in records {
            let id = RecordView::parse(&record).unwrap().id().0;
            inner
                .objects
                .entry(id)
                .or_default()
                .push((seq, request.session, record));
        }
        let view = inner.moved(request.session);
        let committed = Committed {
            seq,
            view: Some(view),
        };
        Ok(CommitReply {
            result: Some(commit_reply::Result::Committed(committed)),
        })
    }
    fn refresh(&self, request: RefreshRequest) -> Result<ViewReply, StoneError> {
        Ok(self.inner.lock().unwrap().moved(request.session))
    }
    fn status(&self, _request: StatusRequest) -> Result<StatusReply, StoneError> {
        refused()
    }
    fn sessions(&self, _request: SessionsRequest) -> Result<SessionsReply, StoneError> {
        refused()
    }
    fn checkpoint(&self, _request: CheckpointRequest) -> Result<CheckpointReply, StoneError> {
        refused()
    }
    fn audit(&self, _request: AuditRequest) -> Result<AuditReply, StoneError> {
        refused()
    }
    fn backup(&self, _request: BackupRequest) -> Result<BackupReply, StoneError> {
        refused()
    }
    fn stop(&self, _request: StopRequest) -> Result<StopReply, StoneError> {
        refused()
    }
}
