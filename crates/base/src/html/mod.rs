//! The shell, the shared partials of the seven kinds of page, and the plain data they print.
//!
//! A page is a struct with a field `shell: Shell` and a template beside the code that fills it:
//!
//! ```text
//! {% extends "shell.html" %}            staff pages; "public.html" for villagers; "gate.html" stands alone
//! {% import "parts.html" as parts %}    icon state pill guard heading acts confirm tabs facts timeline empty job print_head
//! {% import "list.html" as list %}      views filters head count_row pager          (a sortable, filtered table)
//! {% import "forms.html" as forms %}    errors text area number date choice check checks file password submit
//! {% import "today.html" as today %}    tasks
//! {% import "record.html" as record %}  stepper card
//! {% import "board.html" as board %}    lanes
//! {% import "wizard.html" as wizard %}  steps foot
//! {% import "dash.html" as dash %}      tiles chart compare
//! ```
//!
//! The module of the struct says `use base::html::filters;`, then `"姓名"|t`, `text|t`, `"…{n}…"|t|arg("n", n)` and
//! `"app.css"|asset` work. Macros print labels as given: whoever writes a literal writes `|t` behind it; a [`Text`](crate::i18n::Text)
//! inside our structs is translated by the macro that prints it. What macros print is compiled once, in [`ui`]. [`render`] makes the page in the viewer's language.

mod address;
pub mod filters;
mod form;
mod list;
mod page;
mod parts;
mod shell;
pub mod ui;

use std::any::Any;

pub use address::Address;
pub use form::{Choice, Form};
pub use list::{Column, Filter, FilterKind, Pager, Pages, SavedView, Sort, Table};
pub use page::{ConfirmPage, DemoRole, ErrorPage, JobPage, SignInPage};
pub use parts::{
    Act, ActKind, Card, Cell, Chart, CompareRow, Event, Fact, Job, Lane, Link, State, Step, StepState, Task, TaskDay,
    Tile, Tone,
};
pub use shell::{Flash, NavItem, Search, Shell, Size, Theme, Viewer};

use crate::i18n::{Lang, to_hant_html};

/// What filters ask at run time.
struct Values(Lang);

impl askama::Values for Values {
    fn get_value<'a>(&'a self, key: &str) -> Option<&'a dyn Any> {
        (key == "lang").then_some(&self.0 as &dyn Any)
    }
}

/// The page in a language. Traditional Chinese converts the finished page, data included.
#[must_use]
pub fn render(lang: Lang, template: &impl askama::Template) -> String {
    let html = template.render_with_values(&Values(lang)).unwrap_or_else(|error| {
        // Only a formatter that fails can bring us here; our filters do not.
        tracing::error!(%error, "a template failed");
        String::from("<!doctype html><title>500</title><p>500</p>")
    });
    match lang {
        Lang::Hans | Lang::En => html,
        Lang::Hant => to_hant_html(&html),
    }
}
