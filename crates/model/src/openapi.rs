//! Schemas of the nouns that are written as text, for the OpenAPI document: what the derive cannot
//! see, because how they are read is ours.

use std::borrow::Cow;

use utoipa::openapi::schema::{ArrayBuilder, SchemaType, Type};
use utoipa::openapi::{KnownFormat, ObjectBuilder, Ref, RefOr, Schema, SchemaFormat};
use utoipa::{PartialSchema, ToSchema};

use crate::digest::Digest;
use crate::evidence::TrustId;
use crate::iam::{BuiltInRole, Capability, CapabilitySet, RoleRef};
use crate::id::{
    ClusterId, DraftId, GroupId, IdentityId, IdentityProviderId, InviteId, PolicyId,
    PolicyVersionId, RoleBindingId, RoleId, SessionId, Suid, TokenId, Uidp,
};
use crate::image::{Image, ImageReference, Repository};
use crate::page::Page;
use crate::timestamp::Timestamp;

macro_rules! texts {
    ($($noun:ident: $description:literal, $pattern:expr, $example:expr;)+) => {$(
        impl PartialSchema for $noun {
            fn schema() -> RefOr<Schema> {
                let text = ObjectBuilder::new().schema_type(Type::String).pattern(Some($pattern));
                text.description(Some($description)).examples([$example]).into()
            }
        }

        impl ToSchema for $noun {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed(stringify!($noun))
            }
        }
    )+};
}

const ID: &str = "^[0-9a-f]{16}$";
const AN_ID: &str = "0123456789abcdef";
const IMAGE: &str =
    "ghcr.io/acme/api@sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

texts! {
    Suid: "An id that is unique within its organization.", ID, AN_ID;
    GroupId: "A group's id.", ID, AN_ID;
    ClusterId: "A cluster's id.", ID, AN_ID;
    PolicyId: "A policy's id, over all its versions.", ID, AN_ID;
    PolicyVersionId: "A policy version's id.", ID, AN_ID;
    IdentityId: "An identity's id.", ID, AN_ID;
    RoleId: "A custom role's id.", ID, AN_ID;
    RoleBindingId: "A role binding's id.", ID, AN_ID;
    InviteId: "An invite's id.", ID, AN_ID;
    IdentityProviderId: "An identity provider's id.", ID, AN_ID;
    SessionId: "A session's id.", ID, AN_ID;
    TokenId: "A token's id; not the token.", ID, AN_ID;
    DraftId: "A draft's id.", ID, AN_ID;
    Uidp: "A path of ids from the organization down; what a path contains begins with it.",
        "^[0-9a-f]{40}(/[0-9a-f]{16})*$", "00112233445566778899aabbccddeeff00112233/0123456789abcdef";
    Digest: "A content digest.", "^sha256:[0-9a-f]{64}$",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    TrustId: "Names the keys and roots that something was verified by.", "^sha256:[0-9a-f]{64}$",
        "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    Repository: "A registry and a repository in it.", "^[^@]+$", "ghcr.io/acme/api";
    ImageReference: "An image as somebody wrote it, by tag or digest.", "^.+$", "ghcr.io/acme/api:1.2";
    Image: "A repository and a digest; never a tag.", "^[^@]+@sha256:[0-9a-f]{64}$", IMAGE;
    RoleRef: "A built-in role's name, or a custom role's id.", role_pattern(), "viewer";
}

fn role_pattern() -> String {
    let names: Vec<_> =
        BuiltInRole::ALL.iter().map(|role| role.as_str().replace('.', "\\.")).collect();
    format!("^({}|[0-9a-f]{{16}})$", names.join("|"))
}

impl PartialSchema for Timestamp {
    fn schema() -> RefOr<Schema> {
        let format = SchemaFormat::KnownFormat(KnownFormat::DateTime);
        let text = ObjectBuilder::new().schema_type(Type::String).format(Some(format));
        text.description(Some("RFC 3339, in UTC.")).examples(["2026-11-24T09:30:00Z"]).into()
    }
}

impl ToSchema for Timestamp {}

impl PartialSchema for Capability {
    fn schema() -> RefOr<Schema> {
        let names = Self::ALL.iter().map(|capability| capability.as_str());
        let text = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(names));
        text.description(Some("Something that somebody may do at a group and below it.")).into()
    }
}

impl ToSchema for Capability {}

impl PartialSchema for CapabilitySet {
    fn schema() -> RefOr<Schema> {
        let of = Ref::from_schema_name(Capability::name());
        ArrayBuilder::new().items(of).description(Some("Capabilities, each once.")).into()
    }
}

impl ToSchema for CapabilitySet {
    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((Capability::name().into_owned(), Capability::schema()));
    }
}

/// By hand, for the derive names every page the same.
impl<T: ToSchema> PartialSchema for Page<T> {
    fn schema() -> RefOr<Schema> {
        let rows = ArrayBuilder::new().items(Ref::from_schema_name(T::name()));
        let rows = rows.description(Some("The rows, in the list's order."));
        let next =
            ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null]));
        let next =
            next.description(Some("The cursor of the next page, for `after`; null on the last."));
        let total = ObjectBuilder::new().schema_type(Type::Integer).minimum(Some(0));
        let total = total.description(Some("Rows of the whole list, counted up to 10,000."));
        let page = ObjectBuilder::new().property("rows", rows).property("next", next);
        let page = page.property("total", total).description(Some("One page of a list."));
        page.required("rows").required("next").required("total").into()
    }
}

impl<T: ToSchema> ToSchema for Page<T> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("{}Page", T::name()))
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}
