//! Words to a tree.

mod declarations;
mod expressions;

use crate::fault::Fault;
use crate::scanner;
use crate::syntax::{Expression, File, Import, Shape};
use crate::token::{Comma, Kind, Mark, Token};

/// How deep a policy may be nested, by its brackets and by its operators.
const DEEPEST: u16 = 128;

/// Parses a whole policy.
pub(crate) fn parse(text: &str) -> Result<File, Fault> {
    let tokens = scanner::scan(text)?;
    let mut parser = Parser { tokens, at: 0, depth: 0 };
    parser.file()
}

struct Parser {
    tokens: Vec<Token>,
    at: usize,
    depth: u16,
}

impl Parser {
    fn kind(&self) -> &Kind {
        self.ahead(0)
    }

    fn ahead(&self, count: usize) -> &Kind {
        self.tokens.get(self.at.saturating_add(count)).map_or(&Kind::End, |token| &token.kind)
    }

    fn position(&self) -> u32 {
        self.tokens.get(self.at).or(self.tokens.last()).map_or(0, |token| token.at)
    }

    fn next(&mut self) -> Kind {
        let kind = self.kind().clone();
        if self.at.saturating_add(1) < self.tokens.len() {
            self.at = self.at.saturating_add(1);
        }
        kind
    }

    fn is_mark(&self, mark: Mark) -> bool {
        matches!(self.kind(), Kind::Mark(found) if *found == mark)
    }

    fn is_name(&self, name: &str) -> bool {
        matches!(self.kind(), Kind::Name(found) if found == name)
    }

    fn is_comma(&self) -> bool {
        matches!(self.kind(), Kind::Comma(_))
    }

    fn is_end(&self) -> bool {
        matches!(self.kind(), Kind::End)
    }

    fn eat(&mut self, mark: Mark) -> bool {
        let is_there = self.is_mark(mark);
        if is_there {
            self.next();
        }
        is_there
    }

    fn fault<T>(&self, message: impl Into<String>) -> Result<T, Fault> {
        Err(Fault::new(message, self.position()))
    }

    fn expected<T>(&self, what: &str) -> Result<T, Fault> {
        self.fault(format!("expected {what}, found {}", self.kind()))
    }

    fn expect(&mut self, mark: Mark) -> Result<(), Fault> {
        if self.eat(mark) {
            return Ok(());
        }
        self.expected(&format!("'{}'", mark.text()))
    }

    /// A closing bracket, before which a line may end.
    fn expect_closing(&mut self, mark: Mark, context: &str) -> Result<(), Fault> {
        if let Kind::Comma(Comma::EndOfLine) = self.kind() {
            return self.fault(format!("missing ',' before newline in {context}"));
        }
        self.expect(mark)
    }

    fn name(&mut self) -> Result<String, Fault> {
        match self.kind().clone() {
            Kind::Name(name) if !is_keyword(&name) => {
                self.next();
                Ok(name)
            }
            _ => self.expected("'IDENT'"),
        }
    }

    /// Counts how deep the recursion is.
    fn nested<T>(&mut self, parse: impl FnOnce(&mut Self) -> Result<T, Fault>) -> Result<T, Fault> {
        if self.depth >= DEEPEST {
            return self.fault("nested too deeply");
        }
        self.depth = self.depth.saturating_add(1);
        let parsed = parse(self);
        self.depth = self.depth.saturating_sub(1);
        parsed
    }

    fn file(&mut self) -> Result<File, Fault> {
        while matches!(self.kind(), Kind::Attribute) {
            self.next();
            self.declaration_comma()?;
        }
        if self.is_name("package") && matches!(self.ahead(1), Kind::Name(_)) {
            self.next();
            let name = self.name()?;
            if name == "_" || name.starts_with('#') {
                return self.fault(format!("invalid package name {name}"));
            }
            self.declaration_comma()?;
        }
        let mut imports = Vec::new();
        while self.is_name("import")
            && !matches!(self.ahead(1), Kind::Mark(Mark::Colon | Mark::Question | Mark::Not))
        {
            self.next();
            self.imports(&mut imports)?;
        }
        let declarations = self.declarations()?;
        if !self.is_end() {
            return self.expected("'EOF'");
        }
        Ok(File { imports, declarations })
    }

    fn imports(&mut self, imports: &mut Vec<Import>) -> Result<(), Fault> {
        if !self.eat(Mark::OpenParenthesis) {
            imports.push(self.import()?);
            return self.declaration_comma();
        }
        while !self.is_mark(Mark::CloseParenthesis) && !self.is_end() {
            imports.push(self.import()?);
            if self.is_comma() {
                self.next();
            } else if !self.is_mark(Mark::CloseParenthesis) {
                return self.expected("')'");
            }
        }
        self.expect(Mark::CloseParenthesis)?;
        self.declaration_comma()
    }

    fn import(&mut self) -> Result<Import, Fault> {
        let at = self.position();
        let alias = match self.kind() {
            Kind::Name(_) => Some(self.name()?),
            _ => None,
        };
        match self.next() {
            Kind::Text(text) if text.is_plain => {
                let path = String::from_utf8_lossy(&text.contents).into_owned();
                Ok(Import { at, path, alias })
            }
            _ => Err(Fault::new("missing import path; require quoted string", at)),
        }
    }
}

fn is_keyword(name: &str) -> bool {
    matches!(name, "for" | "in" | "if" | "let" | "true" | "false" | "null")
}

/// A tree one level above others.
fn above(shape: Shape, at: u32, below: u16) -> Result<Expression, Fault> {
    if below >= DEEPEST {
        return Err(Fault::new("nested too deeply", at));
    }
    Ok(Expression { shape, at, height: below.saturating_add(1) })
}
