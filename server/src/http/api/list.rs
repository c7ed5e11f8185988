//! What a list can be asked for beside its page: the filters that Chainguard Enforce had, under the
//! names that they had there (`enforce.md` part 3), for every noun that stands in the tree.

use axum::http::StatusCode;
use model::id::{GroupId, Uidp};
use model::page::{Page, PageRequest};
use model::timestamp::Timestamp;
use serde::Deserialize;
use service::{Caller, Service};
use utoipa::ToSchema;

use crate::http::problem::Refusal;

/// A query with the filters of the tree and fields of its own. Flattened structures would take
/// fields that nobody knows.
macro_rules! query {
    ($(#[$about:meta])* $query:ident { $($(#[$says:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$about])*
        #[derive(Debug, Default, Deserialize, ToSchema)]
        #[serde(deny_unknown_fields, default)]
        pub(super) struct $query {
            /// The group that is looked at, with what it inherits and everything below it: its
            /// id, path of ids or path of names.
            group: Option<String>,
            /// Only the row of this id.
            id: Option<String>,
            /// Only rows of this very name.
            name: Option<String>,
            /// What belongs to this group or one below it.
            #[serde(rename = "uidp.descendants_of")]
            descendants_of: Option<String>,
            /// What belongs to this very group.
            #[serde(rename = "uidp.children_of")]
            children_of: Option<String>,
            /// What belongs to this group or one above it.
            #[serde(rename = "uidp.ancestors_of")]
            ancestors_of: Option<String>,
            /// What belongs to this group's organization.
            #[serde(rename = "uidp.in_root")]
            in_root: Option<String>,
            $($(#[$says])* pub(super) $field: $kind,)*
        }

        impl $query {
            /// What was asked for, with its group looked up.
            pub(super) async fn asked(
                &self,
                service: &Service,
                caller: &Caller,
            ) -> Result<Asked, Refusal> {
                let places = [
                    (Place::Scope, &self.group),
                    (Place::Below, &self.descendants_of),
                    (Place::In, &self.children_of),
                    (Place::Above, &self.ancestors_of),
                    (Place::Organization, &self.in_root),
                ];
                let mut asked = Asked::at(&places, service, caller).await?;
                asked.id.clone_from(&self.id);
                asked.name.clone_from(&self.name);
                Ok(asked)
            }
        }
    };
}

query! {
    /// Query of a list that is given whole.
    Whole {}
}

query! {
    /// Query of a list that is given by pages.
    Paged {
        /// One of the list's own filters.
        filter: Option<String>,
        /// Only what was heard from at this time or later.
        active_since: Option<Timestamp>,
        /// `next` of the page before.
        after: Option<String>,
        /// Rows of the page, 500 at most.
        limit: Option<u32>,
    }
}

/// Query of a list that belongs to one thing.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub(super) struct Paging {
    /// `next` of the page before.
    after: Option<String>,
    /// Rows of the page, 500 at most.
    limit: Option<u32>,
}

impl Paging {
    pub(super) fn page(self) -> PageRequest {
        PageRequest { after: self.after, limit: self.limit }
    }
}

/// Where a row stands, seen from the group that was named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    Scope,
    Below,
    In,
    Above,
    Organization,
}

/// A row as filters see it.
#[derive(Debug)]
pub(super) struct Row<'r> {
    /// `None` of what belongs to no group.
    pub(super) path: Option<Uidp>,
    pub(super) name: &'r str,
    /// Whether it is a group itself, and does not only belong to one.
    pub(super) is_group: bool,
    /// When it was heard from, of what is heard from.
    pub(super) seen_at: Option<Timestamp>,
}

/// Where a list looks, and which rows it keeps.
#[derive(Debug)]
pub(super) struct Asked {
    /// The group that the list is read at.
    pub(super) scope: GroupId,
    /// Whether a group was named.
    is_placed: bool,
    place: (Place, Uidp),
    id: Option<String>,
    name: Option<String>,
    active_since: Option<Timestamp>,
}

