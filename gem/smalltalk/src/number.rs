//! Number literals: integers of any size, radix, exponents, floats, and the three kinds of decimal numbers. The sign is the parser's business,
//! except behind a radix (`16r-1F`).

use gem_bytecode::Literal;
use num_bigint::BigInt;

/// More digits or a greater exponent than this are taken for a mistake: they would cost minutes.
const DIGITS_MAX: usize = 50_000;

/// What a DecimalFloat holds: significant digits, and the exponent when one of them is before the point (kernel/numbers/DecimalFloat).
const DECIMAL_DIGITS: usize = 20;
const DECIMAL_EXPONENT_MAX: u32 = 15_000;

/// The number at the start of `text`, which begins with a digit, and its length in bytes.
pub(crate) fn scan(text: &str) -> Result<(Literal, usize), String> {
    let mut scanner = Scanner {
        bytes: text.as_bytes(),
        at: 0,
    };
    let literal = scanner.number()?;
    Ok((literal, scanner.at))
}

/// The literal with the other sign.
pub(crate) fn negate(literal: Literal) -> Literal {
    match literal {
        Literal::Integer(i) => Literal::Integer(-i),
        Literal::Float(f) => Literal::Float(-f),
        Literal::ScaledDecimal(n, d, s) => Literal::ScaledDecimal(-n, d, s),
        Literal::FixedPoint(n, d, s) => Literal::FixedPoint(-n, d, s),
        Literal::DecimalFloat(m, e) => Literal::DecimalFloat(-m, e),
        other => other,
    }
}

struct Scanner<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Scanner<'a> {
    fn peek(&self, ahead: usize) -> u8 {
        self.bytes.get(self.at + ahead).copied().unwrap_or(0)
    }

    fn digits(&mut self, radix: u32) -> Result<&'a [u8], String> {
        let start = self.at;
        while (self.peek(0) as char).is_digit(radix) {
            self.at += 1;
        }
        if self.at - start > DIGITS_MAX {
            return Err("a number has too many digits".to_string());
        }
        Ok(&self.bytes[start..self.at])
    }

    fn number(&mut self) -> Result<Literal, String> {
        let mut radix = 10;
        let mut negative = false;
        let mut whole = self.digits(10)?;
        if self.peek(0) == b'r' {
            let minus = (self.peek(1) == b'-') as usize;
            radix = std::str::from_utf8(whole)
                .ok()
                .and_then(|s| s.parse().ok())
                .filter(|r| (2..=36).contains(r))
                .ok_or("a radix is between 2 and 36")?;
            self.at += 1 + minus;
            negative = minus == 1;
            whole = self.digits(radix)?;
            if whole.is_empty() {
                return Err(format!("digits of radix {radix} are missing"));
            }
        }
        let mut fraction: &[u8] = &[];
        if self.peek(0) == b'.' && (self.peek(1) as char).is_digit(radix) {
            self.at += 1;
            fraction = self.digits(radix)?;
        }
        let (exponent, kind) = self.exponent()?;
        let parts = Parts {
            radix,
            whole,
            fraction,
            exponent,
        };
        let literal = match kind {
            Exponent::Decimal => parts.decimal()?,
            kind => match self.scale()? {
                Some((b'p', scale)) => parts.fixed(scale),
                Some((_, scale)) => parts.scaled(scale)?,
                None if fraction.is_empty() && kind == Exponent::Plain && exponent >= 0 => {
                    Literal::Integer(parts.integer())
                }
                None => Literal::Float(parts.float()),
            },
        };
        Ok(if negative { negate(literal) } else { literal })
    }

    /// A letter, a sign, digits; and what the letter asks for. 0 when there is none.
    fn exponent(&mut self) -> Result<(i32, Exponent), String> {
        let minus = (self.peek(1) == b'-') as usize;
        let kind = match self.peek(0) {
            b'e' | b'E' => Exponent::Plain,
            b'd' | b'D' | b'q' | b'Q' => Exponent::Float,
            b'f' | b'F' => Exponent::Decimal,
            _ => return Ok((0, Exponent::Plain)),
        };
        if !self.peek(1 + minus).is_ascii_digit() {
            return Ok((0, Exponent::Plain));
        }
        self.at += 1 + minus;
        let digits = self.digits(10)?;
        let value = std::str::from_utf8(digits)
            .ok()
            .and_then(|s| s.parse::<i32>().ok())
            .filter(|&e| e as usize <= DIGITS_MAX)
            .ok_or("an exponent is too large")?;
        Ok((if minus == 1 { -value } else { value }, kind))
    }

    /// `s` or `p` with optional digits; no number when the digits are left to the fraction's length.
    fn scale(&mut self) -> Result<Option<(u8, Option<u32>)>, String> {
        let (letter, next) = (self.peek(0), self.peek(1));
        if !matches!(letter, b's' | b'p')
            || next.is_ascii_alphabetic()
            || next == b'_'
            || next == b':'
        {
            return Ok(None);
        }
        self.at += 1;
        let digits = self.digits(10)?;
        if digits.is_empty() {
            return Ok(Some((letter, None)));
        }
        std::str::from_utf8(digits)
            .ok()
            .and_then(|s| s.parse::<u32>().ok())
            .filter(|&s| s as usize <= DIGITS_MAX)
            .map(|s| Some((letter, Some(s))))
            .ok_or_else(|| "a scale is too large".to_string())
    }
}

