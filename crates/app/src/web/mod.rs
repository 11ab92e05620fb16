//! The app's side of the web shell: who is asking, where they stand, and the frame around their pages.

mod ctx;
mod errors;
mod frame;
mod identify;
mod sent;
mod server;
#[cfg(test)]
mod tests;
mod upload;

pub(crate) use ctx::encode_path;
pub use ctx::{Ctx, FormData, Prefs};
pub use identify::session_cookie_name;
pub use sent::Sent;
pub use server::{capability_routes, router};
pub use upload::{SentFile, Upload};

use base::web::Routes;

use crate::{accounts::Permission, app::App};

/// The routes of one capability.
pub type AppRoutes = Routes<App, Permission>;

/// An empty list of routes with the gate of this application.
#[must_use]
pub fn routes() -> AppRoutes {
    Routes::new(identify::admit)
}
