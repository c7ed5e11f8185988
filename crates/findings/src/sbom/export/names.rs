//! The names that packages and files have in a written document: their own where those are
//! allowed and no two are the same, else numbered ones.

use std::collections::HashSet;

use crate::sbom::{Node, Sbom};

/// Names by place.
pub(super) struct Names {
    pub(super) packages: Vec<String>,
    pub(super) files: Vec<String>,
}

impl Names {
    /// `is_allowed` says which names the format takes; the starts are for numbered ones.
    pub(super) fn new(sbom: &Sbom, starts: [&str; 2], is_allowed: fn(&str) -> bool) -> Self {
        let mut taken = HashSet::new();
        let mut name = |own: Option<&str>, start: &str, at: usize| {
            let own = own.filter(|own| is_allowed(own));
            let mut name = own.map_or_else(|| format!("{start}{at}"), str::to_owned);
            let mut number = 0;
            while !taken.insert(name.clone()) {
                number += 1;
                name = format!("{start}{at}.{number}");
            }
            name
        };
        let [package, file] = starts;
        let packages = sbom.packages.iter().enumerate();
        let packages = packages.map(|(at, each)| name(each.id.as_deref(), package, at)).collect();
        let files = sbom.files.iter().enumerate();
        let files = files.map(|(at, each)| name(each.id.as_deref(), file, at)).collect();
        Self { packages, files }
    }

    /// The name of a node, where it is a package or a file that is there.
    pub(super) fn of(&self, node: Node) -> Option<&str> {
        let (names, at) = match node {
            Node::Document => return None,
            Node::Package(at) => (&self.packages, at),
            Node::File(at) => (&self.files, at),
        };
        names.get(usize::try_from(at).ok()?).map(String::as_str)
    }
}

/// Whether a licence is an expression of SPDX ids, by its shape.
pub(super) fn is_expression(licence: &str) -> bool {
    let spaced = licence.replace('(', " ( ").replace(')', " ) ");
    let mut is_operand_next = true;
    let mut n_open = 0_i32;
    for word in spaced.split_ascii_whitespace() {
        let is_id = word.chars().all(|each| each.is_ascii_alphanumeric() || "-.+:".contains(each));
        match word {
            "(" if is_operand_next => n_open += 1,
            ")" if !is_operand_next && n_open > 0 => n_open -= 1,
            "AND" | "OR" | "WITH" if !is_operand_next => is_operand_next = true,
            "(" | ")" | "AND" | "OR" | "WITH" => return false,
            _ if is_id && is_operand_next => is_operand_next = false,
            _ => return false,
        }
    }
    !is_operand_next && n_open == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_are_told_from_prose() {
        for text in ["MIT", "GPL-2.0+", "(MIT OR Apache-2.0) AND BSD-3-Clause", "A WITH b"] {
            assert!(is_expression(text), "{text}");
        }
        for text in ["", "GPL 2", "the MIT licence", "MIT OR", "(MIT", "MIT)", "MIT/X11", "AND"] {
            assert!(!is_expression(text), "{text}");
        }
    }
}
