//! Portraits: given as bytes, or fetched when their page is set, so that a long run never holds them all.

use std::{fmt, sync::Arc};

use typst::foundations::{Bytes, IntoValue, Value};

type Fetch = dyn Fn() -> Option<Vec<u8>> + Send + Sync;

/// A PNG, JPEG or WebP picture.
#[derive(Clone)]
pub struct Picture(Arc<Fetch>);

impl fmt::Debug for Picture {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Picture")
    }
}

impl Picture {
    #[must_use]
    pub fn new(bytes: Vec<u8>) -> Picture {
        let bytes: Arc<[u8]> = bytes.into();
        Picture(Arc::new(move || Some(bytes.to_vec())))
    }

    /// Asked for once per printing, on one of the run's threads. Nothing means: unreadable.
    pub fn later(fetch: impl Fn() -> Option<Vec<u8>> + Send + Sync + 'static) -> Picture {
        Picture(Arc::new(fetch))
    }

    /// Whether both are the same picture, given once.
    pub(crate) fn is(&self, other: &Picture) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }

    /// For a template; nothing when the bytes are no picture. One bad portrait must not stop a run of thousands.
    pub(crate) fn value(&self) -> Option<Value> {
        let bytes = (self.0)()?;
        image::load_from_memory(&bytes).ok()?;
        Some(Bytes::new(bytes).into_value())
    }
}
