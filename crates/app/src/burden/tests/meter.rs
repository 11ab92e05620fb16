use base::{
    db::{Kind, plan_of, sql},
    kernel::{CountyId, Day, Month, new_id},
};

use crate::{
    accounts::{self, Grant, Role},
    app::App,
    burden::{
        meter::{
            self, Demand, FLOOR, HOLDERS, Key, LONGEST_MINUTES, Line, Sums, figures, find, fold, list_query, months,
            of_route, total, typed,
        },
        self_check,
    },
    testing::{CITY, COUNTY, MIGRATIONS, OTHER_COUNTY, browser, browser_of, code, databases, today, world},
    web::capability_routes,
};

fn county() -> CountyId {
    code(COUNTY).county()
}

fn month(text: &str) -> Month {
    Month::parse(text).expect("a month")
}

fn form(path: &str) -> &'static Demand {
    find(path).expect("a form")
}

fn fields(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

#[test]
fn every_form_that_is_posted_has_somebody_who_asked_for_it() {
    let (_, declared) = capability_routes().finish();
    let posted: Vec<&str> = declared.iter().filter(|one| one.method == "POST").map(|one| one.path).collect();
    let nameless: Vec<_> = posted.iter().filter(|route| of_route(route).is_none()).collect();
    assert!(nameless.is_empty(), "who asks for these? say so in data/burden_forms.csv: {nameless:?}");
    let lines = include_str!("../../../data/burden_forms.csv").lines().count() - 1;
    assert_eq!(meter::demands().len(), lines, "a line of four cells each");
    for one in meter::demands() {
        assert!(posted.iter().any(|route| of_route(route) == Some(one)), "nothing is sent to {}", one.path);
        assert!(!one.basis.is_empty() && one.by.is_empty() != one.is_counted(), "{one:?}");
    }
    for (route, expected) in [
        ("/matters/{county}/{id}/steps/{step}", "/matters"),
        ("/matters/keys", "/matters/keys"),
        ("/c/{token}/matter", "/c"),
        ("/complaints/{county}/{id}/answer", "/complaints"),
    ] {
        assert_eq!(of_route(route).map(|one| one.path), Some(expected), "{route}");
    }
    for uncounted in ["/complaints", "/login", "/rate/ballot", "/c/{token}/matter"] {
        assert!(of_route(uncounted).is_some_and(|one| !one.is_counted()), "{uncounted}");
    }
}

#[test]
fn a_field_carries_something_that_pages_do_not_fill_by_themselves() {
    let cases: [(&[(&str, &str)], i64); 4] = [
        (&[], 0),
        (&[("csrf", "x"), ("once", "y"), ("version", "3")], 0),
        (&[("csrf", "x"), ("name", "香菇大棚"), ("note", "  "), ("goal", "二十座")], 2),
        (&[("category", "a"), ("category", "b")], 1),
    ];
    for (sent, expected) in cases {
        assert_eq!(typed(&fields(sent)), expected, "{sent:?}");
    }
}

#[test]
fn figures_are_those_of_a_record_and_no_telephones_codes_or_years() {
    let sent = fields(&[
        ("fund_amount", " 12.5 "),
        ("year", "2024"),
        ("phone", "13800000000"),
        ("village", "411327101201"),
        ("on", "2024-01-15"),
        ("words", "修路 3 里"),
        ("version", "3"),
    ]);
    assert_eq!(figures("/projects/{county}/{id}/funds", &sent), [("fund_amount", "12.5")]);
    for other in ["/projects", "/households/{county}/{id}/edit", "/places/{code}/counts"] {
        assert!(figures(other, &sent).is_empty(), "{other}");
    }
}

#[test]
fn time_is_counted_until_the_page_was_laid_aside() {
    let most = LONGEST_MINUTES * 60_000;
    for (milliseconds, seconds, timed) in [
        (None, 0, 0),
        (Some(0), 0, 1),
        (Some(61_400), 61, 1),
        (Some(most), most / 1_000, 1),
        (Some(most + 1_000), 0, 0),
    ] {
        let sums = Sums::sent(4, milliseconds, 0);
        assert_eq!((sums.forms, sums.fields, sums.seconds, sums.timed), (1, 4, seconds, timed), "{milliseconds:?}");
    }
    let mut sums = Sums::sent(4, Some(60_000), 1);
    sums += Sums::returned(Some(30_000));
    sums += Sums::sent(3, None, 0);
    assert_eq!(sums, Sums { forms: 2, fields: 7, seconds: 90, timed: 1, returned: 1, again: 1 });
    assert_eq!((sums.fields_each(), sums.minutes_each(), sums.minutes()), ("3.5".into(), "1.5".into(), 2));
    assert_eq!(Sums::default().minutes_each(), "—");
}

/// Month, role, form and how many of it.
type Said = (&'static str, Role, &'static str, i64);

fn lines(said: &[Said]) -> Vec<Line> {
    let line = |(at, role, path, forms): &Said| Line {
        month: month(at),
        role: Some(*role),
        form: Some(form(path)),
        sums: Sums { forms: *forms, fields: forms * 3, ..Sums::default() },
    };
    said.iter().map(line).collect()
}

/// `role form forms` of each line, a star where things were folded together.
fn shown(said: &[Said]) -> Vec<String> {
    let folded = fold(&lines(said), |_, role| role != Role::Leader);
    let say = |line: &Line| {
        let (role, form) = (line.role.map_or("*", Role::code), line.form.map_or("*", |form| form.path));
        format!("{role} {form} {}", line.sums.forms)
    };
    folded.iter().map(say).collect()
}

#[test]
fn small_groups_are_folded_so_that_no_difference_gives_them_away() {
    let (cadre, township, branch) = (Role::Cadre, Role::Township, Role::Branch);
    let cases: [(&[Said], &[&str]); 7] = [
        // A month with few forms is not shown at all.
        (&[("2023-10", cadre, "/log", FLOOR - 1)], &[]),
        (&[("2023-10", cadre, "/log", FLOOR)], &["cadre /log 5"]),
        // One small role takes the next smallest with it.
        (
            &[("2023-10", cadre, "/log", 90), ("2023-10", township, "/leaves", 20), ("2023-10", branch, "/leaves", 2)],
            &["* * 22", "cadre /log 90"],
        ),
        // So does a form of a role: 3 of 93 would otherwise be the difference to 90.
        (&[("2023-10", cadre, "/log", 90), ("2023-10", cadre, "/leaves", 3)], &["cadre * 93"]),
        // Two small forms are enough for each other.
        (
            &[("2023-10", cadre, "/log", 90), ("2023-10", cadre, "/leaves", 3), ("2023-10", cadre, "/trips", 4)],
            &["cadre * 7", "cadre /log 90"],
        ),
        // Nor does a role of too few people.
        (
            &[
                ("2023-10", Role::Leader, "/leaves", 40),
                ("2023-10", township, "/leaves", 20),
                ("2023-10", cadre, "/log", 90),
            ],
            &["* * 60", "cadre /log 90"],
        ),
        // An administrator is one person: never alone, however many forms.
        (
            &[
                ("2023-10", Role::Secadmin, "/accounts", 40),
                ("2023-10", township, "/leaves", 20),
                ("2023-10", cadre, "/log", 90),
            ],
            &["* * 60", "cadre /log 90"],
        ),
    ];
    for (said, expected) in cases {
        assert_eq!(shown(said), expected, "{said:?}");
    }
    let all =
        lines(&[("2023-10", cadre, "/log", 90), ("2023-10", cadre, "/leaves", 3), ("2023-11", branch, "/log", 2)]);
    assert_eq!(total(&fold(&all, |_, _| true)).forms, 93, "what is folded is not lost");
}

#[test]
fn a_figure_is_again_within_its_record_field_and_month() {
    let meter = meter::Meter::default();
    let ask = |at, record, figure: (&str, &str)| meter.repeats(month(at), record, &[figure]);
    assert_eq!(ask("2024-01", "/projects/1/a/funds", ("amount", "12")), 0);
    assert_eq!(ask("2024-01", "/projects/1/a/funds", ("amount", "12")), 1);
    assert_eq!(ask("2024-01", "/projects/1/a/funds", ("amount", "13")), 0);
    assert_eq!(ask("2024-01", "/projects/1/a/funds", ("other", "12")), 0);
    assert_eq!(ask("2024-01", "/projects/1/b/funds", ("amount", "12")), 0);
    assert_eq!(ask("2024-02", "/projects/1/a/funds", ("amount", "12")), 0, "a new month");
}

#[test]
fn nothing_of_a_person_a_record_or_a_day_can_be_kept() {
    let columns = self_check::columns().into_iter().filter(|(table, _)| table == "burden_sum");
    let names: Vec<String> = columns.map(|(_, column)| column).collect();
    let expected = ["again", "county_id", "fields", "form", "forms", "month", "returned", "role", "seconds", "timed"];
    assert_eq!(names, expected);
}

/// Three people who held a role of the county since long.
async fn hold(app: &App, place: &str, role: Role) {
    let mut tx = app.db.begin().await.expect("a write");
    for at in 1..=HOLDERS {
        let name = format!("{}-{at}", role.code());
        let new = accounts::store::NewAccount {
            county: code(place).county(),
            sign_in_name: &name,
            display_name: "某人",
            person: None,
            password_hash: Some("x"),
        };
        let id = accounts::store::add(&mut tx, &new, app.clock.now()).await.expect("an account");
        let grant = Grant { role, division: Some(code(place)), unit_id: None };
        let since = Day::parse("2022-01-01").expect("a day");
        accounts::store::add_grant(&mut tx, &id, &grant, since, "test").await.expect("granted");
    }
    tx.commit().await.expect("written");
}

async fn put(app: &App, place: &str, said: &[Said]) {
    let mut tx = app.db.begin().await.expect("a write");
    let sum = |(at, role, path, forms): &Said| {
        let key = Key { county: code(place).county(), month: month(at), role: *role, form: form(path) };
        (key, Sums { forms: *forms, fields: forms * 3, seconds: forms * 90, timed: *forms, returned: 1, again: 2 })
    };
    meter::add(&mut tx, &said.iter().map(sum).collect::<Vec<_>>()).await.expect("added");
    tx.commit().await.expect("written");
}

#[tokio::test]
async fn sums_add_up_and_only_months_that_are_over_are_shown() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        hold(&app, COUNTY, Role::Cadre).await;
        put(&app, COUNTY, &[("2023-11", Role::Cadre, "/log", 40), ("2024-01", Role::Cadre, "/log", 70)]).await;
        put(&app, COUNTY, &[("2023-11", Role::Cadre, "/log", 2), ("2022-12", Role::Cadre, "/log", 60)]).await;
        put(&app, OTHER_COUNTY, &[("2023-11", Role::Cadre, "/log", 9)]).await;
        let mut conn = app.db.read().await.expect("a reader");
        let found = meter::published(&mut conn, county(), today()).await.expect("read");
        let sums = Sums { forms: 42, fields: 126, seconds: 3_780, timed: 42, returned: 2, again: 4 };
        let line = Line { month: month("2023-11"), role: Some(Role::Cadre), form: Some(form("/log")), sums };
        assert_eq!(found, [line]);
        let known = [county(), code(OTHER_COUNTY).county()];
        assert_eq!(meter::counties(&mut conn).await.expect("read"), known);
        assert_eq!(months(today()), (month("2023-01"), month("2023-12")));
        if db.db().kind() == Kind::Sqlite {
            let plan = plan_of(&mut conn, list_query(county(), months(today()))).await.expect("a plan");
            assert!(plan.iter().any(|step| step.contains("county_id=? AND month>? AND month<?")), "{plan:#?}");
            assert!(!plan.iter().any(|step| step.contains("TEMP B-TREE")), "{plan:#?}");
        }
    }
}

