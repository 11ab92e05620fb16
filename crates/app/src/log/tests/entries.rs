//! Writing, correcting and withdrawing, as people do it on their phones.

use super::{again, day, figure, sound, staff, write};
use crate::testing::{MIGRATIONS, VILLAGE, browser_of, databases, world};

const LAMP: [(&str, &str); 3] = [("kind-0", "gain.lamp:盏"), ("amount-0", "20"), ("what-0", "村部到小学")];

#[tokio::test]
async fn a_sentence_is_enough_and_the_next_form_knows_the_rest() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let mut lin = browser_of(&app, "cadre").await;
        lin.get("/").await.is(200).shows("记一笔");
        write(&mut lin, "走访三户，看过冬取暖。", &[]).await.is(303).leads_to("/log/411327/");
        lin.follow().await.is(200).shows("记下了").shows("走访三户").shows("为民办事服务").shows("麦田村");
        lin.get("/log/new").await.is(200);
        let form = lin.page.forms().into_iter().find(|form| form.action == "/log").expect("a form");
        let said = |name: &str| form.fields.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
        assert_eq!(said("duty"), Some("service"), "as last time");
        assert_eq!((said("day"), said("village")), (Some("2024-01-18"), Some(VILLAGE)));
        lin.get("/log").await.is(200).shows("走访三户").shows("共 1 行");
        lin.get("/log/month").await.is(200).shows("走访三户").shows("林一诺");
        lin.get(&format!("/villages/{VILLAGE}")).await.is(200).shows("最近的记录").shows("走访三户");
        lin.get("/log.csv").await.is(200);
        assert!(lin.page.body().contains("走访三户"));
        lin.get("/log.xlsx?month=2024-01&duty=service&has=none&name=林").await.is(200);
    }
}

#[tokio::test]
async fn what_is_wrong_stands_at_its_field_and_what_was_typed_is_kept() {
    let long = "长".repeat(34_000);
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let mut lin = browser_of(&app, "cadre").await;
        for (fields, says) in [
            (vec![("day", "2024-01-19")], "还没到这一天"),
            (vec![("day", "2023-06-02")], "不在这个村驻村"),
            (vec![("day", "2024-02-30")], "日期应写作"),
            (vec![("duty", "")], "请选这属于哪一项职责"),
            (vec![("words", "")], "请写一句做了什么"),
            (vec![("words", long.as_str())], "最多 5000 字"),
            (vec![("village", "411327102201")], ""),
            (vec![("person", "nobody")], "请选这条日志记给谁"),
            (vec![("kind-0", "gain.lamp:盏"), ("amount-0", "-3")], "应大于 0"),
            (vec![("kind-0", "gain.lamp:盏"), ("amount-0", "2.5")], "应是整数"),
            (vec![("kind-0", "gain.fund:万元"), ("amount-0", "900000000")], "一次最多记"),
            (vec![("kind-0", "gain.lamp:盏"), ("amount-0", "十")], "请改成一样的"),
            (vec![("amount-0", "3")], "请选是哪一种成效"),
            (vec![("kind-0", "no.such:个"), ("amount-0", "3")], "请从列表里选成效"),
        ] {
            let mut all = vec![("met", "王大娘")];
            all.extend(fields);
            let page = write(&mut lin, "和乡亲商量装路灯。", &all).await;
            if says.is_empty() {
                page.is(404);
                continue;
            }
            page.is(422).shows(says);
            assert!(page.body().contains("王大娘"), "what was typed is kept");
        }
        assert_eq!(figure(&app, "gain.lamp", VILLAGE).await, 0);
    }
}

#[tokio::test]
async fn an_improbable_amount_and_the_same_thing_twice_are_asked_back() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let mut lin = browser_of(&app, "cadre").await;
        let sold = [("kind-0", "gain.produce_sold:公斤"), ("amount-0", "400000"), ("what-0", "红薯")];
        write(&mut lin, "红薯都卖出去了。", &sold).await.is(422).shows("是不是把斤写成了公斤");
        again(&mut lin, "/log", &[("kind-0", "gain.produce_sold:斤"), ("amount-0", "16000")]).await.is(303);
        assert_eq!(figure(&app, "gain.produce_sold", VILLAGE).await, 8_000);
        let twice = [
            ("kind-0", "gain.well:眼"),
            ("amount-0", "2"),
            ("what-0", "村东"),
            ("kind-1", "gain.well:眼"),
            ("amount-1", "2"),
            ("what-1", "村东"),
        ];
        write(&mut lin, "机井出水。", &twice).await.is(422).shows("和上面第 1 项一样");
        again(&mut lin, "/log", &[("what-1", "村西")]).await.is(303);
        assert_eq!(figure(&app, "gain.well", VILLAGE).await, 4);
    }
}