/// What the letter of an exponent makes of a number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Exponent {
    /// None, or `e`: an integer stays one.
    Plain,
    /// `d`, `q`
    Float,
    /// `f`
    Decimal,
}

struct Parts<'a> {
    radix: u32,
    whole: &'a [u8],
    fraction: &'a [u8],
    exponent: i32,
}

impl Parts<'_> {
    fn power(&self, exponent: u32) -> BigInt {
        BigInt::from(self.radix).pow(exponent)
    }

    fn mantissa(&self) -> BigInt {
        let digits = [self.whole, self.fraction].concat();
        BigInt::parse_bytes(&digits, self.radix).unwrap_or_default()
    }

    fn integer(&self) -> BigInt {
        self.mantissa() * self.power(self.exponent.max(0) as u32)
    }

    /// Numerator and denominator, not reduced.
    fn ratio(&self) -> (BigInt, BigInt) {
        let down = self.fraction.len() as i64 - self.exponent as i64;
        let factor = self.power(down.unsigned_abs() as u32);
        match down >= 0 {
            true => (self.mantissa(), factor),
            false => (self.mantissa() * factor, BigInt::from(1)),
        }
    }

    /// A number with more decimals than the scale would not be what is written.
    fn scaled(&self, scale: Option<u32>) -> Result<Literal, String> {
        let decimals = self.fraction.len() as i64 - i64::from(self.exponent);
        let scale = scale.unwrap_or(self.fraction.len() as u32);
        if decimals > i64::from(scale) && self.radix == 10 {
            return Err(format!("there are more decimals than the scale, {scale}"));
        }
        let (numerator, denominator) = self.ratio();
        Ok(Literal::ScaledDecimal(numerator, denominator, scale))
    }

    fn fixed(&self, scale: Option<u32>) -> Literal {
        let (numerator, denominator) = self.ratio();
        let scale = scale.unwrap_or(self.fraction.len() as u32);
        Literal::FixedPoint(numerator, denominator, scale)
    }

    /// Rounded to 20 digits, halves to the even one.
    fn decimal(&self) -> Result<Literal, String> {
        if self.radix != 10 {
            return Err("a decimal float has the radix 10".to_string());
        }
        let mut mantissa = self.mantissa();
        let mut exponent = self.exponent - self.fraction.len() as i32;
        let digits = mantissa.to_string().len();
        if digits > DECIMAL_DIGITS {
            let unit = BigInt::from(10).pow((digits - DECIMAL_DIGITS) as u32);
            let (quotient, rest) = (&mantissa / &unit, (&mantissa % &unit) * 2);
            let odd = quotient.bit(0);
            let up = rest > unit || (rest == unit && odd);
            mantissa = quotient + u8::from(up);
            exponent += (digits - DECIMAL_DIGITS) as i32;
        }
        let text = mantissa.to_string();
        let zeros = text.len() - text.trim_end_matches('0').len();
        if zeros == text.len() {
            return Ok(Literal::DecimalFloat(0.into(), 0));
        }
        if zeros > 0 {
            mantissa /= BigInt::from(10).pow(zeros as u32);
            exponent += zeros as i32;
        }
        let shown = exponent + (text.len() - zeros) as i32 - 1;
        match shown.unsigned_abs() <= DECIMAL_EXPONENT_MAX {
            true => Ok(Literal::DecimalFloat(mantissa, exponent)),
            false => Err("the exponent of a decimal float is too large".to_string()),
        }
    }

    fn float(&self) -> f64 {
        if self.radix == 10 {
            let text = format!(
                "{}.{}e{}",
                String::from_utf8_lossy(self.whole),
                String::from_utf8_lossy(self.fraction),
                self.exponent
            );
            return text.parse().unwrap_or(f64::NAN);
        }
        let (numerator, denominator) = self.ratio();
        ratio_to_float(&numerator, &denominator)
    }
}

