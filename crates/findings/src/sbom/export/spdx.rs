//! SPDX 2.3 as JSON.
//!
//! Licences that are no SPDX expression become `LicenseRef-`s with their words; several of one
//! package are joined by `AND`.

use std::collections::HashMap;

use serde::Serialize;

use super::Imprint;
use super::names::{Names, is_expression};
use crate::sbom::{File, Package, Sbom};

const DOCUMENT: &str = "SPDXRef-DOCUMENT";

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Document<'a> {
    spdx_version: &'static str,
    data_license: &'static str,
    #[serde(rename = "SPDXID")]
    id: &'static str,
    name: &'a str,
    document_namespace: &'a str,
    creation_info: Creation,
    packages: Vec<WrittenPackage<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    files: Vec<WrittenFile<'a>>,
    relationships: Vec<Relationship<'a>>,
    #[serde(rename = "hasExtractedLicensingInfos", skip_serializing_if = "Vec::is_empty")]
    licences: Vec<ExtractedLicence>,
}

#[derive(Serialize)]
struct Creation {
    created: String,
    creators: Vec<String>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenPackage<'a> {
    #[serde(rename = "SPDXID")]
    id: &'a str,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    version_info: Option<&'a str>,
    download_location: &'static str,
    files_analyzed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    supplier: Option<String>,
    license_concluded: &'static str,
    license_declared: String,
    copyright_text: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    checksums: Vec<Checksum<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    external_refs: Vec<Reference<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    primary_package_purpose: Option<&'static str>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct WrittenFile<'a> {
    #[serde(rename = "SPDXID")]
    id: &'a str,
    file_name: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    file_types: &'a [String],
    checksums: Vec<Checksum<'a>>,
    license_concluded: &'static str,
    copyright_text: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Checksum<'a> {
    algorithm: String,
    checksum_value: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Reference<'a> {
    reference_category: &'static str,
    reference_type: &'static str,
    reference_locator: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Relationship<'a> {
    spdx_element_id: &'a str,
    relationship_type: &'static str,
    related_spdx_element: &'a str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ExtractedLicence {
    license_id: String,
    name: String,
    extracted_text: String,
}

pub(super) fn write(sbom: &Sbom, imprint: Imprint<'_>) -> Result<Vec<u8>, serde_json::Error> {
    let names = Names::new(sbom, ["SPDXRef-Package-", "SPDXRef-File-"], is_allowed);
    let mut licences = Licences::default();
    let packages = sbom.packages.iter().zip(&names.packages);
    let packages = packages.map(|(each, id)| package(each, id, &mut licences)).collect();
    let files = sbom.files.iter().zip(&names.files).map(|(each, id)| file(each, id)).collect();
    let relationships = sbom.edges.iter().map(|edge| Relationship {
        spdx_element_id: names.of(edge.from).unwrap_or(DOCUMENT),
        relationship_type: edge.kind.as_str(),
        related_spdx_element: names.of(edge.to).unwrap_or(DOCUMENT),
    });
    serde_json::to_vec_pretty(&Document {
        spdx_version: "SPDX-2.3",
        data_license: "CC0-1.0",
        id: DOCUMENT,
        name: sbom.name.as_deref().unwrap_or("sbom"),
        document_namespace: imprint.namespace,
        creation_info: Creation {
            // SPDX wants whole seconds.
            created: whole_seconds(imprint),
            creators: vec![format!("Tool: {}", imprint.tool)],
        },
        packages,
        files,
        relationships: relationships.collect(),
        licences: licences.written,
    })
}

fn whole_seconds(imprint: Imprint<'_>) -> String {
    model::timestamp::Timestamp::from_seconds(imprint.at.as_seconds()).to_string()
}

fn is_allowed(id: &str) -> bool {
    let rest = id.strip_prefix("SPDXRef-").filter(|rest| *rest != "DOCUMENT");
    let is_part = |each: char| each.is_ascii_alphanumeric() || ".-".contains(each);
    rest.is_some_and(|rest| !rest.is_empty() && rest.chars().all(is_part))
}

fn package<'a>(package: &'a Package, id: &'a str, licences: &mut Licences) -> WrittenPackage<'a> {
    let reference = |category, kind, locator: &'a Option<String>| {
        locator.as_deref().map(|reference_locator| Reference {
            reference_category: category,
            reference_type: kind,
            reference_locator,
        })
    };
    let is_old_cpe = package.cpe.as_ref().is_some_and(|cpe| cpe.starts_with("cpe:/"));
    let cpe_type = if is_old_cpe { "cpe22Type" } else { "cpe23Type" };
    let references = [
        reference("PACKAGE-MANAGER", "purl", &package.purl),
        reference("SECURITY", cpe_type, &package.cpe),
    ];
    WrittenPackage {
        id,
        name: &package.name,
        version_info: package.version.as_deref(),
        download_location: "NOASSERTION",
        files_analyzed: false,
        supplier: package.supplier.as_ref().map(|name| format!("Organization: {name}")),
        license_concluded: "NOASSERTION",
        license_declared: declared(&package.licences, licences),
        copyright_text: "NOASSERTION",
        checksums: checksums(&package.hashes),
        external_refs: references.into_iter().flatten().collect(),
        primary_package_purpose: package.kind.spdx(),
    }
}

fn file<'a>(file: &'a File, id: &'a str) -> WrittenFile<'a> {
    WrittenFile {
        id,
        file_name: &file.name,
        file_types: &file.types,
        checksums: checksums(&file.hashes),
        license_concluded: "NOASSERTION",
        copyright_text: "NOASSERTION",
    }
}

fn declared(written: &[String], licences: &mut Licences) -> String {
    let several = written.len() > 1;
    let mut term = |licence: &String| {
        if !is_expression(licence) {
            return reference(licence, licences);
        }
        if several && licence.contains(' ') { format!("({licence})") } else { licence.clone() }
    };
    let terms: Vec<String> = written.iter().map(&mut term).collect();
    if terms.is_empty() { "NOASSERTION".to_owned() } else { terms.join(" AND ") }
}

/// The licences that are no expressions, in the order they are met.
#[derive(Default)]
struct Licences {
    written: Vec<ExtractedLicence>,
    references: HashMap<String, String>,
}

/// One reference for each text.
fn reference(licence: &str, licences: &mut Licences) -> String {
    if let Some(known) = licences.references.get(licence) {
        return known.clone();
    }
    let license_id = format!("LicenseRef-{}", licences.written.len());
    licences.references.insert(licence.to_owned(), license_id.clone());
    licences.written.push(ExtractedLicence {
        license_id: license_id.clone(),
        name: licence.to_owned(),
        extracted_text: licence.to_owned(),
    });
    license_id
}

fn checksums(hashes: &[(String, String)]) -> Vec<Checksum<'_>> {
    hashes
        .iter()
        .map(|(algorithm, digest)| Checksum {
            algorithm: algorithm.to_uppercase(),
            checksum_value: digest,
        })
        .collect()
}
