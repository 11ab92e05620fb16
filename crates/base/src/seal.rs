//! Keys of the installation: sealing of single values, keyed look-up hashes, signing of tokens.
//!
//! One file outside the database (mode 600) holds a 256-bit root and its id; everything else is derived from it.
//! A sealed value reads `lx1.<key id>.<base64 of nonce and ciphertext>`; the algorithm is part of the prefix so that
//! SM4/SM3 can join. Row and column are bound in as associated data: a value copied elsewhere does not open.

use std::{fs, io::Write, path::Path};

use aes_gcm::{
    Aes256Gcm, KeyInit,
    aead::{Aead, Payload},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, Mac};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Why sealing or opening failed.
#[derive(Debug, thiserror::Error)]
pub enum SealError {
    #[error("密钥文件 {path} 不存在，而数据库里已有数据；请放回原来的密钥文件后再启动。")]
    KeyMissing { path: String },
    #[error("密钥文件 {path} 无法读取或内容不对：{why}")]
    KeyUnreadable { path: String, why: String },
    #[error("密封的内容打不开：密钥不符或内容被改动")]
    DoesNotOpen,
    #[error("随机数来源不可用")]
    NoRandomness,
}

/// The installation's keys.
pub struct Keys {
    id: String,
    seal: Aes256Gcm,
    lookup: Zeroizing<[u8; 32]>,
    sign: Zeroizing<[u8; 32]>,
}

const FORMAT: &str = "lx1";
const NONCE: usize = 12;

impl Keys {
    /// Reads the key file; makes it when missing and `may_create` (an empty database).
    pub fn load(path: &Path, may_create: bool) -> Result<Self, SealError> {
        let shown = path.display().to_string();
        let unreadable = |why: String| SealError::KeyUnreadable { path: shown.clone(), why };
        if !path.exists() {
            if !may_create {
                return Err(SealError::KeyMissing { path: shown });
            }
            create_file(path).map_err(|error| unreadable(error.to_string()))?;
        }
        let text = Zeroizing::new(fs::read_to_string(path).map_err(|error| unreadable(error.to_string()))?);
        let root = URL_SAFE_NO_PAD.decode(text.trim()).map_err(|_| unreadable("应为一行文字".into()))?;
        let root: Zeroizing<[u8; 32]> =
            Zeroizing::new(root.try_into().map_err(|_| unreadable("长度不是 256 位".into()))?);
        Ok(Self::from_root(&root))
    }

    /// Keys from a known root, for tests.
    #[must_use]
    pub fn from_root(root: &[u8; 32]) -> Self {
        let derive = |purpose: &str| Zeroizing::new(mac(root, purpose.as_bytes()));
        let id = hex(&mac(root, b"key id")[..4]);
        Self { id, seal: Aes256Gcm::new(&(*derive("seal")).into()), lookup: derive("lookup"), sign: derive("sign") }
    }

