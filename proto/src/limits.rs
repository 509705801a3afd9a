//! Every limit of the system, named once.

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
