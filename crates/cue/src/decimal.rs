//! Numbers: exact integers and decimals, divided to 34 digits.

use std::cmp::Ordering;
use std::fmt;

use num_bigint::BigInt;
use num_integer::Integer as _;
use num_traits::{Signed as _, ToPrimitive as _, Zero as _};

use crate::token;

/// How many digits arithmetic keeps.
const PRECISION: u64 = 34;
/// Exponents beyond it are refused, and so are longer runs of digits.
const LARGEST_EXPONENT: i64 = 20_000;
const MOST_DIGITS: usize = 20_000;

/// A coefficient times a power of ten.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Decimal {
    coefficient: BigInt,
    exponent: i64,
}

/// A number and whether it is an integer by its type.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Number {
    pub(crate) value: Decimal,
    pub(crate) is_int: bool,
}

impl Number {
    pub(crate) fn int(value: impl Into<BigInt>) -> Self {
        Self { value: Decimal::from_int(value), is_int: true }
    }

    pub(crate) fn float(value: Decimal) -> Self {
        Self { value, is_int: false }
    }

    /// Reads a literal of the language.
    pub(crate) fn parse(written: &str) -> Result<Self, String> {
        let digits: String = written.chars().filter(|digit| *digit != '_').collect();
        for (base, radix) in [("0x", 16), ("0X", 16), ("0b", 2), ("0o", 8)] {
            if let Some(digits) = digits.strip_prefix(base) {
                let value = (digits.len() <= MOST_DIGITS)
                    .then(|| BigInt::parse_bytes(digits.as_bytes(), radix))
                    .flatten();
                return value.map(Self::int).ok_or_else(|| "number too long".to_owned());
            }
        }
        let multiplier =
            digits.trim_start_matches(|part: char| !part.is_ascii_uppercase() || part == 'E');
        let plain = digits.strip_suffix(multiplier).unwrap_or(&digits);
        let value = Decimal::parse(plain)?;
        if multiplier.is_empty() {
            return Ok(Self { value, is_int: !token::is_float(written) });
        }
        let power = match multiplier.chars().next() {
            Some('K') => 1,
            Some('M') => 2,
            Some('G') => 3,
            Some('T') => 4,
            _ => 5,
        };
        let base = if multiplier.ends_with('i') { 1024 } else { 1000 };
        let factor = Decimal::from_int(BigInt::from(base).pow(power));
        let value = value.times_exactly(&factor);
        Ok(Self { value: value.truncated(), is_int: true })
    }
}

impl Decimal {
    pub(crate) fn from_int(value: impl Into<BigInt>) -> Self {
        Self { coefficient: value.into(), exponent: 0 }
    }

