//! The one shape of every refusal: RFC 9457 problem details, with the places that are wrong.

use serde::{Deserialize, Serialize};

/// The media type of a [`Problem`].
pub const MEDIA_TYPE: &str = "application/problem+json";

/// Why a request was refused. Nothing was changed by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Problem {
    /// A stable code, such as `inventory-gap`. As a relative reference it stands for the section of
    /// that name of `/api/problems`, which `documentation` leads to.
    #[serde(rename = "type")]
    pub code: String,
    /// What is wrong, and what would be right, as a sentence.
    pub title: String,
    /// The HTTP status.
    pub status: u16,
    /// Where the code is explained, as a reference relative to the server.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub documentation: Option<String>,
    /// The request's id, as the header `x-request-id` and the server's log have it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The places in the request that are wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<Wrong>,
    /// Seconds after which it is worth trying again, as in the header `retry-after`.
    #[serde(default, rename = "retryAfter", skip_serializing_if = "Option::is_none")]
    pub retry_after: Option<u64>,
}

/// One wrong place of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
pub struct Wrong {
    /// Where: a field such as `name`, a JSON path, or `line 3, column 5`.
    pub at: String,
    /// What is wrong there, and what would be right.
    pub message: String,
}
