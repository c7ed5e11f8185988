//! A bill of materials while it is read: within limits, with names resolved at the end.

use std::collections::{HashMap, HashSet};

use super::{Edge, EdgeKind, File, Format, Limits, Node, Package, Sbom};
use crate::problem::Problems;
use crate::tolerant::cut;

/// Ids and references longer than this are no ids.
const LONGEST_ID: usize = 1024;

/// What was read so far.
pub(super) struct Gathering {
    pub(super) sbom: Sbom,
    limits: Limits,
    nodes: HashMap<String, Node>,
    /// Edges by the names of their ends, which may come later in the document.
    named: Vec<(Box<str>, EdgeKind, Box<str>)>,
    n_packages_beyond: usize,
    n_files_beyond: usize,
    n_edges_beyond: usize,
}

impl Gathering {
    pub(super) fn new(format: Format, limits: Limits) -> Self {
        let sbom = Sbom {
            format,
            spec_version: String::new(),
            document: None,
            name: None,
            created_at: None,
            tools: Vec::new(),
            authors: Vec::new(),
            packages: Vec::new(),
            files: Vec::new(),
            edges: Vec::new(),
            problems: Problems::default(),
            is_truncated: false,
        };
        Self {
            sbom,
            limits,
            nodes: HashMap::new(),
            named: Vec::new(),
            n_packages_beyond: 0,
            n_files_beyond: 0,
            n_edges_beyond: 0,
        }
    }

    pub(super) fn problem(&mut self, at: impl Into<String>, what: impl Into<String>) {
        self.sbom.problems.push(at, what);
    }

    /// What broke the document off; what was read until there stays.
    pub(super) fn broken(&mut self, at: impl Into<String>, why: &str) {
        self.sbom.is_truncated = true;
        self.problem(at, format!("the document breaks off here: {why}"));
    }

    /// What the document calls itself, so that edges can start there.
    pub(super) fn name_document(&mut self, id: &str) {
        self.nodes.entry(cut(id, LONGEST_ID).to_owned()).or_insert(Node::Document);
    }

    /// Keeps a package; `None` where there are too many.
    pub(super) fn package(&mut self, mut package: Package) -> Option<Node> {
        let at = u32::try_from(self.sbom.packages.len()).ok();
        let at = at.filter(|_| self.sbom.packages.len() < self.limits.packages);
        let Some(at) = at else {
            self.n_packages_beyond += 1;
            return None;
        };
        package.ecosystem = package.parsed_purl().map(|purl| purl.ecosystem());
        let node = Node::Package(at);
        self.call(package.id.as_deref(), node);
        self.sbom.packages.push(package);
        Some(node)
    }

    /// Keeps a file; `None` where there are too many.
    pub(super) fn file(&mut self, file: File) -> Option<Node> {
        let at = u32::try_from(self.sbom.files.len()).ok();
        let at = at.filter(|_| self.sbom.files.len() < self.limits.files);
        let Some(at) = at else {
            self.n_files_beyond += 1;
            return None;
        };
        let node = Node::File(at);
        self.call(file.id.as_deref(), node);
        self.sbom.files.push(file);
        Some(node)
    }

    /// The first thing of a name keeps it.
    fn call(&mut self, id: Option<&str>, node: Node) {
        let Some(id) = id.filter(|id| id.len() <= LONGEST_ID) else { return };
        if self.nodes.contains_key(id) {
            self.problem(cut(id, 96), "two things have this id; references mean the first");
        } else {
            self.nodes.insert(id.to_owned(), node);
        }
    }

    /// That two things hang together, by their names.
    pub(super) fn named_edge(&mut self, from: &str, kind: EdgeKind, to: &str) {
        if self.named.len() + self.sbom.edges.len() < self.limits.edges {
            self.named.push((from.into(), kind, to.into()));
        } else {
            self.n_edges_beyond += 1;
        }
    }

    /// That two things hang together.
    pub(super) fn edge(&mut self, from: Node, kind: EdgeKind, to: Node) {
        if self.named.len() + self.sbom.edges.len() < self.limits.edges {
            self.sbom.edges.push(Edge { from, kind, to });
        } else {
            self.n_edges_beyond += 1;
        }
    }

    /// A node by its name.
    pub(super) fn node(&self, id: &str) -> Option<Node> {
        self.nodes.get(id).copied()
    }

    /// A package by its name, to add to.
    pub(super) fn package_mut(&mut self, id: &str) -> Option<&mut Package> {
        match self.node(id)? {
            Node::Package(at) => self.sbom.packages.get_mut(usize::try_from(at).ok()?),
            Node::Document | Node::File(_) => None,
        }
    }

    /// The whole, with names resolved, files counted and limits told.
    pub(super) fn finish(mut self) -> Sbom {
        self.resolve();
        for (name, n_beyond, limit) in [
            ("packages", self.n_packages_beyond, self.limits.packages),
            ("files", self.n_files_beyond, self.limits.files),
            ("edges", self.n_edges_beyond, self.limits.edges),
        ] {
            if n_beyond > 0 {
                self.sbom.is_truncated = true;
                let n_all = limit + n_beyond;
                self.problem(name, format!("{n_all} are more than the {limit} that are read"));
            }
        }
        let mut sbom = self.sbom;
        // Documents say many things twice: SPDX's `hasFiles` and its relationships, for one.
        let mut seen = HashSet::with_capacity(sbom.edges.len());
        sbom.edges.retain(|edge| seen.insert(*edge));
        for edge in &sbom.edges {
            if let (Node::Package(at), EdgeKind::Contains, Node::File(_)) =
                (edge.from, edge.kind, edge.to)
                && let Ok(at) = usize::try_from(at)
                && let Some(package) = sbom.packages.get_mut(at)
            {
                package.n_files += 1;
            }
        }
        sbom
    }

    fn resolve(&mut self) {
        let is_complete = self.n_packages_beyond == 0 && self.n_files_beyond == 0;
        let mut n_unresolved = 0_usize;
        let mut example = None;
        for (from, kind, to) in std::mem::take(&mut self.named) {
            match (self.nodes.get(&*from), self.nodes.get(&*to)) {
                (Some(from), Some(to)) => {
                    self.sbom.edges.push(Edge { from: *from, kind, to: *to });
                }
                (None, _) => {
                    n_unresolved += 1;
                    example.get_or_insert(from);
                }
                (Some(_), None) => {
                    n_unresolved += 1;
                    example.get_or_insert(to);
                }
            }
        }
        // What the limits left out cannot be found, and that is told already.
        if let Some(example) = example.filter(|_| is_complete && !self.sbom.is_truncated) {
            let example = cut(&example, 96).to_owned();
            let what = format!(
                "{n_unresolved} references name what is not in the document, {example:?} first; \
                 they were left out"
            );
            self.problem("edges", what);
        }
    }
}

/// An algorithm's name as in statements: `SHA-256` and `SHA256` are `sha256`.
pub(super) fn algorithm(name: &str) -> String {
    name.chars().filter(|each| *each != '-' && *each != '_').collect::<String>().to_lowercase()
}

/// What SPDX writes for "nobody looked".
pub(super) fn is_asserted(text: &str) -> bool {
    !text.is_empty() && text != "NOASSERTION"
}

/// Adds a licence that is not there yet.
pub(super) fn add_licence(licences: &mut Vec<String>, licence: String) {
    if is_asserted(&licence) && !licences.contains(&licence) && licences.len() < 100 {
        licences.push(licence);
    }
}
