//! Ids are made by the program: UUID version 7 as text, so that they sort by the time they were made.

use uuid::Uuid;

use super::Instant;

/// A new id, 36 characters.
#[must_use]
pub fn new_id() -> String {
    Uuid::now_v7().to_string()
}

/// When an id was made; `None` where the text does not begin with one of ours.
#[must_use]
pub fn made_at(text: &str) -> Option<Instant> {
    let id = Uuid::try_parse(text.get(..36)?).ok().filter(|id| id.get_version_num() == 7)?;
    i64::try_from(id.as_u128() >> 80).ok().map(Instant)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernel::Clock;

    #[test]
    fn an_id_says_when_it_was_made() {
        let before = Clock::system().now();
        let made = made_at(&format!("{}-some-form", new_id())).expect("one of ours");
        assert!(before <= made && made <= Clock::system().now());
        for other in ["", "same", "f47ac10b-58cc-4372-a567-0e02b2c3d479", "村村村村村村村村村村村村村村"]
        {
            assert_eq!(made_at(other), None, "{other}");
        }
    }
}
