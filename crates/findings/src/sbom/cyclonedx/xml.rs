//! CycloneDX as XML.
//!
//! Read by `quick-xml`, event by event: it knows no entities but the five of XML itself, fetches
//! nothing and expands nothing, so a document cannot grow while it is read. A document type,
//! which is where entities would be declared, is refused.

use quick_xml::events::{BytesStart, Event};
use quick_xml::{Reader, XmlVersion};

use super::{Component, contain, tool};
use crate::problem::Unreadable;
use crate::sbom::gathering::{self, Gathering};
use crate::sbom::{EdgeKind, Format, Limits, Node, Sbom};
use crate::tolerant::{LONGEST_TEXT, cut};

/// Deeper documents are nobody's.
const DEEPEST: usize = 128;
const NAMESPACE: &str = "http://cyclonedx.org/schema/bom/";

pub(in crate::sbom) fn read(bytes: &[u8], limits: Limits) -> Result<Sbom, Unreadable> {
    let text = std::str::from_utf8(bytes).map_err(|error| Unreadable::Xml {
        at: error.valid_up_to() as u64,
        why: "not UTF-8, the one encoding that is read".to_owned(),
    })?;
    let mut reader = Reader::from_str(text);
    let mut bom = Bom {
        gathering: Gathering::new(Format::CycloneDx, limits),
        path: Vec::new(),
        text: String::new(),
        open: Vec::new(),
        references: Vec::new(),
        algorithm: None,
        tool: [None, None, None],
        subject: None,
        listed: Vec::new(),
        is_bom: false,
    };
    loop {
        let event = reader.read_event();
        let at = reader.buffer_position();
        let step = match event {
            Ok(Event::Eof) if bom.path.is_empty() => break,
            Ok(Event::Eof) => Err("the document ends inside an element".to_owned()),
            Ok(event) => bom.take(&event),
            Err(error) => Err(error.to_string()),
        };
        if let Err(why) = step {
            if !bom.is_bom {
                return Err(Unreadable::Xml { at, why });
            }
            bom.gathering.broken(format!("byte {at}"), &why);
            bom.close_all();
            break;
        }
    }
    if !bom.is_bom {
        return Err(Unreadable::Other {
            wanted: "bill of materials",
            found: "it is empty".to_owned(),
            right: "the element <bom> of CycloneDX",
        });
    }
    contain(&mut bom.gathering, bom.subject, bom.listed);
    Ok(bom.gathering.finish())
}

struct Bom {
    gathering: Gathering,
    /// The names of the open elements.
    path: Vec<String>,
    /// The text of the innermost element so far.
    text: String,
    /// The open components.
    open: Vec<Open>,
    /// What the open `dependency` elements refer to.
    references: Vec<String>,
    /// The algorithm of the open `hash`.
    algorithm: Option<String>,
    /// Vendor, name and version of the open `tool`.
    tool: [Option<String>; 3],
    subject: Option<Node>,
    listed: Vec<Node>,
    is_bom: bool,
}

struct Open {
    role: Role,
    component: Component,
    inside: Vec<Node>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Subject,
    Listed,
    Tool,
    /// Ancestors and variants: told of a component, not part of what is listed.
    Aside,
}

impl Bom {
    fn take(&mut self, event: &Event<'_>) -> Result<(), String> {
        match event {
            Event::Start(start) => self.start(start),
            Event::Empty(start) => {
                self.start(start)?;
                self.end();
                Ok(())
            }
            Event::End(_) => {
                self.end();
                Ok(())
            }
            Event::Text(text) => {
                self.add(&text.xml10_content());
                Ok(())
            }
            Event::CData(text) => {
                self.add(&text.xml10_content());
                Ok(())
            }
            Event::GeneralRef(reference) => {
                let character = match reference.resolve_char_ref() {
                    Ok(Some(character)) => Some(character),
                    Ok(None) => predefined(&reference.xml10_content()),
                    Err(error) => return Err(error.to_string()),
                };
                let Some(character) = character else {
                    return Err("an entity that is none of XML's own".to_owned());
                };
                self.add(character.encode_utf8(&mut [0; 4]));
                Ok(())
            }
            Event::DocType(_) => Err("a document type, which is not read".to_owned()),
            Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Eof => Ok(()),
        }
    }

    fn add(&mut self, text: &str) {
        let room = LONGEST_TEXT.saturating_sub(self.text.len());
        self.text.push_str(cut(text, room));
    }

    fn start(&mut self, start: &BytesStart<'_>) -> Result<(), String> {
        if self.path.len() >= DEEPEST {
            return Err(format!("more than {DEEPEST} elements inside each other"));
        }
        let local = start.local_name();
        let name = cut(local.as_ref(), 64).to_owned();
        if self.path.is_empty() {
            self.start_bom(&name, start)?;
        }
        match name.as_str() {
            "component" => {
                let role = self.role();
                let component = Component {
                    kind: attribute(start, "type")?.unwrap_or_default(),
                    id: attribute(start, "bom-ref")?,
                    ..Component::default()
                };
                self.open.push(Open { role, component, inside: Vec::new() });
            }
            "dependency" => {
                let reference = attribute(start, "ref")?.unwrap_or_default();
                if let Some(from) = self.references.last() {
                    self.gathering.named_edge(from, EdgeKind::DependsOn, &reference);
                }
                self.references.push(reference);
            }
            "hash" => self.algorithm = attribute(start, "alg")?,
            _ => {}
        }
        self.path.push(name);
        self.text.clear();
        Ok(())
    }

