//! CycloneDX as JSON, read field by field and component by component.

use std::fmt;

use serde::de::{DeserializeSeed, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use super::{Component, contain, tool};
use crate::problem;
use crate::sbom::gathering::{self, Gathering};
use crate::sbom::{EdgeKind, Format, Limits, Node, Sbom};
use crate::tolerant::{Each, Many, Next, One, Text, skip_list, skip_object};

pub(in crate::sbom) fn read(bytes: &[u8], limits: Limits) -> Sbom {
    let mut bom = Bom {
        gathering: Gathering::new(Format::CycloneDx, limits),
        subject: None,
        listed: Vec::new(),
    };
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let read = (&mut bom).deserialize(&mut deserializer);
    if let Err(error) = read.and_then(|()| deserializer.end()) {
        bom.gathering.broken(problem::place(&error), &problem::why(&error));
    }
    contain(&mut bom.gathering, bom.subject, bom.listed);
    bom.gathering.finish()
}

struct Bom {
    gathering: Gathering,
    subject: Option<Node>,
    listed: Vec<Node>,
}

impl<'de> DeserializeSeed<'de> for &mut Bom {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for &mut Bom {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            let gathering = &mut self.gathering;
            match name.as_str() {
                "specVersion" => {
                    gathering.sbom.spec_version =
                        map.next_value::<Text>()?.take().unwrap_or_default();
                }
                "serialNumber" => gathering.sbom.document = map.next_value::<Text>()?.take(),
                "metadata" => {
                    let seed = Metadata { gathering, subject: &mut self.subject };
                    map.next_value_seed(seed)?;
                }
                "components" => {
                    let seed = Components { gathering, kept: &mut self.listed, at: "components" };
                    map.next_value_seed(seed)?;
                }
                "dependencies" => {
                    map.next_value_seed(Each::new(|next| dependency(gathering, next)))?;
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

struct Metadata<'a> {
    gathering: &'a mut Gathering,
    subject: &'a mut Option<Node>,
}

impl<'de> DeserializeSeed<'de> for Metadata<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }
}

impl<'de> Visitor<'de> for Metadata<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        while let Some(name) = map.next_key::<String>()? {
            match name.as_str() {
                "timestamp" => self.gathering.sbom.created_at = map.next_value::<Text>()?.time(),
                "tools" => {
                    // A list until 1.4; since 1.5 an object of components and services.
                    let tools = map.next_value::<Many<One<Tool>>>()?.objects();
                    let tools = tools.flat_map(Tool::names).take(100);
                    self.gathering.sbom.tools = tools.collect();
                }
                "authors" => {
                    let authors = map.next_value::<Many<One<Named>>>()?.objects();
                    let authors = authors.filter_map(|author| author.name.take()).take(100);
                    self.gathering.sbom.authors = authors.collect();
                }
                "component" => {
                    let mut kept = Vec::new();
                    let seed = OneComponent { gathering: &mut *self.gathering, kept: &mut kept };
                    if !map.next_value_seed(seed)? {
                        self.gathering.problem("metadata.component", "is no object");
                    }
                    *self.subject = kept.last().copied();
                    if let (Some(Node::Package(at)), true) =
                        (*self.subject, self.gathering.sbom.name.is_none())
                    {
                        let at = usize::try_from(at).map_err(A::Error::custom)?;
                        let package = self.gathering.sbom.packages.get(at);
                        self.gathering.sbom.name = package.map(|package| package.name.clone());
                    }
                }
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Tool {
    vendor: Text,
    publisher: Text,
    name: Text,
    version: Text,
    components: Many<One<Box<Tool>>>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Named {
    name: Text,
}

impl Tool {
    fn names(self) -> Vec<String> {
        let vendor = self.vendor.take().or_else(|| self.publisher.take());
        let own = tool(vendor, self.name.take(), self.version.take());
        own.into_iter().chain(self.components.objects().flat_map(|tool| tool.names())).collect()
    }
}

/// A list of components, each kept as it is read.
struct Components<'a> {
    gathering: &'a mut Gathering,
    kept: &'a mut Vec<Node>,
    at: &'static str,
}

impl<'de> DeserializeSeed<'de> for Components<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Components<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of components")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut sequence: A) -> Result<(), A::Error> {
        let mut at = 0_usize;
        loop {
            let seed = OneComponent { gathering: &mut *self.gathering, kept: &mut *self.kept };
            match sequence.next_element_seed(seed)? {
                Some(true) => {}
                Some(false) => self.gathering.problem(format!("{}[{at}]", self.at), "is no object"),
                None => return Ok(()),
            }
            at += 1;
        }
    }

    fn visit_map<A: MapAccess<'de>>(self, map: A) -> Result<(), A::Error> {
        self.gathering.problem(self.at, "is no list");
        skip_object(map)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<(), E> {
        self.gathering.problem(self.at, "is no list");
        Ok(())
    }
}

/// A component with those inside it. Says whether it was one.
struct OneComponent<'a> {
    gathering: &'a mut Gathering,
    kept: &'a mut Vec<Node>,
}

impl<'de> DeserializeSeed<'de> for OneComponent<'_> {
    type Value = bool;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<bool, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for OneComponent<'_> {
    type Value = bool;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a component")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<bool, A::Error> {
        let mut component = Component::default();
        let mut inside = Vec::new();
        while let Some(name) = map.next_key::<String>()? {
            let slot = match name.as_str() {
                "bom-ref" => &mut component.id,
                "group" => &mut component.group,
                "name" => &mut component.name,
                "version" => &mut component.version,
                "purl" => &mut component.purl,
                "cpe" => &mut component.cpe,
                "type" => {
                    component.kind = map.next_value::<Text>()?.take().unwrap_or_default();
                    continue;
                }
                "supplier" | "manufacturer" => {
                    let named = map.next_value::<One<Named>>()?.0;
                    let name = named.and_then(|named| named.name.take());
                    component.supplier = component.supplier.or(name);
                    continue;
                }
                "hashes" => {
                    let hashes = map.next_value::<Many<One<Hash>, 20>>()?;
                    component.hashes = hashes.objects().filter_map(Hash::pair).collect();
                    continue;
                }
                "licenses" => {
                    let choices = map.next_value::<Many<One<LicenceChoice>, 100>>()?;
                    component.licences =
                        choices.objects().filter_map(LicenceChoice::text).collect();
                    continue;
                }
                "components" => {
                    let gathering = &mut *self.gathering;
                    let seed = Components { gathering, kept: &mut inside, at: "components" };
                    map.next_value_seed(seed)?;
                    continue;
                }
                _ => {
                    map.next_value::<IgnoredAny>()?;
                    continue;
                }
            };
            *slot = map.next_value::<Text>()?.take();
        }
        if let Some(node) = component.keep(self.gathering) {
            self.kept.push(node);
            for each in inside {
                self.gathering.edge(node, EdgeKind::Contains, each);
            }
        }
        Ok(true)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, sequence: A) -> Result<bool, A::Error> {
        skip_list(sequence).map(|()| false)
    }

    fn visit_str<E: serde::de::Error>(self, _: &str) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_bool<E: serde::de::Error>(self, _: bool) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_i64<E: serde::de::Error>(self, _: i64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_u64<E: serde::de::Error>(self, _: u64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_f64<E: serde::de::Error>(self, _: f64) -> Result<bool, E> {
        Ok(false)
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<bool, E> {
        Ok(false)
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Hash {
    alg: Text,
    content: Text,
}

impl Hash {
    fn pair(self) -> Option<(String, String)> {
        Some((gathering::algorithm(self.alg.as_str()?), self.content.take()?))
    }
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct LicenceChoice {
    license: One<Licence>,
    expression: Text,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Licence {
    id: Text,
    name: Text,
}

impl LicenceChoice {
    fn text(self) -> Option<String> {
        let licence = self.license.0.unwrap_or_default();
        self.expression.take().or_else(|| licence.id.take()).or_else(|| licence.name.take())
    }
}

#[derive(Deserialize, Default)]
#[serde(default, rename_all = "camelCase")]
struct Dependency {
    #[serde(rename = "ref")]
    from: Text,
    depends_on: Many<Text, 200_000>,
}

fn dependency(gathering: &mut Gathering, next: Next<Dependency>) {
    match next {
        Next::Object(written) => {
            let Some(from) = written.from.take() else { return };
            for to in written.depends_on.texts() {
                gathering.named_edge(&from, EdgeKind::DependsOn, &to);
            }
        }
        Next::Other(at) => gathering.problem(format!("dependencies[{at}]"), "is no object"),
        Next::NoList => gathering.problem("dependencies", "is no list"),
    }
}
