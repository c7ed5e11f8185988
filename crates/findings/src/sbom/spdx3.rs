//! SPDX 3.0 as JSON-LD: one flat list, `@graph`, of elements that refer to each other.
//!
//! Source: spdx.github.io/spdx-spec/v3.0.1. The names of the published context are taken as they
//! are; documents that rename them by a context of their own are not understood.

use std::collections::HashMap;
use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};

use self::written::Element;
use super::gathering::{self, Gathering};
use super::{EdgeKind, File, Format, Limits, Node, Package, PackageKind, Sbom};
use crate::problem;
use crate::tolerant::{Each, Next};

mod written;

/// People, tools and licences beyond these have no names.
const MOST_NAMES: usize = 100_000;

pub(super) fn read(bytes: &[u8], limits: Limits) -> Sbom {
    let mut graph = Graph {
        gathering: Gathering::new(Format::Spdx, limits),
        names: HashMap::new(),
        suppliers: Vec::new(),
        licences: Vec::new(),
        roots: Vec::new(),
        creation: Creation::default(),
        most_references: limits.edges,
    };
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let read = (&mut graph).deserialize(&mut deserializer);
    if let Err(error) = read.and_then(|()| deserializer.end()) {
        graph.gathering.broken(problem::place(&error), &problem::why(&error));
    }
    graph.finish()
}

struct Graph {
    gathering: Gathering,
    /// Names of people, tools and licences by their ids.
    names: HashMap<String, String>,
    /// Packages and who supplied them, both by id.
    suppliers: Vec<(String, String)>,
    /// Packages and their licences, both by id.
    licences: Vec<(String, String)>,
    /// What the document is about.
    roots: Vec<String>,
    creation: Creation,
    most_references: usize,
}

#[derive(Default)]
struct Creation {
    by: Vec<String>,
    using: Vec<String>,
}

impl<'de> DeserializeSeed<'de> for &mut Graph {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Graph {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            if name == "@graph" {
                map.next_value_seed(Each::new(|next| self.element(next)))?;
            } else {
                map.next_value::<IgnoredAny>()?;
            }
        }
        Ok(())
    }
}

impl Graph {
    fn element(&mut self, next: Next<Element>) {
        let element = match next {
            Next::Object(element) => element,
            Next::Other(at) => {
                return self.gathering.problem(format!("@graph[{at}]"), "is no object");
            }
            Next::NoList => return self.gathering.problem("@graph", "is no list"),
        };
        let kind = element.kind.as_str().unwrap_or_default();
        let kind = kind.rsplit(['/', '#']).next().unwrap_or(kind).to_owned();
        match kind.as_str() {
            "software_Package" | "ai_AIPackage" | "dataset_DatasetPackage" => self.package(element),
            "software_File" => self.file(element),
            "SpdxDocument" => {
                if let Some(id) = element.id.take() {
                    self.gathering.name_document(&id);
                    self.gathering.sbom.document = Some(id);
                }
                self.gathering.sbom.name = element.name.take();
                self.roots.extend(element.root_element.texts());
            }
            "software_Sbom" | "Bom" => {
                if let Some(id) = element.id.take() {
                    self.gathering.name_document(&id);
                }
                self.roots.extend(element.root_element.texts());
            }
            "CreationInfo" => self.created(element),
            "Relationship" | "LifecycleScopedRelationship" => self.relationship(element),
            _ => self.name(element),
        }
    }

    /// The document's own creation stands first; those of merged documents follow.
    fn created(&mut self, element: Element) {
        let sbom = &mut self.gathering.sbom;
        if sbom.spec_version.is_empty() {
            sbom.spec_version = element.spec_version.take().unwrap_or_default();
            sbom.created_at = element.created.time();
        }
        self.creation.by.extend(element.created_by.texts());
        self.creation.using.extend(element.created_using.texts());
    }

    /// Anything with a name that others refer to: people, tools, licences.
    fn name(&mut self, element: Element) {
        let licence = element.license_expression.take();
        let name = licence.or_else(|| element.name.take()).or_else(|| element.license_text.take());
        if let (Some(id), Some(name)) = (element.id.take(), name)
            && self.names.len() < MOST_NAMES
        {
            self.names.insert(id, name);
        }
    }

