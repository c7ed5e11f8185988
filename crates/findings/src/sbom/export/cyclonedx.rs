//! CycloneDX 1.6 as JSON.
//!
//! The first package that the bill describes is the component it is about. What that contains is
//! the list; what those contain stands inside them, as far as containing makes a tree.

use std::collections::BTreeMap;

use serde::Serialize;

use super::Imprint;
use super::names::{Names, is_expression};
use crate::sbom::{Edge, EdgeKind, Node, Sbom};

/// Deeper nesting is written flat, so that every reader can read it.
const DEEPEST: usize = 16;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Bom<'a> {
    bom_format: &'static str,
    spec_version: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    serial_number: Option<&'a str>,
    version: u8,
    metadata: Metadata<'a>,
    components: Vec<Component<'a>>,
    dependencies: Vec<Dependency<'a>>,
}

#[derive(Serialize)]
struct Metadata<'a> {
    timestamp: String,
    tools: Tools<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    component: Option<Component<'a>>,
}

#[derive(Serialize)]
struct Tools<'a> {
    components: [Tool<'a>; 1],
}

#[derive(Serialize)]
struct Tool<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    name: &'a str,
}

#[derive(Serialize)]
struct Component<'a> {
    #[serde(rename = "type")]
    kind: &'static str,
    #[serde(rename = "bom-ref")]
    id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    supplier: Option<Named<'a>>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    hashes: Vec<Hash<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    licenses: Vec<Licence<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cpe: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    purl: Option<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    components: Vec<Component<'a>>,
}

#[derive(Serialize)]
struct Named<'a> {
    name: &'a str,
}

#[derive(Serialize)]
struct Hash<'a> {
    alg: &'static str,
    content: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum Licence<'a> {
    Expression(&'a str),
    License(Named<'a>),
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Dependency<'a> {
    #[serde(rename = "ref")]
    from: &'a str,
    depends_on: Vec<&'a str>,
}

pub(super) fn write(sbom: &Sbom, imprint: Imprint<'_>) -> Result<Vec<u8>, serde_json::Error> {
    let names = Names::new(sbom, ["package-", "file-"], |id| !id.is_empty());
    let tree = Tree::new(sbom, &names);
    let subject = tree.subject.and_then(|node| tree.component(node, Inside::LeftOut));
    let serial = sbom.document.as_deref().filter(|id| id.starts_with("urn:uuid:"));
    serde_json::to_vec_pretty(&Bom {
        bom_format: "CycloneDX",
        spec_version: "1.6",
        serial_number: serial,
        version: 1,
        metadata: Metadata {
            timestamp: imprint.at.to_string(),
            tools: Tools { components: [Tool { kind: "application", name: imprint.tool }] },
            component: subject,
        },
        components: tree
            .top()
            .filter_map(|node| tree.component(node, Inside::Written { depth: 0 }))
            .collect(),
        dependencies: dependencies(&sbom.edges, &names),
    })
}

/// Whether what a component contains is written inside it.
#[derive(Clone, Copy)]
enum Inside {
    LeftOut,
    Written { depth: usize },
}

/// What stands inside what: the first that contains a thing has it.
struct Tree<'a> {
    sbom: &'a Sbom,
    names: &'a Names,
    subject: Option<Node>,
    around: BTreeMap<Node, Node>,
    inside: BTreeMap<Node, Vec<Node>>,
    /// How deep it is what each has inside, so that it is not measured again and again.
    heights: BTreeMap<Node, usize>,
}

impl<'a> Tree<'a> {
    fn new(sbom: &'a Sbom, names: &'a Names) -> Self {
        let described =
            |edge: &&Edge| edge.kind == EdgeKind::Describes && matches!(edge.to, Node::Package(_));
        let subject = sbom.edges.iter().find(described).map(|edge| edge.to);
        let mut tree = Self {
            sbom,
            names,
            subject,
            around: BTreeMap::new(),
            inside: BTreeMap::new(),
            heights: BTreeMap::new(),
        };
        for edge in sbom.edges.iter().filter(|edge| edge.kind == EdgeKind::Contains) {
            let is_told = Some(edge.from) == subject || edge.from == Node::Document;
            if !is_told && Some(edge.to) != subject {
                tree.put(edge.from, edge.to);
            }
        }
        tree
    }

