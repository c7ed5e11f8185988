//! Reads Lists and single objects, one object at a time.

use std::cell::RefCell;
use std::fmt;
use std::io::{BufReader, Read};

use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_json::Value;
use serde_json::error::Category;

use super::object::{Metadata, Object};
use super::redaction::Redaction;
use super::workload::{self, Taken};
use super::{Inventory, ReadError};

/// Reads every document of the input.
pub(super) fn read(input: impl Read, redaction: &Redaction) -> Result<Inventory, ReadError> {
    let collector =
        Collector { redaction, inventory: RefCell::default(), failure: RefCell::default() };
    let mut json =
        serde_json::Deserializer::from_reader(BufReader::with_capacity(64 * 1024, input));
    let mut n_documents = 0_u64;
    // `end` looks past blanks for a further document, and leaves it where it is.
    while let Err(more) = json.end() {
        if more.is_io() {
            return Err(ReadError::Input(more.into()));
        }
        n_documents = n_documents.saturating_add(1);
        if let Err(error) = (Document { collector: &collector }).deserialize(&mut json) {
            return Err(collector.failure.take().unwrap_or_else(|| wrong(error)));
        }
    }
    if n_documents == 0 {
        return Err(ReadError::Empty);
    }
    Ok(collector.inventory.take())
}

fn wrong(error: serde_json::Error) -> ReadError {
    match error.classify() {
        Category::Io => ReadError::Input(error.into()),
        Category::Syntax => ReadError::NotJson(error),
        Category::Eof => ReadError::CutOff,
        Category::Data => ReadError::NotObjects(error),
    }
}

/// Where objects go as they are read. The visitors can only fail with JSON errors; what is
/// really wrong with an object is kept beside.
struct Collector<'r> {
    redaction: &'r Redaction,
    inventory: RefCell<Inventory>,
    failure: RefCell<Option<ReadError>>,
}

impl Collector<'_> {
    fn take<E: serde::de::Error>(&self, object: Object) -> Result<(), E> {
        let title = object.title();
        let taken = if object.kind == "Table" {
            Err(ReadError::Table)
        } else {
            workload::of(object, self.redaction)
                .map_err(|cause| ReadError::Object { object: title, cause })
        };
        match taken {
            Ok(taken) => {
                self.keep(taken);
                Ok(())
            }
            Err(failure) => {
                let error = E::custom(&failure);
                self.failure.replace(Some(failure));
                Err(error)
            }
        }
    }

    /// The later of two descriptions of the same object holds.
    fn keep(&self, taken: Taken) {
        let mut inventory = self.inventory.borrow_mut();
        match taken {
            Taken::Workload(workload, left_out) => {
                inventory.left_out.extend(left_out);
                inventory.workloads.insert(workload.uid.clone(), *workload);
            }
            Taken::Namespace(namespace) => {
                inventory.namespaces.insert(namespace.name.clone(), namespace);
            }
            Taken::Node(node) => {
                inventory.nodes.insert(node.name.clone(), node);
            }
            Taken::Skipped(kind) => {
                let n_skipped = inventory.skipped.entry(kind).or_default();
                *n_skipped = n_skipped.saturating_add(1);
            }
        }
    }
}

/// One document, or one item of a List: both are objects, and only one of them has items.
struct Document<'c> {
    collector: &'c Collector<'c>,
}

impl<'de> DeserializeSeed<'de> for Document<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        let (object, pending) = deserializer.deserialize_map(Fields { items: Some(&self) })?;
        let Some(pending) = pending else {
            return self.collector.take(object);
        };
        // `kubectl get -o json` names each item's kind; the API's own PodList does it once.
        let item_kind = object.kind.strip_suffix("List").unwrap_or_default();
        for item in pending {
            let kind = item_kind.to_owned();
            self.collector.take(Object {
                kind,
                api_version: object.api_version.clone(),
                ..item
            })?;
        }
        Ok(())
    }
}

/// The fields of an object; `items` is `None` where it is an item itself.
struct Fields<'c, 'd> {
    items: Option<&'d Document<'c>>,
}

impl<'de> Visitor<'de> for Fields<'_, '_> {
    /// The object, and where it is a List: its items that do not name their own kind.
    type Value = (Object, Option<Vec<Object>>);

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a Kubernetes object or a List of them")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut object = Object::default();
        let mut pending = None;
        let mut is_object = false;
        while let Some(key) = map.next_key::<String>()? {
            match (key.as_str(), self.items) {
                ("apiVersion", _) => {
                    object.api_version = map.next_value::<Option<_>>()?.unwrap_or_default();
                }
                ("kind", _) => {
                    is_object = true;
                    object.kind = map.next_value::<Option<_>>()?.unwrap_or_default();
                }
                ("metadata", _) => {
                    object.metadata = map.next_value::<Option<Metadata>>()?.unwrap_or_default();
                }
                ("spec", _) => object.spec = map.next_value::<Value>()?,
                ("status", _) => object.status = map.next_value::<Value>()?,
                ("items", Some(list)) => pending = Some(map.next_value_seed(Items { list })?),
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        if self.items.is_some() && !is_object {
            return Err(A::Error::custom("it has no kind"));
        }
        Ok((object, pending))
    }
}

/// The items of a List, each handed on as soon as it is read.
struct Items<'c, 'd> {
    list: &'d Document<'c>,
}

impl<'de> DeserializeSeed<'de> for Items<'_, '_> {
    type Value = Vec<Object>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<Object>, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Items<'_, '_> {
    type Value = Vec<Object>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the items of a List")
    }

    fn visit_unit<E: serde::de::Error>(self) -> Result<Vec<Object>, E> {
        Ok(Vec::new())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Vec<Object>, A::Error> {
        let mut pending = Vec::new();
        while let Some(object) = items.next_element_seed(Item)? {
            if object.kind.is_empty() {
                pending.push(object);
            } else {
                self.list.collector.take(object)?;
            }
        }
        Ok(pending)
    }
}

/// One item of a List.
struct Item;

impl<'de> DeserializeSeed<'de> for Item {
    type Value = Object;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Object, D::Error> {
        deserializer.deserialize_map(Fields { items: None }).map(|(object, _)| object)
    }
}
