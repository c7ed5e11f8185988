//! The package `list`.

use std::cmp::Ordering;
use std::sync::Arc;

use super::{Entry, Package, entry};
use crate::decimal::{Decimal, Number};
use crate::kind::Kind;
use crate::machine::{Machine, Outcome};
use crate::problem::Stop;
use crate::value::Value;

pub(super) const PACKAGE: Package =
    Package { functions: &FUNCTIONS, constants: &[], unsupported: &["Comparer", "MatchN"] };

const LIST: Kind = Kind::LIST;
const INT: Kind = Kind::INT;
const NUMBER: Kind = Kind::NUMBER;

static FUNCTIONS: [Entry; 24] = [
    entry("list.Drop", &[LIST, INT], LIST, drop_first),
    entry("list.FlattenN", &[Kind::TOP, INT], LIST, flatten),
    entry("list.Repeat", &[LIST, INT], LIST, repeat),
    entry("list.Concat", &[LIST], LIST, concat),
    entry("list.Take", &[LIST, INT], LIST, take),
    entry("list.Slice", &[LIST, INT, INT], LIST, slice),
    entry("list.Reverse", &[LIST], LIST, reverse),
    entry("list.MinItems", &[LIST, INT], Kind::BOOL, min_items),
    entry("list.MaxItems", &[LIST, INT], Kind::BOOL, max_items),
    entry("list.UniqueItems", &[LIST], Kind::BOOL, unique_items),
    entry("list.Contains", &[LIST, Kind::TOP], Kind::BOOL, contains),
    entry("list.Avg", &[LIST], NUMBER, average),
    entry("list.Max", &[LIST], NUMBER, |machine, arguments| {
        extreme(machine, arguments, Ordering::Greater, "list.Max")
    }),
    entry("list.Min", &[LIST], NUMBER, |machine, arguments| {
        extreme(machine, arguments, Ordering::Less, "list.Min")
    }),
    entry("list.Product", &[LIST], NUMBER, product),
    entry("list.Range", &[NUMBER, NUMBER, NUMBER], LIST, range),
    entry("list.Sum", &[LIST], NUMBER, sum),
    entry("list.SortStrings", &[LIST], LIST, sort_strings),
    entry("list.IsSortedStrings", &[LIST], Kind::BOOL, is_sorted_strings),
    Entry { takes_open: true, ..entry("list.Sort", &[LIST, Kind::TOP], LIST, sort) },
    Entry { takes_open: true, ..entry("list.SortStable", &[LIST, Kind::TOP], LIST, sort) },
    Entry { takes_open: true, ..entry("list.IsSorted", &[LIST, Kind::TOP], Kind::BOOL, is_sorted) },
    entry("list.Ascending", &[], Kind::STRUCT, |machine, _| {
        Err(machine.fault("a comparer cannot be called"))
    }),
    entry("list.Descending", &[], Kind::STRUCT, |machine, _| {
        Err(machine.fault("a comparer cannot be called"))
    }),
];

/// An index that must not be negative, at most the length.
fn index(machine: &mut Machine<'_>, arguments: &[Value], at: usize, name: &str) -> Outcome<usize> {
    let number = machine.int(arguments, at)?;
    match usize::try_from(number) {
        Ok(index) => Ok(index),
        Err(_) => machine.call_fault(name, "negative index"),
    }
}

fn drop_first(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let elements = machine.elements(arguments, 0)?;
    let from = index(machine, arguments, 1, "list.Drop")?;
    machine.list(elements.get(from..).unwrap_or_default().to_vec())
}

fn take(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let elements = machine.elements(arguments, 0)?;
    let count = index(machine, arguments, 1, "list.Take")?;
    machine.list(elements.into_iter().take(count).collect())
}

fn slice(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let elements = machine.elements(arguments, 0)?;
    let low = index(machine, arguments, 1, "list.Slice")?;
    let high = machine.int(arguments, 2)?;
    let wide = usize::try_from(high).unwrap_or(0);
    if high < 0 || low > wide {
        return machine.call_fault("list.Slice", format!("invalid index: {low} > {high}"));
    }
    match elements.get(low..wide) {
        Some(part) => machine.list(part.to_vec()),
        None => machine.call_fault("list.Slice", "slice bounds out of range"),
    }
}

fn flatten(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let depth = machine.int(arguments, 1)?;
    let mut flat = Vec::new();
    flatten_into(machine, arguments, depth, &mut flat)?;
    machine.list(flat)
}

fn flatten_into(
    machine: &mut Machine<'_>,
    arguments: &[Value],
    depth: i64,
    into: &mut Vec<Value>,
) -> Outcome<()> {
    for element in machine.elements(arguments, 0)? {
        let known = match &element {
            Value::Vertex(vertex) => machine.read(*vertex)?,
            other => other.clone(),
        };
        let known = machine.default(known)?;
        let is_list = machine.kind_of(&known) == Kind::LIST;
        if is_list && depth != 0 {
            if into.len() > 1_000_000 || depth < -100 {
                return machine.call_fault("list.FlattenN", "nested too deeply");
            }
            flatten_into(machine, &[known], depth.saturating_sub(1), into)?;
        } else {
            into.push(element);
        }
    }
    Ok(())
}