#[tokio::test]
async fn who_is_alone_in_a_role_is_not_shown_alone() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        hold(&app, COUNTY, Role::Cadre).await;
        hold(&app, COUNTY, Role::Township).await;
        let said: [Said; 3] = [
            ("2023-11", Role::Cadre, "/log", 90),
            ("2023-11", Role::Township, "/leaves", 20),
            ("2023-11", Role::Office, "/forms", 40),
        ];
        put(&app, COUNTY, &said).await;
        let shown = async || {
            let mut conn = app.db.read().await.expect("a reader");
            let found = meter::published(&mut conn, county(), today()).await.expect("read");
            found.iter().map(|line| (line.role, line.sums.forms)).collect::<Vec<_>>()
        };
        assert_eq!(shown().await, [(None, 60), (Some(Role::Cadre), 90)], "one account holds the office");
        hold(&app, COUNTY, Role::Office).await;
        let all = [(Some(Role::Cadre), 90), (Some(Role::Office), 40), (Some(Role::Township), 20)];
        let mut found = shown().await;
        found.sort_by_key(|(_, forms)| -forms);
        assert_eq!(found, all);
    }
}

/// Role, form, and the six sums of every row of the county.
async fn stored(app: &App) -> Vec<(String, String, [i64; 6])> {
    type Row = (String, String, i64, i64, i64, i64, i64, i64);
    meter::save(app).await.expect("written");
    let query = sql("select role, form, forms, fields, seconds, timed, returned, again from burden_sum \
                     where county_id = $1 and month = $2 order by role, form");
    let query = query.bind(county()).bind(today().month());
    let rows: Vec<Row> = app.db.read().await.expect("a reader").all(query).await.expect("read");
    rows.into_iter().map(|(role, form, a, b, c, d, e, f)| (role, form, [a, b, c, d, e, f])).collect()
}

