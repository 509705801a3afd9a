//! Symbols get their ids from the stone, which has one for each spelling; an id that was given stays, whatever becomes of the commit that asked for it.

use crate::commit::stone_of;
use crate::error::SessionError;
use crate::host::SharedLink;
use gem_vm::{Oop, Vm};
use proto::ObjectId;
use proto::limits::OBJECT_ID_MAX;
use proto::messages::InternSymbolsRequest;
use proto::service::StoneError;

/// Gives symbols their ids, in one request.
pub fn intern(vm: &mut Vm, link: &SharedLink, symbols: &[Oop]) -> Result<(), SessionError> {
    if symbols.is_empty() {
        return Ok(());
    }
    let (stone, session) = stone_of(link);
    let reply = stone.intern_symbols(InternSymbolsRequest {
        session,
        symbols: symbols
            .iter()
            .map(|&s| vm.heap.bytes(s).to_vec().into())
            .collect(),
    })?;
    if reply.ids.len() != symbols.len() {
        return Err(SessionError::Rejected(
            "the stone did not answer for every symbol".to_string(),
        ));
    }
    for (&symbol, &id) in symbols.iter().zip(&reply.ids) {
        let known = vm.heap.find(ObjectId(id)).is_none_or(|o| o == symbol);
        if !known || id == 0 || id > OBJECT_ID_MAX {
            let text = format!(
                "the stone gave the symbol {} the id {id}, which is another object's",
                vm.heap.text(symbol)
            );
            return Err(StoneError::Damaged(text).into());
        }
        vm.heap.set_id(symbol, ObjectId(id));
        vm.heap.mark_committed(symbol);
    }
    Ok(())
}
