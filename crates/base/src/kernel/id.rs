//! Ids are made by the program: UUID version 7 as text, so that they sort by the time they were made.

use uuid::Uuid;

/// A new id, 36 characters.
#[must_use]
pub fn new_id() -> String {
    Uuid::now_v7().to_string()
}
