//! The messages that are sent again when a commit conflicts in objects of reduced conflict: see `replay`.

use gem_vm::Oop;
use hashbrown::HashSet;

/// See the module text.
pub(crate) struct Replay {
    /// Array of Arrays: receiver, selector, arguments. Held by the machine.
    pub log: Oop,
    /// Ids of the committed objects that the operations were the first to change.
    pub objects: HashSet<u64>,
    /// Something was done that the list does not tell.
    pub tainted: bool,
    /// The messages are to be sent again: the mark that says of a note that they were, namely how many objects the transaction had changed before.
    pub under_way: Option<usize>,
}

impl Replay {
    pub fn new(log: Oop) -> Replay {
        Replay {
            log,
            objects: HashSet::new(),
            tainted: false,
            under_way: None,
        }
    }

    /// The objects are as the new view shows them, and the messages were not all sent again.
    pub fn is_under_way(&self) -> bool {
        self.under_way.is_some()
    }
}
