//! Values and problems as messages show them.

use std::rc::Rc;

use super::{Machine, Shape, Source, Value, Vertex};
use crate::label;
use crate::print::{self, Printed};
use crate::problem::{Message, Problem};
use crate::program::ExprId;
use crate::syntax::Presence;
use crate::value::Operand;

/// How deep a printed value is shown.
const DEEPEST: u32 = 64;

/// A problem as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Shown {
    pub(crate) path: Vec<String>,
    pub(crate) message: String,
    pub(crate) at: Option<u32>,
}

impl Shown {
    pub(crate) fn path_text(&self) -> String {
        self.path.join(".")
    }

    pub(crate) fn text(&self) -> String {
        if self.path.is_empty() {
            return self.message.clone();
        }
        format!("{}: {}", self.path_text(), self.message)
    }
}

impl Machine<'_> {
    /// The labels down to a vertex.
    pub(crate) fn path(&self, vertex: Vertex) -> Vec<String> {
        let mut path = Vec::new();
        let mut next = Some(vertex);
        while let Some(vertex) = next {
            let state = self.at(vertex);
            let label = state.label.to_string();
            if !label.is_empty() {
                path.push(label);
            }
            next = state.parent;
        }
        path.reverse();
        path
    }

    /// How many single problems a problem stands for.
    pub(crate) fn count(&mut self, problem: &Problem) -> usize {
        match problem.message {
            Message::Disjunction(_) => self.show(problem).len(),
            _ => 1,
        }
    }

    /// A problem as it is shown; of a disjunction what failed in each alternative.
    pub(crate) fn show(&mut self, problem: &Problem) -> Vec<Shown> {
        let path = problem.vertex.map(|vertex| self.path(vertex)).unwrap_or_default();
        let Message::Disjunction(problems) = &problem.message else {
            return vec![Shown { path, message: self.message(problem), at: problem.at }];
        };
        let mut all: Vec<Shown> = problems.iter().flat_map(|each| self.show(each)).collect();
        // Those without a place first, then by place, path and text.
        all.sort_by_cached_key(|shown| (shown.at, shown.path.clone(), shown.text()));
        all.dedup_by(|a, b| {
            if a.at.is_none() || b.at.is_none() {
                a.text() == b.text()
            } else {
                a.at == b.at && a.path == b.path
            }
        });
        if let [_] = all.as_slice() {
            return all;
        }
        let message = if all.is_empty() {
            "empty disjunction".to_owned()
        } else {
            format!("{} errors in empty disjunction:", all.len())
        };
        all.insert(0, Shown { path, message, at: None });
        all
    }

    /// What a problem says, without where.
    pub(crate) fn message(&mut self, problem: &Problem) -> String {
        match &problem.message {
            Message::Text(text) => text.clone(),
            Message::Conflict(first, second, kinds) => {
                let (first, second) = (self.print_operand(first), self.print_operand(second));
                match kinds {
                    None => format!("conflicting values {first} and {second}"),
                    Some((a, b)) => format!(
                        "conflicting values {first} and {second} (mismatched types {a} and {b})"
                    ),
                }
            }
            Message::OutOfBound(value, bound) => {
                let bound = self.print(&Value::Bound(Rc::clone(bound)));
                format!("invalid value {} (out of bound {bound})", self.print_operand(value))
            }
            Message::Unsatisfied { value, validator, reason } => {
                let arguments: Vec<String> =
                    validator.arguments.iter().map(|argument| self.print(argument)).collect();
                let name = validator.function.name();
                let name = if arguments.is_empty() {
                    name.to_owned()
                } else {
                    format!("{name}({})", arguments.join(", "))
                };
                let value = self.print_operand(value);
                let text = format!("invalid value {value} (does not satisfy {name})");
                match reason {
                    Some(reason) => format!("{text}: {reason}"),
                    None => text,
                }
            }
            Message::ListLengths(least, most) => {
                format!("incompatible list lengths ({least} and {most})")
            }
            Message::NotAllowed => "field not allowed".to_owned(),
            Message::Disjunction(_) => {
                self.show(problem).into_iter().next().map(|shown| shown.message).unwrap_or_default()
            }
        }
    }

    fn print_operand(&mut self, operand: &Operand) -> String {
        match operand {
            Operand::Value(value) => self.print(value),
            Operand::Expr(id) => self.print_expression(*id),
            Operand::Document(node) => {
                self.document.map(|document| print::document(document, *node)).unwrap_or_default()
            }
        }
    }

    pub(crate) fn print_expression(&self, id: ExprId) -> String {
        print::expression(self.program, id)
    }

    /// A value in compact form.
    pub(crate) fn print(&mut self, value: &Value) -> String {
        let mut printed = Printed::default();
        self.value_into(value, &mut printed, 0);
        printed.into_text()
    }

    fn value_into(&mut self, value: &Value, into: &mut Printed, depth: u32) {
        match value {
            Value::Top => into.push("_"),
            Value::Null => into.push("null"),
            Value::Bool(value) => into.push(if *value { "true" } else { "false" }),
            Value::Number(number) => into.push(&number.value.to_string()),
            Value::Text(text) => into.push(&label::quoted(text)),
            Value::Bytes(bytes) => into.push(&label::quoted_bytes(bytes)),
            Value::Type(kind) => into.push(&kind.to_string()),
            Value::Bound(bound) => {
                into.push(bound.bound.text());
                self.value_into(&bound.value, into, depth);
            }
            Value::Validator(validator) => {
                into.push(validator.function.name());
                into.push("(");
                for (index, argument) in validator.arguments.iter().enumerate() {
                    into.push(if index > 0 { ", " } else { "" });
                    self.value_into(argument, into, depth);
                }
                into.push(")");
            }
            Value::Function(function) => into.push(function.name()),
            Value::Conjunction(values) => {
                for (index, value) in values.iter().enumerate() {
                    into.push(if index > 0 { " & " } else { "" });
                    self.value_into(value, into, depth);
                }
            }
            Value::Vertex(vertex) => self.vertex_into(*vertex, into, depth),
        }
    }

    fn vertex_into(&mut self, vertex: Vertex, into: &mut Printed, depth: u32) {
        if into.is_full() {
            return;
        }
        if depth > DEEPEST {
            into.push("…");
            return;
        }
        let vertex = self.deref(vertex);
        // Only a limit can stop it, and then the value prints as far as it is known.
        drop(self.settle(vertex));
        let vertex = self.deref(vertex);
        if depth > 0
            && let Some(bottom) = self.at(vertex).bottom.clone()
            && !bottom.is_child
        {
            let reason = bottom.problems.first().map(|first| self.message(first));
            into.push(&format!("_|_({})", reason.unwrap_or_default()));
            return;
        }
        match self.at(vertex).shape.clone() {
            Shape::Scalar(value) | Shape::Constraint(value) => self.value_into(&value, into, depth),
            Shape::Disjunction(disjunction) => {
                for (index, (value, _)) in disjunction.values.iter().enumerate() {
                    into.push(if index > 0 { " | " } else { "" });
                    into.push(if index < disjunction.n_defaults { "*" } else { "" });
                    self.vertex_into(*value, into, depth.saturating_add(1));
                }
            }
            Shape::List => {
                into.push("[");
                self.arcs_into(vertex, into, depth);
                into.push("]");
            }
            Shape::Struct | Shape::Unknown | Shape::Link(_) => {
                if let Some(node) = self.only_document(vertex) {
                    if let Some(document) = self.document {
                        print::node_into(document, node, into);
                    }
                    return;
                }
                into.push("{");
                self.arcs_into(vertex, into, depth);
                into.push("}");
            }
        }
    }

    /// The object of the document that is all there is of a struct.
    fn only_document(&self, vertex: Vertex) -> Option<u32> {
        match self.at(vertex).conjuncts.as_slice() {
            [only] => match only.source {
                Source::Document(node) => Some(node),
                _ => None,
            },
            _ => None,
        }
    }

    fn arcs_into(&mut self, vertex: Vertex, into: &mut Printed, depth: u32) {
        let is_list = matches!(self.at(vertex).shape, Shape::List);
        let arcs = self.all_arcs(vertex).unwrap_or_else(|_| self.ordered_arcs(vertex));
        for (index, arc) in arcs.into_iter().enumerate() {
            if into.is_full() {
                return;
            }
            into.push(if index > 0 { "," } else { "" });
            if !is_list {
                let state = self.at(arc);
                let mark = match state.presence {
                    Presence::Regular => "",
                    Presence::Required => "!",
                    Presence::Optional => "?",
                };
                let text = format!("{}{mark}:", state.label);
                into.push(&text);
            }
            self.vertex_into(arc, into, depth.saturating_add(1));
        }
    }
}
