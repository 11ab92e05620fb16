//! GeoReport v2 over matters, without personal content.

use crate::web::{AppRoutes, routes as empty};

#[must_use]
pub fn routes() -> AppRoutes {
    empty()
}
