//! The parser's warnings: the program itself gives them when it starts, through the library, which knows `$VERBOSE` and `$stderr`.

use crate::generator::Gen;
use ruby_prism::ParseResult;

/// Beginnings and parts of warnings that only `-w` shows. The parser's levels do not reach us.
const VERBOSE_ONLY: &[&str] = &[
    "ambiguous ",
    "assigned but unused variable",
    "comparison '",
    "'when' clause",
    "'frozen_string_literal'",
    "ignored after any tokens",
    "mismatched indentations",
    "invalid value for",
    "without an expression",
    "shareable_constant_value",
    "statement not reached",
    "possibly useless use of",
    "regex literal in condition",
    "symbol literal in condition",
    "unused literal ignored",
];

/// One warning, with its place.
pub(crate) struct Warning {
    pub text: String,
    /// Only for `$VERBOSE` true.
    pub verbose: bool,
}

/// What the parser warns of, as Ruby prints it.
pub(crate) fn warnings(result: &ParseResult<'_>, file: &str) -> Vec<Warning> {
    let text = |w: ruby_prism::Diagnostic<'_>| {
        let message = String::from_utf8_lossy(w.message()).into_owned();
        Warning {
            text: format!("{file}:{}: warning: {message}", w.location().start_line()),
            verbose: VERBOSE_ONLY.iter().any(|part| message.contains(part)),
        }
    };
    result.warnings().map(text).collect()
}

impl Gen<'_> {
    /// Code that gives the warnings: one call for those that every program shows, one for the others.
    pub(crate) fn warn(&mut self, warnings: &[Warning]) {
        for (verbose, helper) in [
            (false, "__parser_warning"),
            (true, "__verbose_parser_warning"),
        ] {
            let wanted = warnings.iter().filter(|w| w.verbose == verbose);
            let lines: Vec<&str> = wanted.map(|w| w.text.as_str()).collect();
            if lines.is_empty() {
                continue;
            }
            let mark = self.mark();
            let base = self.kernel_base();
            let text = self.temp();
            let literal = self
                .frame()
                .string(lines.join("\n").as_bytes(), crate::encoding::UTF_8);
            self.emit(gem_bytecode::Op::LoadLit, text, literal, 0);
            self.send_helper(base, helper, base, 1);
            self.release(mark);
        }
    }
}
