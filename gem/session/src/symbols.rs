//! Symbols get their ids from the stone, which has one for each spelling; an id that was given stays, whatever becomes of the commit that asked for it.

use crate::error::SessionError;
use crate::host::SharedLink;
use bytes::Bytes;
use format::ObjectId;
use format::limits::OBJECT_ID_MAX;
use gem_vm::{Oop, Vm};
use proto::messages::InternSymbolsRequest;
use proto::service::StoneError;

/// Gives symbols their ids, in one request.
pub fn intern(vm: &mut Vm, link: &SharedLink, symbols: &[Oop]) -> Result<(), SessionError> {
    if symbols.is_empty() {
        return Ok(());
    }
    let texts: Vec<Bytes> = symbols
        .iter()
        .map(|&s| vm.model.heap.bytes(s).to_vec().into())
        .collect();
    let reply = link.borrow_mut().ask(|l| {
        l.stone.intern_symbols(InternSymbolsRequest {
            session: l.session,
            symbols: texts.clone(),
        })
    })?;
    if reply.ids.len() != symbols.len() {
        return Err(SessionError::Rejected(
            "the stone did not answer for every symbol".to_string(),
        ));
    }
    for (&symbol, &id) in symbols.iter().zip(&reply.ids) {
        let known = vm.model.heap.find(ObjectId(id)).is_none_or(|o| o == symbol);
        if !known || id == 0 || id > OBJECT_ID_MAX {
            let text = format!(
                "the stone gave the symbol {} the id {id}, which is another object's",
                vm.model.heap.text(symbol)
            );
            return Err(StoneError::Damaged(text).into());
        }
        vm.model.heap.set_id(symbol, ObjectId(id));
        vm.model.heap.mark_committed(symbol);
    }
    Ok(())
}
