//! Types as sets, and their names in messages.

use std::fmt;
use std::ops::{BitAnd, BitOr};

/// A set of the basic types.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) struct Kind(u16);

impl Kind {
    pub(crate) const BOTTOM: Self = Self(0);
    pub(crate) const NULL: Self = Self(1);
    pub(crate) const BOOL: Self = Self(1 << 1);
    pub(crate) const INT: Self = Self(1 << 2);
    pub(crate) const FLOAT: Self = Self(1 << 3);
    pub(crate) const STRING: Self = Self(1 << 4);
    pub(crate) const BYTES: Self = Self(1 << 5);
    pub(crate) const FUNCTION: Self = Self(1 << 6);
    pub(crate) const LIST: Self = Self(1 << 7);
    pub(crate) const STRUCT: Self = Self(1 << 8);
    pub(crate) const NUMBER: Self = Self(Self::INT.0 | Self::FLOAT.0);
    pub(crate) const TOP: Self = Self((1 << 9) - 1);

    const NAMES: [(Self, &'static str); 8] = [
        (Self::NULL, "null"),
        (Self::BOOL, "bool"),
        (Self::INT, "int"),
        (Self::FLOAT, "float"),
        (Self::STRING, "string"),
        (Self::BYTES, "bytes"),
        (Self::FUNCTION, "func"),
        (Self::LIST, "list"),
    ];

    /// Both, where operators cannot be used.
    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn overlaps(self, other: Self) -> bool {
        self & other != Self::BOTTOM
    }

    pub(crate) fn is_within(self, other: Self) -> bool {
        self & other == self
    }

    pub(crate) fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }
}

impl BitAnd for Kind {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

impl BitOr for Kind {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if *self == Self::BOTTOM {
            return f.write_str("_|_");
        }
        if *self == Self::TOP {
            return f.write_str("_");
        }
        let is_number = Self::NUMBER.is_within(*self);
        let rest = if is_number { self.without(Self::NUMBER) } else { *self };
        let mut names: Vec<&str> = Self::NAMES
            .into_iter()
            .filter(|(kind, _)| kind.is_within(rest))
            .map(|(_, name)| name)
            .collect();
        if Self::STRUCT.is_within(rest) {
            names.push("struct");
        }
        if is_number {
            names.push("number");
        }
        match names.as_slice() {
            [name] => f.write_str(name),
            _ => write!(f, "({})", names.join("|")),
        }
    }
}
