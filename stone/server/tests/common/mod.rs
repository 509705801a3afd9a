//! A small client for tests: a session, and records made of bytes and references.
#![allow(dead_code)]

use format::oop::{ObjectId, Oop};
use format::record::{Body, Format, Record, RecordView};
use format::wellknown::{ARRAY, BEHAVIOR, SYMBOL};
use proto::messages::commit_reply::Result as Outcome;
use proto::messages::*;
use proto::service::{Stone, StoneError};
use std::collections::BTreeMap;
use std::sync::Arc;

pub fn record(id: u64, bytes: &[u8]) -> Vec<u8> {
    encode(id, ARRAY.0, Format::Bytes, Body::Bytes(bytes.to_vec()))
}

pub fn referring(id: u64, to: &[u64]) -> Vec<u8> {
    let slots = to.iter().map(|id| Oop::from_id(ObjectId(*id))).collect();
    encode(id, ARRAY.0, Format::Slots, Body::Slots(slots))
}

fn encode(id: u64, class: u64, format: Format, body: Body) -> Vec<u8> {
    let mut out = Vec::new();
    Record {
        id: ObjectId(id),
        class: ObjectId(class),
        format,
        flags: 0,
        detail: 0,
        policy: 0,
        body,
        dynamic: vec![],
    }
    .encode(&mut out);
    out
}

/// What a repository of these tests begins with: the classes its records name.
pub fn genesis() -> Vec<u8> {
    [ARRAY.0, BEHAVIOR.0, SYMBOL.0]
        .iter()
        .flat_map(|id| encode(*id, BEHAVIOR.0, Format::Slots, Body::Slots(vec![])))
        .collect()
}

pub struct Client {
    pub stone: Arc<dyn Stone>,
    pub session: u64,
    pub view: u64,
}

impl Client {
    pub fn login(stone: &Arc<dyn Stone>) -> Client {
        let request = LoginRequest {
            user: "test".into(),
            client: "tests".into(),
            pid: 1,
            protocol: proto::version::PROTOCOL,
            resume: None,
        };
        Client::login_as(stone, request).0
    }

    /// Logs in with more to say; answers what the stone said.
    pub fn login_as(stone: &Arc<dyn Stone>, request: LoginRequest) -> (Client, LoginReply) {
        let reply = stone.login(request).expect("a login");
        let client = Client {
            stone: stone.clone(),
            session: reply.session,
            view: reply.view,
        };
        (client, reply)
    }

    pub fn fate(&self, token: u128, view: u64) -> Result<FateReply, StoneError> {
        self.stone.fate(FateRequest {
            token: token.to_le_bytes().to_vec().into(),
            view,
        })
    }

    pub fn lease(&self, count: u64) -> u64 {
        let request = LeaseIdsRequest {
            session: self.session,
            count,
        };
        self.stone.lease_ids(request).expect("a lease").first
    }

    pub fn intern(&self, symbols: &[&str]) -> Vec<u64> {
        let symbols = symbols
            .iter()
            .map(|s| s.as_bytes().to_vec().into())
            .collect();
        let request = InternSymbolsRequest {
            session: self.session,
            symbols,
        };
        self.stone.intern_symbols(request).expect("symbols").ids
    }

    pub fn try_commit(&mut self, request: CommitRequest) -> Result<Outcome, StoneError> {
        let request = CommitRequest {
            session: self.session,
            ..request
        };
        let outcome = self.stone.commit(request)?.result.expect("an outcome");
        match &outcome {
            Outcome::Committed(c) => self.view = c.view.as_ref().expect("a view").view,
            Outcome::Conflict(c) => self.view = c.view.as_ref().expect("a view").view,
            Outcome::Rejected(_) => {}
        }
        Ok(outcome)
    }

    pub fn commit(&mut self, write_set: Vec<u8>) -> Outcome {
        self.try_commit(CommitRequest {
            write_set: write_set.into(),
            ..Default::default()
        })
        .expect("an answer")
    }

    /// Commits and returns the sequence number.
    pub fn must_commit(&mut self, write_set: Vec<u8>) -> u64 {
        match self.commit(write_set) {
            Outcome::Committed(c) => c.seq,
            other => panic!("not committed: {other:?}"),
        }
    }

    pub fn refresh(&mut self, outside_transaction: bool) -> ViewReply {
        let request = RefreshRequest {
            session: self.session,
            outside_transaction,
        };
        let reply = self.stone.refresh(request).expect("a refresh");
        self.view = reply.view;
        reply
    }

    pub fn fault(&self, ids: &[u64], prefetch: u32) -> Result<FaultReply, StoneError> {
        self.stone.fault(FaultRequest {
            session: self.session,
            view: self.view,
            ids: ids.to_vec(),
            prefetch_pages_max: prefetch,
        })
    }

    /// The records asked for, by id; deferred ones are fetched as well.
    pub fn read(&self, ids: &[u64]) -> BTreeMap<u64, Vec<u8>> {
        let mut out = BTreeMap::new();
        let mut ask = ids.to_vec();
        while !ask.is_empty() {
            let reply = self.fault(&ask, 0).expect("a fault");
            reply
                .for_each_record(|record: RecordView<'_>| {
                    out.insert(record.id().0, record.bytes().to_vec());
                })
                .expect("whole records");
            ask = reply.deferred;
        }
        out.retain(|id, _| ids.contains(id));
        out
    }

    pub fn read_one(&self, id: u64) -> Option<Vec<u8>> {
        self.read(&[id]).remove(&id)
    }

    pub fn logout(self) {
        self.stone
            .logout(LogoutRequest {
                session: self.session,
            })
            .expect("a logout");
    }
}
