//! A stone on which nothing can be relied on but what it says: every request may fail by dice, before it did anything or after it did
//! everything; a view may be revoked, an object missing, a page damaged, a list of changes too long to tell.

use super::dice::Dice;
use super::glass::GlassStone;
use format::record::records;
use proto::messages::*;
use proto::service::{Stone, StoneError};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Luck {
    Served,
    /// It never arrived.
    Before,
    /// It was done, and the answer was lost.
    After,
}

pub struct DiceStone {
    pub model: Arc<dyn GlassStone>,
    /// Id of the graph that the sessions change.
    pub graph: u64,
    dice: Mutex<Dice>,
    /// How many requests of a thousand go wrong.
    trouble: Mutex<usize>,
    /// An object that is missing, and in how many replies still.
    missing: Mutex<(u64, usize)>,
    /// What becomes of the next requests of a kind, in place of the dice.
    forced: Mutex<Vec<(Request, Luck)>>,
    /// Sessions and those whose place they took.
    before: Mutex<HashMap<u64, u64>>,
    /// Whether each request is printed: `SEED=n`.
    pub tells: bool,
}

/// The kinds of requests that can be forced to fail.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Request {
    Fault,
    Lease,
    Intern,
    Commit,
    Refresh,
    Fate,
    Login,
}

impl DiceStone {
    pub fn new(model: Arc<dyn GlassStone>, graph: u64, seed: u64) -> DiceStone {
        DiceStone {
            model,
            graph,
            dice: Mutex::new(Dice::new(seed)),
            trouble: Mutex::new(0),
            missing: Mutex::default(),
            forced: Mutex::default(),
            before: Mutex::default(),
            tells: std::env::var_os("SEED").is_some(),
        }
    }

    /// From now on `part` of a thousand requests go wrong.
    pub fn set_trouble(&self, part: usize) {
        *self.trouble.lock().unwrap() = part;
    }

    /// The next requests of this kind end like this.
    pub fn force(&self, request: Request, fates: &[Luck]) {
        let fates = fates.iter().map(|&fate| (request, fate));
        self.forced.lock().unwrap().extend(fates);
    }

    /// `id` names nothing in the next `times` replies.
    pub fn hide(&self, id: u64, times: usize) {
        *self.missing.lock().unwrap() = (id, times);
    }

    /// The numbers that the session with this one has had.
    pub fn numbers_of(&self, session: u64) -> Vec<u64> {
        let before = self.before.lock().unwrap();
        std::iter::successors(Some(session), |s| before.get(s).copied()).collect()
    }

    fn strikes(&self) -> bool {
        let part = *self.trouble.lock().unwrap();
        self.dice.lock().unwrap().in_thousand(part)
    }

    fn luck(&self, request: Request) -> Luck {
        let mut forced = self.forced.lock().unwrap();
        if let Some(at) = forced.iter().position(|f| f.0 == request) {
            return forced.remove(at).1;
        }
        match self.strikes() {
            false => Luck::Served,
            true => self.dice.lock().unwrap().of(&[Luck::Before, Luck::After]),
        }
    }

    fn with<T>(
        &self,
        session: u64,
        request: Request,
        serve: impl FnOnce() -> Result<T, StoneError>,
    ) -> Result<T, StoneError> {
        if self.dice.lock().unwrap().in_thousand(2) && *self.trouble.lock().unwrap() > 0 {
            self.model.revoke(session);
        }
        let lost = || StoneError::Unavailable("the stone does not answer: dice".into());
        let luck = self.luck(request);
        if self.tells {
            println!("      {session} asks: {request:?} {luck:?}");
        }
        match luck {
            Luck::Served => serve(),
            Luck::Before => Err(lost()),
            Luck::After => serve().and_then(|_| Err(lost())),
        }
    }

