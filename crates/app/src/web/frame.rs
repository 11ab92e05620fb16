//! The frame around staff pages: navigation, the scope as breadcrumbs, the account menu.

use base::{
    db::Conn,
    html::{Address, Flash, Link, NavItem, Search, Shell, Tone, Viewer as Badge},
    i18n::Text,
    kernel::{DivisionCode, new_id},
    text,
    web::AppResult,
};

use super::Ctx;
use crate::{accounts::Permission, places};

impl Ctx {
    /// The shell of a page about `place` (or about no place).
    pub async fn shell(&self, conn: &mut Conn, title: Text, place: Option<DivisionCode>) -> AppResult<Shell> {
        let mut shell = self.bare_shell(title);
        let Some(viewer) = self.guest_or_viewer() else { return Ok(shell) };
        let path = self.address.split('?').next().unwrap_or("/");
        shell.nav = self.nav(path);
        shell.nav_last = self.nav_last(path);
        shell.tabs = self.tabs(path);
        let around = places::store::around(conn, viewer.home, place).await?;
        if let Some(place) = place {
            (shell.crumbs, shell.places) = self.crumbs(&around, place);
        }
        let home = around.iter().find(|division| division.code == viewer.home).map(places::Division::short);
        shell.viewer = Some(Badge {
            name: viewer.name.clone(),
            role: text!("{place} {role}", place = home.unwrap_or_default(), role = self.roles()),
        });
        shell.account = vec![Link::new(text!("我的账号"), "/account")];
        if self.may(Permission::PresenceOwn) {
            shell.account.push(Link::new(text!("我的在岗"), "/presence/mine"));
        }
        if self.may(Permission::PostingsRead) {
            let value = Address::parse(&self.address).get("q").to_owned();
            shell.search = Some(Search { action: "/search".into(), hint: text!("查人、村、事"), value });
        }
        if let Some(said) = &self.flash {
            shell.flash = Some(Flash { tone: Tone::Ok, text: Text::data(said), undo: None });
        }
        Ok(shell)
    }

    /// A shell without places: sign-in, errors.
    #[must_use]
    pub fn bare_shell(&self, title: Text) -> Shell {
        let mut shell = Shell::bare(title, self.prefs.lang, &self.address);
        shell.theme = self.prefs.theme;
        shell.size = self.prefs.size;
        shell.csrf.clone_from(&self.session.csrf);
        shell.once = new_id();
        shell.today = text!("{day} {weekday}", day = self.today, weekday = Text::key(self.today.weekday_zh()));
        shell
    }

    fn roles(&self) -> Text {
        let mut grants = self.guest_or_viewer().map(|viewer| viewer.grants.as_slice()).unwrap_or_default().iter();
        grants.next().map_or_else(Text::default, |grant| grant.role.label())
    }

    fn nav(&self, path: &str) -> Vec<NavItem> {
        let all = [
            (text!("今日"), "/", "today", &["/"][..], Permission::SignedIn),
            (text!("记录"), "/log", "pen", &["/log", "/outcomes", "/visits"], Permission::LogRead),
            (text!("事项"), "/matters", "matter", &["/matters", "/ten-households"], Permission::MattersRead),
            (
                text!("选派"),
                "/postings",
                "people",
                &[
                    "/postings",
                    "/people",
                    "/coverage",
                    "/teams",
                    "/batches",
                    "/dispatch",
                    "/nominations",
                    "/units",
                    "/imports",
                    "/handovers",
                    "/villages",
                    "/households",
                    "/cards",
                    "/boards",
                    "/prints",
                    "/search",
                    "/presence",
                    "/leaves",
                    "/trips",
                    "/spot-checks",
                    "/spot-check-lines",
                    "/calendar-days",
                ],
                Permission::PostingsRead,
            ),
            (text!("群众评事"), "/ratings", "list", &["/ratings"], Permission::RatingsRead),
            (
                text!("项目"),
                "/problems",
                "project",
                &["/problems", "/projects", "/problem-meetings", "/bindings", "/talents"],
                Permission::ExpressRead,
            ),
            (text!("统计"), "/dashboard", "chart", &["/dashboard", "/figures"], Permission::StatisticsRead),
            (text!("数据透视"), "/explorer", "board", &["/explorer"], Permission::StatisticsRead),
            (text!("简报"), "/briefings", "book", &["/briefings"], Permission::BriefingsRead),
            (text!("上级报表"), "/forms", "file", &["/forms"], Permission::FormsRead),
        ];
        all.into_iter()
            .filter_map(|(label, href, icon, under, needs)| self.item(path, label, href, icon, under, needs))
            .collect()
    }

