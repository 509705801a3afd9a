//! What travels: tokens and claims as a request brings them, what the store found, views and fates as a reply tells them.
//!
//! Must not know: who asks.

use crate::error::txn_error;
use crate::fate::Fate;
use crate::sequencer::Sequencer;
use crate::session::SessionId;
use crate::view::ViewMove;
use proto::messages::{AuditReply, FateReply, FaultReply, FaultedPage, IdRange, Resume, ViewReply};
use proto::service::StoneError;
use stone_store::audit::Report;
use stone_store::fault::{Found, FoundPage};

/// The token of a commit; 0 when it has none.
///
/// # Errors
/// `BadRequest` when it has neither 16 bytes nor none.
pub fn token_of(bytes: &[u8]) -> Result<u128, StoneError> {
    match bytes.len() {
        0 => Ok(0),
        16 => Ok(u128::from_le_bytes(bytes.try_into().expect("16 bytes"))),
        n => Err(StoneError::BadRequest(format!(
            "a token has 16 bytes, not {n}"
        ))),
    }
}

/// What a fault found.
pub fn fault_reply(found: Found) -> FaultReply {
    let page = |page: FoundPage| FaultedPage {
        page_id: page.page_id,
        page: page.page,
        current_slots: page.current_slots,
    };
    FaultReply {
        pages: found.pages.into_iter().map(page).collect(),
        loose: found.loose.into(),
        missing: found.missing,
        deferred: found.deferred,
    }
}

/// What an audit found.
pub fn audit_reply(report: Report) -> AuditReply {
    AuditReply {
        objects: report.objects,
        pages: report.pages,
        symbols: report.symbols,
        problems: report.problems,
    }
}

/// A move of a view.
pub fn view_reply(moved: ViewMove) -> ViewReply {
    ViewReply {
        view: moved.view,
        changed_ids: moved.changed,
        everything_changed: moved.everything,
    }
}

/// A fate that the stone knows: one in doubt is answered as an error.
pub fn fate_reply(fate: Fate) -> FateReply {
    let (fate, seq) = match fate {
        Fate::Committed { seq } => (proto::messages::Fate::Committed, seq),
        Fate::NeverHappened => (proto::messages::Fate::NeverHappened, 0),
        Fate::Forgotten => (proto::messages::Fate::Forgotten, 0),
        Fate::InDoubt => unreachable!("answered as an error"),
    };
    FateReply {
        fate: fate as i32,
        seq,
    }
}

/// Gives a new session the ids that it had as another one: `old`, when this stone gave it them, or one of a stone before, which gave none from `born` on.
///
/// # Errors
/// `SessionGone` when there is no `session`.
pub fn resume(
    sequencer: &mut Sequencer,
    session: SessionId,
    old: Option<SessionId>,
    resume: &Resume,
    born: u64,
) -> Result<Vec<IdRange>, StoneError> {
    let ranges = resume.leases.iter();
    let claimed: Vec<(u64, u64)> = ranges.map(|range| (range.first, range.count)).collect();
    let granted = match old {
        Some(old) => sequencer.take_over(session, old, &claimed),
        None => sequencer.adopt(session, &claimed, born),
    };
    let range = |(first, count)| IdRange { first, count };
    Ok(granted.map_err(txn_error)?.into_iter().map(range).collect())
}
