//! Arguments as the types that functions want.

use std::sync::Arc;

use crate::decimal::Number;
use crate::kind::Kind;
use crate::machine::{Machine, Outcome};
use crate::value::Value;

impl Machine<'_> {
    /// A function's own complaint.
    pub(crate) fn call_fault<T>(&self, name: &str, message: impl std::fmt::Display) -> Outcome<T> {
        Err(self.fault(format!("error in call to {name}: {message}")))
    }

    fn open_argument<T>(&self, index: usize) -> Outcome<T> {
        Err(self.incomplete(format!("non-concrete argument {index}")))
    }

    /// A value as far as it is known, its default if it has several.
    fn plain(&mut self, value: &Value) -> Outcome<Value> {
        let value = match value {
            Value::Vertex(vertex) => self.read(*vertex)?,
            other => other.clone(),
        };
        self.default(value)
    }

    pub(crate) fn text(&mut self, arguments: &[Value], index: usize) -> Outcome<Arc<str>> {
        match arguments.get(index) {
            Some(Value::Text(text)) => Ok(Arc::clone(text)),
            Some(Value::Bytes(bytes)) => Ok(String::from_utf8_lossy(bytes).into()),
            _ => self.open_argument(index),
        }
    }

    pub(crate) fn bytes(&mut self, arguments: &[Value], index: usize) -> Outcome<Arc<[u8]>> {
        match arguments.get(index) {
            Some(Value::Text(text)) => Ok(text.as_bytes().into()),
            Some(Value::Bytes(bytes)) => Ok(Arc::clone(bytes)),
            _ => self.open_argument(index),
        }
    }

    pub(crate) fn number(&mut self, arguments: &[Value], index: usize) -> Outcome<Arc<Number>> {
        match arguments.get(index) {
            Some(Value::Number(number)) => Ok(Arc::clone(number)),
            _ => self.open_argument(index),
        }
    }

    pub(crate) fn int(&mut self, arguments: &[Value], index: usize) -> Outcome<i64> {
        let number = self.number(arguments, index)?;
        match number.value.to_i64() {
            Some(number) => Ok(number),
            None => Err(self.fault(format!("number is not an int64: {}", number.value))),
        }
    }

    pub(crate) fn bool_argument(&mut self, arguments: &[Value], index: usize) -> Outcome<bool> {
        match arguments.get(index) {
            Some(Value::Bool(value)) => Ok(*value),
            _ => self.open_argument(index),
        }
    }

    /// The elements of a list, not evaluated further.
    pub(crate) fn elements(&mut self, arguments: &[Value], index: usize) -> Outcome<Vec<Value>> {
        match arguments.get(index) {
            Some(Value::Vertex(vertex)) => {
                let vertex = *vertex;
                let arcs = self.list_arcs(vertex)?;
                Ok(arcs.into_iter().map(Value::Vertex).collect())
            }
            _ => self.open_argument(index),
        }
    }

    /// The elements of a list, each as far as it is known.
    pub(crate) fn plain_elements(
        &mut self,
        arguments: &[Value],
        index: usize,
    ) -> Outcome<Vec<Value>> {
        let elements = self.elements(arguments, index)?;
        elements.iter().map(|element| self.plain(element)).collect()
    }

    pub(crate) fn texts(&mut self, arguments: &[Value], index: usize) -> Outcome<Vec<Arc<str>>> {
        let elements = self.plain_elements(arguments, index)?;
        let mut texts = Vec::with_capacity(elements.len());
        for (number, element) in elements.iter().enumerate() {
            match element {
                Value::Text(text) => texts.push(Arc::clone(text)),
                other => {
                    return self.wrong_element(other, Kind::STRING, number, index, "string");
                }
            }
        }
        Ok(texts)
    }

    pub(crate) fn numbers(
        &mut self,
        arguments: &[Value],
        index: usize,
    ) -> Outcome<Vec<Arc<Number>>> {
        let elements = self.plain_elements(arguments, index)?;
        let mut numbers = Vec::with_capacity(elements.len());
        for (number, element) in elements.iter().enumerate() {
            match element {
                Value::Number(number) => numbers.push(Arc::clone(number)),
                other => {
                    return self.wrong_element(other, Kind::NUMBER, number, index, "number");
                }
            }
        }
        Ok(numbers)
    }

    fn wrong_element<T>(
        &mut self,
        element: &Value,
        kind: Kind,
        number: usize,
        index: usize,
        what: &str,
    ) -> Outcome<T> {
        let (printed, found) = (self.print(element), self.kind_of(element));
        if !element.is_scalar() && found.overlaps(kind) {
            return Err(self.incomplete(format!(
                "non-concrete value {printed} for element {number} of {what} list argument {index}"
            )));
        }
        Err(self.fault(format!(
            "invalid list element {number} in argument {index} to call: cannot use value {printed} (type {found}) as {kind}"
        )))
    }

    /// Text that a function made.
    pub(crate) fn made(&mut self, text: &str) -> Outcome<Value> {
        self.spend(text.len())?;
        Ok(Value::text(text))
    }

    /// A list of texts that a function made.
    pub(crate) fn made_list<'t>(
        &mut self,
        texts: impl IntoIterator<Item = &'t str>,
    ) -> Outcome<Value> {
        let mut values = Vec::new();
        for text in texts {
            values.push(self.made(text)?);
        }
        self.list(values)
    }
}
