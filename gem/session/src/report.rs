//! What stood in the way of a commit, for programs and people.

use crate::fate::Token;
use crate::path;
use crate::persistable::Refusal;
use format::ObjectId;
use gem_vm::{Oop, Vm};
use proto::messages::{CommitConflict, Conflict};

/// One object in conflict.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictRow {
    pub id: u64,
    /// The object when it is in memory, else nil.
    pub object: Oop,
    pub class_name: String,
    /// `Write-Write`, `Write-Dependency`, `Read-Write`.
    pub kind: &'static str,
    /// The session that won, in words; of an object that may not persist, why not.
    pub winner: String,
    pub path: String,
}

/// See the module text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ConflictReport {
    /// `failure`, `notPersistable`, `commitDisallowed`, `outcomeUnknown`, `connectionLost`, or the reason in words.
    pub result: String,
    pub rows: Vec<ConflictRow>,
    /// Of a commit whose outcome is not known: by which its fate can be asked.
    pub token: Option<Token>,
}

impl ConflictReport {
    /// A report without objects.
    pub fn plain(result: impl Into<String>) -> ConflictReport {
        ConflictReport {
            result: result.into(),
            rows: Vec::new(),
            token: None,
        }
    }

    pub(crate) fn of_refusal(refusal: &Refusal) -> ConflictReport {
        ConflictReport {
            result: "notPersistable".to_string(),
            rows: vec![ConflictRow {
                id: 0,
                object: refusal.object,
                class_name: refusal.class_name.clone(),
                kind: "Not-Persistable",
                winner: refusal.why.clone(),
                path: refusal.path.clone(),
            }],
            token: None,
        }
    }

    pub(crate) fn of_conflict(vm: &mut Vm, conflict: &CommitConflict) -> ConflictReport {
        let rows = conflict
            .conflicts
            .iter()
            .map(|c| row(vm, c, &conflict.winning_user))
            .collect();
        ConflictReport {
            result: "failure".to_string(),
            rows,
            token: None,
        }
    }
}

/// Rows of a report whose path is searched for; the others only name class and id.
const PATHS_MAX: usize = 20;

fn row(vm: &mut Vm, c: &Conflict, user: &str) -> ConflictRow {
    let object = vm.model.heap.find(ObjectId(c.id)).unwrap_or(Oop::NIL);
    let class_name = match vm.model.heap.fault(ObjectId(c.class_id)) {
        Ok(class) => vm.model.class_name(class),
        Err(_) => format!("class {}", c.class_id),
    };
    let path = if object.is_nil() {
        String::new()
    } else {
        path::from_root(vm, object, &[])
    };
    let user = if user.is_empty() {
        String::new()
    } else {
        format!(" of {user}")
    };
    ConflictRow {
        id: c.id,
        object,
        class_name,
        kind: if c.read_dependency {
            "Write-Dependency"
        } else {
            "Write-Write"
        },
        winner: format!(
            "session {}{user}, commit {}",
            c.winning_session, c.winning_seq
        ),
        path,
    }
}

impl std::fmt::Display for ConflictReport {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.rows.is_empty() {
            return f.write_str(&self.result);
        }
        write!(f, "others changed what this transaction changed: ")?;
        for (i, row) in self.rows.iter().take(PATHS_MAX).enumerate() {
            let comma = if i == 0 { "" } else { "; " };
            write!(f, "{comma}{} {} ({}", row.class_name, row.id, row.kind)?;
            if !row.path.is_empty() {
                write!(f, ", {}", row.path)?;
            }
            write!(f, ") by {}", row.winner)?;
        }
        if self.rows.len() > PATHS_MAX {
            write!(f, "; and {} more", self.rows.len() - PATHS_MAX)?;
        }
        f.write_str(". Abort, then do the work again")
    }
}
