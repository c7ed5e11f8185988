//! The schema of what stands somewhere, for the OpenAPI document: by hand, for the derive gives all
//! of them the same name.

use std::borrow::Cow;

use utoipa::openapi::schema::{AllOfBuilder, SchemaType, Type};
use utoipa::openapi::{ObjectBuilder, Ref, RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use crate::iam::Placed;

impl<T: ToSchema> PartialSchema for Placed<T> {
    fn schema() -> RefOr<Schema> {
        let text =
            || ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null]));
        let path = text().description(Some(
            "Its path of ids; null of what belongs to no group, or to one that you may not see.",
        ));
        let name = text().description(Some("Its group's name path; null in the same cases."));
        let place = ObjectBuilder::new().property("path", path).property("groupName", name);
        let place = place.required("path").required("groupName");
        AllOfBuilder::new().item(Ref::from_schema_name(T::name())).item(place).into()
    }
}

impl<T: ToSchema> ToSchema for Placed<T> {
    fn name() -> Cow<'static, str> {
        Cow::Owned(format!("Placed{}", T::name()))
    }

    fn schemas(schemas: &mut Vec<(String, RefOr<Schema>)>) {
        schemas.push((T::name().into_owned(), T::schema()));
        T::schemas(schemas);
    }
}