fn repeat(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let elements = machine.elements(arguments, 0)?;
    let Ok(count) = usize::try_from(machine.int(arguments, 1)?) else {
        return machine.call_fault("list.Repeat", "negative count");
    };
    machine.work(elements.len().saturating_mul(count))?;
    let all = (0..count).flat_map(|_| elements.iter().cloned()).collect();
    machine.list(all)
}

fn concat(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let mut all = Vec::new();
    for list in machine.plain_elements(arguments, 0)? {
        if machine.kind_of(&list) != Kind::LIST {
            let (printed, kind) = (machine.print(&list), machine.kind_of(&list));
            let message = format!("cannot use value {printed} (type {kind}) as list");
            if kind.overlaps(Kind::LIST) {
                return Err(machine.incomplete(message));
            }
            return machine.call_fault("list.Concat", message);
        }
        all.extend(machine.elements(&[list], 0)?);
        machine.work(all.len() / 16)?;
    }
    machine.list(all)
}

fn reverse(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let mut elements = machine.elements(arguments, 0)?;
    elements.reverse();
    machine.list(elements)
}

/// How many elements there are, how many are asked for, and whether there may be more.
fn items(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<(usize, i64, bool)> {
    let count = machine.elements(arguments, 0)?.len();
    let is_open = match arguments.first() {
        Some(Value::Vertex(vertex)) => machine.is_open_list(*vertex),
        _ => true,
    };
    Ok((count, machine.int(arguments, 1)?, is_open))
}

fn min_items(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let (count, least, is_open) = items(machine, arguments)?;
    if i64::try_from(count).unwrap_or(i64::MAX) >= least {
        return Ok(Value::Bool(true));
    }
    let message = format!("len(list) < MinItems({least}) ({count} < {least})");
    Err(if is_open { machine.incomplete(message) } else { machine.fault(message) })
}

fn max_items(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let (count, most, _) = items(machine, arguments)?;
    if i64::try_from(count).unwrap_or(i64::MAX) <= most {
        return Ok(Value::Bool(true));
    }
    Err(machine.fault(format!("len(list) > MaxItems({most}) ({count} > {most})")))
}

fn unique_items(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let elements = machine.plain_elements(arguments, 0)?;
    // Scalars are compared by what they print as, which is as good as by value and faster.
    let mut known: std::collections::HashMap<String, usize> = std::collections::HashMap::new();
    for (index, element) in elements.iter().enumerate() {
        if let Value::Vertex(vertex) = element {
            machine.finish(*vertex)?;
        }
        let printed = machine.print(element);
        machine.spend(printed.len())?;
        if let Some(before) = known.insert(printed.clone(), index)
            && machine.is_equal(elements.get(before).unwrap_or(&Value::Top), element)?
        {
            let message = if element.is_scalar() {
                format!("equal value ({printed}) at position {before} and {index}")
            } else {
                format!("equal values at position {before} and {index}")
            };
            return Err(machine.fault(message));
        }
    }
    Ok(Value::Bool(true))
}

fn contains(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let wanted = arguments.get(1).cloned().unwrap_or(Value::Top);
    for element in machine.plain_elements(arguments, 0)? {
        if machine.is_equal(&element, &wanted)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn made(machine: &Machine<'_>, name: &str, value: Option<Decimal>, is_int: bool) -> Outcome<Value> {
    match value {
        Some(value) => Ok(Value::Number(Arc::new(Number { value, is_int }))),
        None => machine.call_fault(name, "overflow"),
    }
}

/// Whether a sum, product or extreme of numbers is an integer by its type.
fn is_whole(value: &Decimal) -> bool {
    !value.to_string().contains(['.', 'E'])
}

fn folded(
    machine: &mut Machine<'_>,
    arguments: &[Value],
    start: i64,
    name: &str,
    fold: fn(&Decimal, &Decimal) -> Option<Decimal>,
) -> Outcome<Value> {
    let mut total = Some(Decimal::from_int(start));
    for number in machine.numbers(arguments, 0)? {
        total = total.and_then(|total| fold(&total, &number.value));
    }
    let is_int = total.as_ref().is_some_and(is_whole);
    made(machine, name, total, is_int)
}

fn sum(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    folded(machine, arguments, 0, "list.Sum", Decimal::plus)
}

fn product(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    folded(machine, arguments, 1, "list.Product", Decimal::times)
}

fn average(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let numbers = machine.numbers(arguments, 0)?;
    let Some(count) = i64::try_from(numbers.len()).ok().filter(|count| *count > 0) else {
        return machine.call_fault("list.Avg", "empty list");
    };
    let mut total = Some(Decimal::from_int(0));
    for number in &numbers {
        total = total.and_then(|total| total.plus(&number.value));
    }
    let average = total.and_then(|total| total.divided_by(&Decimal::from_int(count)));
    let is_int = average.as_ref().is_some_and(is_whole);
    made(machine, "list.Avg", average, is_int)
}

fn extreme(
    machine: &mut Machine<'_>,
    arguments: &[Value],
    wanted: Ordering,
    name: &str,
) -> Outcome<Value> {
    let numbers = machine.numbers(arguments, 0)?;
    let best = numbers.into_iter().reduce(|best, number| {
        if number.value.compare(&best.value) == wanted { number } else { best }
    });
    match best {
        Some(number) => {
            let is_int = is_whole(&number.value);
            made(machine, name, Some(number.value.clone()), is_int)
        }
        None => machine.call_fault(name, "empty list"),
    }
}

fn range(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let start = machine.number(arguments, 0)?;
    let limit = machine.number(arguments, 1)?;
    let step = machine.number(arguments, 2)?;
    let name = "list.Range";
    if step.value.is_zero() {
        return machine.call_fault(name, "step must be non zero");
    }
    let is_falling = step.value.is_negative();
    let order = start.value.compare(&limit.value);
    if !is_falling && order.is_gt() {
        return machine.call_fault(name, "end must be greater than start when step is positive");
    }
    if is_falling && order.is_lt() {
        return machine.call_fault(name, "end must be less than start when step is negative");
    }
    let mut values = Vec::new();
    let mut next = start.value.clone();
    loop {
        let order = next.compare(&limit.value);
        let is_done = if is_falling { order.is_le() } else { order.is_ge() };
        if is_done {
            return machine.list(values);
        }
        machine.work(8)?;
        let is_int = is_whole(&next);
        values.push(Value::Number(Arc::new(Number { value: next.clone(), is_int })));
        next = match next.plus(&step.value) {
            Some(next) => next,
            None => return machine.call_fault(name, "overflow"),
        };
    }
}

fn sort_strings(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let mut texts = machine.texts(arguments, 0)?;
    texts.sort();
    machine.list(texts.into_iter().map(Value::Text).collect())
}

fn is_sorted_strings(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let texts = machine.texts(arguments, 0)?;
    Ok(Value::Bool(texts.is_sorted()))
}

/// Whether one element comes before another by a comparer.
fn is_less(
    machine: &mut Machine<'_>,
    comparer: &Value,
    left: &Value,
    right: &Value,
) -> Outcome<bool> {
    if let Value::Function(function) = comparer {
        let order = match (left, right) {
            (Value::Number(left), Value::Number(right)) => left.value.compare(&right.value),
            (Value::Text(left), Value::Text(right)) => left.cmp(right),
            _ => return machine.call_fault("list.Sort", "elements are not comparable"),
        };
        let wanted = match function.name() {
            "list.Ascending" => Ordering::Less,
            _ => Ordering::Greater,
        };
        return Ok(order == wanted);
    }
    let operands =
        machine.structure(vec![("x".into(), left.clone()), ("y".into(), right.clone())])?;
    let compared = machine.unified(vec![comparer.clone(), operands])?;
    if let Some(bottom) = machine.error_of(compared) {
        return Err(Stop::Bottom(bottom));
    }
    let fields = machine.named_arcs(compared)?;
    let less = fields.into_iter().find(|(name, _)| &**name == "less");
    let value = match less {
        Some((_, vertex)) => machine.read(vertex)?,
        None => return machine.call_fault("list.Sort", "the comparer has no field less"),
    };
    match machine.default(value)? {
        Value::Bool(is_less) => Ok(is_less),
        _ => Err(machine.incomplete("non-concrete value less in comparer")),
    }
}

fn sort(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let comparer = arguments.get(1).cloned().unwrap_or(Value::Top);
    let elements = machine.plain_elements(arguments, 0)?;
    let sorted = merge_sort(machine, &comparer, elements)?;
    machine.list(sorted)
}

/// A stable sort whose comparisons can stop.
fn merge_sort(
    machine: &mut Machine<'_>,
    comparer: &Value,
    mut elements: Vec<Value>,
) -> Outcome<Vec<Value>> {
    if elements.len() < 2 {
        return Ok(elements);
    }
    let right = elements.split_off(elements.len() / 2);
    let mut left = merge_sort(machine, comparer, elements)?.into_iter().peekable();
    let mut right = merge_sort(machine, comparer, right)?.into_iter().peekable();
    let mut merged = Vec::new();
    while let (Some(first), Some(second)) = (left.peek(), right.peek()) {
        let takes_right = is_less(machine, comparer, second, first)?;
        merged.extend(if takes_right { right.next() } else { left.next() });
    }
    merged.extend(left);
    merged.extend(right);
    Ok(merged)
}

fn is_sorted(machine: &mut Machine<'_>, arguments: &[Value]) -> Outcome<Value> {
    let comparer = arguments.get(1).cloned().unwrap_or(Value::Top);
    let elements = machine.plain_elements(arguments, 0)?;
    for [first, second] in elements.array_windows() {
        if is_less(machine, &comparer, second, first)? {
            return Ok(Value::Bool(false));
        }
    }
    Ok(Value::Bool(true))
}