    fn package(&mut self, element: Element) {
        let mut package = Package {
            id: element.id.take(),
            name: element.name.take().unwrap_or_default(),
            version: element.package_version.take(),
            purl: element.package_url.take(),
            kind: PackageKind::parse(element.primary_purpose.as_str().unwrap_or_default()),
            hashes: element.verified_using.objects().filter_map(written::Hash::pair).collect(),
            ..Package::default()
        };
        for identifier in element.external_identifier.objects() {
            let text = identifier.identifier.take();
            match identifier.kind.as_str() {
                Some("packageUrl") if package.purl.is_none() => package.purl = text,
                Some("cpe23" | "cpe22") if package.cpe.is_none() => package.cpe = text,
                Some(_) | None => {}
            }
        }
        if let (Some(id), Some(by)) = (package.id.clone(), element.supplied_by.take())
            && self.suppliers.len() < self.most_references
        {
            self.suppliers.push((id, by));
        }
        self.gathering.package(package);
    }

    fn file(&mut self, element: Element) {
        self.gathering.file(File {
            id: element.id.take(),
            name: element.name.take().unwrap_or_default(),
            types: element.primary_purpose.take().into_iter().collect(),
            hashes: element.verified_using.objects().filter_map(written::Hash::pair).collect(),
        });
    }

    fn relationship(&mut self, element: Element) {
        let (Some(from), Some(kind)) = (element.from.take(), element.relationship_type.take())
        else {
            return;
        };
        for to in element.to.texts() {
            match kind.as_str() {
                "describes" => self.gathering.named_edge(&from, EdgeKind::Describes, &to),
                "contains" => self.gathering.named_edge(&from, EdgeKind::Contains, &to),
                "dependsOn"
                | "hasStaticLink"
                | "hasDynamicLink"
                | "hasPrerequisite"
                | "hasOptionalDependency"
                | "hasProvidedDependency" => {
                    self.gathering.named_edge(&from, EdgeKind::DependsOn, &to);
                }
                // What generates stands first, as nowhere else.
                "generates" => self.gathering.named_edge(&to, EdgeKind::GeneratedFrom, &from),
                "hasDeclaredLicense" | "hasConcludedLicense"
                    if self.licences.len() < self.most_references =>
                {
                    self.licences.push((from.clone(), to));
                }
                _ => {}
            }
        }
    }

    fn finish(mut self) -> Sbom {
        for (package, by) in std::mem::take(&mut self.suppliers) {
            let name = self.names.get(&by).cloned().unwrap_or(by);
            if let Some(package) = self.gathering.package_mut(&package) {
                package.supplier = Some(name);
            }
        }
        for (package, licence) in std::mem::take(&mut self.licences) {
            let name = self.names.get(&licence).cloned();
            let name = name.unwrap_or_else(|| listed(&licence));
            if let Some(package) = self.gathering.package_mut(&package) {
                gathering::add_licence(&mut package.licences, name);
            }
        }
        for root in std::mem::take(&mut self.roots) {
            // A document is about its SBOM, which is about the packages.
            if let Some(node @ (Node::Package(_) | Node::File(_))) = self.gathering.node(&root) {
                self.gathering.edge(Node::Document, EdgeKind::Describes, node);
            }
        }
        let name = |id: String| self.names.get(&id).cloned().unwrap_or(id);
        self.gathering.sbom.authors = self.creation.by.drain(..).take(100).map(name).collect();
        self.gathering.sbom.tools = self.creation.using.drain(..).take(100).map(name).collect();
        self.gathering.finish()
    }
}

/// Licences of SPDX's list are named by their addresses; those that mean "nobody looked", too.
fn listed(address: &str) -> String {
    let name = address.rsplit('/').next().unwrap_or(address);
    match name {
        "NoAssertionLicense" | "NoAssertionElement" => "NOASSERTION".to_owned(),
        "NoneLicense" | "NoneElement" => "NONE".to_owned(),
        other => other.to_owned(),
    }
}