    /// Names the key without giving it away; kept in the database to notice a wrong key file at start.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Seals `plain` for one place, e.g. `person.id_number/019…`.
    pub fn seal(&self, place: &str, plain: &str) -> Result<String, SealError> {
        let mut nonce = [0_u8; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| SealError::NoRandomness)?;
        let payload = Payload { msg: plain.as_bytes(), aad: place.as_bytes() };
        let sealed = self.seal.encrypt(&nonce.into(), payload).map_err(|_| SealError::DoesNotOpen)?;
        let mut bytes = nonce.to_vec();
        bytes.extend(sealed);
        Ok(format!("{FORMAT}.{}.{}", self.id, URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// Opens what [`Keys::seal`] made for the same place.
    pub fn open(&self, place: &str, sealed: &str) -> Result<Zeroizing<String>, SealError> {
        let body = sealed.strip_prefix(FORMAT).and_then(|rest| rest.strip_prefix('.')).and_then(|rest| {
            let (key, body) = rest.split_once('.')?;
            (key == self.id).then_some(body)
        });
        let bytes = body.and_then(|b| URL_SAFE_NO_PAD.decode(b).ok()).ok_or(SealError::DoesNotOpen)?;
        let (nonce, text) = bytes.split_first_chunk::<NONCE>().ok_or(SealError::DoesNotOpen)?;
        let payload = Payload { msg: text, aad: place.as_bytes() };
        let plain = self.seal.decrypt(&(*nonce).into(), payload).map_err(|_| SealError::DoesNotOpen)?;
        String::from_utf8(plain).map(Zeroizing::new).map_err(|_| SealError::DoesNotOpen)
    }

    /// Seals the content of a file, as [`Keys::seal`] does a text.
    pub fn seal_bytes(&self, place: &str, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let mut nonce = [0_u8; NONCE];
        getrandom::fill(&mut nonce).map_err(|_| SealError::NoRandomness)?;
        let payload = Payload { msg: plain, aad: place.as_bytes() };
        let sealed = self.seal.encrypt(&nonce.into(), payload).map_err(|_| SealError::DoesNotOpen)?;
        let mut bytes = self.file_head().into_bytes();
        bytes.extend(nonce);
        bytes.extend(sealed);
        Ok(bytes)
    }

    /// Opens what [`Keys::seal_bytes`] made for the same place.
    pub fn open_bytes(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let body = sealed.strip_prefix(self.file_head().as_bytes()).ok_or(SealError::DoesNotOpen)?;
        let (nonce, text) = body.split_first_chunk::<NONCE>().ok_or(SealError::DoesNotOpen)?;
        let payload = Payload { msg: text, aad: place.as_bytes() };
        self.seal.decrypt(&(*nonce).into(), payload).map_err(|_| SealError::DoesNotOpen)
    }

    fn file_head(&self) -> String {
        format!("{FORMAT}.{}.", self.id)
    }

    /// A keyed hash to look a secret value up by, 64 hexadecimal digits.
    #[must_use]
    pub fn lookup_hash(&self, purpose: &str, value: &str) -> String {
        hex(&mac(&self.lookup, format!("{purpose}\0{value}").as_bytes()))
    }

    /// A signature over `value`, for tokens that we hand out and take back.
    #[must_use]
    pub fn signature(&self, purpose: &str, value: &str) -> String {
        URL_SAFE_NO_PAD.encode(mac(&self.sign, format!("{purpose}\0{value}").as_bytes()))
    }
}

fn create_file(path: &Path) -> std::io::Result<()> {
    let mut root = Zeroizing::new([0_u8; 32]);
    getrandom::fill(root.as_mut_slice()).map_err(|error| std::io::Error::other(error.to_string()))?;
    if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
        fs::create_dir_all(folder)?;
    }
    let mut options = fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(URL_SAFE_NO_PAD.encode(root.as_slice()).as_bytes())?;
    file.sync_all()
}

fn mac(key: &[u8; 32], message: &[u8]) -> [u8; 32] {
    // HMAC pads a short key with zeros to the block of 64 bytes; doing so here leaves nothing that could fail.
    let mut block = Zeroizing::new([0_u8; 64]);
    block[..32].copy_from_slice(key);
    let mut mac = <Hmac<Sha256> as hmac::KeyInit>::new(&(*block).into());
    mac.update(message);
    mac.finalize().into_bytes().into()
}

/// Random bytes from the operating system.
pub fn random_bytes<const N: usize>() -> Result<[u8; N], SealError> {
    let mut bytes = [0_u8; N];
    getrandom::fill(&mut bytes).map_err(|_| SealError::NoRandomness)?;
    Ok(bytes)
}

/// A random token of 256 bits, 43 characters that are safe in URLs and cookies.
pub fn random_token() -> Result<String, SealError> {
    Ok(URL_SAFE_NO_PAD.encode(random_bytes::<32>()?))
}

/// SHA-256 of `bytes` as 64 hexadecimal digits.
#[must_use]
pub fn sha256(bytes: &[u8]) -> String {
    hex(&Sha256::digest(bytes))
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Compares in time that depends on the length alone.
#[must_use]
pub fn same(a: &str, b: &str) -> bool {
    a.len() == b.len() && a.bytes().zip(b.bytes()).fold(0, |acc, (x, y)| acc | (x ^ y)) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sealed_value_opens_only_in_its_place_and_with_its_key() {
        let keys = Keys::from_root(&[7; 32]);
        let sealed = keys.seal("person.id_number/1", "999999198210285804").expect("sealed");
        assert!(!sealed.contains("1982"));
        assert_eq!(*keys.open("person.id_number/1", &sealed).expect("opens"), "999999198210285804");
        assert!(keys.open("person.id_number/2", &sealed).is_err());
        assert!(Keys::from_root(&[8; 32]).open("person.id_number/1", &sealed).is_err());
        let file = keys.seal_bytes("import.file", b"PK\x03\x04").expect("sealed");
        assert_eq!(keys.open_bytes("import.file", &file).expect("opens"), b"PK\x03\x04");
        assert!(keys.open_bytes("other", &file).is_err());
        let mut broken = sealed.clone();
        broken.pop();
        assert!(keys.open("person.id_number/1", &broken).is_err());
    }

    #[test]
    fn a_lost_key_file_is_said_and_not_replaced() {
        let folder = std::env::temp_dir().join(format!("lianxin-key-{}", crate::kernel::new_id()));
        let path = folder.join("key");
        assert!(matches!(Keys::load(&path, false), Err(SealError::KeyMissing { .. })));
        let first = Keys::load(&path, true).expect("made");
        let again = Keys::load(&path, false).expect("read");
        assert_eq!(first.id(), again.id());
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&path).expect("there").permissions().mode() & 0o777, 0o600);
        }
        fs::write(&path, "nonsense").expect("written");
        assert!(matches!(Keys::load(&path, true), Err(SealError::KeyUnreadable { .. })));
        fs::remove_dir_all(folder).expect("removed");
    }
}
