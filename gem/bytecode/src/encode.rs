//! The stored form of a `Code` without its literals (they are an Array of objects beside it) and without
//! file and source (Strings beside it).
//!
//! Little-endian; strings are a u32 length and UTF-8 bytes; lists a u32 count. The fields in the order of `encode`.
//! Decoding checks every length; `verify` checks what the instructions do.

use crate::Instr;
use crate::code::{CallSite, Code, CodeKind, Handler, HandlerKind, KeyRest, Params};

const FORMAT_VERSION: u8 = 2;
/// What lies before the first string: version, kind, environment, registers, caches.
const HEAD_BYTES: usize = 1 + 1 + 1 + 2 + 2;

/// The bytes are not an encoded `Code`.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("compiled code is damaged: {0}")]
pub struct DecodeError(pub &'static str);

/// Encodes all but literals, file and source.
pub fn encode(code: &Code) -> Vec<u8> {
    let mut w = Writer(Vec::with_capacity(64 + code.instructions.len() * 8));
    w.u8(FORMAT_VERSION);
    w.u8(code.kind as u8);
    w.u8(code.environment);
    w.u16(code.registers);
    w.u16(code.caches);
    w.string(&code.name);
    w.string(code.primitive.as_deref().unwrap_or(""));
    let p = &code.params;
    w.u16(p.required);
    w.u16(p.optional);
    w.u16(p.post);
    w.u8(p.rest as u8
        | (p.block as u8) << 1
        | (p.lenient as u8) << 2
        | (p.trailing_comma as u8) << 3
        | (p.implicit as u8) << 4);
    w.u8(p.keyrest as u8);
    w.list(&p.keywords, |w, &(symbol, required)| {
        w.u16(symbol);
        w.u8(required as u8);
    });
    w.list(&p.names, |w, name| w.string(name));
    w.list(&code.sites, |w, s| {
        w.u16(s.selector);
        w.u16(s.argc);
        w.u16(s.flags);
    });
    w.list(&code.handlers, |w, h| {
        w.u32(h.start);
        w.u32(h.end);
        w.u32(h.target);
        w.u8(h.kind as u8);
        w.u16(h.reg);
    });
    w.places(code);
    w.list(&code.env_names, |w, name| w.string(name));
    w.list(&code.local_names, |w, (name, reg)| {
        w.string(name);
        w.u16(*reg);
    });
    w.list(&code.instructions, |w, i| {
        w.0.extend_from_slice(&i.0.to_le_bytes())
    });
    w.0
}

/// Name of the primitive that an encoded code tries before its instructions; nothing else is decoded.
///
/// # Errors
/// As `decode`, as far as it reads.
pub fn primitive_of(bytes: &[u8]) -> Result<Option<String>, DecodeError> {
    let mut r = Reader { bytes, at: 0 };
    if r.u8()? != FORMAT_VERSION {
        return Err(DecodeError("unknown version"));
    }
    r.take(HEAD_BYTES - 1)?;
    r.string()?;
    Ok(Some(r.string()?).filter(|name| !name.is_empty()))
}

/// Decodes what `encode` wrote; literals, file and source are empty.
///
/// # Errors
/// When a length, a tag or the version is impossible.
pub fn decode(bytes: &[u8]) -> Result<Code, DecodeError> {
    let mut r = Reader { bytes, at: 0 };
    if r.u8()? != FORMAT_VERSION {
        return Err(DecodeError("unknown version"));
    }
    let kind = match r.u8()? {
        0 => CodeKind::Method,
        1 => CodeKind::Block,
        2 => CodeKind::Body,
        3 => CodeKind::Eval,
        _ => return Err(DecodeError("unknown kind")),
    };
    let environment = r.u8()?;
    let registers = r.u16()?;
    let caches = r.u16()?;
    let name = r.string()?;
    let primitive = Some(r.string()?).filter(|s| !s.is_empty());
    let (required, optional, post) = (r.u16()?, r.u16()?, r.u16()?);
    let bits = r.u8()?;
    let keyrest = match r.u8()? {
        0 => KeyRest::None,
        1 => KeyRest::Present,
        2 => KeyRest::Forbidden,
        _ => return Err(DecodeError("unknown keyword rest")),
    };
    let keywords = r.list(3, |r| Ok((r.u16()?, r.u8()? != 0)))?;
    let names = r.list(4, Reader::string)?;
    let params = Params {
        required,
        optional,
        rest: bits & 1 != 0,
        post,
        keywords,
        keyrest,
        block: bits & 2 != 0,
        lenient: bits & 4 != 0,
        trailing_comma: bits & 8 != 0,
        implicit: bits & 16 != 0,
        names,
    };
    let sites = r.list(6, |r| {
        Ok(CallSite {
            selector: r.u16()?,
            argc: r.u16()?,
            flags: r.u16()?,
        })
    })?;
    let handlers = r.list(15, |r| {
        let (start, end, target) = (r.u32()?, r.u32()?, r.u32()?);
        let kind = match r.u8()? {
            0 => HandlerKind::Rescue,
            1 => HandlerKind::Ensure,
            2 => HandlerKind::OnDo,
            3 => HandlerKind::Curtail,
            4 => HandlerKind::Catch,
            _ => return Err(DecodeError("unknown handler kind")),
        };
        Ok(Handler {
            start,
            end,
            target,
            kind,
            reg: r.u16()?,
        })
    })?;
    let (lines, columns) = r.places()?;
    let env_names = r.list(4, Reader::string)?;
    let local_names = r.list(6, |r| Ok((r.string()?, r.u16()?)))?;
    let instructions = r.list(8, |r| {
        Ok(Instr(u64::from_le_bytes(
            r.take(8)?.try_into().expect("eight bytes"),
        )))
    })?;
    if r.at != bytes.len() {
        return Err(DecodeError("bytes left over"));
    }
    Ok(Code {
        name,
        kind,
        environment,
        params,
        registers,
        instructions,
        literals: Vec::new(),
        sites,
        handlers,
        caches,
        primitive,
        lines,
        columns,
        file: String::new(),
        source: String::new(),
        env_names,
        local_names,
    })
}

/// `Code::lines` and `Code::columns`.
type Places = (Vec<(u32, u32)>, Vec<u16>);

struct Writer(Vec<u8>);

impl Writer {
    fn u8(&mut self, v: u8) {
        self.0.push(v);
    }
    fn u16(&mut self, v: u16) {
        self.0.extend_from_slice(&v.to_le_bytes());
    }
    fn u32(&mut self, v: u32) {
        self.0.extend_from_slice(&v.to_le_bytes());
    }
    fn string(&mut self, s: &str) {
        self.u32(s.len() as u32);
        self.0.extend_from_slice(s.as_bytes());
    }
    /// Seven bits a byte, the lowest first; the high bit says that more follow.
    fn varint(&mut self, mut v: u32) {
        while v >= 0x80 {
            self.u8(v as u8 | 0x80);
            v >>= 7;
        }
        self.u8(v as u8);
    }
    /// Lines and columns: instructions and lines as differences from the entry before.
    fn places(&mut self, code: &Code) {
        self.u32(code.lines.len() as u32);
        let (mut pc, mut line) = (0, 0);
        for (i, &(next_pc, next_line)) in code.lines.iter().enumerate() {
            self.varint(next_pc.wrapping_sub(pc));
            let step = next_line.wrapping_sub(line) as i32;
            self.varint((step << 1 ^ step >> 31) as u32);
            self.varint(u32::from(code.columns.get(i).copied().unwrap_or(0)));
            (pc, line) = (next_pc, next_line);
        }
    }
    fn list<T>(&mut self, items: &[T], mut each: impl FnMut(&mut Writer, &T)) {
        self.u32(items.len() as u32);
        for item in items {
            each(self, item);
        }
    }
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn take(&mut self, n: usize) -> Result<&'a [u8], DecodeError> {
        let end = self
            .at
            .checked_add(n)
            .filter(|&e| e <= self.bytes.len())
            .ok_or(DecodeError("cut short"))?;
        let slice = &self.bytes[self.at..end];
        self.at = end;
        Ok(slice)
    }
    fn u8(&mut self) -> Result<u8, DecodeError> {
        Ok(self.take(1)?[0])
    }
    fn u16(&mut self) -> Result<u16, DecodeError> {
        Ok(u16::from_le_bytes(
            self.take(2)?.try_into().expect("two bytes"),
        ))
    }
    fn u32(&mut self) -> Result<u32, DecodeError> {
        Ok(u32::from_le_bytes(
            self.take(4)?.try_into().expect("four bytes"),
        ))
    }
    fn string(&mut self) -> Result<String, DecodeError> {
        let n = self.u32()? as usize;
        let bytes = self.take(n)?;
        String::from_utf8(bytes.to_vec()).map_err(|_| DecodeError("a name is not UTF-8"))
    }
    fn varint(&mut self) -> Result<u32, DecodeError> {
        let mut value = 0u32;
        for shift in (0..32).step_by(7) {
            let byte = self.u8()?;
            value |= u32::from(byte & 0x7f) << shift;
            if byte < 0x80 {
                return Ok(value);
            }
        }
        Err(DecodeError("a number is too long"))
    }
    fn places(&mut self) -> Result<Places, DecodeError> {
        let (mut pc, mut line) = (0u32, 0u32);
        let all = self.list(3, |r| {
            pc = pc.wrapping_add(r.varint()?);
            let step = r.varint()?;
            line = line.wrapping_add(step >> 1 ^ (step & 1).wrapping_neg());
            let column = u16::try_from(r.varint()?);
            let column = column.map_err(|_| DecodeError("a column is too large"))?;
            Ok(((pc, line), column))
        })?;
        Ok(all.into_iter().unzip())
    }
    /// A list whose items take at least `item_bytes` each, so that a false count cannot ask for memory.
    fn list<T>(
        &mut self,
        item_bytes: usize,
        mut each: impl FnMut(&mut Self) -> Result<T, DecodeError>,
    ) -> Result<Vec<T>, DecodeError> {
        let n = self.u32()? as usize;
        if n.saturating_mul(item_bytes) > self.bytes.len() - self.at {
            return Err(DecodeError("a list is longer than the code"));
        }
        (0..n).map(|_| each(self)).collect()
    }
}
