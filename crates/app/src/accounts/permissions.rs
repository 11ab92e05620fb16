//! Who may do what: the table of roles and permissions as it stands in the code, shown to everybody.

use axum::response::Response;
use base::{
    html::{Shell, filters},
    i18n::Text,
    text,
    web::AppResult,
};

use super::{Permission, Role};
use crate::web::Ctx;

#[derive(askama::Template)]
#[template(path = "accounts/permissions.html")]
struct PermissionsPage {
    shell: Shell,
    roles: Vec<Text>,
    rows: Vec<(Text, Vec<bool>)>,
}

/// GET /permissions
pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let shell = ctx.shell(&mut conn, text!("谁能做什么"), None).await?;
    let roles = Role::ALL.map(|role| Text::key(role.zh())).into();
    let asked = Permission::ALL.into_iter().filter(|one| !matches!(one, Permission::Public | Permission::SignedIn));
    let rows = asked.map(|one| (one.label(), Role::ALL.map(|role| one.roles().contains(&role)).into()));
    Ok(ctx.page(&PermissionsPage { shell, roles, rows: rows.collect() }))
}
