//! Roles with the names of their places and units, as people read them.

use base::{
    db::{Conn, DbResult},
    i18n::Text,
    text,
};

use super::Grant;
use crate::{places, units};

/// `驻村办 · 社旗县` for each grant.
pub async fn of(conn: &mut Conn, grants: &[Grant]) -> DbResult<Vec<Text>> {
    let mut said = Vec::with_capacity(grants.len());
    for grant in grants {
        said.push(text!("{role} · {place}", role = Text::key(grant.role.zh()), place = place_of(conn, grant).await?));
    }
    Ok(said)
}

/// Where a grant holds: `苗店镇`, `社旗县水利局`; a place nobody knows is named by its code.
pub async fn place_of(conn: &mut Conn, grant: &Grant) -> DbResult<String> {
    if let Some(id) = &grant.unit_id {
        return Ok(units::store::find(conn, id).await?.map_or_else(String::new, |unit| unit.name));
    }
    let Some(code) = grant.division else { return Ok(String::new()) };
    let known = places::store::find(conn, code).await?;
    Ok(known.map_or_else(|| code.to_string(), |division| division.short().to_string()))
}

/// Several in one line.
#[must_use]
pub fn line(duties: &[Text]) -> Text {
    let mut all = duties.iter().cloned();
    let first = all.next().unwrap_or_default();
    all.fold(first, |line, next| text!("{line}；{next}", line = line, next = next))
}
