//! What a posted form carried: left by its extractor for the layer that counts forms (`burden::meter`).

use std::sync::{Arc, Mutex, PoisonError};

use axum::http::Extensions;

use super::FormData;
use crate::accounts::Permission;

type Carried = (Permission, Vec<(String, String)>);

/// Put into the request by the layer, filled while it is answered.
#[derive(Clone, Default)]
pub struct Sent(Arc<Mutex<Option<Carried>>>);

/// A place for what comes, where somebody counts.
pub(super) struct Wanted(Sent, Permission);

impl Sent {
    /// The permission under which the form came and its fields, once it was read.
    #[must_use]
    pub fn take(&self) -> Option<Carried> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).take()
    }
}

impl Wanted {
    pub(super) fn of(extensions: &Extensions) -> Option<Self> {
        Some(Self(extensions.get::<Sent>()?.clone(), *extensions.get::<Permission>()?))
    }

    pub(super) fn note(self, form: &FormData) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = Some((self.1, form.0.clone()));
    }
}
