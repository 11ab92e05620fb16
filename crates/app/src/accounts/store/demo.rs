//! The one-click entrances of a demo: a setting of the installation (county 0) that the demo's loader writes.

use base::{
    db::{Conn, DbResult, Tx},
    kernel::{CountyId, DivisionCode},
};
use serde::{Deserialize, Serialize};

use crate::packs::store::{save_setting, setting};

const NAME: &str = "demo_accounts";

/// One entrance: the sign-in name, what the role is called and who it is, `驻村办` `社旗县 宋知远`.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entrance {
    pub name: String,
    pub label: String,
    pub who: String,
}

fn installation() -> CountyId {
    DivisionCode::NATION.county()
}

/// The entrances in the order the loader gave them; none where nothing was written.
pub async fn demo_entrances(conn: &mut Conn) -> DbResult<Vec<Entrance>> {
    let text = setting(conn, installation(), NAME).await?;
    Ok(text.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

pub async fn save_demo_entrances(tx: &mut Tx, entrances: &[Entrance]) -> DbResult<()> {
    let text = serde_json::to_string(entrances).unwrap_or_default();
    save_setting(tx, installation(), NAME, &text).await
}
