//! Calls: arguments are evaluated, counted and checked before a function runs.

use std::rc::Rc;

use super::Function;
use crate::kind::Kind;
use crate::machine::{EnvId, Machine, Outcome};
use crate::problem::{Bottom, Stop};
use crate::program::ExprId;
use crate::value::{Validator, Value};

impl Machine<'_> {
    pub(crate) fn call(
        &mut self,
        environment: EnvId,
        id: ExprId,
        function: ExprId,
        arguments: &[ExprId],
    ) -> Outcome<Value> {
        let called = self.value(environment, function)?;
        let called = match called {
            Value::Function(called) => called,
            other => {
                let (printed, kind) = (self.print_expression(function), self.kind_of(&other));
                return Err(self.fault(format!("cannot call non-function {printed} (type {kind})")));
            }
        };
        let mut values = Vec::with_capacity(arguments.len());
        let mut wrong: Option<Rc<Bottom>> = None;
        for argument in arguments {
            let value = if called.0.takes_open {
                self.evaluate(environment, *argument)
            } else {
                self.value(environment, *argument)
            };
            match value {
                Ok(value) => values.push(value),
                Err(Stop::Bottom(bottom)) => wrong = Some(Bottom::combined(wrong, bottom)),
                Err(limit) => return Err(limit),
            }
        }
        if let Some(wrong) = wrong {
            return Err(Stop::Bottom(wrong));
        }
        if called.checks() && values.len().saturating_add(1) == called.0.parameters.len() {
            let at = self.program.place(id);
            let validator = Validator { function: called, arguments: values, at };
            return Ok(Value::Validator(Rc::new(validator)));
        }
        self.apply(called, &values)
    }

    /// Runs a function on values.
    fn apply(&mut self, function: Function, arguments: &[Value]) -> Outcome<Value> {
        let entry = function.0;
        let (have, want) = (arguments.len(), entry.parameters.len());
        if have != want {
            let amount = if have > want { "too many" } else { "not enough" };
            let name = entry.name;
            return Err(self.fault(format!(
                "{amount} arguments in call to {name} (have {have}, want {want})"
            )));
        }
        self.check_kinds(function, arguments)?;
        self.work(1)?;
        (entry.run)(self, arguments)
    }

    /// Refuses arguments of other types than a function takes.
    pub(crate) fn check_kinds(&mut self, function: Function, arguments: &[Value]) -> Outcome<()> {
        let entry = function.0;
        for (index, (argument, kind)) in arguments.iter().zip(entry.parameters).enumerate() {
            let found = self.kind_of(argument);
            if *kind != Kind::TOP && !found.overlaps(*kind) {
                let printed = self.print(argument);
                let (number, name) = (index.saturating_add(1), entry.name);
                return Err(self.fault(format!(
                    "cannot use {printed} (type {found}) as {kind} in argument {number} to {name}"
                )));
            }
        }
        Ok(())
    }

    /// Whether a value satisfies a validator; the reason, if the function gives one, is an error.
    pub(crate) fn call_validator(&mut self, validator: &Validator, value: Value) -> Outcome<bool> {
        let mut arguments = Vec::with_capacity(validator.arguments.len().saturating_add(1));
        arguments.push(value);
        arguments.extend(validator.arguments.iter().cloned());
        match self.apply(validator.function, &arguments)? {
            Value::Bool(holds) => Ok(holds),
            _ => Err(self.fault(format!("invalid validator {}", validator.function.name()))),
        }
    }
}