    fn start_bom(&mut self, name: &str, start: &BytesStart<'_>) -> Result<(), String> {
        if name != "bom" {
            return Err(format!("the element <{name}> instead of CycloneDX's <bom>"));
        }
        self.is_bom = true;
        for each in start.attributes().with_checks(false) {
            let each = each.map_err(|error| error.to_string())?;
            let value = each.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|error| error.to_string())?;
            if let Some(version) = value.strip_prefix(NAMESPACE) {
                self.gathering.sbom.spec_version = cut(version, 16).to_owned();
            }
        }
        self.gathering.sbom.document = attribute(start, "serialNumber")?;
        Ok(())
    }

    fn role(&self) -> Role {
        let is_within = |name: &str| self.path.iter().any(|each| each == name);
        match self.path.last().map(String::as_str) {
            Some("components") if is_within("tools") => Role::Tool,
            Some("components") if !is_within("pedigree") => Role::Listed,
            Some("metadata") => Role::Subject,
            Some(_) | None => Role::Aside,
        }
    }

    fn end(&mut self) {
        let text = std::mem::take(&mut self.text);
        let text = Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
        let Some(name) = self.path.pop() else { return };
        match name.as_str() {
            "component" => self.close(),
            "dependency" => drop(self.references.pop()),
            "tool" => {
                let [vendor, name, version] = std::mem::take(&mut self.tool);
                self.add_tool(vendor, name, version);
            }
            _ => self.field(&name, text),
        }
    }

    fn is_inside(&self, names: &[&str]) -> bool {
        let start = self.path.len().checked_sub(names.len());
        let tail = start.and_then(|start| self.path.get(start..));
        tail.is_some_and(|tail| tail.iter().zip(names).all(|(one, two)| one == two))
    }

    /// An element with a text ended; its path without itself says whose it is.
    fn field(&mut self, name: &str, text: Option<String>) {
        let is_tool = self.is_inside(&["tool"]);
        if is_tool {
            match name {
                "vendor" => self.tool[0] = text,
                "name" => self.tool[1] = text,
                "version" => self.tool[2] = text,
                _ => {}
            }
            return;
        }
        if self.is_inside(&["bom", "metadata"]) && name == "timestamp" {
            self.gathering.sbom.created_at = text.and_then(|text| crate::time::parse(&text));
            return;
        }
        if self.is_inside(&["metadata", "authors", "author"]) && name == "name" {
            let authors = &mut self.gathering.sbom.authors;
            authors.extend(text.filter(|_| authors.len() < 100));
            return;
        }
        let is_own = self.is_inside(&["component"]);
        let is_licence = self.is_inside(&["component", "licenses", "license"]);
        let is_licences = self.is_inside(&["component", "licenses"]);
        let is_hash = self.is_inside(&["component", "hashes"]) && name == "hash";
        let is_supplier = self.is_inside(&["component", "supplier"])
            || self.is_inside(&["component", "manufacturer"]);
        let algorithm = if is_hash { self.algorithm.take() } else { None };
        let Some(component) = self.open.last_mut().map(|open| &mut open.component) else { return };
        match name {
            "group" if is_own => component.group = text,
            "name" if is_own => component.name = text,
            "version" if is_own => component.version = text,
            "purl" if is_own => component.purl = text,
            "cpe" if is_own => component.cpe = text,
            "name" if is_supplier => component.supplier = component.supplier.take().or(text),
            "id" | "name" if is_licence => component.licences.extend(text),
            "expression" if is_licences => component.licences.extend(text),
            "hash" => {
                let hash = algorithm.map(|each| gathering::algorithm(&each)).zip(text);
                component.hashes.extend(hash.filter(|_| component.hashes.len() < 20));
            }
            _ => {}
        }
    }

    fn close(&mut self) {
        let Some(Open { role, component, inside }) = self.open.pop() else { return };
        match role {
            Role::Aside => return,
            Role::Tool => {
                return self.add_tool(component.supplier, component.name, component.version);
            }
            Role::Subject | Role::Listed => {}
        }
        let name = component.name.clone();
        let Some(node) = component.keep(&mut self.gathering) else { return };
        for each in inside {
            self.gathering.edge(node, EdgeKind::Contains, each);
        }
        if role == Role::Subject {
            self.subject = Some(node);
            self.gathering.sbom.name = name;
        } else if let Some(around) = self.open.last_mut() {
            around.inside.push(node);
        } else {
            self.listed.push(node);
        }
    }

    /// What is open when the document breaks off was read so far.
    fn close_all(&mut self) {
        while !self.open.is_empty() {
            self.close();
        }
    }

    fn add_tool(&mut self, vendor: Option<String>, name: Option<String>, version: Option<String>) {
        let tools = &mut self.gathering.sbom.tools;
        tools.extend(tool(vendor, name, version).filter(|_| tools.len() < 100));
    }
}

fn predefined(name: &str) -> Option<char> {
    Some(match name {
        "amp" => '&',
        "lt" => '<',
        "gt" => '>',
        "quot" => '"',
        "apos" => '\'',
        _ => return None,
    })
}

fn attribute(start: &BytesStart<'_>, name: &str) -> Result<Option<String>, String> {
    for each in start.attributes().with_checks(false) {
        let each = each.map_err(|error| error.to_string())?;
        if each.key.local_name().as_ref() == name {
            let value = each.normalized_value(XmlVersion::Implicit1_0);
            let value = value.map_err(|error| error.to_string())?;
            let value = cut(value.trim(), LONGEST_TEXT);
            return Ok((!value.is_empty()).then(|| value.to_owned()));
        }
    }
    Ok(None)
}
