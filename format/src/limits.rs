//! Every limit of the system, named once: those of objects and code, then those of a request and of one stone.

/// Bytes of one repository page.
pub const PAGE_BYTES: usize = 16 * 1024;
/// Largest object id (56 bits).
pub const OBJECT_ID_MAX: u64 = (1 << 56) - 1;
/// Ids below this one are reserved for the well-known table; leases start here.
pub const FIRST_FREE_ID: u64 = 4096;
/// Longest symbol, in bytes.
pub const SYMBOL_BYTES_MAX: usize = 1024;
/// Ids handed to a session by one lease request.
pub const ID_LEASE: u64 = 65_536;
/// Largest number of elements or bytes one object may hold.
pub const OBJECT_ELEMENTS_MAX: u64 = 1 << 32;
/// Largest number of arguments of one send.
pub const SEND_ARGS_MAX: usize = 255;
/// Largest number of registers of one frame.
pub const FRAME_REGISTERS_MAX: usize = 60_000;

/// Largest message between gem and stone, and with it the largest reply.
pub const MESSAGE_BYTES_MAX: usize = 1 << 30;
/// Largest write set of one commit; leaves room in a message for the rest of the request.
pub const COMMIT_BYTES_MAX: usize = MESSAGE_BYTES_MAX - (64 << 20);
/// Largest number of ids in one list of a request.
pub const REQUEST_IDS_MAX: usize = 16 << 20;
/// A fault reply stops taking more pages here and defers the ids that are left.
pub const FAULT_REPLY_BYTES_MAX: usize = 64 << 20;
/// Largest number of pages a fault may prefetch.
pub const PREFETCH_PAGES_MAX: u32 = 1024;
/// Largest number of ids one lease may take.
pub const ID_LEASE_MAX: u64 = 1 << 32;
/// Sessions that one stone serves at a time.
pub const SESSIONS_MAX: usize = 4096;
/// Longest list of changed ids in one reply; beyond it the reply says "everything".
pub const CHANGED_IDS_MAX: usize = 4 << 20;
/// Changed ids that the stone remembers for old views; beyond it the oldest view is revoked.
pub const HISTORY_IDS_MAX: usize = 16 << 20;
