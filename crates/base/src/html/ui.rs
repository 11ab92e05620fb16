//! The shared partials as parts of their own. A page's macro calls them, so that each is compiled once here and not again
//! in every page that shows it.

use std::fmt::Display;

use askama::Template;

use super::{Act, Chart, Choice, CompareRow, Event, Fact, Form, Job, Lane, Link, Pager, Shell, State, Step, Table};
use super::{TaskDay, Tile, filters};
use crate::i18n::Text;

/// A block of a template with what it prints.
macro_rules! parts {
    ($($file:tt $block:tt $name:ident $part:ident { $($field:ident: $kind:ty),* })*) => {$(
        #[derive(Template)]
        #[template(path = $file, block = $block)]
        pub struct $part<'a> { $($field: $kind),* }

        #[must_use]
        pub fn $name<'a>($($field: $kind),*) -> $part<'a> {
            $part { $($field),* }
        }
    )*};
}

parts! {
    "parts.html" "icon" icon Icon { name: &'a str }
    "parts.html" "act" act OneAct { shell: &'a Shell, act: &'a Act }
    "parts.html" "acts" acts Acts { shell: &'a Shell, acts: &'a [Act] }
    "parts.html" "heading" heading Heading { title: &'a str, sub: &'a str }
    "parts.html" "tabs" tabs Tabs { links: &'a [Link], label: &'a str }
    "parts.html" "facts" facts Facts { facts: &'a [Fact] }
    "parts.html" "timeline" timeline Timeline { events: &'a [Event] }
    "parts.html" "empty" empty Empty { title: &'a str, say: &'a str }
    "parts.html" "card" card Card { title: &'a str, more: &'a str, more_label: &'a str }
    "parts.html" "job" job RunningJob { shell: &'a Shell, job: &'a Job }
    "parts.html" "print_head" print_head PrintHead { title: &'a str, sub: &'a str }

    "forms.html" "errors" errors Errors { form: &'a Form }
    "forms.html" "lead" lead Lead { name: &'a str, label: &'a str, required: &'a bool, hint: &'a str }
    "forms.html" "wrong" wrong Wrong { form: &'a Form, name: &'a str }
    "forms.html" "ties" ties Ties { form: &'a Form, name: &'a str, required: &'a bool, hint: &'a str }
    "forms.html" "text" text TextField {
        form: &'a Form, name: &'a str, label: &'a str, required: &'a bool, hint: &'a str, kind: &'a str, mode: &'a str,
        fill: &'a str, max: &'a usize
    }
    "forms.html" "number" number NumberField {
        form: &'a Form, name: &'a str, label: &'a str, required: &'a bool, hint: &'a str, unit: &'a str
    }
    "forms.html" "date" date DateField {
        form: &'a Form, name: &'a str, label: &'a str, required: &'a bool, hint: &'a str
    }
    "forms.html" "area" area AreaField {
        form: &'a Form, name: &'a str, label: &'a str, required: &'a bool, hint: &'a str, rows: &'a usize, max: &'a usize
    }
    "forms.html" "select" select SelectField {
        form: &'a Form, name: &'a str, label: &'a str, required: &'a bool, hint: &'a str, choices: &'a [Choice]
    }
    "forms.html" "choices" choices ChoicesField {
        form: &'a Form, name: &'a str, label: &'a str, required: &'a bool, hint: &'a str, choices: &'a [Choice], kind: &'a str
    }
    "forms.html" "check" check CheckField {
        form: &'a Form, name: &'a str, label: &'a str, hint: &'a str
    }
    "forms.html" "file" file FileField {
        form: &'a Form, name: &'a str, label: &'a str, required: &'a bool, hint: &'a str, accept: &'a str
    }
    "forms.html" "password" password PasswordField {
        form: &'a Form, name: &'a str, label: &'a str, hint: &'a str, fill: &'a str
    }
    "forms.html" "submit" submit Submit { button: &'a str, back: &'a str }

    "list.html" "views" views Views { views: &'a [Link] }
    "list.html" "filters" filters_of Filters { table: &'a Table }
    "list.html" "table" table TableTop { table: &'a Table }
    "list.html" "table_end" table_end TableEnd { table: &'a Table }
    "list.html" "pages" pages PageTurn { pager: &'a Pager }

    "dash.html" "tiles" tiles Tiles { tiles: &'a [Tile] }
    "dash.html" "compare" compare Compare { heads: &'a [Text], rows: &'a [CompareRow], caption: &'a str }
    "dash.html" "chart" chart Picture { chart: &'a Chart }
    "record.html" "stepper" stepper Stepper { steps: &'a [Step] }
    "board.html" "lanes" lanes Lanes { shell: &'a Shell, lanes: &'a [Lane] }
    "today.html" "tasks" tasks Tasks { shell: &'a Shell, days: &'a [TaskDay] }

    "frame.html" "above" above Above { shell: &'a Shell }
    "frame.html" "below" below Below { shell: &'a Shell }
    "frame.html" "gate_foot" gate_foot GateFoot { shell: &'a Shell }
    "frame.html" "public_top" public_top PublicTop { shell: &'a Shell }
    "frame.html" "tools" tools Tools { shell: &'a Shell }
}

#[derive(Template)]
#[template(path = "top.html")]
pub struct Top<'a> {
    shell: &'a Shell,
}

#[must_use]
pub fn top(shell: &Shell) -> Top<'_> {
    Top { shell }
}

/// The hidden fields of a form: the session's token, and a key of its own.
#[derive(Template)]
#[template(path = "parts.html", block = "guard")]
pub struct Guard<'a> {
    csrf: &'a str,
    once: &'a str,
    form: String,
}

#[must_use]
pub fn guard(shell: &Shell, form: impl Display) -> Guard<'_> {
    Guard { csrf: &shell.csrf, once: &shell.once, form: form.to_string() }
}

#[derive(Template)]
#[template(path = "parts.html", block = "state")]
pub struct StateWord<'a> {
    state: &'a State,
    pill: bool,
}

#[must_use]
pub fn state(state: &State) -> StateWord<'_> {
    StateWord { state, pill: false }
}

#[must_use]
pub fn pill(state: &State) -> StateWord<'_> {
    StateWord { state, pill: true }
}