#[tokio::test]
async fn a_form_is_counted_once_and_one_that_comes_back_is_counted_as_such() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut lin = browser_of(&app, "cadre").await;
        lin.get("/projects/new").await.is(200);
        let bare = [("name", "香菇大棚二期"), ("kind", "industry")];
        lin.submit("/projects", &bare).await.is(422);
        assert_eq!(stored(&app).await, [("cadre".into(), "/projects".into(), [0, 0, 0, 0, 1, 0])]);
        let full = [("name", "香菇大棚二期"), ("kind", "industry"), ("goal", "新建大棚二十座")];
        let form = lin.page.clone();
        lin.submit("/projects", &full).await.is(303);
        let address = lin.page.location().expect("an address").to_owned();
        // An impatient hand: the same form again is answered as before and not counted.
        lin.page = form;
        lin.submit("/projects", &full).await.is(303).leads_to(&address);
        let now = stored(&app).await;
        let [(role, path, [forms, fields, _, timed, returned, again])] = now.as_slice() else { panic!("{now:?}") };
        assert_eq!((role.as_str(), path.as_str()), ("cadre", "/projects"));
        assert_eq!((*forms, *timed, *returned, *again), (1, 1, 1, 0));
        assert!(*fields >= 3, "{now:?}");
        for expected in [0, 1] {
            lin.get(&address).await;
            let fund = [("source", "fiscal"), ("fund_amount", "12")];
            lin.submit(&format!("{address}/funds"), &fund).await.is(303);
            assert_eq!(stored(&app).await[0].2[5], expected, "the same figure typed again");
        }
        // What is refused for other reasons, asked for by GET, or sent by nobody who is signed in is none.
        let before = stored(&app).await;
        lin.get("/switches").await.is(403);
        lin.get("/projects").await;
        let csrf = lin.get("/account").await.csrf();
        lin.post_raw("/switches", &[], &format!("csrf={csrf}&once={}&kind=photo", new_id())).await;
        browser(&app).get("/login").await.is(200);
        assert_eq!(stored(&app).await, before);
    }
}