    /// Reads digits with an optional sign, fraction and exponent.
    pub(crate) fn parse(written: &str) -> Result<Self, String> {
        let (mantissa, exponent) = match written.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => {
                let exponent = exponent.strip_prefix('+').unwrap_or(exponent);
                (mantissa, exponent.parse::<i64>().map_err(|_| "exponent out of range")?)
            }
            None => (written, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.len() + fraction.len() > MOST_DIGITS {
            return Err("number too long".to_owned());
        }
        let places = i64::try_from(fraction.len()).unwrap_or(i64::MAX);
        let exponent = exponent.saturating_sub(places);
        if exponent.abs() > LARGEST_EXPONENT {
            return Err("exponent out of range".to_owned());
        }
        let digits = format!("{whole}{fraction}");
        let coefficient = BigInt::parse_bytes(digits.as_bytes(), 10)
            .ok_or_else(|| format!("invalid number {written:?}"))?;
        Ok(Self { coefficient, exponent })
    }

    pub(crate) fn is_zero(&self) -> bool {
        self.coefficient.is_zero()
    }

    pub(crate) fn is_negative(&self) -> bool {
        self.coefficient.is_negative()
    }

    pub(crate) fn negated(&self) -> Self {
        Self { coefficient: -&self.coefficient, exponent: self.exponent }
    }

    pub(crate) fn absolute(&self) -> Self {
        Self { coefficient: self.coefficient.abs(), exponent: self.exponent }
    }

    fn n_digits(&self) -> u64 {
        if self.coefficient.is_zero() {
            return 1;
        }
        let digits = self.coefficient.magnitude().to_str_radix(10).len();
        u64::try_from(digits).unwrap_or(u64::MAX)
    }

    /// The coefficient with fewer zeros in the exponent.
    fn scaled_to(&self, exponent: i64) -> BigInt {
        let places = u32::try_from(self.exponent.saturating_sub(exponent)).unwrap_or(0);
        if places == 0 {
            return self.coefficient.clone();
        }
        &self.coefficient * BigInt::from(10).pow(places)
    }

    /// Rounded half up to the digits that arithmetic keeps.
    fn rounded(self) -> Self {
        let digits = self.n_digits();
        let Some(excess) = digits.checked_sub(PRECISION).filter(|excess| *excess > 0) else {
            return self;
        };
        let divisor = BigInt::from(10).pow(u32::try_from(excess).unwrap_or(u32::MAX));
        let half = &divisor / 2_u32;
        let magnitude = (self.coefficient.abs() + half) / divisor;
        let coefficient = if self.is_negative() { -magnitude } else { magnitude };
        let exponent = self.exponent.saturating_add(i64::try_from(excess).unwrap_or(i64::MAX));
        Self { coefficient, exponent }.rounded()
    }

    pub(crate) fn plus(&self, other: &Self) -> Option<Self> {
        let exponent = self.exponent.min(other.exponent);
        let coefficient = self.scaled_to(exponent) + other.scaled_to(exponent);
        Self { coefficient, exponent }.rounded().checked()
    }

    pub(crate) fn minus(&self, other: &Self) -> Option<Self> {
        self.plus(&other.negated())
    }

    /// For bounds, which compare without rounding.
    pub(crate) fn minus_exactly(&self, other: &Self) -> Self {
        let exponent = self.exponent.min(other.exponent);
        let coefficient = self.scaled_to(exponent) - other.scaled_to(exponent);
        Self { coefficient, exponent }
    }

    fn times_exactly(&self, other: &Self) -> Self {
        Self {
            coefficient: &self.coefficient * &other.coefficient,
            exponent: self.exponent.saturating_add(other.exponent),
        }
    }

    pub(crate) fn times(&self, other: &Self) -> Option<Self> {
        self.times_exactly(other).rounded().checked()
    }

    /// Divided to 34 digits, without trailing zeros but one.
    pub(crate) fn divided_by(&self, other: &Self) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        let wanted = PRECISION.saturating_add(2).saturating_add(other.n_digits());
        let places = i64::try_from(wanted.saturating_sub(self.n_digits())).unwrap_or(0);
        let exponent = self.exponent.saturating_sub(places);
        let dividend = self.scaled_to(exponent);
        let (mut quotient, rest) = dividend.div_rem(&other.coefficient);
        let mut exponent = exponent.saturating_sub(other.exponent);
        if !rest.is_zero() {
            // A digit that is neither zero nor half keeps the rounding right.
            quotient =
                quotient * 10 + if self.is_negative() == other.is_negative() { 1 } else { -1 };
            exponent = exponent.saturating_sub(1);
        }
        Self { coefficient: quotient, exponent }.rounded().reduced().checked()
    }

    /// Without trailing zeros; a fraction keeps one digit.
    fn reduced(self) -> Self {
        let Self { mut coefficient, mut exponent } = self;
        let had_places = exponent < 0;
        if coefficient.is_zero() {
            exponent = 0;
        }
        loop {
            let (quotient, rest) = coefficient.div_rem(&BigInt::from(10));
            if coefficient.is_zero() || !rest.is_zero() {
                break;
            }
            coefficient = quotient;
            exponent = exponent.saturating_add(1);
        }
        if had_places && exponent >= 0 {
            coefficient *= 10;
            exponent = exponent.saturating_sub(1);
        }
        Self { coefficient, exponent }
    }

    fn checked(self) -> Option<Self> {
        (self.exponent.abs() <= LARGEST_EXPONENT.saturating_mul(2)).then_some(self)
    }

    /// Rounded towards minus infinity, to an integer.
    pub(crate) fn floor(&self) -> BigInt {
        self.split(num_integer::Integer::div_floor)
    }

    /// Rounded towards plus infinity, to an integer.
    pub(crate) fn ceil(&self) -> BigInt {
        -self.negated().floor()
    }

    /// Rounded towards zero, to an integer.
    pub(crate) fn trunc(&self) -> BigInt {
        self.split(|value, unit| value / unit)
    }

