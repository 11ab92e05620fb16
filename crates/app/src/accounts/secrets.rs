//! What is secret about an account: start codes, the second factor, and the step between password and code.

use base::{
    kernel::{Instant, new_id},
    seal::{Keys, SealError, random_bytes, same},
    web::{AppError, AppResult},
};
use totp_rs::{Builder, Secret as TotpSecret, Totp};

use super::store::Secret;

/// Letters and figures that nobody takes for one another on paper.
const ALPHABET: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// A one-time code of 50 bits, `KQ7MF-2XHPA`.
pub fn new_start_code() -> Result<String, SealError> {
    let bytes = random_bytes::<10>()?;
    let letters: String = bytes.iter().map(|byte| char::from(ALPHABET[usize::from(byte % 32)])).collect();
    Ok(format!("{}-{}", &letters[..5], &letters[5..]))
}

/// What the database keeps of a start code. Typed in any case, with or without the hyphen.
#[must_use]
pub fn start_code_hash(keys: &Keys, account_id: &str, typed: &str) -> String {
    let plain: String = typed.chars().filter(char::is_ascii_alphanumeric).collect();
    keys.lookup_hash("start code", &format!("{account_id} {}", plain.to_ascii_uppercase()))
}

/// Whether the typed code is the one that waits.
#[must_use]
pub fn is_start_code(keys: &Keys, secret: &Secret, typed: &str, now: Instant) -> bool {
    let hash = start_code_hash(keys, &secret.id, typed);
    let waits = secret.start_code_until.is_some_and(|until| until > now);
    waits && secret.start_code_hash.as_deref().is_some_and(|kept| same(kept, &hash))
}

fn totp_place(account_id: &str) -> String {
    format!("account.totp/{account_id}")
}

/// A new second factor, sealed for its account.
pub fn new_totp(keys: &Keys, account_id: &str) -> Result<String, SealError> {
    let secret = TotpSecret::from(random_bytes::<20>()?);
    keys.seal(&totp_place(account_id), &secret.to_base32())
}

/// A second factor that was opened.
pub struct SecondFactor(Totp);

impl SecondFactor {
    pub fn open(keys: &Keys, account_id: &str, sign_in_name: &str, sealed: &str) -> AppResult<Self> {
        let text = keys.open(&totp_place(account_id), sealed)?;
        let failed = |error: &dyn std::fmt::Display| AppError::internal(format!("second factor: {error}"));
        let secret = TotpSecret::try_from_base32(text.as_str()).map_err(|error| failed(&error))?;
        let totp = Builder::new().with_secret(secret).with_account_name(sign_in_name).with_issuer(Some("Lianxin"));
        Ok(Self(totp.build().map_err(|error| failed(&error))?))
    }

    /// The step of a right code, one step before or after allowed; none when it is wrong.
    #[must_use]
    pub fn step_of(&self, code: &str, now: Instant) -> Option<i64> {
        let digits: String = code.chars().filter(char::is_ascii_digit).collect();
        let seconds = u64::try_from(now.0 / 1000).ok()?;
        if digits.len() != 6 {
            return None;
        }
        self.0.check(&digits, seconds).and_then(|step| i64::try_from(step).ok())
    }

    /// For typing by hand, in groups of four.
    #[must_use]
    pub fn key(&self) -> String {
        let text = self.0.secret().to_base32();
        let groups: Vec<&str> = text.as_bytes().chunks(4).filter_map(|group| std::str::from_utf8(group).ok()).collect();
        groups.join(" ")
    }

    /// A picture for the phone's camera, as a `data:` address.
    pub fn picture(&self) -> AppResult<String> {
        let base64 = self.0.to_qr_base64().map_err(|error| AppError::internal(format!("QR: {error}")))?;
        Ok(format!("data:image/png;base64,{base64}"))
    }

    #[cfg(test)]
    pub fn code_at(&self, now: Instant) -> String {
        self.0.generate(u64::try_from(now.0 / 1000).unwrap_or(0)).to_string()
    }
}

/// What must follow the first step of sign-in.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step {
    /// The password was right; the code of the second factor is asked.
    Code,
    /// The start code was right; a password is to be chosen.
    Choose,
}

impl Step {
    const fn code(self) -> &'static str {
        match self {
            Self::Code => "code",
            Self::Choose => "choose",
        }
    }
}

/// How long the second step may take.
pub const STEP_SECONDS: i64 = 600;

/// A signed note for the browser: who has passed the first step, and when. It is void once the account changes.
#[must_use]
pub fn step_token(keys: &Keys, step: Step, secret: &Secret, now: Instant) -> String {
    let body = format!("{}.{}.{}.{}", step.code(), secret.id, secret.version, now.plus_seconds(STEP_SECONDS).0);
    let signature = keys.signature("sign-in step", &body);
    format!("{body}.{signature}")
}

/// The account id and version of a note that is ours, of this step and in time.
#[must_use]
pub fn read_step_token(keys: &Keys, step: Step, token: &str, now: Instant) -> Option<(String, i64)> {
    let (body, signature) = token.rsplit_once('.')?;
    if !same(signature, &keys.signature("sign-in step", body)) {
        return None;
    }
    let mut parts = body.split('.');
    let (kind, id, version, until) = (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
    let until = Instant(until.parse().ok()?);
    (kind == step.code() && until > now).then_some((id.to_owned(), version.parse().ok()?))
}

/// A start code on its way to the page that shows it once: sealed, bound to the account.
pub fn seal_shown_code(keys: &Keys, account_id: &str, code: &str) -> Result<String, SealError> {
    keys.seal(&format!("account.start_code/{account_id}"), &format!("{code} {}", new_id()))
}

#[must_use]
pub fn open_shown_code(keys: &Keys, account_id: &str, sealed: &str) -> Option<String> {
    let text = keys.open(&format!("account.start_code/{account_id}"), sealed).ok()?;
    text.split(' ').next().map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_start_code_is_read_however_it_is_typed() {
        let keys = Keys::from_root(&[3; 32]);
        let code = new_start_code().expect("a code");
        assert_eq!(code.len(), 11);
        let hash = start_code_hash(&keys, "a", &code);
        assert_eq!(hash, start_code_hash(&keys, "a", &format!(" {} ", code.replace('-', "").to_lowercase())));
        assert_ne!(hash, start_code_hash(&keys, "b", &code));
    }

    #[test]
    fn a_second_factor_accepts_its_code_and_the_neighbouring_steps() {
        let keys = Keys::from_root(&[3; 32]);
        let sealed = new_totp(&keys, "a").expect("sealed");
        let factor = SecondFactor::open(&keys, "a", "office", &sealed).expect("opens");
        let now = Instant(1_705_540_000_000);
        let code = factor.code_at(now);
        let step = factor.step_of(&code, now).expect("right");
        assert_eq!(factor.step_of(&code, now.plus_seconds(30)), Some(step));
        assert_eq!(factor.step_of(&code, now.plus_seconds(90)), None);
        assert_eq!(factor.step_of("", now), None);
        assert!(SecondFactor::open(&keys, "b", "office", &sealed).is_err());
        assert!(factor.picture().expect("a picture").starts_with("data:image/png;base64,"));
    }
}
