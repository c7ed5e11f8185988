//! What an address asks for: its path's ids and its query, read leniently.
//!
//! A misspelt filter or tab shows the first one; an id that is none is simply not found.

use std::str::FromStr;

use leptos::prelude::GetUntracked;
use leptos_router::hooks::{use_params_map, use_query_map};
use leptos_router::params::ParamsMap;
use model::id::GroupId;
use model::page::PageRequest;

use super::Scope;

/// The address that a page is rendered for.
#[derive(Debug, Clone)]
pub(crate) struct Address {
    params: ParamsMap,
    query: ParamsMap,
}

impl Address {
    /// The address of the request that is being answered.
    pub(crate) fn current() -> Self {
        Self { params: use_params_map().get_untracked(), query: use_query_map().get_untracked() }
    }

    /// The group that it asks about, if it names one.
    pub(crate) fn scope(&self) -> Scope {
        Scope(self.parsed::<GroupId>("group"))
    }

    /// The id in the path.
    pub(crate) fn id<T: FromStr>(&self) -> Option<T> {
        self.params.get_str("id").and_then(|text| text.parse().ok())
    }

    /// A text of the query, empty where there is none.
    pub(crate) fn text(&self, name: &str) -> String {
        self.query.get(name).unwrap_or_default()
    }

    /// A value of the query, where it is one.
    pub(crate) fn parsed<T: FromStr>(&self, name: &str) -> Option<T> {
        self.query.get_str(name).and_then(|text| text.parse().ok())
    }

    /// Whether the query has this name.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.query.get_str(name).is_some()
    }

    /// The page of a list that it asks for.
    pub(crate) fn page(&self) -> PageRequest {
        PageRequest { after: self.query.get("after"), limit: None }
    }
}
