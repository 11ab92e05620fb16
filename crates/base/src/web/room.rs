//! Room for large bodies: so many megabytes of them are in memory at one time, the others wait a while.

use std::time::Duration;

use tokio::sync::{Semaphore, SemaphorePermit};

use super::AppError;

const MB: usize = 1_048_576;
/// What a form without pictures comes to at most; it never waits.
const SMALL: usize = 2 * MB;

pub struct Room {
    megabytes: Semaphore,
    /// How long a body waits.
    patience: Duration,
}

impl Room {
    #[must_use]
    pub const fn of(megabytes: usize, patience: Duration) -> Self {
        Self { megabytes: Semaphore::const_new(megabytes), patience }
    }

    /// Room for a body of so many bytes, held until what is returned is dropped; none is needed for a small one.
    pub async fn enter(&self, bytes: usize) -> Result<Option<SemaphorePermit<'_>>, AppError> {
        if bytes <= SMALL {
            return Ok(None);
        }
        let megabytes = u32::try_from(bytes.div_ceil(MB)).unwrap_or(u32::MAX);
        match tokio::time::timeout(self.patience, self.megabytes.acquire_many(megabytes)).await {
            Ok(Ok(held)) => Ok(Some(held)),
            Ok(Err(_)) | Err(_) => Err(AppError::TooMany { retry_after_seconds: 30 }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn large_bodies_wait_for_room_and_small_ones_never_do() {
        let room = Room::of(100, Duration::from_millis(20));
        let first = room.enter(60 * MB).await.expect("room");
        assert!(first.is_some());
        assert!(matches!(room.enter(50 * MB).await, Err(AppError::TooMany { .. })), "no room in time");
        assert!(room.enter(SMALL).await.expect("small").is_none());
        drop(first);
        assert!(room.enter(100 * MB).await.expect("room again").is_some());
    }
}