/// Correctly rounded up to the last halfway case: 64 bits of quotient and a sticky bit.
fn ratio_to_float(numerator: &BigInt, denominator: &BigInt) -> f64 {
    if *numerator == BigInt::from(0) {
        return 0.0;
    }
    let shift = 64 + denominator.bits() as i64 - numerator.bits() as i64;
    let (n, d) = match shift >= 0 {
        true => (numerator << shift as usize, denominator.clone()),
        false => (numerator.clone(), denominator << (-shift) as usize),
    };
    let quotient = &n / &d;
    let sticky = BigInt::from((&quotient * &d != n) as u8);
    let rounded = (quotient | sticky).to_string().parse::<f64>();
    // Twice half of the power, so that a subnormal result does not pass through zero.
    let half = (-shift / 2) as i32;
    rounded.unwrap_or(f64::NAN) * 2f64.powi(half) * 2f64.powi((-shift) as i32 - half)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn integer(text: &str) -> BigInt {
        match scan(text) {
            Ok((Literal::Integer(i), n)) if n == text.len() => i,
            other => panic!("{text}: {other:?}"),
        }
    }

    fn float(text: &str) -> f64 {
        match scan(text) {
            Ok((Literal::Float(f), n)) if n == text.len() => f,
            other => panic!("{text}: {other:?}"),
        }
    }

    #[test]
    fn integers() {
        assert_eq!(integer("0"), 0.into());
        assert_eq!(integer("16r1F"), 31.into());
        assert_eq!(integer("16r-1f"), (-31).into());
        assert_eq!(integer("36rZZ"), 1295.into());
        assert_eq!(integer("2r101e3"), 40.into());
        assert_eq!(integer("1e3"), 1000.into());
        assert_eq!(
            integer("123456789012345678901234567890").to_string(),
            "123456789012345678901234567890"
        );
    }

    #[test]
    fn floats() {
        assert_eq!(float("1.5"), 1.5);
        assert_eq!(float("1.5e-3"), 0.0015);
        assert_eq!(float("1e-2"), 0.01);
        assert_eq!(float("1.5E2"), 150.0);
        assert_eq!(float("2d0"), 2.0);
        assert_eq!(float("0.1q2"), 10.0);
        assert_eq!(float("2r1.1"), 1.5);
        assert_eq!(float("8r0.4e1"), 4.0);
        assert_eq!(float("16r0.8"), 0.5);
        assert_eq!(float("1.0e400"), f64::INFINITY);
    }

    #[test]
    fn scaled_decimals() {
        let scaled = |n: i32, d: i32, s| Literal::ScaledDecimal(n.into(), d.into(), s);
        assert_eq!(scan("1.5s2"), Ok((scaled(15, 10, 2), 5)));
        assert_eq!(scan("1.25s"), Ok((scaled(125, 100, 2), 5)));
        assert_eq!(scan("7s"), Ok((scaled(7, 1, 0), 2)));
        assert_eq!(negate(scaled(7, 1, 0)), scaled(-7, 1, 0));
        assert!(scan("1.25s1").is_err());
    }

    #[test]
    fn fixed_points_and_decimal_floats() {
        let fixed = Literal::FixedPoint(125.into(), 100.into(), 1);
        assert_eq!(scan("1.25p1"), Ok((fixed.clone(), 6)));
        assert_eq!(
            negate(fixed),
            Literal::FixedPoint((-125).into(), 100.into(), 1)
        );
        let decimal = |m: i64, e| Literal::DecimalFloat(m.into(), e);
        assert_eq!(scan("1.5f0"), Ok((decimal(15, -1), 5)));
        assert_eq!(scan("100F2"), Ok((decimal(1, 4), 5)));
        assert_eq!(scan("0.0f5"), Ok((decimal(0, 0), 5)));
        assert_eq!(scan("1.00000000000000000005f0").unwrap().0, decimal(1, 0));
        let even = BigInt::parse_bytes(b"10000000000000000002", 10).unwrap();
        assert_eq!(
            scan("1.00000000000000000015f0").unwrap().0,
            Literal::DecimalFloat(even, -19)
        );
        assert!(scan("1f15001").is_err());
        assert_eq!(scan("1f-15000"), Ok((decimal(1, -15000), 8)));
        assert_eq!(scan("3factorial").unwrap().1, 1);
        assert_eq!(scan("3printString").unwrap().1, 1);
    }

    #[test]
    fn what_follows_a_number_stays() {
        assert_eq!(scan("3.").unwrap().1, 1);
        assert_eq!(scan("3.foo").unwrap().1, 1);
        assert_eq!(scan("3sqrt").unwrap().1, 1);
        assert_eq!(scan("3even").unwrap().1, 1);
        assert_eq!(scan("3e").unwrap().1, 1);
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["1r0", "37r0", "16r", "16rg", "1e99999999999", "1e60000"] {
            assert!(scan(text).is_err(), "{text}");
        }
        assert!(scan(&"9".repeat(DIGITS_MAX + 1)).is_err());
    }
}
