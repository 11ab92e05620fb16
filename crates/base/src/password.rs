//! Passwords: Argon2id with the recommended 19 MiB and two passes, off the async threads, a few at a time.

use argon2::{
    Argon2,
    password_hash::{PasswordHasher, PasswordVerifier, phc::PasswordHash},
};
use tokio::sync::Semaphore;
use zeroize::Zeroizing;

use crate::seal::SealError;

/// Each hash takes 19 MiB; a storm of sign-ins waits instead of taking the machine's memory.
static AT_ONCE: Semaphore = Semaphore::const_new(4);

/// A hash of nobody's password: checking a name that does not exist takes as long as one that does.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$bGlhbnhpbi1ub2JvZHktMDA$N0i0yD8bVJ2yyZkTUe3nCq6gMRLoFhNFcn0nWFBc3gk";

/// The hash of a password, as a PHC string with its own salt.
pub async fn hash(password: &str) -> Result<String, SealError> {
    let password = Zeroizing::new(password.to_owned());
    let _place = AT_ONCE.acquire().await;
    let work = move || Argon2::default().hash_password(password.as_bytes()).map(|hash| hash.to_string());
    tokio::task::spawn_blocking(work).await.ok().and_then(Result::ok).ok_or(SealError::NoRandomness)
}

/// Whether the password is the one behind the hash. Without a hash it takes as long and says no.
pub async fn verify(password: &str, hash: Option<&str>) -> bool {
    let password = Zeroizing::new(password.to_owned());
    let known = hash.is_some();
    let hash = hash.unwrap_or(NOBODY).to_owned();
    let _place = AT_ONCE.acquire().await;
    let work = move || {
        PasswordHash::new(&hash)
            .is_ok_and(|parsed| Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok())
    };
    tokio::task::spawn_blocking(work).await.unwrap_or(false) && known
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_opens_its_own_hash_and_nobody_has_none() {
        let hash = hash("三月的麦田很绿很宽阔").await.expect("hashed");
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify("三月的麦田很绿很宽阔", Some(&hash)).await);
        assert!(!verify("三月的麦田很绿很宽", Some(&hash)).await);
        assert!(!verify("anything", None).await);
        assert!(PasswordHash::new(NOBODY).is_ok(), "the dummy must be computed, not refused");
    }
}
