//! The village that a form names: by code, by name, or by township and name, within the viewer's places.

use base::{
    db::Conn,
    i18n::Text,
    kernel::{DivisionCode, Level},
    sheet::squeeze,
    text,
    web::AppResult,
};

use crate::{
    accounts::Scope,
    places::{self, Division},
};

/// Villages that a form suggests and understands by name.
pub struct Known(Vec<(DivisionCode, String)>);

impl Known {
    /// The villages of the scope; beyond a county there are too many to list, and codes alone are understood.
    pub async fn of(conn: &mut Conn, scope: &Scope) -> AppResult<Self> {
        let mut known = Vec::new();
        for area in scope.areas() {
            let Some(top) = DivisionCode::from_i64(area.first) else { continue };
            if top.level() < Level::County {
                continue;
            }
            let mut divisions = places::store::list(conn, *area).await?;
            if top.level() == Level::Village {
                divisions.extend(places::store::find(conn, top.parent()).await?);
            }
            let township = |code: DivisionCode| {
                divisions.iter().find(|one| one.code == code.parent()).map(Division::short).unwrap_or_default()
            };
            let villages = divisions.iter().filter(|one| one.level() == Level::Village);
            known.extend(villages.map(|one| (one.code, format!("{}{}", township(one.code), one.short()))));
        }
        Ok(Self(known))
    }

    /// The names a form suggests.
    #[must_use]
    pub fn names(&self) -> Vec<String> {
        self.0.iter().map(|(_, name)| name.clone()).collect()
    }

    /// What the form begins with: the only village there is, or the one asked for.
    #[must_use]
    pub fn first(&self, asked: &str) -> String {
        let asked = DivisionCode::parse(asked);
        let one = self.0.iter().find(|(code, _)| Some(*code) == asked);
        one.or(if self.0.len() == 1 { self.0.first() } else { None }).map(|(_, name)| name.clone()).unwrap_or_default()
    }

    /// Every village that a text names, apart by `、`.
    pub fn find_all(&self, typed: &str, scope: &Scope) -> Result<Vec<DivisionCode>, Text> {
        let mut found = Vec::new();
        for part in typed.split(['、', '，', ',', ';', '；']).filter(|part| !part.trim().is_empty()) {
            let code = self.find(part, scope)?;
            if !found.contains(&code) {
                found.push(code);
            }
        }
        if found.is_empty() { Err(text!("请填哪个村")) } else { Ok(found) }
    }

    pub fn find(&self, typed: &str, scope: &Scope) -> Result<DivisionCode, Text> {
        let asked = squeeze(typed);
        if asked.is_empty() {
            return Err(text!("请填哪个村"));
        }
        if let Some(code) = DivisionCode::parse(&asked).filter(|code| code.level() == Level::Village) {
            return if scope.holds(code) { Ok(code) } else { Err(text!("这个村不在您的范围里")) };
        }
        let plain = |name: &str| name.trim_end_matches('村').to_owned();
        let fits = |name: &str| name == asked || plain(name).ends_with(&plain(&asked));
        let exact: Vec<_> = self.0.iter().filter(|(_, name)| *name == asked).collect();
        let found = if exact.is_empty() { self.0.iter().filter(|(_, name)| fits(name)).collect() } else { exact };
        match found.as_slice() {
            [(code, _)] => Ok(*code),
            [] => Err(text!("您的范围里没有“{name}”这个村，请核对名称", name = asked)),
            several => {
                let names: Vec<&str> = several.iter().take(5).map(|(_, name)| name.as_str()).collect();
                Err(text!("有几个村都叫这个名字：{names}。请写上乡镇名", names = names.join("、")))
            }
        }
    }
}