/// An id as a page made it so many minutes ago.
fn made_before(minutes: i64) -> String {
    let at = base::kernel::Clock::system().now().0 - minutes * 60_000;
    let hex = format!("{at:012x}");
    format!("{}-{}-7000-8000-000000000000", &hex[..8], &hex[8..])
}

#[tokio::test]
async fn time_is_that_since_the_page_was_made() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut song = browser_of(&app, "office").await;
        for (kind, minutes, expected) in [("photo", 10, [1, 4, 600, 1, 0, 0]), ("place", 90, [2, 8, 600, 1, 0, 0])] {
            let csrf = song.get("/switches").await.is(200).csrf();
            let once = made_before(minutes);
            let body = format!(
                "csrf={csrf}&once={once}-switch&kind={kind}&basis=some+paper+no+3&approver=somebody&until=2024-02-01"
            );
            song.post_raw("/switches", &[], &body).await.is(303);
            let now = stored(&app).await;
            assert_eq!(now, [("office".into(), "/switches".into(), expected)], "{minutes} minutes");
        }
    }
}

#[tokio::test]
async fn what_cannot_be_written_is_counted_on() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let key = Key { county: county(), month: today().month(), role: Role::Cadre, form: form("/log") };
        app.meter.add(key, Sums::sent(5, None, 0));
        app.db.close().await;
        meter::save(&app).await.expect_err("no database");
        app.meter.add(key, Sums::sent(4, None, 0));
        let sums = app.meter.take();
        assert_eq!(sums.get(&key).map(|sums| (sums.forms, sums.fields)), Some((2, 9)));
    }
}

