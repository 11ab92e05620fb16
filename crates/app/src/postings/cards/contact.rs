//! What a villager sees who reads the code on a card: who is my cadre, call them, keep them in the telephone.
//! No sign-in, no script, small; a withdrawn or unknown code says what to do.

use askama::Template;
use axum::{
    extract::Path,
    http::{StatusCode, header},
    response::{IntoResponse, Response},
};
use base::{
    html::{Address, Shell, filters},
    i18n::Text,
    kernel::DivisionCode,
    text,
    web::{AppError, AppResult},
};

use super::{
    rules::{Holder, is_token},
    store,
};
use crate::{places, spine::files, web::Ctx};

#[derive(Template)]
#[template(path = "postings/cards/contact.html")]
struct ContactPage {
    shell: Shell,
    village: String,
    township: String,
    holder: Option<Holder>,
    since: String,
    face: String,
    portrait: Option<String>,
    vcard: String,
    /// Where a villager raises a matter, and looks one up, in the language and size of this page.
    raise: String,
    follow: String,
}

#[derive(Template)]
#[template(path = "postings/cards/withdrawn.html")]
struct WithdrawnPage {
    shell: Shell,
}

/// The village of a token; `None` when the card was withdrawn. Unknown ones are like any page that does not exist.
async fn village_of(ctx: &Ctx, token: &str) -> AppResult<Option<DivisionCode>> {
    if !is_token(token) {
        return Err(AppError::NotFound);
    }
    let found = store::find_token(&mut ctx.read().await?, token).await?.ok_or(AppError::NotFound)?;
    Ok(Some(found.0).filter(|_| !found.1))
}

/// An address in the language and size of this page.
fn carry(ctx: &Ctx, path: &str) -> String {
    let here = Address::parse(&ctx.address);
    let there = Address::parse(path);
    ["lang", "size"].into_iter().fold(there, |there, name| there.with(name, here.get(name))).to_string()
}

pub(super) async fn show(ctx: Ctx, Path(token): Path<String>) -> AppResult<Response> {
    let Some(code) = village_of(&ctx, &token).await? else {
        let page = WithdrawnPage { shell: ctx.bare_shell(text!("这张卡已停用")) };
        let mut response = ctx.page(&page);
        *response.status_mut() = StatusCode::GONE;
        return Ok(response);
    };
    let mut conn = ctx.read().await?;
    let names = places::store::path(&mut conn, code).await?;
    let name = |at: usize| names.iter().rev().nth(at).map(places::Division::short).unwrap_or_default();
    let holder = store::holders(&mut conn, code.area()).await?.remove(&code);
    let page = ContactPage {
        shell: ctx.bare_shell(Text::data(name(0))),
        village: name(0),
        township: name(1),
        since: holder.as_ref().and_then(|holder| holder.since).map(|day| day.to_string()).unwrap_or_default(),
        face: holder.as_ref().and_then(|holder| holder.name.chars().next()).map(String::from).unwrap_or_default(),
        portrait: holder
            .as_ref()
            .and_then(|holder| Some(format!("/c/{token}/portraits/{}", holder.portrait.as_ref()?.small_id))),
        vcard: format!("/c/{token}/contact.vcf"),
        raise: carry(&ctx, &format!("/c/{token}/matter")),
        follow: carry(&ctx, "/m"),
        holder,
    };
    Ok(ctx.page(&page))
}

/// The holder's portrait, small; the address of anybody else's, or of an earlier one, finds nothing.
pub(super) async fn portrait(ctx: Ctx, Path((token, id)): Path<(String, String)>) -> AppResult<Response> {
    let code = village_of(&ctx, &token).await?.ok_or(AppError::NotFound)?;
    let mut conn = ctx.read().await?;
    let holder = store::holders(&mut conn, code.area()).await?.remove(&code).ok_or(AppError::NotFound)?;
    let face = holder.portrait.filter(|face| face.small_id == id).ok_or(AppError::NotFound)?;
    let file = files::find(&mut conn, face.county, &face.small_id).await?.ok_or(AppError::NotFound)?;
    drop(conn);
    let bytes = ctx.app.files.content(&file).await.map_err(|error| AppError::Internal(error.into()))?;
    Ok(Ctx::picture(bytes))
}

/// The holder as a vCard 3.0, which every telephone reads.
pub(super) async fn vcard(ctx: Ctx, Path(token): Path<String>) -> AppResult<Response> {
    let code = village_of(&ctx, &token).await?.ok_or(AppError::NotFound)?;
    let mut conn = ctx.read().await?;
    let holder = store::holders(&mut conn, code.area()).await?.remove(&code).ok_or(AppError::NotFound)?;
    let village = places::store::find(&mut conn, code).await?.ok_or(AppError::NotFound)?.short();
    let body = written(&holder, &village);
    let kind = [(header::CONTENT_TYPE, "text/vcard; charset=utf-8")];
    Ok((kind, [(header::CONTENT_DISPOSITION, "attachment; filename=\"contact.vcf\"")], body).into_response())
}

fn written(holder: &Holder, village: &str) -> String {
    let safe = |text: &str| text.replace('\\', "\\\\").replace([',', ';'], " ").replace(['\r', '\n'], " ");
    let line = |name: &str, value: &str| format!("{name}:{}\r\n", safe(value));
    let mut card = String::from("BEGIN:VCARD\r\nVERSION:3.0\r\n");
    card += &line("FN", &format!("{}（{village}）", holder.name));
    card += &format!("N:{};;;;\r\n", safe(&holder.name));
    card += &line("TITLE", &format!("{village}{}", holder.role));
    if let Some(unit) = &holder.unit {
        card += &line("ORG", unit);
    }
    if let Some(phone) = &holder.phone {
        card += &line("TEL;TYPE=CELL", phone);
    }
    card + "END:VCARD\r\n"
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_name_ends_a_line_of_the_card() {
        let holder = Holder {
            name: "林;一诺\r\nTEL:110".into(),
            role: "驻村第一书记".into(),
            unit: None,
            phone: Some("13000000001".into()),
            since: None,
            portrait: None,
        };
        let card = written(&holder, "麦田村");
        assert_eq!(card.lines().filter(|line| line.starts_with("TEL")).count(), 1, "{card}");
        assert!(card.contains("TEL;TYPE=CELL:13000000001\r\n") && card.ends_with("END:VCARD\r\n"));
    }
}
