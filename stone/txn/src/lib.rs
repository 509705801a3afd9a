//! stone-txn