impl Asked {
    async fn at(
        places: &[(Place, &Option<String>)],
        service: &Service,
        caller: &Caller,
    ) -> Result<Self, Refusal> {
        let mut given = places.iter().filter_map(|(place, text)| Some((*place, text.as_ref()?)));
        let named = given.next();
        if given.next().is_some() {
            let title = "give one of group, uidp.descendants_of, uidp.children_of, \
                         uidp.ancestors_of and uidp.in_root";
            return Err(Refusal::new(StatusCode::BAD_REQUEST, "bad-request", title));
        }
        let group = super::place(service, caller, named.map(|(_, text)| text.as_str())).await?;
        let place = named.map_or(Place::Scope, |(place, _)| place);
        let scope = match place {
            Place::Organization => {
                let root = Uidp::root(group.path.organization()).to_string();
                service.find_group(caller, &root).await?.id
            }
            Place::Scope | Place::Below | Place::In | Place::Above => group.id,
        };
        let place = (place, group.path);
        let is_placed = named.is_some();
        Ok(Self { scope, is_placed, place, id: None, name: None, active_since: None })
    }

    fn is_narrowed(&self) -> bool {
        self.place.0 != Place::Scope
            || self.id.is_some()
            || self.name.is_some()
            || self.active_since.is_some()
    }

    /// Whether a row is asked for.
    fn keeps(&self, row: &Row<'_>) -> bool {
        let (place, group) = &self.place;
        let parent = row.path.as_ref().and_then(Uidp::parent);
        let home = if row.is_group { row.path.as_ref() } else { parent.as_ref() };
        let stands = match place {
            Place::Scope if !row.is_group => true,
            Place::Scope | Place::Below => home.is_some_and(|home| group.contains(home)),
            Place::In => parent.as_ref() == Some(group),
            Place::Above => home.is_some_and(|home| home.contains(group)),
            Place::Organization => home.is_some_and(|it| it.organization() == group.organization()),
        };
        let path = row.path.as_ref();
        let is_named = |id: &String| {
            path.is_some_and(|path| *id == path.last().to_string() || *id == path.to_string())
        };
        (stands || !self.is_placed)
            && self.id.as_ref().is_none_or(is_named)
            && self.name.as_ref().is_none_or(|name| name == row.name)
            && self.active_since.is_none_or(|since| row.seen_at.is_some_and(|at| at >= since))
    }

    /// Those of a whole list that are asked for.
    pub(super) fn of<T>(&self, rows: Vec<T>, row: impl for<'r> Fn(&'r T) -> Row<'r>) -> Vec<T> {
        rows.into_iter().filter(|it| self.keeps(&row(it))).collect()
    }

    /// Reads a list for the page that is asked for.
    pub(super) fn reading<T>(mut self, query: Paged) -> Reading<T> {
        self.active_since = query.active_since;
        let page = PageRequest { after: query.after, limit: query.limit };
        let first = if self.is_narrowed() {
            PageRequest { after: None, limit: Some(PageRequest::MAX_ROWS) }
        } else {
            page.clone()
        };
        Reading { asked: self, page, next: Some(first), kept: Vec::new(), read: None }
    }
}

/// A list that is being read. One that is narrowed is read to its end: it has at most as many rows
/// as the organization has things.
#[derive(Debug)]
pub(super) struct Reading<T> {
    asked: Asked,
    /// What was asked for.
    page: PageRequest,
    /// What is read next.
    next: Option<PageRequest>,
    kept: Vec<T>,
    /// The page as it was read, where nothing is narrowed.
    read: Option<Page<T>>,
}

impl<T: Clone> Reading<T> {
    /// The group that is read at, and the page to read; `None` when there is enough.
    pub(super) fn next(&mut self) -> Option<(GroupId, PageRequest)> {
        self.next.take().map(|page| (self.asked.scope, page))
    }

    /// Takes a page in.
    pub(super) fn take(&mut self, page: Page<T>, row: impl for<'r> Fn(&'r T) -> Row<'r>) {
        if !self.asked.is_narrowed() {
            self.read = Some(page);
            return;
        }
        self.kept.extend(self.asked.of(page.rows, row));
        let after = |after| PageRequest { after: Some(after), limit: Some(PageRequest::MAX_ROWS) };
        self.next = page.next.map(after);
    }

    /// The page that was asked for.
    pub(super) fn page(self) -> Page<T> {
        if let Some(page) = self.read {
            return page;
        }
        let (rows, next) = self.page.of(&self.kept);
        let total = u64::try_from(self.kept.len()).unwrap_or(u64::MAX);
        Page { rows: rows.to_vec(), next, total }
    }
}
