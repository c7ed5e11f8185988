//! Which format a document is, by the first of its fields that tells.

use std::fmt;

use serde::Deserializer;
use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, Visitor};

use crate::problem::Unreadable;
use crate::tolerant::Text;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Which {
    Spdx2,
    Spdx3,
    CycloneDx,
    CycloneDxXml,
}

const RIGHT: &str = "spdxVersion (SPDX 2), @graph (SPDX 3), bomFormat (CycloneDX) or <bom>";

pub(super) fn of(bytes: &[u8]) -> Result<Which, Unreadable> {
    let first = bytes.iter().find(|byte| !byte.is_ascii_whitespace());
    let wanted = "bill of materials";
    match first {
        Some(b'<') => return Ok(Which::CycloneDxXml),
        Some(b'{') => {}
        Some(_) | None => {
            let found = if first.is_none() { "it is empty" } else { "neither JSON nor XML" };
            return Err(Unreadable::Other { wanted, found: found.to_owned(), right: RIGHT });
        }
    }
    let mut found = None;
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let read = Fields(&mut found).deserialize(&mut deserializer);
    match (found, read) {
        (Some(which), _) => Ok(which),
        (None, Err(error)) => Err(Unreadable::from(&error)),
        (None, Ok(())) => {
            let found = "JSON without any of the fields that tell".to_owned();
            Err(Unreadable::Other { wanted, found, right: RIGHT })
        }
    }
}

/// Stops at the first field that tells, by an error that nobody sees.
struct Fields<'a>(&'a mut Option<Which>);

impl<'de> DeserializeSeed<'de> for Fields<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Fields<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            let which = match name.as_str() {
                "spdxVersion" | "SPDXID" => Some(Which::Spdx2),
                "@graph" => Some(Which::Spdx3),
                "bomFormat" => {
                    let format = map.next_value::<Text>()?;
                    let is_it =
                        format.as_str().is_some_and(|it| it.eq_ignore_ascii_case("cyclonedx"));
                    if is_it {
                        *self.0 = Some(Which::CycloneDx);
                        return Err(A::Error::custom("found"));
                    }
                    continue;
                }
                _ => None,
            };
            if let Some(which) = which {
                *self.0 = Some(which);
                return Err(A::Error::custom("found"));
            }
            map.next_value::<IgnoredAny>()?;
        }
        Ok(())
    }
}