#[tokio::test]
async fn staff_and_anybody_read_the_same_sums() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let mut guest = browser(&app);
        guest.get("/public/burden").await.is(200).shows("还没有可以公布的月份").shows("现在一项也没有开着");
        let mut lin = browser_of(&app, "cadre").await;
        lin.get("/burden").await.is(200).shows("还没有可以公布的月份");
        hold(&app, COUNTY, Role::Cadre).await;
        hold(&app, COUNTY, Role::Office).await;
        put(
            &app,
            COUNTY,
            &[
                ("2023-11", Role::Cadre, "/log", 417),
                ("2023-12", Role::Cadre, "/log", 333),
                ("2023-12", Role::Office, "/forms", 11),
                ("2024-01", Role::Cadre, "/log", 8888),
            ],
        )
        .await;
        for who in ["cadre", "leader", "auditor", "elsewhere"] {
            let mut reader = browser_of(&app, who).await;
            let page = reader.get("/burden").await.is(200);
            page.shows("761").shows("417").shows("上级发来的表由系统代填");
            assert!(!page.text().contains("8888"), "{}", page.text());
        }
        lin.get("/burden?month=2023-12&role=office").await.is(200).shows("共 1 行").shows("11");
        lin.get("/burden?sort=-minutes&page=2").await.is(200);
        lin.get("/burden?place=x").await.is(404);
        guest.get("/public/burden").await.is(200).shows("社旗县填报负担公示").shows("761").shows("417");
        guest.page.shows("驻村办").shows("每份分钟").shows("1.5");
        assert!(!guest.page.text().contains("8888"), "the month has not ended");
        guest.get("/public/burden?lang=en").await.is(200).shows("Public form burden").shows("Work log");
        guest.get("/public/burden?lang=zh-Hant").await.is(200).shows("填報負擔公示");
        guest.get("/burden").await.is(303).leads_to("/login?next=");
        guest.get("/login").await.is(200).shows("填报负担公示");
        let file = lin.get("/burden.csv?role=cadre").await.is(200).body();
        assert_eq!(file.lines().count(), 3, "{file}");
        assert!(file.contains("2023-11,驻村干部,工作日志,组织部门") && !file.contains("8888"), "{file}");
        lin.get("/burden.xlsx").await.is(200);
        let mut song = browser_of(&app, "office").await;
        song.get("/self-check")
            .await
            .is(200)
            .shows("近 12 个月送出 761 份表，同一个数又填 6 次")
            .shows("每份表 3.0 栏");
        // A second county is offered; the first is still the one at home.
        put(&app, CITY, &[("2023-12", Role::Office, "/briefings", 8)]).await;
        guest.get(&format!("/public/burden?place={CITY}")).await.is(200).shows("南阳市填报负担公示").shows("社旗县");
        lin.get("/burden").await.is(200).shows("761").shows("南阳市");
    }
}
