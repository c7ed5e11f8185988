//! Predeclared names and the functions of the standard packages.

mod addresses;
mod arguments;
mod call;
mod conversions;
mod durations;
mod encodings;
mod layouts;
mod lists;
mod numbers;
mod predeclared;
mod regexes;
mod structs;
mod texts;
mod times;

use std::fmt;
use std::sync::Arc;

use crate::decimal::Number;
use crate::kind::Kind;
use crate::machine::{Machine, Outcome};
use crate::program::Expr;
use crate::value::Value;

pub(crate) use predeclared::predeclared;

/// A function, by its entry in a table.
#[derive(Clone, Copy)]
pub(crate) struct Function(&'static Entry);

/// What a package's name stands for.
#[derive(Debug, Clone)]
pub(crate) enum Member {
    Value(Expr),
    /// Upstream has it, this crate does not.
    Unsupported,
}

/// A standard package.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Package {
    functions: &'static [Entry],
    constants: &'static [(&'static str, Constant)],
    unsupported: &'static [&'static str],
}

#[derive(Debug, Clone, Copy)]
pub(crate) enum Constant {
    Text(&'static str),
    Int(i64),
    Decimal(&'static str),
}

/// A function and what it takes.
pub(crate) struct Entry {
    /// With its package, as messages name it.
    name: &'static str,
    parameters: &'static [Kind],
    result: Kind,
    /// Whether it takes values that are not known well enough for others.
    takes_open: bool,
    run: fn(&mut Machine<'_>, &[Value]) -> Outcome<Value>,
}

impl fmt::Debug for Entry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

/// An entry of a table.
const fn entry(
    name: &'static str,
    parameters: &'static [Kind],
    result: Kind,
    run: fn(&mut Machine<'_>, &[Value]) -> Outcome<Value>,
) -> Entry {
    Entry { name, parameters, result, takes_open: false, run }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name)
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.0.name == other.0.name
    }
}

impl Function {
    pub(crate) fn name(self) -> &'static str {
        self.0.name
    }

    /// The type of what it checks when it is used as a validator.
    pub(crate) fn first_kind(self) -> Kind {
        self.0.parameters.first().copied().unwrap_or(Kind::TOP)
    }

    fn checks(self) -> bool {
        self.0.result == Kind::BOOL
    }

    /// Whether its name alone constrains a value, such as `time.Time`.
    pub(crate) fn is_bare_validator(self) -> bool {
        self.checks() && self.0.parameters.len() == 1
    }

    /// Whether the first argument is a regular expression.
    pub(crate) fn takes_regex(self) -> bool {
        self.0.name.starts_with("regexp.")
    }
}

/// The package of an import path.
pub(crate) fn package(path: &str) -> Option<Package> {
    Some(match path {
        "list" => lists::PACKAGE,
        "strings" => texts::PACKAGE,
        "struct" => structs::PACKAGE,
        "time" => times::PACKAGE,
        "regexp" => regexes::PACKAGE,
        "math" => numbers::PACKAGE,
        "strconv" => conversions::PACKAGE,
        "encoding/json" => encodings::JSON,
        "encoding/base64" => encodings::BASE64,
        "net" => addresses::PACKAGE,
        _ => return None,
    })
}

/// Whether upstream has a package that this crate does not.
pub(crate) fn is_known_elsewhere(path: &str) -> bool {
    const PACKAGES: [&str; 27] = [
        "crypto/ed25519",
        "crypto/hmac",
        "crypto/md5",
        "crypto/sha1",
        "crypto/sha256",
        "crypto/sha512",
        "encoding",
        "encoding/csv",
        "encoding/hex",
        "encoding/openapi",
        "encoding/toml",
        "encoding/yaml",
        "html",
        "math/bits",
        "path",
        "text/tabwriter",
        "text/template",
        "tool",
        "tool/cli",
        "tool/exec",
        "tool/file",
        "tool/http",
        "tool/os",
        "uuid",
        "pkg/internal",
        "crypto",
        "text",
    ];
    PACKAGES.contains(&path)
}

/// A function or constant of a package.
pub(crate) fn member(package: Package, name: &str) -> Option<Member> {
    let is_named = |entry: &&Entry| entry.name.rsplit('.').next() == Some(name);
    if let Some(entry) = package.functions.iter().find(is_named) {
        return Some(Member::Value(Expr::Function(Function(entry))));
    }
    if let Some((_, constant)) = package.constants.iter().find(|(known, _)| *known == name) {
        return Some(Member::Value(match constant {
            Constant::Text(text) => Expr::Text((*text).into()),
            Constant::Int(number) => Expr::Number(Arc::new(Number::int(*number))),
            Constant::Decimal(written) => Expr::Number(Arc::new(Number::parse(written).ok()?)),
        }));
    }
    package.unsupported.contains(&name).then_some(Member::Unsupported)
}
