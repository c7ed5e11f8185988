//! `/api/v1/audit`: who did what, from where; a page at a time, or all of it as a file.

use std::fmt::Write as _;

use axum::Json;
use axum::body::Body;
use axum::extract::{Query, State};
use axum::http::header::{CONTENT_DISPOSITION, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use futures::stream::{self, StreamExt as _};
use model::iam::AuditEntry;
use model::id::GroupId;
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use serde::{Deserialize, Serialize};
use service::{AuditFilter, Caller, Service, ServiceError};
use utoipa::ToSchema;

use super::Answer;
use crate::http::Routes;
use crate::http::identify::Known;
use crate::http::openapi::{file, ok};
use crate::http::problem::Refusal;

pub(super) fn routes(routes: Routes) -> Routes {
    routes
        .get("/api/v1/audit", list)
        .says("Read the audit log, latest first", ok::<Page<AuditEntry>>())
        .get("/api/v1/audit/export", export)
        .says("Download the audit log", file(&["application/x-ndjson", "text/csv"]))
}

/// Query of the log. Without a group it is what concerns the installation as a whole.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct Wanted {
    /// The group that is looked at, with everything below it: its id, path of ids or path of
    /// names; the first one that you see where it is left out.
    group: Option<String>,
    /// Only acts of this actor: an identity's or a cluster's id, or `system`.
    actor: Option<String>,
    /// Only this act, such as `policy.update`.
    action: Option<String>,
    /// Only acts since then.
    from: Option<Timestamp>,
    /// Only acts until then.
    until: Option<Timestamp>,
    /// `next` of the page before.
    after: Option<String>,
    /// Rows of the page, 500 at most.
    limit: Option<u32>,
    /// How the file is written.
    format: Format,
}

/// How an export is written.
#[derive(Debug, Default, Clone, Copy, Deserialize, Serialize, ToSchema)]
#[serde(rename_all = "lowercase")]
enum Format {
    /// An entry a line, each JSON.
    #[default]
    Jsonl,
    /// RFC 4180.
    Csv,
}

async fn scope(
    service: &Service,
    caller: &Caller,
    group: Option<&str>,
) -> Result<Option<GroupId>, ServiceError> {
    match group {
        None => Ok(None),
        Some(text) => Ok(Some(service.find_group(caller, text).await?.id)),
    }
}

async fn list(
    State(service): State<Service>,
    Known(caller): Known,
    Query(query): Query<Wanted>,
) -> Answer<Page<AuditEntry>> {
    let scope = scope(&service, &caller, query.group.as_deref()).await?;
    let Wanted { actor, action, from, until, after, limit, .. } = query;
    let filter = AuditFilter { actor, action, from, until };
    Ok(Json(service.audit(&caller, scope, &filter, &PageRequest { after, limit }).await?))
}

/// Where an export stands: what was written last, and whether that was all.
struct Written {
    service: Service,
    caller: Caller,
    scope: Option<GroupId>,
    filter: AuditFilter,
    format: Format,
    after: Option<String>,
    is_first: bool,
}

/// The whole log, latest first, read and sent a page at a time: its length does not matter.
async fn export(
    State(service): State<Service>,
    Known(caller): Known,
    Query(query): Query<Wanted>,
) -> Result<Response, Refusal> {
    let scope = scope(&service, &caller, query.group.as_deref()).await?;
    let Wanted { actor, action, from, until, after, format, .. } = query;
    let filter = AuditFilter { actor, action, from, until };
    let mut state = Written { service, caller, scope, filter, format, after, is_first: true };
    // The first page is read before the answer begins, so that a refusal is one.
    let first = state.next().await?;
    let rest = stream::unfold(Some(state), async |state| {
        let mut state = state.filter(|state| state.after.is_some())?;
        match state.next().await {
            Ok(text) => Some((Ok(text), Some(state))),
            // The connection breaks off: a log that ends early must not look like a whole one.
            Err(error) => Some((Err(std::io::Error::other(error.to_string())), None)),
        }
    });
    // Fused, for the layers around it ask once more after the end.
    let body = stream::once(async { Ok::<_, std::io::Error>(first) }).chain(rest).fuse();
    let (kind, name) = match format {
        Format::Jsonl => ("application/x-ndjson", "audit.jsonl"),
        Format::Csv => ("text/csv; charset=utf-8", "audit.csv"),
    };
    let disposition = format!("attachment; filename=\"{name}\"");
    let headers = [(CONTENT_TYPE, kind.to_owned()), (CONTENT_DISPOSITION, disposition)];
    Ok((headers, Body::from_stream(body)).into_response())
}

