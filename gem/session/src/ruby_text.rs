//! Ruby texts outside of a running program: checks, and interactive evaluation.

use crate::ruby::RubyEnd;
use crate::session::Session;
use gem_vm::Oop;

impl Session {
    /// `$VERBOSE` and `$DEBUG`, as options set them.
    pub fn set_ruby_flags(&mut self, verbose: Option<bool>, debug: bool) {
        let verbose = verbose.map_or(Oop::NIL, Oop::from_bool);
        for (name, value) in [("$VERBOSE", verbose), ("$DEBUG", Oop::from_bool(debug))] {
            let name = self.vm.model.heap.symbol(name);
            self.vm.model.set_global(name, value);
        }
    }

    /// Evaluates a text in a Binding; answers the value's `inspect`.
    ///
    /// # Errors
    /// How the text ended otherwise.
    pub fn evaluate_ruby(
        &mut self,
        binding: Oop,
        source: &str,
        file: &str,
        line: u32,
    ) -> Result<String, RubyEnd> {
        if let Err(e) = gem_ruby::compile_eval(source.as_bytes(), file, line, &[]) {
            return Err(RubyEnd::Syntax(e.to_string()));
        }
        let memory = |e: gem_vm::HeapError| RubyEnd::Broken(e.to_string());
        let source = self
            .vm
            .model
            .heap
            .new_string(source.as_bytes())
            .map_err(memory)?;
        let file = self
            .vm
            .model
            .heap
            .new_string(file.as_bytes())
            .map_err(memory)?;
        let selector = self.vm.model.heap.symbol("eval");
        let args = [source, file, Oop::small_int_wrapping(i64::from(line))];
        let value = self
            .vm
            .send(binding, selector, &args, 1)
            .map_err(|e| self.end_of(e))?;
        // What the text wrote comes before its value.
        let _ = gem_primitives::flush_output(&mut self.vm);
        let selector = self.vm.model.heap.symbol("inspect");
        let shown = self
            .vm
            .send(value, selector, &[], 1)
            .map_err(|e| self.end_of(e))?;
        Ok(self.vm.model.heap.text(shown))
    }
}

/// Whether a text compiles.
///
/// # Errors
/// The compiler's words.
pub fn check_ruby(source: &[u8], file: &str, line: u32) -> Result<(), String> {
    gem_ruby::compile_script(source, file, line)
        .map(drop)
        .map_err(|e| e.to_string())
}

/// Where the text after `__END__` begins.
pub fn ruby_data_offset(source: &[u8]) -> Option<usize> {
    gem_ruby::script_data_offset(source)
}

/// Whether a text is the beginning of a program rather than a wrong one: for interactive input.
pub fn is_ruby_unfinished(source: &[u8]) -> bool {
    const SIGNS: &[&str] = &[
        "end-of-input",
        "unterminated",
        "expected an `end`",
        "expected a matching",
        "end of file",
    ];
    match gem_ruby::compile_eval(source, "(irb)", 1, &[]) {
        Ok(_) => false,
        Err(e) => SIGNS.iter().any(|sign| e.message.contains(sign)),
    }
}
