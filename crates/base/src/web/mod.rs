//! The web shell: routes that declare their permission, errors, forms that cannot be forged or sent twice, headers.

pub mod assets;
mod cookies;
mod error;
mod headers;
mod limit;
mod post;
mod room;
mod routes;

pub use cookies::{cookie, set_cookie};
pub use error::{AppError, AppResult, Failure, Refusal};
pub use headers::security_headers;
pub use limit::Limiter;
pub use post::{Guard, PostKey, protect};
pub use routes::{Admit, Declared, Routes};