impl Written {
    /// The next page as text; afterwards `after` is where to go on, or nothing.
    async fn next(&mut self) -> Result<String, ServiceError> {
        let page = PageRequest { after: self.after.take(), limit: Some(PageRequest::MAX_ROWS) };
        let page = self.service.audit(&self.caller, self.scope, &self.filter, &page).await?;
        self.after = page.next;
        let mut text = String::new();
        if self.is_first && matches!(self.format, Format::Csv) {
            text.push_str(COLUMNS);
        }
        self.is_first = false;
        for entry in &page.rows {
            match self.format {
                Format::Jsonl => {
                    let line = serde_json::to_string(entry);
                    text.push_str(&line.map_err(|error| ServiceError::Internal(Box::new(error)))?);
                    text.push('\n');
                }
                Format::Csv => text.push_str(&row(entry)),
            }
        }
        Ok(text)
    }
}

const COLUMNS: &str =
    "sequence,at,group,actor,address,user_agent,request_id,action,target,before,after\r\n";

fn row(entry: &AuditEntry) -> String {
    let origin = &entry.origin;
    let json = |value: &Option<serde_json::Value>| {
        value.as_ref().map(ToString::to_string).unwrap_or_default()
    };
    let cells = [
        entry.sequence.to_string(),
        entry.at.to_string(),
        entry.group.clone(),
        entry.actor.to_string(),
        origin.address.map(|address| address.to_string()).unwrap_or_default(),
        origin.user_agent.clone().unwrap_or_default(),
        origin.request_id.clone().unwrap_or_default(),
        entry.action.clone(),
        entry.target.clone(),
        json(&entry.before),
        json(&entry.after),
    ];
    let mut text = String::new();
    for (number, cell) in cells.iter().enumerate() {
        let comma = if number == 0 { "" } else { "," };
        // What a spreadsheet would take for a formula is made plain text: others wrote it.
        let plain = if cell.starts_with(['=', '+', '-', '@', '\t', '\r']) { "'" } else { "" };
        let quoted = cell.replace('"', "\"\"");
        // Writing to a string cannot fail.
        let _ = write!(text, "{comma}\"{plain}{quoted}\"");
    }
    text.push_str("\r\n");
    text
}

#[cfg(test)]
mod tests {
    use model::iam::{Origin, Subject};

    use super::*;

    #[test]
    fn a_cell_is_text_whatever_stands_in_it() {
        let origin =
            Origin { user_agent: Some("=cmd|'/c calc'!A1".to_owned()), ..Origin::default() };
        let entry = AuditEntry {
            sequence: 1,
            group: "acme".to_owned(),
            at: Timestamp::from_seconds(0),
            actor: Subject::System { reason: "a \"b\", c".to_owned() },
            origin,
            action: "groups.create".to_owned(),
            target: "group 1\n2".to_owned(),
            before: None,
            after: Some(serde_json::json!({ "a": 1 })),
        };
        let wanted = "\"1\",\"1970-01-01T00:00:00Z\",\"acme\",\"Loadline (a \"\"b\"\", c)\",\"\",\"'=cmd|'/c calc'!A1\",\"\",\"groups.create\",\"group 1\n2\",\"\",\"{\"\"a\"\":1}\"\r\n";
        assert_eq!(row(&entry), wanted);
        assert_eq!(COLUMNS.matches(',').count(), wanted.matches("\",\"").count());
    }
}
