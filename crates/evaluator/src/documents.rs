//! The documents that embedded policies are asked about, each made once and shared by every
//! policy that asks (`policy-controller.md` parts 11 and 14).

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, OnceLock};

use model::digest::Digest;
use policy::StatementForm;

mod config;
pub(crate) mod number;
pub(crate) mod outcome;
mod statement;
mod tree;

pub use config::config_document;
pub(crate) use outcome::Match;
pub(crate) use statement::StatementError;

/// Documents kept at once; the oldest make room.
const MOST_KEPT: usize = 64;

/// A document, and what the languages make of it, each when it is first asked for.
#[derive(Debug, Default)]
pub(crate) struct Converted {
    json: Arc<str>,
    cue: OnceLock<Result<cue::Document, String>>,
    rego: OnceLock<Result<regorus::Value, String>>,
}

impl Converted {
    pub(crate) fn new(json: impl Into<Arc<str>>) -> Self {
        Self { json: json.into(), cue: OnceLock::new(), rego: OnceLock::new() }
    }

    pub(crate) fn cue(&self) -> Result<&cue::Document, &str> {
        let limits = cue::Limits::default();
        let parse = || {
            cue::Document::parse(Arc::clone(&self.json), &limits).map_err(|error| error.to_string())
        };
        self.cue.get_or_init(parse).as_ref().map_err(String::as_str)
    }

    /// The value is shared, not copied.
    pub(crate) fn rego(&self) -> Result<regorus::Value, &str> {
        let parse =
            || regorus::Value::from_json_str(&self.json).map_err(|error| format!("{error:#}"));
        self.rego.get_or_init(parse).clone().map_err(|_| "the document is no JSON")
    }
}

/// A statement as one spelling of its predicate type gives it to policies.
#[derive(Debug)]
pub(crate) struct Statement {
    pub(crate) predicate_type: String,
    pub(crate) document: Converted,
}

/// A statement, or why there is none.
type Known = Result<Arc<Statement>, StatementError>;

/// What was converted so far. Keep one for as long as the same evidence is judged by several
/// policies; it forgets by itself what it has no room for.
#[derive(Debug, Default)]
pub struct Documents {
    statements: Mutex<Kept<(Digest, StatementForm), Known>>,
    outcomes: Mutex<Kept<Arc<str>, Arc<Converted>>>,
}

/// Values by key, and in which order they came.
#[derive(Debug)]
struct Kept<K, V> {
    values: BTreeMap<K, V>,
    order: std::collections::VecDeque<K>,
}

impl<K: Ord, V> Default for Kept<K, V> {
    fn default() -> Self {
        Self { values: BTreeMap::new(), order: std::collections::VecDeque::new() }
    }
}

impl<K: Ord + Clone, V: Clone> Kept<K, V> {
    fn insert(&mut self, key: K, value: V) {
        if self.order.len() >= MOST_KEPT
            && let Some(oldest) = self.order.pop_front()
        {
            self.values.remove(&oldest);
        }
        self.order.push_back(key.clone());
        self.values.insert(key, value);
    }
}

impl Documents {
    /// A statement, by the digest of the attestation it came in.
    pub(crate) fn statement(
        &self,
        layer: Digest,
        form: StatementForm,
        payload: &str,
    ) -> Result<Arc<Statement>, StatementError> {
        let known =
            self.statements.lock().ok().and_then(|it| it.values.get(&(layer, form)).cloned());
        if let Some(known) = known {
            return known;
        }
        let made = statement::read(payload, form).map(Arc::new);
        if let Ok(mut statements) = self.statements.lock() {
            statements.insert((layer, form), made.clone());
        }
        made
    }

    /// A document over everything the authorities found; equal ones are converted once.
    pub(crate) fn outcome(&self, json: String) -> Arc<Converted> {
        let known = self.outcomes.lock().ok().and_then(|it| it.values.get(json.as_str()).cloned());
        if let Some(known) = known {
            return known;
        }
        let json: Arc<str> = json.into();
        let made = Arc::new(Converted::new(Arc::clone(&json)));
        if let Ok(mut outcomes) = self.outcomes.lock() {
            outcomes.insert(json, Arc::clone(&made));
        }
        made
    }
}
