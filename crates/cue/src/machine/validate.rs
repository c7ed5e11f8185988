//! Everything that is wrong, in upstream's order.

use std::collections::HashSet;
use std::rc::Rc;

use super::{Machine, Outcome, Shape, Vertex};
use crate::label::Label;
use crate::problem::{Bottom, Code, Problem};
use crate::syntax::Presence;

/// All problems found so far, each once.
#[derive(Default)]
struct Found {
    problems: Vec<Rc<Problem>>,
    known: HashSet<*const Problem>,
    code: Option<Code>,
    visited: HashSet<u32>,
}

impl Found {
    fn add(&mut self, bottom: &Bottom) {
        // What only says that something below is wrong, is said there.
        if bottom.is_child {
            return;
        }
        self.code = Some(self.code.map_or(bottom.code, |code| code.min(bottom.code)));
        for problem in &bottom.problems {
            if self.known.insert(Rc::as_ptr(problem)) {
                self.problems.push(Rc::clone(problem));
            }
        }
    }
}

impl Machine<'_> {
    /// Lists the problems of a finished vertex and all below.
    pub(crate) fn problems(&mut self, vertex: Vertex) -> Outcome<Vec<Rc<Problem>>> {
        let mut found = Found::default();
        self.collect(vertex, Where::Data, &mut found)?;
        Ok(found.problems)
    }

    fn collect(&mut self, vertex: Vertex, place: Where, found: &mut Found) -> Outcome<()> {
        let mut target = vertex;
        while let Shape::Link(next) = self.at(target).shape {
            let is_alternative = self.at(target).node.is_some();
            target = next;
            if is_alternative {
                continue;
            }
            if place == Where::Definition || !found.visited.insert(target.0) {
                return Ok(());
            }
        }
        let bottom = self.at(target).bottom.clone();
        if let Some(bottom) = bottom {
            if !bottom.code.is_incomplete() {
                found.add(&bottom);
            }
            if !bottom.has_recursive {
                return Ok(());
            }
        }
        for arc in self.ordered_arcs(target) {
            let state = self.at(arc);
            if matches!(state.label, Label::Let(_)) || state.presence != Presence::Regular {
                continue;
            }
            let place = if state.label.is_regular() { place } else { Where::Definition };
            self.deeper(|machine| machine.collect(arc, place, found))?;
        }
        Ok(())
    }
}

/// Whether what is looked at belongs to the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Where {
    Data,
    Definition,
}
