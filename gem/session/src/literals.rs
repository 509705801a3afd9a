//! Literals of compiled code as objects. All are frozen: code never changes its own literals.

use crate::error::SessionError;
use crate::install::Installer;
use format::{ObjectId, wellknown};
use gem_bytecode::Literal;
use gem_vm::Oop;
use num_bigint::BigInt;

impl Installer<'_> {
    /// The object of a literal.
    ///
    /// # Errors
    /// As `Installer::method`.
    pub(crate) fn literal(&mut self, literal: &Literal) -> Result<Oop, SessionError> {
        Ok(match literal {
            Literal::Nil => Oop::NIL,
            Literal::True => Oop::TRUE,
            Literal::False => Oop::FALSE,
            Literal::Integer(value) => self.vm.model.heap.new_integer(value)?,
            Literal::Float(value) => {
                let float = self.vm.model.heap.new_float(*value);
                self.frozen(float)
            }
            Literal::Rational(numerator, denominator) => {
                self.numbers(wellknown::FRACTION, &[numerator, denominator])?
            }
            Literal::Imaginary(part) => {
                let imaginary = self.literal(part)?;
                self.slots(wellknown::COMPLEX, &[Oop::ZERO, imaginary])
            }
            Literal::ScaledDecimal(numerator, denominator, scale) => self.numbers(
                wellknown::SCALED_DECIMAL,
                &[numerator, denominator, &BigInt::from(*scale)],
            )?,
            Literal::FixedPoint(numerator, denominator, scale) => self.numbers(
                wellknown::FIXED_POINT,
                &[numerator, denominator, &BigInt::from(*scale)],
            )?,
            Literal::DecimalFloat(mantissa, exponent) => self.numbers(
                wellknown::DECIMAL_FLOAT,
                &[mantissa, &BigInt::from(*exponent)],
            )?,
            Literal::Character(code_point) => Oop::character(*code_point),
            Literal::String { bytes, encoding } => {
                let string = self.vm.model.heap.new_string(bytes)?;
                if *encoding != 0 {
                    self.vm
                        .model
                        .heap
                        .set_detail(string, u8::try_from(*encoding).unwrap_or(0))?;
                }
                self.frozen(string)
            }
            Literal::Symbol(name) => self.vm.model.heap.symbol(name),
            Literal::Array(items) => {
                let items = items
                    .iter()
                    .map(|i| self.literal(i))
                    .collect::<Result<Vec<_>, _>>()?;
                let array = self.vm.model.heap.new_array(&items)?;
                self.frozen(array)
            }
            Literal::ByteArray(bytes) => {
                let array = self
                    .vm
                    .model
                    .heap
                    .new_bytes_of(wellknown::BYTE_ARRAY, bytes)?;
                self.frozen(array)
            }
            Literal::Regexp { source, options } => {
                let source = self.vm.model.heap.new_string(source)?;
                let source = self.frozen(source);
                self.slots(
                    wellknown::REGEXP,
                    &[source, Oop::small_int_wrapping(i64::from(*options))],
                )
            }
            Literal::Range {
                low,
                high,
                exclusive,
            } => {
                let (low, high) = (self.literal(low)?, self.literal(high)?);
                self.slots(wellknown::RANGE, &[low, high, Oop::from_bool(*exclusive)])
            }
            Literal::Code(code) => self.method(code)?,
            Literal::Global(name) => self
                .links
                .globals
                .get(name)
                .copied()
                .ok_or_else(|| SessionError::Definition(format!("there is no global {name}")))?,
            Literal::ClassVariable { class, name } => self
                .links
                .class_vars
                .get(&(class.clone(), name.clone()))
                .copied()
                .ok_or_else(|| {
                    SessionError::Definition(format!(
                        "there is no class variable {name} in {class}"
                    ))
                })?,
        })
    }

    fn frozen(&mut self, object: Oop) -> Oop {
        self.vm.model.heap.freeze(object);
        object
    }

    fn slots(&mut self, class: ObjectId, slots: &[Oop]) -> Oop {
        let object = self.vm.model.heap.new_with_slots(class, slots);
        self.frozen(object)
    }

    fn numbers(&mut self, class: ObjectId, parts: &[&BigInt]) -> Result<Oop, SessionError> {
        let parts = parts
            .iter()
            .map(|p| Ok(self.vm.model.heap.new_integer(p)?))
            .collect::<Result<Vec<_>, SessionError>>()?;
        Ok(self.slots(class, &parts))
    }
}
