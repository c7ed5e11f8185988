//! SPDX 2.2 and 2.3 as JSON.
//!
//! Source: spdx.github.io/spdx-spec/v2.3. Read field by field, so that what breaks off in the
//! middle is not lost from the start.

use std::collections::HashMap;
use std::fmt;

use serde::de::{DeserializeSeed, IgnoredAny, MapAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::gathering::{self, Gathering};
use super::{EdgeKind, File, Format, Limits, Package, PackageKind, Sbom};
use crate::problem;
use crate::tolerant::{Each, Many, Next, One, Text};

pub(super) fn read(bytes: &[u8], limits: Limits) -> Sbom {
    let mut document = Document {
        gathering: Gathering::new(Format::Spdx, limits),
        licences: HashMap::new(),
        described: Vec::new(),
    };
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let read = (&mut document).deserialize(&mut deserializer);
    if let Err(error) = read.and_then(|()| deserializer.end()) {
        document.gathering.broken(problem::place(&error), &problem::why(&error));
    }
    document.finish()
}

struct Document {
    gathering: Gathering,
    /// The names of licences that are not on SPDX's list, by their references.
    licences: HashMap<String, String>,
    described: Vec<String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Creation {
    created: Text,
    creators: Many<Text>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct WrittenPackage {
    #[serde(rename = "SPDXID")]
    id: Text,
    name: Text,
    version_info: Text,
    supplier: Text,
    originator: Text,
    license_concluded: Text,
    license_declared: Text,
    checksums: Many<One<Checksum>, 20>,
    external_refs: Many<One<Reference>>,
    primary_package_purpose: Text,
    has_files: Many<Text, 200_000>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Checksum {
    algorithm: Text,
    checksum_value: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Reference {
    reference_type: Text,
    reference_locator: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct WrittenFile {
    #[serde(rename = "SPDXID")]
    id: Text,
    file_name: Text,
    file_types: Many<Text, 20>,
    checksums: Many<One<Checksum>, 20>,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Relationship {
    spdx_element_id: Text,
    related_spdx_element: Text,
    relationship_type: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct ExtractedLicence {
    license_id: Text,
    name: Text,
    extracted_text: Text,
}

impl<'de> DeserializeSeed<'de> for &mut Document {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Document {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            let gathering = &mut self.gathering;
            match name.as_str() {
                "spdxVersion" => {
                    let version = map.next_value::<Text>()?.take().unwrap_or_default();
                    let version = version.strip_prefix("SPDX-").unwrap_or(&version);
                    gathering.sbom.spec_version = version.to_owned();
                }
                "SPDXID" => {
                    if let Some(id) = map.next_value::<Text>()?.take() {
                        gathering.name_document(&id);
                    }
                }
                "name" => gathering.sbom.name = map.next_value::<Text>()?.take(),
                "documentNamespace" => gathering.sbom.document = map.next_value::<Text>()?.take(),
                "creationInfo" => {
                    let creation = map.next_value::<One<Creation>>()?.0.unwrap_or_default();
                    created(gathering, creation);
                }
                "documentDescribes" => {
                    self.described = map.next_value::<Many<Text>>()?.texts().collect();
                }
                "packages" => map.next_value_seed(Each::new(|next| package(gathering, next)))?,
                "files" => map.next_value_seed(Each::new(|next| file(gathering, next)))?,
                "relationships" => {
                    map.next_value_seed(Each::new(|next| relationship(gathering, next)))?;
                }
                "hasExtractedLicensingInfos" => {
                    let licences = map.next_value::<Many<One<ExtractedLicence>, 10_000>>()?;
                    self.licences = licences.objects().filter_map(extracted).collect();
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

impl Document {
    fn finish(mut self) -> Sbom {
        self.gathering.name_document("SPDXRef-DOCUMENT");
        for id in std::mem::take(&mut self.described) {
            self.gathering.named_edge("SPDXRef-DOCUMENT", EdgeKind::Describes, &id);
        }
        let mut sbom = self.gathering.finish();
        for licence in sbom.packages.iter_mut().flat_map(|package| &mut package.licences) {
            if let Some(name) = self.licences.get(licence.as_str()) {
                licence.clone_from(name);
            }
        }
        sbom
    }
}

fn created(gathering: &mut Gathering, creation: Creation) {
    gathering.sbom.created_at = creation.created.time();
    for creator in creation.creators.texts() {
        match creator.strip_prefix("Tool:") {
            Some(tool) => gathering.sbom.tools.push(tool.trim().to_owned()),
            None => gathering.sbom.authors.push(who(&creator)),
        }
    }
}

fn package(gathering: &mut Gathering, next: Next<WrittenPackage>) {
    let written = match next {
        Next::Object(written) => written,
        Next::Other(at) => return gathering.problem(format!("packages[{at}]"), "is no object"),
        Next::NoList => return gathering.problem("packages", "is no list"),
    };
    let mut package = Package {
        id: written.id.take(),
        name: written.name.take().unwrap_or_default(),
        version: written.version_info.take().filter(|text| gathering::is_asserted(text)),
        kind: PackageKind::parse(written.primary_package_purpose.as_str().unwrap_or_default()),
        hashes: written.checksums.objects().filter_map(hash).collect(),
        supplier: supplier(written.supplier).or_else(|| supplier(written.originator)),
        ..Package::default()
    };
    for licence in [written.license_declared, written.license_concluded] {
        gathering::add_licence(&mut package.licences, licence.take().unwrap_or_default());
    }
    for reference in written.external_refs.objects() {
        let locator = reference.reference_locator.take();
        match reference.reference_type.as_str().unwrap_or_default().rsplit('/').next() {
            Some("purl") if package.purl.is_none() => package.purl = locator,
            Some("cpe23Type" | "cpe22Type") if package.cpe.is_none() => package.cpe = locator,
            Some(_) | None => {}
        }
    }
    if let Some(id) = package.id.clone() {
        for file in written.has_files.texts() {
            gathering.named_edge(&id, EdgeKind::Contains, &file);
        }
    }
    gathering.package(package);
}

fn file(gathering: &mut Gathering, next: Next<WrittenFile>) {
    let written = match next {
        Next::Object(written) => written,
        Next::Other(at) => return gathering.problem(format!("files[{at}]"), "is no object"),
        Next::NoList => return gathering.problem("files", "is no list"),
    };
    gathering.file(File {
        id: written.id.take(),
        name: written.file_name.take().unwrap_or_default(),
        types: written.file_types.texts().collect(),
        hashes: written.checksums.objects().filter_map(hash).collect(),
    });
}

fn relationship(gathering: &mut Gathering, next: Next<Relationship>) {
    let written = match next {
        Next::Object(written) => written,
        Next::Other(at) => {
            return gathering.problem(format!("relationships[{at}]"), "is no object");
        }
        Next::NoList => return gathering.problem("relationships", "is no list"),
    };
    let (Some(one), Some(two), Some(kind)) = (
        written.spdx_element_id.as_str(),
        written.related_spdx_element.as_str(),
        written.relationship_type.as_str(),
    ) else {
        return;
    };
    if matches!(two, "NONE" | "NOASSERTION") {
        return;
    }
    match edge(kind) {
        Some((kind, Direction::Forward)) => gathering.named_edge(one, kind, two),
        Some((kind, Direction::Backward)) => gathering.named_edge(two, kind, one),
        None => {}
    }
}

enum Direction {
    Forward,
    Backward,
}

/// What a relationship is among the four kinds; the others say nothing of what is inside.
fn edge(kind: &str) -> Option<(EdgeKind, Direction)> {
    use Direction::{Backward, Forward};
    Some(match kind {
        "DESCRIBES" => (EdgeKind::Describes, Forward),
        "DESCRIBED_BY" => (EdgeKind::Describes, Backward),
        "CONTAINS" => (EdgeKind::Contains, Forward),
        "CONTAINED_BY" => (EdgeKind::Contains, Backward),
        "DEPENDS_ON" | "STATIC_LINK" | "DYNAMIC_LINK" | "HAS_PREREQUISITE" => {
            (EdgeKind::DependsOn, Forward)
        }
        "DEPENDENCY_OF"
        | "BUILD_DEPENDENCY_OF"
        | "DEV_DEPENDENCY_OF"
        | "OPTIONAL_DEPENDENCY_OF"
        | "PROVIDED_DEPENDENCY_OF"
        | "RUNTIME_DEPENDENCY_OF"
        | "TEST_DEPENDENCY_OF"
        | "PREREQUISITE_FOR" => (EdgeKind::DependsOn, Backward),
        "GENERATED_FROM" => (EdgeKind::GeneratedFrom, Forward),
        "GENERATES" => (EdgeKind::GeneratedFrom, Backward),
        _ => return None,
    })
}

fn hash(checksum: Checksum) -> Option<(String, String)> {
    let algorithm = gathering::algorithm(checksum.algorithm.as_str()?);
    Some((algorithm, checksum.checksum_value.take()?))
}

/// `Organization: Acme (mail)` is Acme.
fn supplier(written: Text) -> Option<String> {
    written.take().filter(|text| gathering::is_asserted(text)).map(|text| who(&text))
}

fn who(text: &str) -> String {
    let name = text.strip_prefix("Organization:").or_else(|| text.strip_prefix("Person:"));
    let name = name.unwrap_or(text).trim();
    name.strip_suffix("()").unwrap_or(name).trim().to_owned()
}

/// A licence's own name, or its text where that is a short one.
fn extracted(licence: ExtractedLicence) -> Option<(String, String)> {
    let id = licence.license_id.take()?;
    let name = licence.name.take().filter(|name| gathering::is_asserted(name) && *name != id);
    let text = licence.extracted_text.take();
    let text = text
        .filter(|text| gathering::is_asserted(text) && text.len() <= 100 && !text.contains('\n'));
    Some((id, name.or(text)?))
}
