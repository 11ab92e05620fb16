//! Data of the shared partials. Words are [`Text`]; addresses are made by the app.

use serde_json::{Value, json};

use crate::i18n::Text;

/// How a state feels. Colour never stands alone: each tone has an icon, and a state has a word.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    Ok,
    Late,
    Stop,
    #[default]
    Wait,
    Idle,
}

impl Tone {
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Late => "late",
            Self::Stop => "stop",
            Self::Wait | Self::Idle => "wait",
        }
    }

    #[must_use]
    pub fn icon(&self) -> &'static str {
        match self {
            Self::Ok => "check",
            Self::Late => "clock",
            Self::Stop => "stop",
            Self::Wait => "wait",
            Self::Idle => "idle",
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct State {
    pub tone: Tone,
    pub word: Text,
}

impl State {
    #[must_use]
    pub fn new(tone: Tone, word: Text) -> Self {
        Self { tone, word }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Link {
    pub label: Text,
    pub href: String,
    pub on: bool,
    pub count: Option<u64>,
}

impl Link {
    #[must_use]
    pub fn new(label: Text, href: impl Into<String>) -> Self {
        Self { label, href: href.into(), on: false, count: None }
    }
}

/// Something the viewer may do here now. `confirm` names a dialog on the page (`parts::confirm`); the link itself leads to
/// a page that asks, so it works with scripts off.
#[derive(Clone, Debug, Default)]
pub struct Act {
    pub label: Text,
    pub href: String,
    pub kind: ActKind,
    pub icon: Option<&'static str>,
    pub post: bool,
    pub confirm: Option<&'static str>,
}

/// One primary act a page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ActKind {
    Primary,
    #[default]
    Plain,
    Danger,
}

impl Act {
    #[must_use]
    pub fn new(label: Text, href: impl Into<String>) -> Self {
        Self { label, href: href.into(), ..Self::default() }
    }

    #[must_use]
    pub fn primary(self) -> Self {
        Self { kind: ActKind::Primary, ..self }
    }

    #[must_use]
    pub fn danger(self) -> Self {
        Self { kind: ActKind::Danger, ..self }
    }

    #[must_use]
    pub fn icon(self, icon: &'static str) -> Self {
        Self { icon: Some(icon), ..self }
    }

    /// Done by POST at once, for acts that can be undone.
    #[must_use]
    pub fn post(self) -> Self {
        Self { post: true, ..self }
    }

    #[must_use]
    pub fn confirm(self, dialog: &'static str) -> Self {
        Self { confirm: Some(dialog), ..self }
    }

    #[must_use]
    pub fn class(&self) -> &'static str {
        match self.kind {
            ActKind::Primary => "btn btn-primary",
            ActKind::Plain => "btn",
            ActKind::Danger => "btn btn-outline-danger",
        }
    }
}

/// A line of 一目了然.
#[derive(Clone, Debug, Default)]
pub struct Fact {
    pub label: Text,
    pub value: Text,
    pub href: Option<String>,
}

impl Fact {
    #[must_use]
    pub fn new(label: Text, value: Text) -> Self {
        Self { label, value, href: None }
    }

    #[must_use]
    pub fn link(self, href: impl Into<String>) -> Self {
        Self { href: Some(href.into()), ..self }
    }
}

/// An entry of a timeline or of the audit trail.
#[derive(Clone, Debug, Default)]
pub struct Event {
    pub tone: Tone,
    pub who: Text,
    pub what: Text,
    /// `2024-01-18 08:12`
    pub when: String,
    pub note: Text,
    pub href: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum StepState {
    Done,
    Now,
    Ahead,
}

/// A step of a record's life or of a wizard.
#[derive(Clone, Debug)]
pub struct Step {
    pub label: Text,
    pub note: Text,
    pub state: StepState,
}

impl Step {
    #[must_use]
    pub fn class(&self) -> &'static str {
        match self.state {
            StepState::Done => "done",
            StepState::Now => "now",
            StepState::Ahead => "",
        }
    }
}

/// What someone must do next.
#[derive(Clone, Debug)]
pub struct Task {
    pub title: Text,
    pub href: String,
    pub note: Text,
    pub due: State,
    pub act: Option<Act>,
}

/// Tasks that fall due together (逾期, 今天, 本周 …).
#[derive(Clone, Debug)]
pub struct TaskDay {
    pub label: Text,
    pub tasks: Vec<Task>,
}

/// A figure that opens: without `href` only where the records are not the viewer's to see.
#[derive(Clone, Debug, Default)]
pub struct Tile {
    pub label: Text,
    pub figure: String,
    pub unit: Text,
    pub href: Option<String>,
    pub state: Option<State>,
    pub note: Text,
}

#[derive(Clone, Debug, Default)]
pub struct Cell {
    pub text: Text,
    pub href: Option<String>,
    pub num: bool,
    pub state: Option<State>,
}

impl Cell {
    #[must_use]
    pub fn text(text: Text) -> Self {
        Self { text, ..Self::default() }
    }

    #[must_use]
    pub fn num(figure: impl std::fmt::Display + Copy) -> Self {
        Self { text: Text::data(figure.to_string()), num: true, ..Self::default() }
    }

    #[must_use]
    pub fn state(state: State) -> Self {
        Self { state: Some(state), ..Self::default() }
    }

    #[must_use]
    pub fn link(self, href: impl Into<String>) -> Self {
        Self { href: Some(href.into()), ..self }
    }
}

#[derive(Clone, Debug, Default)]
pub struct CompareRow {
    pub name: Text,
    pub href: Option<String>,
    pub cells: Vec<Cell>,
}

impl CompareRow {
    /// Whether the column holds figures; column 0 is the name.
    #[must_use]
    pub fn num(&self, column: &usize) -> bool {
        column.checked_sub(1).and_then(|at| self.cells.get(at)).is_some_and(|cell| cell.num)
    }
}

/// A chart and the table behind it: the table is the content, the picture an aid.
#[derive(Clone, Debug, Default)]
pub struct Chart {
    pub title: Text,
    pub spec: Value,
    pub heads: Vec<Text>,
    pub rows: Vec<CompareRow>,
    pub tall: bool,
}

impl Chart {
    /// Bars (or lines) over the first column, one series for each further column; a click opens the row's address.
    /// Labels are given in the viewer's language, since the picture is drawn by the browser.
    #[must_use]
    pub fn series(kind: &str, title: Text, labels: &[(String, Option<String>)], series: &[(String, Vec<f64>)]) -> Self {
        let names: Vec<&str> = labels.iter().map(|(name, _)| name.as_str()).collect();
        let lines: Vec<Value> = series
            .iter()
            .map(|(name, data)| json!({"type": kind, "name": name, "data": data, "barMaxWidth": 22}))
            .collect();
        let links: serde_json::Map<String, Value> =
            labels.iter().filter_map(|(name, href)| Some((name.clone(), json!(href.as_ref()?)))).collect();
        let option = json!({
            "xAxis": {"type": "category", "data": names}, "yAxis": {"type": "value"},
            "legend": {"show": series.len() > 1, "right": 0, "top": 0}, "tooltip": {"trigger": "axis"}, "series": lines,
        });
        let row = |(at, (name, href)): (usize, &(String, Option<String>))| CompareRow {
            name: Text::data(name.as_str()),
            href: href.clone(),
            cells: series.iter().map(|(_, data)| Cell::num(data.get(at).copied().unwrap_or_default())).collect(),
        };
        Self {
            title,
            spec: json!({"option": option, "links": links}),
            heads: std::iter::once(Text::default())
                .chain(series.iter().map(|(name, _)| Text::data(name.as_str())))
                .collect(),
            rows: labels.iter().enumerate().map(row).collect(),
            tall: false,
        }
    }

    /// Areas by size, each opening its records: name, size, address.
    #[must_use]
    pub fn treemap(title: Text, unit: &str, parts: &[(String, f64, Option<String>)]) -> Self {
        let data: Vec<Value> = parts.iter().map(|(name, size, _)| json!({"name": name, "value": size})).collect();
        let links: serde_json::Map<String, Value> =
            parts.iter().filter_map(|(name, _, href)| Some((name.clone(), json!(href.as_ref()?)))).collect();
        let option = json!({"series": [{
            "type": "treemap", "data": data, "roam": false, "nodeClick": false, "breadcrumb": {"show": false},
            "left": 0, "right": 0, "top": 0, "bottom": 0, "label": {"formatter": "{b}\n{c}"},
        }]});
        let row = |(name, size, href): &(String, f64, Option<String>)| CompareRow {
            name: Text::data(name.as_str()),
            href: href.clone(),
            cells: vec![Cell::num(size)],
        };
        Self {
            title,
            spec: json!({"option": option, "links": links}),
            heads: vec![Text::default(), Text::data(unit)],
            rows: parts.iter().map(row).collect(),
            tall: false,
        }
    }

    /// A map whose parts are coloured by size, each opening its records: the part's name in the outlines at `map`, its name
    /// as people say it, size, address.
    #[must_use]
    pub fn map(title: Text, unit: &str, map: &str, parts: &[(String, String, f64, Option<String>)]) -> Self {
        let data: Vec<Value> = parts.iter().map(|(key, _, size, _)| json!({"name": key, "value": size})).collect();
        let names: serde_json::Map<String, Value> =
            parts.iter().map(|(key, name, ..)| (key.clone(), json!(name))).collect();
        let links: serde_json::Map<String, Value> =
            parts.iter().filter_map(|(key, _, _, href)| Some((key.clone(), json!(href.as_ref()?)))).collect();
        let most = parts.iter().map(|(_, _, size, _)| *size).fold(1.0, f64::max);
        let option = json!({
            "visualMap": {"min": 0, "max": most, "orient": "horizontal", "left": 0, "bottom": 0, "itemHeight": 90},
            "series": [{"type": "map", "map": map, "roam": false, "data": data}],
        });
        let row = |(_, name, size, href): &(String, String, f64, Option<String>)| CompareRow {
            name: Text::data(name.as_str()),
            href: href.clone(),
            cells: vec![Cell::num(size)],
        };
        Self {
            title,
            spec: json!({"option": option, "links": links, "map": map, "names": names}),
            heads: vec![Text::default(), Text::data(unit)],
            rows: parts.iter().map(row).collect(),
            tall: true,
        }
    }

    /// The data block; `<` is escaped so that no name can close it.
    #[must_use]
    pub fn json(&self) -> String {
        self.spec.to_string().replace('<', "\\u003c")
    }
}

#[derive(Clone, Debug)]
pub struct Lane {
    pub state: State,
    /// How many there are in all, shown or not.
    pub count: u64,
    pub cards: Vec<Card>,
    pub more: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Card {
    pub title: Text,
    pub href: String,
    pub note: Text,
    pub state: Option<State>,
    pub act: Option<Act>,
}

/// Work that runs behind. `poll` answers with the same fragment (`parts::job`) while it runs.
#[derive(Clone, Debug)]
pub struct Job {
    pub title: Text,
    pub done: u64,
    pub total: Option<u64>,
    pub say: Text,
    pub poll: Option<String>,
    pub after: Vec<Act>,
}
