//! Filters of all templates. A module with a template says `use base::html::filters;`.

use std::fmt::Display;

use crate::{
    i18n::{Lang, Say, fill},
    web::assets,
};

/// Says a key or a [`crate::i18n::Text`] in the viewer's language.
#[askama::filter_fn]
pub fn t(value: impl Say, env: &dyn askama::Values) -> askama::Result<String> {
    Ok(value.say(askama::get_value::<Lang>(env, "lang").copied().unwrap_or_default()))
}

/// Puts a value where `{name}` stands in a translated text.
#[askama::filter_fn]
pub fn arg<T: Display, V: Display>(text: T, _env: &dyn askama::Values, name: &str, value: V) -> askama::Result<String> {
    Ok(fill(&text.to_string(), name, &value.to_string()))
}

/// Address of an asset by its plain name.
#[askama::filter_fn]
pub fn asset(name: impl AsRef<str>, _env: &dyn askama::Values) -> askama::Result<&'static str> {
    Ok(assets::asset(name.as_ref()))
}
