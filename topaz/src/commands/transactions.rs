//! Sessions and transactions: login, logout, commit, abort, begin.

use crate::command::Request;
use crate::errors::Complaint;
use crate::topaz::{Done, Flow, Open, Topaz};
use std::collections::BTreeMap;

pub fn login(topaz: &mut Topaz, _: &Request) -> Done {
    let login = topaz.settings.login.clone();
    let session = topaz.gate.login(&login).map_err(Complaint::Wrong)?;
    let place = session.place();
    let open = Open {
        session,
        last: None,
        names: BTreeMap::new(),
        level: 1,
    };
    let index = topaz.sessions.iter().position(Option::is_none);
    let index = index.unwrap_or_else(|| {
        topaz.sessions.push(None);
        topaz.sessions.len() - 1
    });
    topaz.sessions[index] = Some(open);
    topaz.current = Some(index);
    topaz.say(&format!("[session {} on {place}]", index + 1));
    Ok(Flow::Next)
}

pub fn logout(topaz: &mut Topaz, _: &Request) -> Done {
    topaz.open()?;
    topaz.close_current();
    Ok(Flow::Next)
}

pub fn commit(topaz: &mut Topaz, _: &Request) -> Done {
    topaz.session()?.commit()?;
    topaz.say("Commit succeeded.");
    Ok(Flow::Next)
}

pub fn abort(topaz: &mut Topaz, _: &Request) -> Done {
    topaz.session()?.abort()?;
    topaz.say("Abort succeeded.");
    Ok(Flow::Next)
}

pub fn begin(topaz: &mut Topaz, _: &Request) -> Done {
    topaz.session()?.begin()?;
    topaz.say("In a transaction.");
    Ok(Flow::Next)
}

impl Topaz {
    /// Ends the current session; commands go to the newest of the others.
    pub fn close_current(&mut self) {
        let Some(index) = self.current.take() else {
            return;
        };
        if let Some(mut open) = self.sessions.get_mut(index).and_then(Option::take)
            && open.session.needs_commit()
        {
            self.say("Changes since the last commit are dropped.");
        }
        self.current = self.sessions.iter().rposition(Option::is_some);
    }
}
