//! An element of an SPDX 3.0 graph as written, with the fields of all kinds of elements.

use serde::Deserialize;

use crate::sbom::gathering;
use crate::tolerant::{Many, One, Text};

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Element {
    #[serde(alias = "@id", rename = "spdxId")]
    pub(super) id: Text,
    #[serde(alias = "@type", rename = "type")]
    pub(super) kind: Text,
    pub(super) name: Text,

    pub(super) spec_version: Text,
    pub(super) created: Text,
    pub(super) created_by: Many<Text>,
    pub(super) created_using: Many<Text>,

    pub(super) root_element: Many<Text>,

    #[serde(rename = "software_packageVersion")]
    pub(super) package_version: Text,
    #[serde(rename = "software_packageUrl")]
    pub(super) package_url: Text,
    #[serde(rename = "software_primaryPurpose")]
    pub(super) primary_purpose: Text,
    pub(super) supplied_by: Text,
    pub(super) verified_using: Many<One<Hash>, 20>,
    pub(super) external_identifier: Many<One<Identifier>, 100>,

    pub(super) from: Text,
    pub(super) to: Many<Text, 200_000>,
    pub(super) relationship_type: Text,

    #[serde(rename = "simplelicensing_licenseExpression")]
    pub(super) license_expression: Text,
    #[serde(rename = "simplelicensing_licenseText")]
    pub(super) license_text: Text,
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
pub(super) struct Hash {
    algorithm: Text,
    hash_value: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
pub(super) struct Identifier {
    #[serde(rename = "externalIdentifierType")]
    pub(super) kind: Text,
    pub(super) identifier: Text,
}

impl Hash {
    pub(super) fn pair(self) -> Option<(String, String)> {
        let algorithm = gathering::algorithm(self.algorithm.as_str()?);
        Some((algorithm, self.hash_value.take()?))
    }
}
