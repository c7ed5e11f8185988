//! Whole numbers of any length, as versions have them: dates and hashes overflow what machines
//! count in.

use std::cmp::Ordering;

/// A number by its decimal digits, without leading zeros; zero has none.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Number(Box<str>);

impl Number {
    /// From digits only; other text is nobody's to pass.
    pub(super) fn new(digits: &str) -> Self {
        Self(digits.trim_start_matches('0').into())
    }

    pub(super) const fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    /// The next one, as upper ends of ranges need.
    pub(super) fn next(&self) -> Self {
        let mut digits: Vec<u8> = self.0.bytes().collect();
        for digit in digits.iter_mut().rev() {
            if *digit < b'9' {
                *digit += 1;
                return Self(String::from_utf8_lossy(&digits).into());
            }
            *digit = b'0';
        }
        Self(format!("1{}", String::from_utf8_lossy(&digits)).into())
    }

    pub(super) fn as_str(&self) -> &str {
        if self.is_zero() { "0" } else { &self.0 }
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0.len().cmp(&other.0.len()).then_with(|| self.0.cmp(&other.0))
    }
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The digits a text starts with, and what follows.
pub(super) fn digits(text: &str) -> (&str, &str) {
    let end = text.find(|each: char| !each.is_ascii_digit()).unwrap_or(text.len());
    text.split_at_checked(end).unwrap_or((text, ""))
}

/// Whether a text is digits and nothing else.
pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|each| each.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_order_by_size_not_by_text() {
        let order = ["0", "1", "9", "10", "18446744073709551616", "100000000000000000000"];
        for pair in order.windows(2) {
            assert!(Number::new(pair[0]) < Number::new(pair[1]), "{pair:?}");
        }
        assert_eq!(Number::new("007"), Number::new("7"));
    }

    #[test]
    fn the_next_number_carries() {
        for (one, two) in [("0", "1"), ("9", "10"), ("199", "200"), ("999", "1000")] {
            assert_eq!(Number::new(one).next(), Number::new(two));
        }
    }
}