    /// A reply that is no answer to everything: some ids come later, one is missing, a page or a record is damaged.
    fn spoil(&self, reply: &mut FaultReply, asked: &[u64]) {
        let mut dice = self.dice.lock().unwrap();
        match dice.below(3) {
            0 => {
                let times = 1 + dice.below(3);
                self.hide(asked[dice.below(asked.len())], times);
            }
            1 if !reply.pages.is_empty() => {
                let at = dice.below(reply.pages.len());
                let mut page = reply.pages[at].page.to_vec();
                let byte = dice.below(page.len());
                page[byte] ^= 1 << dice.below(8);
                reply.pages[at].page = page.into();
            }
            _ => {
                let cut = reply.loose.len().saturating_sub(8);
                reply.loose = reply.loose.slice(..cut);
            }
        }
    }
}

fn take_out(reply: &mut FaultReply, gone: u64) {
    reply.missing.push(gone);
    reply.loose = without(&reply.loose, gone).into();
    reply.pages.retain(|page| {
        let current = page.current_records().expect("the model's pages are whole");
        current.iter().all(|record| record.id().0 != gone)
    });
}

fn without(loose: &[u8], gone: u64) -> Vec<u8> {
    records(loose)
        .map(|record| record.expect("the model's records are whole"))
        .filter(|record| record.id().0 != gone)
        .flat_map(|record| record.bytes().to_vec())
        .collect()
}

impl Stone for DiceStone {
    fn login(&self, request: LoginRequest) -> Result<LoginReply, StoneError> {
        let Some(resume) = &request.resume else {
            return self.model.login(request);
        };
        let old = resume.session;
        let reply = self.with(old, Request::Login, || self.model.login(request))?;
        self.before.lock().unwrap().insert(reply.session, old);
        Ok(reply)
    }

    fn logout(&self, request: LogoutRequest) -> Result<LogoutReply, StoneError> {
        self.model.logout(request)
    }

    fn fault(&self, mut request: FaultRequest) -> Result<FaultReply, StoneError> {
        let later = {
            let mut dice = self.dice.lock().unwrap();
            let split = request.ids.len() > 1 && dice.in_thousand(100);
            let keep = 1 + dice.below(request.ids.len().max(2) - 1);
            if split {
                request.ids.split_off(keep)
            } else {
                Vec::new()
            }
        };
        let asked = request.ids.clone();
        let session = request.session;
        let mut reply = self.with(session, Request::Fault, || self.model.fault(request))?;
        reply.deferred = later;
        let mut missing = self.missing.lock().unwrap();
        if missing.1 > 0 && asked.contains(&missing.0) {
            missing.1 -= 1;
            take_out(&mut reply, missing.0);
        }
        drop(missing);
        if self.strikes() && self.strikes() {
            self.spoil(&mut reply, &asked);
        }
        Ok(reply)
    }

    fn lease_ids(&self, mut request: LeaseIdsRequest) -> Result<LeaseIdsReply, StoneError> {
        request.count = 1 + self.dice.lock().unwrap().below(9) as u64;
        self.with(request.session, Request::Lease, || {
            self.model.lease_ids(request)
        })
    }

    fn intern_symbols(
        &self,
        request: InternSymbolsRequest,
    ) -> Result<InternSymbolsReply, StoneError> {
        self.with(request.session, Request::Intern, || {
            self.model.intern_symbols(request)
        })
    }

    fn commit(&self, request: CommitRequest) -> Result<CommitReply, StoneError> {
        if self.strikes() && self.strikes() {
            return Err(StoneError::DiskFull("dice".into()));
        }
        self.with(request.session, Request::Commit, || {
            self.model.commit(request)
        })
    }

    fn fate(&self, request: FateRequest) -> Result<FateReply, StoneError> {
        if self.strikes() && self.strikes() {
            return Err(StoneError::Poisoned("dice".into()));
        }
        self.with(0, Request::Fate, || self.model.fate(request))
    }

    fn refresh(&self, request: RefreshRequest) -> Result<ViewReply, StoneError> {
        let mut reply = self.with(request.session, Request::Refresh, || {
            self.model.refresh(request)
        })?;
        if self.strikes() {
            reply.everything_changed = true;
            reply.changed_ids.clear();
        }
        Ok(reply)
    }
}
