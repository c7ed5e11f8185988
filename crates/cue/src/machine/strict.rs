//! What the policy states and the document does not have.

use super::{Machine, Outcome, Shape, Source, Vertex};
use crate::label::Label;
use crate::syntax::Presence;

impl Machine<'_> {
    /// The paths of fields that the policy states and the document does not have, in order.
    pub(crate) fn absent(&mut self, vertex: Vertex) -> Outcome<Vec<String>> {
        let mut absent = Vec::new();
        self.collect_absent(vertex, &mut absent)?;
        Ok(absent)
    }

    fn collect_absent(&mut self, vertex: Vertex, into: &mut Vec<String>) -> Outcome<()> {
        let target = self.deref(vertex);
        if let Shape::Disjunction(disjunction) = self.at(target).shape.clone() {
            // Each alternative that is left allows the document; the first stands for all.
            if let Some((first, _)) = disjunction.values.first() {
                return self.deeper(|machine| machine.collect_absent(*first, into));
            }
        }
        for arc in self.ordered_arcs(target) {
            self.step()?;
            let state = self.at(arc);
            if !matches!(state.label, Label::Text(_) | Label::Index(_))
                || state.presence == Presence::Optional
            {
                continue;
            }
            let is_there =
                state.conjuncts.iter().any(|each| matches!(each.source, Source::Document(_)));
            if is_there {
                self.deeper(|machine| machine.collect_absent(arc, into))?;
            } else {
                into.push(self.path(arc).join("."));
            }
        }
        Ok(())
    }
}
