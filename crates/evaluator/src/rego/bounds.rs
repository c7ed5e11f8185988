//! What the engine must not even be asked. It reads, prepares and drops an expression by calling
//! itself for each part, so that a long sum ends the process; it reads a list twice, first as a
//! comprehension, and so the innermost of a dozen thousands of times; and it prepares an index once
//! for every variable in those behind it.

use anyhow::Result;
use regorus::Source;
use regorus::unstable::{Expr, Lexer, Module, Span, Token, TokenKind};

use super::walk::Walk;
use crate::embedded::CompileError;

/// Parts inside parts, such as the terms of a sum. Each takes up to 16 KB of the stack in a debug
/// build, and a thread of the server has 2 MB.
const MOST_LEVELS: usize = 100;
/// Words, each as often as it is read. A policy as long as it may be has some 400,000.
const MOST_READINGS: u64 = 1_000_000;
/// How often indices may be prepared, all of a policy together. `a[_].b[_].c[_]` takes 8.
const MOST_INDICES: u64 = 16 * 1024;

/// Refuses what is nested too deep, before anything is read.
///
/// # Errors
/// Where it is; also when the text is made of other things than the words of the language.
pub(super) fn refuse_deep(file: &str, text: &str) -> Result<Option<CompileError>> {
    let source = Source::from_contents(file.to_owned(), text.to_owned())?;
    let mut lexer = Lexer::new(&source);
    let mut depth = Depth::default();
    let mut readings = 0_u64;
    loop {
        let Token(kind, at) = lexer.next_token()?;
        if kind == TokenKind::Eof {
            return Ok(None);
        }
        let level = depth.after(&kind, &at);
        readings = readings.saturating_add(depth.readings());
        let message = if level > MOST_LEVELS {
            format!(
                "an expression is nested deeper than {MOST_LEVELS} levels, where each operator is \
                 one: make it several rules"
            )
        } else if readings > MOST_READINGS {
            "lists, sets and objects are nested too deep: make the inner ones rules of their own"
                .to_owned()
        } else {
            continue;
        };
        return Ok(Some(CompileError { message, line: at.line, column: at.col }));
    }
}

struct Brackets {
    start: usize,
    deepest: usize,
    /// Whether they are read as a comprehension first.
    is_tried: bool,
}

/// How deep the expression is at most, as far as it was read: an operator takes what stands
/// before it as one of its parts.
#[derive(Default)]
struct Depth {
    /// Of the expression under way, with everything around it.
    here: usize,
    brackets: Vec<Brackets>,
    /// The brackets that may hold a comprehension.
    n_tried: u32,
    /// Where the last token ended, if an expression may end there.
    end_of_part: Option<u32>,
}

impl Depth {
    fn after(&mut self, kind: &TokenKind, at: &Span) -> usize {
        let before = self.end_of_part.take();
        match (kind, at.text()) {
            (TokenKind::Symbol, "(" | "[" | "{" | "set(") => {
                let is_part_of_it = match at.text() {
                    "[" => before == Some(at.start),
                    "{" => false,
                    _ => before.is_some(),
                };
                if !is_part_of_it && before.is_some() {
                    self.end();
                }
                self.here = self.here.saturating_add(1);
                let is_tried = !is_part_of_it && matches!(at.text(), "[" | "{");
                self.n_tried = self.n_tried.saturating_add(u32::from(is_tried));
                let (start, deepest) = (self.here, self.here);
                self.brackets.push(Brackets { start, deepest, is_tried });
            }
            (TokenKind::Symbol, ")" | "]" | "}") => {
                if let Some(Brackets { deepest, is_tried, .. }) = self.brackets.pop() {
                    self.here = self.here.max(deepest);
                    self.n_tried = self.n_tried.saturating_sub(u32::from(is_tried));
                }
                self.end_of_part = Some(at.end);
            }
            (TokenKind::Symbol, "," | ";" | ":") => self.end(),
            (TokenKind::Symbol, _) | (TokenKind::Ident, "in") => {
                self.here = self.here.saturating_add(1);
            }
            // `1 -1` is a difference.
            (TokenKind::Number, text) if text.starts_with('-') => {
                self.here = self.here.saturating_add(1);
                self.end_of_part = Some(at.end);
            }
            (
                TokenKind::Number | TokenKind::String | TokenKind::RawString | TokenKind::Ident,
                _,
            ) => {
                if before.is_some() {
                    self.end();
                }
                self.end_of_part = Some(at.end);
            }
            (TokenKind::Eof, _) => {}
        }
        self.here
    }

    /// How often a word is read that stands here.
    fn readings(&self) -> u64 {
        1_u64.checked_shl(self.n_tried).unwrap_or(u64::MAX)
    }

    /// What follows stands beside what was read, and not around it.
    fn end(&mut self) {
        match self.brackets.last_mut() {
            Some(Brackets { start, deepest, .. }) => {
                *deepest = self.here.max(*deepest);
                self.here = *start;
            }
            None => self.here = 0,
        }
    }
}

/// The place in a policy whose indices would be prepared without an end.
pub(super) fn first_endless(module: &Module) -> Option<CompileError> {
    let mut sum = 0_u64;
    for expression in Walk::over(module) {
        sum = sum.saturating_add(times_prepared(expression));
        if sum > MOST_INDICES {
            let span = expression.span();
            let message = "too many variables stand in brackets behind one another: give parts of \
                           the path names of their own, as in `x := input.a[_]`"
                .to_owned();
            return Some(CompileError { message, line: span.line, column: span.col });
        }
    }
    None
}

fn times_prepared(mut expression: &Expr) -> u64 {
    let mut times = 0_u64;
    loop {
        if let Expr::RefBrack { refr, index, .. } = expression {
            let variables = Walk::into(index).filter(|it| matches!(it, Expr::Var { .. }));
            let variables = u64::try_from(variables.count()).unwrap_or(u64::MAX);
            times = times.max(1).saturating_mul(variables.saturating_add(1));
            expression = refr;
        } else if let Expr::RefDot { refr, .. } = expression {
            expression = refr;
        } else {
            return times;
        }
    }
}
