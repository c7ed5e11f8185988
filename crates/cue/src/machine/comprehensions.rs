//! `for` and `if`: the environments that a comprehension yields.

use super::{Conjunct, EnvId, Frame, Machine, Outcome, Shape, Source, Value, Vertex};
use crate::kind::Kind;
use crate::label::Label;
use crate::problem::Stop;
use crate::program::{Clause, Comprehension, ExprId};
use crate::syntax::Presence;

impl Machine<'_> {
    /// Every environment in which the value of a comprehension is to be evaluated.
    pub(super) fn yields(
        &mut self,
        environment: EnvId,
        comprehension: &Comprehension,
    ) -> Outcome<Vec<EnvId>> {
        let mut environments = vec![environment];
        for clause in &comprehension.clauses {
            let mut next = Vec::new();
            for environment in environments {
                self.clause(environment, clause, &mut next)?;
            }
            environments = next;
        }
        Ok(environments)
    }

    fn clause(
        &mut self,
        environment: EnvId,
        clause: &Clause,
        into: &mut Vec<EnvId>,
    ) -> Outcome<()> {
        self.step()?;
        match clause {
            Clause::If(condition) => {
                let value = self.value(environment, *condition)?;
                match value {
                    Value::Bool(true) => into.push(environment),
                    Value::Bool(false) => {}
                    other => return Err(self.type_error(&other, Kind::BOOL, None)),
                }
            }
            Clause::For { source, .. } => {
                let source_vertex = self.range(environment, *source)?;
                for arc in self.all_arcs(source_vertex)? {
                    let state = self.at(arc);
                    if state.presence == Presence::Required {
                        let label = state.label.clone();
                        return Err(self.incomplete(format!(
                            "missing required field in for comprehension: {label}"
                        )));
                    }
                    if !state.label.is_regular() || state.presence != Presence::Regular {
                        continue;
                    }
                    let key = match &state.label {
                        Label::Index(index) => Value::int(*index),
                        other => Value::text(other.as_text().map_or("", |text| text)),
                    };
                    self.step()?;
                    let frame = Frame::For { key, value: arc };
                    into.push(self.environment(environment, frame));
                }
            }
            Clause::Let { value, .. } => {
                let conjunct = Conjunct::new(Source::Expr(environment, *value));
                let vertex = self.inline(vec![conjunct]);
                into.push(self.environment(environment, Frame::Let(vertex)));
            }
        }
        Ok(())
    }

    /// The struct or list that a `for` goes through.
    fn range(&mut self, environment: EnvId, source: ExprId) -> Outcome<Vertex> {
        let value = self.evaluate(environment, source)?;
        let value = self.default(value)?;
        if let Value::Vertex(vertex) = &value {
            let vertex = self.deref(*vertex);
            self.settle(vertex)?;
            let vertex = self.deref(vertex);
            if matches!(self.at(vertex).shape, Shape::Struct | Shape::List | Shape::Unknown) {
                self.check_fields(vertex)?;
                return Ok(vertex);
            }
        }
        Err(self.cannot_range(&value, source))
    }

    fn cannot_range(&mut self, value: &Value, source: ExprId) -> Stop {
        let printed = self.print_expression(source);
        let kind = self.kind_of(value);
        if kind.overlaps(Kind::STRUCT | Kind::LIST) {
            return self
                .incomplete(format!("cannot range over {printed} (incomplete type {kind})"));
        }
        self.fault(format!("cannot range over {printed} (found {kind}, want list or struct)"))
    }
}
