//! A bound on the documents that wait to be indexed.

use std::sync::Arc;
use std::sync::Condvar;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::time::Duration;

use tantivy::Document;

use super::values::Values;

/// How long to wait for anything to be indexed. After that the document goes on
/// all the same, so that a dead indexing thread shows as an error and not as a halt.
const PATIENCE: Duration = Duration::from_secs(20);

/// Counts the bytes on their way to the indexing threads; tantivy itself
/// bounds only their number, which bounds nothing where one may have megabytes.
#[derive(Debug)]
pub(crate) struct Gate {
    limit: usize,
    waiting: Mutex<usize>,
    changed: Condvar,
}

impl Gate {
    pub(crate) fn new(limit: usize) -> Arc<Self> {
        Arc::new(Self {
            limit,
            waiting: Mutex::new(0),
            changed: Condvar::new(),
        })
    }

    /// Waits until there is room, then counts the document in. One that is
    /// larger than the limit goes alone.
    pub(crate) fn admit(self: &Arc<Self>, document: Values) -> Admitted {
        let bytes = document.size();
        let mut waiting = self.lock();
        while *waiting > 0 && *waiting + bytes > self.limit {
            let (guard, result) = self
                .changed
                .wait_timeout(waiting, PATIENCE)
                .unwrap_or_else(PoisonError::into_inner);
            waiting = guard;
            if result.timed_out() {
                break;
            }
        }
        *waiting += bytes;
        Admitted {
            document,
            bytes,
            gate: Arc::clone(self),
        }
    }

    fn lock(&self) -> MutexGuard<'_, usize> {
        // A count is sound whatever a panicking holder was doing.
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A document that is counted until it is dropped, which is when it is indexed.
pub(crate) struct Admitted {
    document: Values,
    bytes: usize,
    gate: Arc<Gate>,
}

impl Drop for Admitted {
    fn drop(&mut self) {
        *self.gate.lock() -= self.bytes;
        self.gate.changed.notify_all();
    }
}

impl Document for Admitted {
    type Value<'a> = <Values as Document>::Value<'a>;
    type FieldsValuesIter<'a> = <Values as Document>::FieldsValuesIter<'a>;

    fn iter_fields_and_values(&self) -> Self::FieldsValuesIter<'_> {
        self.document.iter_fields_and_values()
    }
}

#[cfg(test)]
mod tests {
    use std::thread;

    use tantivy::schema::Field;

    use super::*;

    fn document(length: usize) -> Values {
        let mut values = Values::default();
        values.text(Field::from_field_id(0), "x".repeat(length));
        values
    }

    #[test]
    fn what_is_too_much_waits_and_what_is_too_large_goes_alone() {
        let gate = Gate::new(200);
        let large = gate.admit(document(5000));
        let waiter = {
            let gate = Arc::clone(&gate);
            thread::spawn(move || drop(gate.admit(document(1))))
        };
        thread::sleep(Duration::from_millis(50));
        assert!(!waiter.is_finished());
        drop(large);
        assert!(waiter.join().is_ok());
        assert_eq!(*gate.lock(), 0);
    }
}
