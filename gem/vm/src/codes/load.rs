//! From a method object to its code: decoded, checked, with empty caches.
//!
//! Must not know: how long a code lives (see `codes`).

use crate::codes::CodeId;
use crate::codes::code::{CodeBlock, Site, ValueCache};
use crate::vm::Vm;
use format::wellknown::slots::method;
use gem_bytecode::{Code, Op, decode, verify};
use gem_heap::{HeapError, HeapResult, HostError, Oop, ShapeId};
use std::cell::{Cell, OnceCell};
use std::sync::atomic::Ordering;

impl Vm {
    /// The code of a GsNMethod: decoded, verified and cached on first use.
    ///
    /// # Errors
    /// `Damaged` when `method` is none, or its bytecode breaks a rule; those of [`Heap::fault`](gem_heap::Heap::fault), when the bytecode, a literal or the
    /// file is not in memory yet; `CodesFull`; as `code_loaded`.
    pub fn load_method(&mut self, method: Oop) -> HeapResult<&CodeBlock> {
        self.loaded(method)
    }

    /// The name of the same code.
    ///
    /// # Errors
    /// As `load_method`.
    pub fn code_id(&mut self, method: Oop) -> HeapResult<CodeId> {
        let code = self.loaded(method)?;
        Ok(code.id())
    }

    /// The code with this name, unless it has ended.
    pub fn code(&self, id: CodeId) -> Option<&CodeBlock> {
        self.codes.named(id)
    }

    /// How many codes are loaded.
    pub fn codes_loaded(&self) -> usize {
        self.codes.len()
    }

    /// As `load_method`, for this crate.
    #[inline]
    pub(crate) fn loaded(&mut self, method: Oop) -> HeapResult<&'static CodeBlock> {
        match self.codes.of_method(method) {
            Some(code) => Ok(code),
            None => self.load(method),
        }
    }

    #[cold]
    fn load(&mut self, method: Oop) -> HeapResult<&'static CodeBlock> {
        let (code, literals, file) = self.parts(method)?;
        let kernel = self.model.is_kernel_method(method)?;
        let block = self.made_ready(method, code, literals, file, kernel);
        let added = self.codes.add(block);
        if self.codes.wants_collection() {
            self.exec.attention.store(true, Ordering::Relaxed);
        }
        let code = added?;
        // Its number is in closures' CREATOR, so what refers to the method must go on doing so.
        self.model.heap.pin(method);
        self.codes.touched.push(code);
        self.code_loaded(code)?;
        self.trap_loaded(code);
        Ok(code)
    }

    /// Decoded bytecode, literals and file of a method.
    fn parts(&mut self, method: Oop) -> HeapResult<(Code, Vec<Oop>, String)> {
        if !method.is_pointer()
            || !self
                .model
                .heap
                .is_instance(method, format::wellknown::GS_NMETHOD)
        {
            return Err(damaged(format!("{method:?} is no method")));
        }
        let bytes = self.model.heap.slot(method, method::CODE)?;
        let array = self.model.heap.slot(method, method::LITERALS)?;
        let file = self.model.heap.slot(method, method::FILE)?;
        let code = decode(self.model.heap.bytes(bytes)).map_err(|e| damaged(e.to_string()))?;
        let count = if array.is_pointer() {
            self.model.heap.size(array)
        } else {
            0
        };
        verify(&code, count).map_err(|e| damaged(e.to_string()))?;
        let mut literals = Vec::with_capacity(count);
        for i in 0..count {
            literals.push(self.model.heap.element(array, i)?);
        }
        for site in &code.sites {
            if !self.model.heap.is_symbol(literals[site.selector as usize]) {
                return Err(damaged(format!(
                    "method {} has a selector that is no symbol",
                    code.name
                )));
            }
        }
        Ok((code, literals, self.model.heap.text(file)))
    }

    fn made_ready(
        &mut self,
        method: Oop,
        code: Code,
        literals: Vec<Oop>,
        file: String,
        kernel: bool,
    ) -> CodeBlock {
        let primitive_name = code.primitive.as_deref().map(gem_bytecode::camel_case);
        let primitive = primitive_name
            .as_deref()
            .and_then(|n| self.codes.primitives.get(n).copied());
        let make_env = code
            .instructions
            .iter()
            .find(|i| i.op() == Some(Op::MakeEnv))
            .copied();
        CodeBlock {
            number: Cell::new(0),
            born: Cell::new(0),
            method,
            kind: code.kind,
            kernel,
            environment: code.environment,
            registers: code.registers,
            simple: code.params.is_simple(),
            env_shape: Cell::new(ShapeId::NONE),
            plain_params: plain_params(&code.params),
            has_env: make_env.is_some(),
            env_register: make_env.map_or(0, |i| i.a()),
            env_variables: make_env.map_or(0, |i| i.b()),
            sites: code
                .sites
                .iter()
                .map(|s| Site::new(literals[s.selector as usize], s.argc, s.flags))
                .collect(),
            caches: (0..code.caches).map(|_| ValueCache::default()).collect(),
            handlers: code.handlers.into(),
            instructions: code.instructions.into_iter().map(Cell::new).collect(),
            blocks: literals.iter().map(|_| OnceCell::new()).collect(),
            literals: literals.into_iter().map(Cell::new).collect(),
            primitive,
            primitive_name,
            untrapped: OnceCell::new(),
            lines: code.lines,
            columns: code.columns,
            file,
            env_names: code.env_names,
            local_names: code.local_names,
            params: code.params,
            name: code.name,
        }
    }

    /// The code of the block literal `index` of `code`.
    pub(crate) fn block_code(
        &mut self,
        code: &'static CodeBlock,
        index: u16,
    ) -> HeapResult<&'static CodeBlock> {
        if let Some(&block) = code.blocks[index as usize].get() {
            return Ok(block);
        }
        let block = self.loaded(code.literals[index as usize].get())?;
        let _ = code.blocks[index as usize].set(block);
        Ok(block)
    }
}

fn damaged(what: String) -> HeapError {
    HeapError::Host(HostError::Damaged(what))
}

/// Nothing but required parameters, and no `|a, |`.
fn plain_params(p: &gem_bytecode::Params) -> bool {
    gem_bytecode::Params {
        lenient: false,
        ..p.clone()
    }
    .is_simple()
        && !(p.trailing_comma && p.required == 1)
}