    /// Puts a thing inside another, unless something has it already, it has the other inside
    /// itself, or it would stand too deep.
    fn put(&mut self, outer: Node, inner: Node) {
        if self.around.contains_key(&inner) || outer == inner {
            return;
        }
        let height = 1 + self.height(inner);
        let mut outwards = vec![outer];
        let mut at = outer;
        while let Some(around) = self.around.get(&at) {
            at = *around;
            outwards.push(at);
            if at == inner || outwards.len() > DEEPEST {
                return;
            }
        }
        if outwards.len() + height > DEEPEST {
            return;
        }
        for (higher, node) in outwards.into_iter().enumerate() {
            let known = self.heights.entry(node).or_default();
            *known = (*known).max(height + higher);
        }
        self.around.insert(inner, outer);
        self.inside.entry(outer).or_default().push(inner);
    }

    /// How deep it is what a thing has inside.
    fn height(&self, node: Node) -> usize {
        self.heights.get(&node).copied().unwrap_or_default()
    }

    /// What stands in nothing but the subject.
    fn top(&self) -> impl Iterator<Item = Node> {
        let packages = (0_u32..).zip(&self.sbom.packages).map(|(at, _)| Node::Package(at));
        let files = (0_u32..).zip(&self.sbom.files).map(|(at, _)| Node::File(at));
        let all = packages.chain(files);
        all.filter(|node| Some(*node) != self.subject && !self.around.contains_key(node))
    }

    fn component(&self, node: Node, inside: Inside) -> Option<Component<'a>> {
        let id = self.names.of(node)?;
        let components = match inside {
            Inside::LeftOut => Vec::new(),
            Inside::Written { depth } => {
                let within = self.inside.get(&node).into_iter().flatten();
                let next = Inside::Written { depth: depth + 1 };
                let within = within.filter(|_| depth <= DEEPEST);
                within.filter_map(|each| self.component(*each, next)).collect()
            }
        };
        match node {
            Node::Document => None,
            Node::File(at) => {
                let file = self.sbom.files.get(usize::try_from(at).ok()?)?;
                Some(Component {
                    kind: "file",
                    id,
                    supplier: None,
                    name: &file.name,
                    version: None,
                    hashes: hashes(&file.hashes),
                    licenses: Vec::new(),
                    cpe: None,
                    purl: None,
                    components,
                })
            }
            Node::Package(at) => {
                let package = self.sbom.packages.get(usize::try_from(at).ok()?)?;
                Some(Component {
                    // A component of type file would come back as a file.
                    kind: match package.kind.cyclonedx() {
                        "file" => "data",
                        other => other,
                    },
                    id,
                    supplier: package.supplier.as_deref().map(|name| Named { name }),
                    name: &package.name,
                    version: package.version.as_deref(),
                    hashes: hashes(&package.hashes),
                    licenses: licences(&package.licences),
                    cpe: package.cpe.as_deref(),
                    purl: package.purl.as_deref(),
                    components,
                })
            }
        }
    }
}

/// CycloneDX takes one expression alone, or any number of names.
fn licences(written: &[String]) -> Vec<Licence<'_>> {
    match written {
        [one] if is_expression(one) => vec![Licence::Expression(one)],
        many => many.iter().map(|name| Licence::License(Named { name })).collect(),
    }
}

const ALGORITHMS: [(&str, &str); 11] = [
    ("md5", "MD5"),
    ("sha1", "SHA-1"),
    ("sha256", "SHA-256"),
    ("sha384", "SHA-384"),
    ("sha512", "SHA-512"),
    ("sha3256", "SHA3-256"),
    ("sha3384", "SHA3-384"),
    ("sha3512", "SHA3-512"),
    ("blake2b256", "BLAKE2b-256"),
    ("blake2b512", "BLAKE2b-512"),
    ("blake3", "BLAKE3"),
];

/// Hashes by algorithms that CycloneDX has no name for are left out.
fn hashes(written: &[(String, String)]) -> Vec<Hash<'_>> {
    written
        .iter()
        .filter_map(|(algorithm, content)| {
            let named = ALGORITHMS.iter().find(|(name, _)| name == algorithm);
            named.map(|(_, alg)| Hash { alg, content })
        })
        .collect()
}

/// One entry for each thing that depends on others, in the order of names.
fn dependencies<'a>(edges: &[Edge], names: &'a Names) -> Vec<Dependency<'a>> {
    let mut found: BTreeMap<Node, Vec<&'a str>> = BTreeMap::new();
    for edge in edges.iter().filter(|edge| edge.kind == EdgeKind::DependsOn) {
        if let Some(to) = names.of(edge.to) {
            found.entry(edge.from).or_default().push(to);
        }
    }
    let named = found.into_iter().filter_map(|(from, mut depends_on)| {
        depends_on.sort_unstable();
        depends_on.dedup();
        Some(Dependency { from: names.of(from)?, depends_on })
    });
    named.collect()
}
