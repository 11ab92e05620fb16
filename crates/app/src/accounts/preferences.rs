//! Language, text size and theme of a browser, kept in cookies.

use axum::{
    http::header,
    response::{IntoResponse, Redirect, Response},
};
use base::{
    html::{Address, Size, Theme},
    i18n::Lang,
    web::{AppResult, set_cookie},
};

use super::rules;
use crate::web::{Ctx, FormData};

const YEAR: i64 = 365 * 86_400;

/// POST /preferences: what was chosen, then back to where it was chosen.
pub async fn save(ctx: Ctx, form: FormData) -> AppResult<Response> {
    let chosen = [
        ("lang", Lang::parse(form.get("lang")).map(Lang::code)),
        ("size", Size::parse(form.get("size")).map(|size| size.code())),
        ("theme", Theme::parse(form.get("theme")).map(|theme| theme.code())),
    ];
    // The address may hold an earlier choice, which would win over the cookie.
    let back = chosen.iter().fold(Address::parse(rules::next_address(form.get("back"))), |back, (name, value)| {
        if value.is_some() { back.without(name) } else { back }
    });
    let mut response = Redirect::to(&back.to_string()).into_response();
    for (name, code) in chosen.into_iter().filter_map(|(name, code)| Some((name, code?))) {
        if let Some(value) = set_cookie(&format!("lianxin_{name}"), code, YEAR, ctx.app.is_https()) {
            response.headers_mut().append(header::SET_COOKIE, value);
        }
    }
    Ok(response)
}