    fn nav_last(&self, path: &str) -> Vec<NavItem> {
        let all = [
            (text!("账号"), "/accounts", "lock", &["/accounts"][..], Permission::AccountsRead),
            (text!("审计"), "/audit", "list", &["/audit"], Permission::AuditRead),
            (text!("运行"), "/system", "settings", &["/system"], Permission::SystemRead),
            (text!("制度包"), "/packs", "settings", &["/packs"], Permission::PlacesRead),
            (
                text!("减负"),
                "/complaints",
                "flag",
                &["/complaints", "/self-check", "/switches", "/burden"],
                Permission::SignedIn,
            ),
            (text!("谁能做什么"), "/permissions", "list", &["/permissions"], Permission::SignedIn),
        ];
        all.into_iter()
            .filter_map(|(label, href, icon, under, needs)| self.item(path, label, href, icon, under, needs))
            .collect()
    }

    fn tabs(&self, path: &str) -> Vec<NavItem> {
        let mut tabs = self.nav(path);
        tabs.truncate(4);
        tabs.extend(self.item(path, text!("我的"), "/account", "user", &["/account"], Permission::SignedIn));
        tabs
    }

    fn item(
        &self,
        path: &str,
        label: Text,
        href: &str,
        icon: &'static str,
        under: &[&str],
        needs: Permission,
    ) -> Option<NavItem> {
        let on = under.iter().any(|root| {
            if *root == "/" { path == "/" } else { path == *root || path.starts_with(&format!("{root}/")) }
        });
        self.may(needs).then(|| NavItem { label, href: href.into(), icon, on, count: None })
    }

    /// From the viewer's own place down to `place`, each a link to this page there; and the places below.
    fn crumbs(&self, around: &[places::Division], place: DivisionCode) -> (Vec<Link>, Vec<Link>) {
        let address = Address::parse(&self.address).without("page").without("after");
        let switches = address.get("place").is_empty() == self.scope.home().is_none_or(|home| home == place)
            || !address.get("place").is_empty();
        let href = |code: DivisionCode| {
            if switches && !address.path().starts_with("/villages/") {
                address.with("place", &code.to_string()).to_string()
            } else {
                format!("/postings?place={code}")
            }
        };
        let link = |division: &places::Division| Link::new(Text::data(division.short()), href(division.code));
        // Pages for everybody who is signed in have no scope of their own: there the viewer's places count.
        let scope = match self.guest_or_viewer() {
            Some(viewer) if self.scope.is_empty() => viewer.scope(Permission::PlacesRead),
            _ => self.scope.clone(),
        };
        let path = || around.iter().filter(|division| division.code.contains(place));
        let mut crumbs: Vec<Link> = path().filter(|division| scope.holds(division.code)).map(link).collect();
        // Places above one's own are named, to say where one is, but lead nowhere.
        if crumbs.is_empty() {
            let above = path().rfind(|division| !scope.holds(division.code));
            crumbs = above.map(|division| Link::new(Text::data(division.short()), "/")).into_iter().collect();
        }
        let below = around.iter().filter(|division| division.parent == place && division.code != place);
        (crumbs, below.map(link).collect())
    }
}