    /// Rounded to the nearest integer, halves away from zero.
    pub(crate) fn round(&self) -> BigInt {
        let rounded = self.absolute().plus_half().floor();
        if self.is_negative() { -rounded } else { rounded }
    }

    fn plus_half(&self) -> Self {
        let half = Self { coefficient: BigInt::from(5), exponent: -1 };
        self.minus_exactly(&half.negated())
    }

    fn split(&self, divide: impl Fn(&BigInt, &BigInt) -> BigInt) -> BigInt {
        if self.exponent >= 0 {
            return self.scaled_to(0);
        }
        let places = u32::try_from(self.exponent.unsigned_abs()).unwrap_or(u32::MAX);
        divide(&self.coefficient, &BigInt::from(10).pow(places))
    }

    fn truncated(&self) -> Self {
        Self::from_int(self.trunc())
    }

    /// The integer it is, if it is one.
    pub(crate) fn to_int(&self) -> Option<BigInt> {
        let whole = self.trunc();
        (Self::from_int(whole.clone()).compare(self) == Ordering::Equal).then_some(whole)
    }

    pub(crate) fn to_i64(&self) -> Option<i64> {
        self.to_int()?.to_i64()
    }

    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        if self.exponent == other.exponent {
            return self.coefficient.cmp(&other.coefficient);
        }
        let exponent = self.exponent.min(other.exponent);
        self.scaled_to(exponent).cmp(&other.scaled_to(exponent))
    }
}

impl fmt::Display for Decimal {
    /// Plain where the exponent is small, else in scientific notation.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.coefficient.magnitude().to_str_radix(10);
        let n_digits = i64::try_from(digits.len()).unwrap_or(i64::MAX);
        let adjusted = self.exponent.saturating_add(n_digits).saturating_sub(1);
        if self.is_negative() {
            f.write_str("-")?;
        }
        if self.exponent <= 0 && adjusted >= -6 {
            let places = usize::try_from(self.exponent.unsigned_abs()).unwrap_or(0);
            if places == 0 {
                return f.write_str(&digits);
            }
            let padded = format!("{digits:0>width$}", width = places.saturating_add(1));
            let (whole, fraction) = padded.split_at(padded.len().saturating_sub(places));
            return write!(f, "{whole}.{fraction}");
        }
        let (first, rest) = digits.split_at(digits.len().min(1));
        f.write_str(first)?;
        if !rest.is_empty() {
            write!(f, ".{rest}")?;
        }
        write!(f, "E{adjusted:+}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn printed(written: &str) -> String {
        let number = Number::parse(written).unwrap();
        format!("{} {}", number.value, if number.is_int { "int" } else { "float" })
    }

    #[test]
    fn literals_are_read() {
        for (written, expected) in [
            ("1", "1 int"),
            ("1_000", "1000 int"),
            ("1.0", "1.0 float"),
            ("1.50", "1.50 float"),
            ("1e3", "1E+3 float"),
            ("1.5e-10", "1.5E-10 float"),
            ("0.0000001", "1E-7 float"),
            ("0.000001", "0.000001 float"),
            (".5", "0.5 float"),
            ("0x1F", "31 int"),
            ("0b101", "5 int"),
            ("0o17", "15 int"),
            ("1.5K", "1500 int"),
            ("5.5Ki", "5632 int"),
            ("1Gi", "1073741824 int"),
        ] {
            assert_eq!(printed(written), expected, "{written}");
        }
    }

    #[test]
    fn division_keeps_34_digits() {
        let quotient = |a: &str, b: &str| {
            let (a, b) = (Decimal::parse(a).unwrap(), Decimal::parse(b).unwrap());
            a.divided_by(&b).unwrap().to_string()
        };
        assert_eq!(quotient("1", "3"), "0.3333333333333333333333333333333333");
        assert_eq!(quotient("2", "3"), "0.6666666666666666666666666666666667");
        assert_eq!(quotient("10", "2"), "5.0");
        assert_eq!(quotient("10", "4"), "2.5");
        assert_eq!(quotient("100", "3"), "33.33333333333333333333333333333333");
        assert_eq!(quotient("-1", "3"), "-0.3333333333333333333333333333333333");
    }

    #[test]
    fn what_is_too_large_is_refused() {
        assert!(Decimal::parse("1e999999999").is_err());
        assert!(Decimal::parse(&"9".repeat(100_000)).is_err());
    }
}