#[tokio::test]
async fn a_correction_moves_the_figures_and_stays_in_the_history() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let mut lin = browser_of(&app, "cadre").await;
        write(&mut lin, "主街路灯装好。", &LAMP).await.is(303);
        let entry = lin.page.location().expect("an address").to_owned();
        assert_eq!(figure(&app, "gain.lamp", VILLAGE).await, 20);
        lin.get(&format!("{entry}/edit")).await.is(200);
        let stale = lin.page.clone();
        again(&mut lin, &format!("{entry}/edit"), &[("amount-0", "24"), ("why", "漏数了巷口的")]).await.is(303);
        assert_eq!(figure(&app, "gain.lamp", VILLAGE).await, 24);
        lin.get(&entry).await.is(200).shows("更正").shows("漏数了巷口的").shows("20 盏").shows("24 盏");
        // From the page as it was before: somebody changed it meanwhile.
        lin.page = stale;
        again(&mut lin, &format!("{entry}/edit"), &[("amount-0", "30"), ("once", "another")]).await.is(409);
        lin.get(&format!("{entry}/withdrawal")).await.is(200).shows("不再计入统计");
        again(&mut lin, &format!("{entry}/withdrawal"), &[("reason", "记错村了")]).await.is(303);
        assert_eq!(figure(&app, "gain.lamp", VILLAGE).await, 0);
        lin.get(&entry).await.is(200).shows("已撤回").shows("记错村了");
        lin.get("/log").await.hides("主街路灯装好");
        lin.get(&format!("{entry}/edit")).await.is(403);
        sound(&app).await;
    }
}

#[tokio::test]
async fn whose_entry_it_is_decides_who_changes_it_and_the_note_is_the_writers() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let mut lin = browser_of(&app, "cadre").await;
        write(&mut lin, "<script>alert(1)</script> 谈心。", &[("note", "老支书身体不好")]).await.is(303);
        let entry = lin.page.location().expect("an address").to_owned();
        lin.get(&entry).await.is(200).shows("<script>alert(1)</script> 谈心").shows("老支书身体不好");
        assert!(!lin.page.body().contains("<script>alert"));
        for who in ["member", "township", "branch", "office"] {
            let mut other = browser_of(&app, who).await;
            other.get(&entry).await.is(200).hides("老支书身体不好");
            other.get("/log.csv").await.is(200).hides("老支书身体不好");
        }
        let mut tao = browser_of(&app, "member").await;
        tao.get(&format!("{entry}/edit")).await.is(403);
        tao.get(&format!("{entry}/withdrawal")).await.is(403);
        // The township corrects for them; the note stays sealed and stays.
        let mut xu = browser_of(&app, "township").await;
        xu.get(&format!("{entry}/edit")).await.is(200).hides("老支书身体不好");
        again(&mut xu, &format!("{entry}/edit"), &[("words", "谈心。"), ("why", "去掉乱码")]).await.is(303);
        lin.get(&entry).await.is(200).shows("许向阳").shows("老支书身体不好");
        for who in ["tangzhuang", "shahe", "elsewhere"] {
            let mut stranger = browser_of(&app, who).await;
            stranger.get(&entry).await.is(404);
            stranger.get(&format!("{entry}/edit")).await.is(if who == "elsewhere" { 403 } else { 404 });
            if who != "elsewhere" {
                stranger.get("/log").await.is(200).hides("谈心");
            }
        }
        browser_of(&app, "auditor").await.get("/log").await.is(403);
        let mut conn = app.db.read().await.expect("a reader");
        let county = crate::testing::code(crate::testing::COUNTY).county();
        for line in crate::spine::audit::list(&mut conn, county, None, None, 50).await.expect("read") {
            let text = format!("{:?}{:?}", line.before, line.after);
            assert!(!text.contains("老支书"), "{text}");
        }
    }
}

#[tokio::test]
async fn a_team_mate_and_the_township_write_for_others() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let mut tao = browser_of(&app, "member").await;
        tao.get("/log/new").await.is(200).shows("林一诺");
        let form = tao.page.body();
        let lin = form.split("林一诺</option>").next().and_then(|head| head.rsplit_once("value=\"")).expect("a choice");
        let lin = lin.1.split('"').next().expect("an id").to_owned();
        write(&mut tao, "林书记主持村民说事。", &[("person", &lin)]).await.is(303);
        tao.follow().await.is(200).shows("谁做的 林一诺").shows("谁记的 陶青松");
        let mut xu = browser_of(&app, "township").await;
        xu.get("/log/new").await.is(200).shows("先选是哪个村");
        xu.get(&format!("/log/new?village={VILLAGE}")).await.is(200).shows("麦田村");
        let fields = [("words", "替林书记补记开会。"), ("duty", "party"), ("day", "2024-01-10"), ("person", &lin)];
        again(&mut xu, "/log", &fields).await.is(303);
        xu.follow().await.is(200).shows("谁记的 许向阳");
        xu.get("/log/new?village=411327102201").await.is(404);
        let mut conn = app.db.read().await.expect("a reader");
        let last = crate::log::entries::store::last_of(&mut conn, &lin).await.expect("read").expect("one");
        assert_eq!(last.0, "service", "the entry of the later day");
        assert!(day("2024-01-10") < crate::testing::today());
    }
}

#[tokio::test]
async fn a_form_sent_twice_is_one_entry() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let mut lin = browser_of(&app, "cadre").await;
        lin.get("/log/new").await.is(200);
        let form = lin.page.clone();
        let fields = [("words", "路灯装好。"), ("duty", "service"), LAMP[0], LAMP[1]];
        again(&mut lin, "/log", &fields).await.is(303);
        lin.page = form;
        again(&mut lin, "/log", &fields).await.is(303);
        assert_eq!(figure(&app, "gain.lamp", VILLAGE).await, 20);
    }
}
