//! For tests only (feature `testing`): databases of both kinds, and a browser through the router.
//!
//! ```text
//! #[tokio::test]
//! async fn a_unit_is_found_by_its_name() {
//!     for db in databases(&MIGRATIONS).await {      // SQLite, and PostgreSQL where LIANXIN_TEST_POSTGRES names a server
//!         let mut tx = db.begin().await.unwrap();
//!         …
//!     }
//! }
//! ```

mod browser;
mod databases;
mod forms;

pub use browser::{Browser, Page};
pub use databases::{ALL, POSTGRES, TestDb, databases, is_complete};
