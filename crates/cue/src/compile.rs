//! A tree to a program: every name finds its scope, every import its package.

mod expressions;
mod scope;

use crate::builtin::{self, Package};
use crate::fault::Fault;
use crate::position::Position;
use crate::program::{Expr, ExprId, Program};
use crate::syntax::{Declaration, File, Label};
pub(crate) use expressions::basic_type;
use scope::{Scope, Scopes};

/// Resolves the names of a parsed policy. The first fault is the first in the text's order.
pub(crate) fn compile(source: &str, file: &File) -> Result<Program, Vec<Fault>> {
    let mut compiler = Compiler {
        program: Program { source: source.to_owned(), ..Program::default() },
        scopes: Scopes::default(),
        imports: Vec::new(),
        faults: Vec::new(),
        path: Vec::new(),
        n_lets: 0,
    };
    compiler.imports(file);
    let root = compiler.structure(&file.declarations, Scope::default());
    compiler.unused_imports();
    compiler.push(root, 0);
    if compiler.faults.is_empty() { Ok(compiler.program) } else { Err(compiler.faults) }
}

struct Imported {
    name: String,
    path: String,
    package: Option<Package>,
    at: u32,
    is_used: bool,
}

struct Compiler {
    program: Program,
    scopes: Scopes,
    imports: Vec<Imported>,
    faults: Vec<Fault>,
    /// The labels down to here, for messages.
    path: Vec<String>,
    n_lets: u32,
}

impl Compiler {
    fn push(&mut self, expression: Expr, at: u32) -> ExprId {
        let id = ExprId(u32::try_from(self.program.expressions.len()).unwrap_or(u32::MAX));
        self.program.expressions.push(expression);
        self.program.places.push(at);
        id
    }

    /// Records a fault with the path it is at, and goes on.
    fn fault(&mut self, message: &str, at: u32) -> Expr {
        let path = self.path.join(".");
        let message =
            if path.is_empty() { message.to_owned() } else { format!("{path}: {message}") };
        self.faults.push(Fault::new(message, at));
        Expr::Bottom
    }

    fn imports(&mut self, file: &File) {
        let mut unknown = Vec::new();
        for import in &file.imports {
            let (path, named) = match import.path.split_once(':') {
                Some((path, name)) => (path, Some(name)),
                None => (import.path.as_str(), None),
            };
            let package = builtin::package(path);
            if package.is_none() {
                let message = if path.contains('.') {
                    format!("package {:?} imported but not defined in ", import.path)
                } else if builtin::is_known_elsewhere(path) {
                    format!("package {path:?} is not supported here")
                } else {
                    format!("builtin package {path:?} undefined")
                };
                unknown.push(Fault::new(message, import.at));
            }
            let last = path.rsplit('/').next().unwrap_or(path);
            let name = import.alias.as_deref().or(named).unwrap_or(last).to_owned();
            self.imports.push(Imported {
                name,
                path: import.path.clone(),
                package,
                at: import.at,
                is_used: false,
            });
        }
        self.faults.append(&mut unknown);
        for import in &self.imports {
            if import.package.is_none() {
                let message = format!("package {:?} not found", import.path);
                self.faults.push(Fault::new(message, import.at));
            }
        }
        self.redeclared_imports(&file.declarations);
    }

    /// A field of the file may not be called as an import is.
    fn redeclared_imports(&mut self, declarations: &[Declaration]) {
        for declaration in declarations {
            if let Declaration::Field(field) = declaration
                && let Label::Name(name) = &field.label
                && let Some(import) = self.imports.iter().find(|import| import.name == *name)
            {
                let before = Position::of(&self.program.source, field.at);
                let message = format!(
                    "{name} redeclared as imported package name\n\tprevious declaration at {before}"
                );
                self.faults.push(Fault::new(message, import.at));
                return;
            }
        }
    }

    fn unused_imports(&mut self) {
        let mut unused: Vec<Fault> = Vec::new();
        let is_wrong = |import: &&Imported| !import.is_used && import.package.is_some();
        for import in self.imports.iter().filter(is_wrong) {
            let last = import.path.rsplit(['/', ':']).next().unwrap_or_default();
            let message = if last == import.name {
                format!("imported and not used: {:?}", import.path)
            } else {
                format!("imported and not used: {:?} as {}", import.path, import.name)
            };
            unused.push(Fault::new(message, import.at));
        }
        if self.faults.iter().any(|fault| fault.message.contains("redeclared as imported")) {
            return;
        }
        unused.append(&mut self.faults);
        self.faults = unused;
    }

    /// The import that a name stands for, now used.
    fn import(&mut self, name: &str) -> Option<Option<Package>> {
        let import = self.imports.iter_mut().find(|import| import.name == name)?;
        import.is_used = true;
        Some(import.package)
    }
}
