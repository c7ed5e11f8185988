//! CycloneDX 1.2 to 1.7, as JSON and as XML.
//!
//! Source: cyclonedx.org/docs. A component inside another is contained in it; the components of
//! the list are contained in the component that the document is about. Components of type `file`
//! are files.

use super::gathering::{self, Gathering};
use super::{EdgeKind, File, Node, Package, PackageKind};

mod json;
mod xml;

pub(super) use json::read as read_json;
pub(super) use xml::read as read_xml;

/// A component as either form has it.
#[derive(Default)]
struct Component {
    kind: String,
    id: Option<String>,
    group: Option<String>,
    name: Option<String>,
    version: Option<String>,
    supplier: Option<String>,
    purl: Option<String>,
    cpe: Option<String>,
    hashes: Vec<(String, String)>,
    licences: Vec<String>,
}

impl Component {
    /// Keeps the component; `None` where there are too many.
    fn keep(self, gathering: &mut Gathering) -> Option<Node> {
        let name = match (self.group, self.name) {
            (Some(group), Some(name)) => format!("{group}/{name}"),
            (None, Some(name)) | (Some(name), None) => name,
            (None, None) => String::new(),
        };
        if self.kind == "file" {
            let types = Vec::new();
            return gathering.file(File { id: self.id, name, types, hashes: self.hashes });
        }
        let mut package = Package {
            id: self.id,
            name,
            version: self.version,
            purl: self.purl,
            cpe: self.cpe,
            kind: PackageKind::parse(&self.kind),
            supplier: self.supplier,
            hashes: self.hashes,
            ..Package::default()
        };
        for licence in self.licences {
            gathering::add_licence(&mut package.licences, licence);
        }
        gathering.package(package)
    }
}

/// The components of the list are inside the one that the document is about.
fn contain(gathering: &mut Gathering, subject: Option<Node>, listed: Vec<Node>) {
    let Some(subject) = subject else { return };
    gathering.edge(Node::Document, EdgeKind::Describes, subject);
    for each in listed.into_iter().filter(|each| *each != subject) {
        gathering.edge(subject, EdgeKind::Contains, each);
    }
}

/// A tool with its vendor and version, as people write it.
fn tool(vendor: Option<String>, name: Option<String>, version: Option<String>) -> Option<String> {
    let words: Vec<String> = [vendor, name, version].into_iter().flatten().collect();
    (!words.is_empty()).then(|| words.join(" "))
}
