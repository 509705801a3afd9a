//! Exceptions: a signal looks for a handler without unwinding. The handler blocks of Smalltalk run on top of the signaller, a rescue
//! unwinds to its frame.

use crate::{Call, ErrorKind, Library, Machine, Unwind, Value};
use gem_bytecode::HandlerKind;

impl<L: Library> Machine<L> {
    /// The library's exception for an error.
    pub fn error(&mut self, kind: ErrorKind, text: &str) -> Unwind {
        Unwind::Raise(L::exception(self, kind, text))
    }

    /// Index of the frame with the handler, the handler's number and kind.
    fn find_handler(&self, exception: &Value) -> Option<(usize, usize, HandlerKind)> {
        let mut index = self.frames.len();
        let mut first = 0;
        while index > 0 {
            let frame = &self.frames[index - 1];
            for (number, h) in frame.covering() {
                let filter = || frame.registers[h.reg as usize].as_ref();
                let takes = number >= first
                    && match h.kind {
                        HandlerKind::Rescue => true,
                        HandlerKind::OnDo => {
                            L::handles(self, filter().expect("a filter"), exception)
                        }
                        _ => false,
                    };
                if takes {
                    return Some((index - 1, number, h.kind));
                }
            }
            // Handlers between a running handler block and its frame do not count, and neither do those beside the one that runs.
            (index, first) = match frame.handling {
                Some((at, number)) => (at + 1, self.after(at, number)),
                None => (index - 1, 0),
            };
        }
        None
    }

    /// The first handler outside of those that protect the same instructions as handler `number`.
    fn after(&self, frame: usize, number: usize) -> usize {
        let handlers = &self.frames[frame].code.code.handlers;
        let range = |n: usize| (handlers[n].start, handlers[n].end);
        let beside = (0..handlers.len()).rfind(|&n| range(n) == range(number));
        beside.map_or(0, |last| last + 1)
    }

    /// Raises an exception from the running frame.
    pub(crate) fn signal(&mut self, exception: Value) -> Unwind {
        let Some((index, handler, kind)) = self.find_handler(&exception) else {
            return Unwind::Unhandled(exception);
        };
        let frame = self.frames[index].id;
        let mut value = exception;
        if kind == HandlerKind::OnDo {
            let h = self.frames[index].code.code.handlers[handler];
            let block = self.frames[index].registers[h.reg as usize + 1].clone();
            value = match block.expect("a handler block") {
                Value::Closure(closure) => {
                    let wanted = closure.code.code.params.required.min(1) as usize;
                    let call = Call::new(0, vec![value; wanted]);
                    match self.invoke_handling(&closure, call, (index, handler)) {
                        Ok(value) => value,
                        Err(Unwind::Raise(other)) => return self.signal(other),
                        Err(left) => return left,
                    }
                }
                // A handler that is no block is the value.
                other => other,
            };
        }
        Unwind::Handler {
            frame,
            handler,
            value,
        }
    }

    /// `throw`
    pub fn throw(&mut self, tag: &Value, value: Value) -> Unwind {
        for frame in self.frames.iter().rev() {
            for (handler, h) in frame.covering() {
                let register = frame.registers[h.reg as usize].as_ref();
                if h.kind == HandlerKind::Catch && register.is_some_and(|own| own.same(tag)) {
                    let frame = frame.id;
                    return Unwind::Handler {
                        frame,
                        handler,
                        value,
                    };
                }
            }
        }
        self.error(ErrorKind::UncaughtThrow, "uncaught throw")
    }
}
