//! Strings and symbols, with and without interpolation.

use crate::encoding::{BINARY, SourceEncoding, US_ASCII, UTF_8};
use crate::generator::{Gen, Want, on};
use gem_bytecode::{Op, SELF, site_flags};
use ruby_prism::*;

/// An encoding that literals can carry, and the name of another one that is given at run time.
type BytesEncoding = (u16, Option<String>);

impl Gen<'_> {
    /// Encoding of literal bytes: escapes can force one, else it is the source's. The name is one that only the running
    /// system knows.
    fn literal_encoding(&self, utf8: bool, binary: bool) -> BytesEncoding {
        match &self.encoding {
            _ if utf8 => (UTF_8, None),
            _ if binary => (BINARY, None),
            SourceEncoding::Known(e) => (*e, None),
            SourceEncoding::Named(name) => (BINARY, Some(name.clone())),
        }
    }

    /// A string with these bytes: the frozen literal, or a fresh one.
    fn load_string(
        &mut self,
        to: u16,
        bytes: &[u8],
        (encoding, named): BytesEncoding,
        frozen: bool,
    ) {
        let named = named.filter(|_| !bytes.is_ascii());
        let i = self.frame().string(bytes, encoding);
        let op = if frozen && named.is_none() {
            Op::LoadLit
        } else {
            Op::NewString
        };
        let Some(name) = named else {
            return self.emit(op, to, i, 0);
        };
        let base = self.temps(2);
        self.emit(op, base, i, 0);
        let i = self.frame().string(name.as_bytes(), UTF_8);
        self.emit(Op::LoadLit, base + 1, i, 0);
        self.send(Some(to), "force_encoding", base, 1, 0);
        self.release(base);
    }

    pub(crate) fn string_node(&mut self, node: &StringNode<'_>, want: Want) {
        if let Some(to) = want {
            let encoding = self.literal_encoding(
                node.is_forced_utf8_encoding(),
                node.is_forced_binary_encoding(),
            );
            self.load_string(to, node.unescaped(), encoding, node.is_frozen());
        }
    }

    pub(crate) fn symbol_node(&mut self, node: &SymbolNode<'_>, want: Want) {
        let Some(to) = want else { return };
        match std::str::from_utf8(node.unescaped()) {
            Ok(name) => self.load_symbol(to, name),
            Err(_) => {
                let base = self.temp();
                let encoding = self.literal_encoding(
                    node.is_forced_utf8_encoding(),
                    node.is_forced_binary_encoding(),
                );
                self.load_string(base, node.unescaped(), encoding, false);
                self.send(Some(to), "to_sym", base, 0, 0);
            }
        }
    }

    pub(crate) fn x_string(&mut self, node: &XStringNode<'_>, want: Want) {
        let base = self.temps(2);
        self.move_to(base, SELF);
        let encoding = self.literal_encoding(
            node.is_forced_utf8_encoding(),
            node.is_forced_binary_encoding(),
        );
        self.load_string(base + 1, node.unescaped(), encoding, false);
        self.set_line(&node.as_node());
        self.send(want, "`", base, 1, site_flags::SELF_CALL);
    }

    pub(crate) fn interpolated_x_string(&mut self, node: &InterpolatedXStringNode<'_>, want: Want) {
        let base = self.temps(2);
        self.move_to(base, SELF);
        self.concatenate(&node.parts(), base + 1);
        self.set_line(&node.as_node());
        self.send(want, "`", base, 1, site_flags::SELF_CALL);
    }

    pub(crate) fn interpolated_string(&mut self, node: &InterpolatedStringNode<'_>, want: Want) {
        if let Some((bytes, encoding)) = self.static_parts(&node.parts()) {
            if let Some(to) = want {
                self.load_string(to, &bytes, encoding, node.is_frozen());
            }
            return;
        }
        let to = self.out(want);
        self.concatenate(&node.parts(), to);
    }

    pub(crate) fn interpolated_symbol(&mut self, node: &InterpolatedSymbolNode<'_>, want: Want) {
        let base = self.temp();
        self.concatenate(&node.parts(), base);
        self.send(want, "to_sym", base, 0, 0);
    }

    /// The bytes of adjacent literals, when there is no interpolation among them.
    fn static_parts(&self, parts: &NodeList<'_>) -> Option<(Vec<u8>, BytesEncoding)> {
        let mut all = Vec::new();
        let mut encoding = self.literal_encoding(false, false);
        for part in parts.iter() {
            if let Some(s) = part.as_string_node() {
                all.extend_from_slice(s.unescaped());
                if s.is_forced_utf8_encoding() || s.is_forced_binary_encoding() {
                    encoding = self.literal_encoding(
                        s.is_forced_utf8_encoding(),
                        s.is_forced_binary_encoding(),
                    );
                }
            } else {
                let nested = part.as_interpolated_string_node()?;
                let (bytes, inner) = self.static_parts(&nested.parts())?;
                all.extend_from_slice(&bytes);
                if encoding.0 == US_ASCII {
                    encoding = inner;
                }
            }
        }
        Some((all, encoding))
    }

    /// A new string of all parts in `to`.
    pub(crate) fn concatenate(&mut self, parts: &NodeList<'_>, to: u16) {
        let mark = self.mark();
        let mut count = 0;
        let first = parts.iter().next();
        let literal_first = first.is_some_and(|p| p.as_string_node().is_some());
        if !literal_first && self.encoding != SourceEncoding::Known(UTF_8) {
            // the source's encoding is the result's, unless a part has another opinion
            let t = self.temp();
            count = 1;
            let encoding = self.literal_encoding(false, false);
            self.load_string(t, b"", encoding, true);
        }
        self.concatenate_after(count, mark, parts, to);
    }

    /// As `concatenate`, with `count` strings from register `mark` on before the parts.
    fn concatenate_after(&mut self, mut count: u16, mark: u16, parts: &NodeList<'_>, to: u16) {
        self.parts(parts, &mut count);
        let first = if count == 0 { to } else { mark };
        self.emit(Op::StrConcat, to, count, first);
        self.release(mark);
    }

    /// Each part as a string in a register of its own.
    fn parts(&mut self, parts: &NodeList<'_>, count: &mut u16) {
        for part in parts.iter() {
            if let Some(nested) = part.as_interpolated_string_node() {
                self.parts(&nested.parts(), count);
                continue;
            }
            let t = self.temp();
            *count = count.saturating_add(1);
            on!(&part, {
                StringNode.as_string_node => |n| {
                    let encoding = self.literal_encoding(n.is_forced_utf8_encoding(), n.is_forced_binary_encoding());
                    self.load_string(t, n.unescaped(), encoding, true);
                },
            } else {
                let value = match crate::literals::statements_of(&part) {
                    Some(statements) if statements.body().len() == 1 => {
                        let only = statements.body().first().expect("there is one");
                        self.operand(&only)
                    }
                    _ => {
                        let v = self.temp();
                        self.into(&part, v);
                        v
                    }
                };
                self.set_line(&part);
                self.fast(Op::ToStr, t, value, 0, t, "to_s", 0, site_flags::SELF_CALL);
                self.release(t + 1);
            });
        }
    }

    /// A regular expression with interpolation, made again each time, or kept when written with `o`.
    pub(crate) fn dynamic_regexp(
        &mut self,
        parts: &NodeList<'_>,
        options: u32,
        once: Option<u32>,
        to: u16,
    ) {
        match once {
            None => self.regexp_from_parts(parts, options, to),
            Some(offset) => {
                let key = self.once_key(offset);
                let base = self.kernel_base();
                let argument = self.temps(2);
                self.load_symbol(argument, &key);
                self.transparent_block(crate::facts::Tag::Once, offset, argument + 1, |g| {
                    let t = g.temp();
                    g.regexp_from_parts(parts, options, t);
                    g.emit(Op::Return, t, 0, 0);
                });
                self.send(Some(to), "__once", base, 1, site_flags::BLOCK);
                self.release(base);
            }
        }
    }

    fn regexp_from_parts(&mut self, parts: &NodeList<'_>, options: u32, to: u16) {
        let base = self.temps(3);
        let class = self.frame().symbol("Regexp");
        self.emit(Op::GetConstTop, base, class, 0);
        // a regular expression has an encoding of its own
        let mark = self.mark();
        self.concatenate_after(0, mark, parts, base + 1);
        self.load_int(base + 2, options as i32);
        self.send(Some(to), "__from_parts", base, 2, 0);
        self.release(base);
    }
}
