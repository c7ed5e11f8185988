//! Small tables that every page needs and that seldom change, kept until they do.
//!
//! For reading only: whoever decides by them inside a change reads the database.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use crate::Result;

/// The last reading of something, until it is forgotten.
#[derive(Debug)]
pub(crate) struct Kept<T> {
    state: Mutex<State<T>>,
}

#[derive(Debug)]
struct State<T> {
    /// One more with each change, so that a reading begun before it is not kept after it.
    generation: u64,
    value: Option<Arc<T>>,
}

impl<T> Default for Kept<T> {
    fn default() -> Self {
        Self { state: Mutex::new(State { generation: 0, value: None }) }
    }
}

impl<T> Kept<T> {
    /// What is kept, else what is read now.
    pub(crate) async fn or_read(&self, read: impl AsyncFnOnce() -> Result<T>) -> Result<Arc<T>> {
        let generation = {
            let state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(value) = &state.value {
                return Ok(Arc::clone(value));
            }
            state.generation
        };
        let value = Arc::new(read().await?);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        if state.generation == generation {
            state.value = Some(Arc::clone(&value));
        }
        Ok(value)
    }

    /// Forgets it: something changed, and whoever reads from now on must see that.
    pub(crate) fn forget(&self) {
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        state.generation = state.generation.wrapping_add(1);
        state.value = None;
    }
}

/// The same for many things of one kind, each by its key.
#[derive(Debug)]
pub(crate) struct KeptEach<K, T> {
    by_key: Mutex<BTreeMap<K, Arc<Kept<T>>>>,
}

/// Things kept at once, at most; those that people look at are far fewer.
const MOST: usize = 256;

impl<K, T> Default for KeptEach<K, T> {
    fn default() -> Self {
        Self { by_key: Mutex::new(BTreeMap::new()) }
    }
}

impl<K: Copy + Ord, T> KeptEach<K, T> {
    /// What is kept of one thing.
    pub(crate) fn of(&self, key: K) -> Arc<Kept<T>> {
        let mut by_key = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        if by_key.len() >= MOST && !by_key.contains_key(&key) {
            by_key.clear();
        }
        Arc::clone(by_key.entry(key).or_default())
    }

    /// Forgets one thing.
    pub(crate) fn forget(&self, key: K) {
        let by_key = self.by_key.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(kept) = by_key.get(&key) {
            kept.forget();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_reading_is_kept_until_something_changes_and_never_across_a_change() {
        let kept = Kept::default();
        assert_eq!(*kept.or_read(async || Ok(1)).await.unwrap(), 1);
        assert_eq!(*kept.or_read(async || Ok(2)).await.unwrap(), 1);
        kept.forget();
        let during = kept.or_read(async || {
            kept.forget();
            Ok(3)
        });
        assert_eq!(*during.await.unwrap(), 3);
        assert_eq!(*kept.or_read(async || Ok(4)).await.unwrap(), 4);
    }
}
