//! The same road reported by two, and large outcomes that wait for a word.

use super::{again, figure, sound, staff, write};
use crate::testing::{COUNTY, MIGRATIONS, VILLAGE, browser_of, databases, world};

const LAMP: [(&str, &str); 3] = [("kind-0", "gain.lamp:盏"), ("amount-0", "20"), ("what-0", "村部到小学")];

/// The value of the radio whose label holds `words` on a page that asks.
fn choice(body: &str, words: &str) -> String {
    let before = body.split(words).next().expect("asked");
    let (_, tail) = before.rsplit_once("name=\"same-0\" value=\"").expect("a choice");
    tail.split('"').next().expect("a value").to_owned()
}

#[tokio::test]
async fn two_who_report_the_same_road_are_asked_and_both_credited_once() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let mut lin = browser_of(&app, "cadre").await;
        write(&mut lin, "路灯装好。", &LAMP).await.is(303);
        let first = lin.page.location().expect("an address").to_owned();
        let mut tao = browser_of(&app, "member").await;
        let near = [("kind-0", "gain.lamp:盏"), ("amount-0", "21"), ("day", "2024-01-17")];
        write(&mut tao, "新路灯通电。", &near).await.is(422).shows("林一诺 记过差不多的一项").shows("是不是同一件事");
        let same = choice(&tao.page.body(), "是同一件：");
        again(&mut tao, "/log", &[("same-0", &same)]).await.is(303);
        let second = tao.page.location().expect("an address").to_owned();
        assert_eq!(figure(&app, "gain.lamp", VILLAGE).await, 20, "counted once");
        lin.get(&first).await.is(200).shows("同时记给 陶青松");
        tao.get(&second).await.is(200).shows("与队友合并");
        sound(&app).await;
        // The first is taken back: the other's stands now.
        lin.get(&format!("{first}/withdrawal")).await;
        again(&mut lin, &format!("{first}/withdrawal"), &[("reason", "由青松记")]).await.is(303);
        assert_eq!(figure(&app, "gain.lamp", VILLAGE).await, 21);
        tao.get(&second).await.is(200).shows("已计入");
        sound(&app).await;
    }
}

#[tokio::test]
async fn two_roads_are_kept_apart() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let mut lin = browser_of(&app, "cadre").await;
        write(&mut lin, "路灯装好。", &LAMP).await.is(303);
        let mut tao = browser_of(&app, "member").await;
        let other = [("kind-0", "gain.lamp:盏"), ("amount-0", "20"), ("what-0", "西街")];
        write(&mut tao, "西街也亮了。", &other).await.is(422);
        again(&mut tao, "/log", &[("same-0", "apart")]).await.is(303);
        assert_eq!(figure(&app, "gain.lamp", VILLAGE).await, 40);
        // Far apart in size and words, days away, or another indicator: nobody is asked.
        for fields in [
            [("kind-0", "gain.lamp:盏"), ("amount-0", "3"), ("day", "2024-01-18")],
            [("kind-0", "gain.lamp:盏"), ("amount-0", "20"), ("day", "2023-12-01")],
            [("kind-0", "gain.well:眼"), ("amount-0", "2"), ("day", "2024-01-18")],
        ] {
            write(&mut tao, "又一件。", &fields).await.is(303);
        }
        // An answer that names no outcome of the list is no answer.
        write(&mut tao, "西街再装。", &[("kind-0", "gain.lamp:盏"), ("amount-0", "20"), ("same-0", "made-up")])
            .await
            .is(422);
    }
}

#[tokio::test]
async fn a_large_outcome_counts_when_the_township_has_said_its_word() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let mut lin = browser_of(&app, "cadre").await;
        let fund = [("kind-0", "gain.fund:万元"), ("amount-0", "120"), ("evidence-0", "县财政批复")];
        write(&mut lin, "修路的钱批了。", &fund).await.is(303);
        let entry = lin.page.location().expect("an address").to_owned();
        lin.follow().await.shows("核实后计入").shows("已报待核");
        assert_eq!(figure(&app, "gain.fund", COUNTY).await, 0);
        lin.get("/log/month").await.shows("另有 120 已报待核");
        let mut xu = browser_of(&app, "township").await;
        xu.get("/").await.is(200).shows("核实成效：麦田村引进帮扶资金 120 万元");
        browser_of(&app, "branch").await.get("/").await.is(200).shows("核实成效");
        xu.get("/outcomes").await.is(200).shows("引进资金").shows("麦田村");
        let outcome = outcome_link(&xu.page.body());
        xu.get(&outcome).await.is(200).shows("县财政批复").shows("超过 50 万元");
        // Sent back without a reason: asked for one. With it the writer mends and it waits again.
        again(&mut xu, &outcome, &[("word", "send_back")]).await.is(422).shows("请写明为什么退回");
        again(&mut xu, &outcome, &[("word", "send_back"), ("why", "批复是 102 万")]).await.is(303);
        lin.get("/").await.is(200).shows("成效被退回").shows("批复是 102 万");
        lin.get(&entry).await.shows("已退回").shows("批复是 102 万");
        xu.get("/").await.hides("核实成效");
        lin.get(&format!("{entry}/edit")).await.is(200);
        again(&mut lin, &format!("{entry}/edit"), &[("amount-0", "102")]).await.is(303);
        lin.get("/").await.hides("成效被退回");
        xu.get("/outcomes").await.shows("102");
        let outcome = outcome_link(&xu.page.body());
        xu.get(&outcome).await.is(200);
        again(&mut xu, &outcome, &[("word", "confirm")]).await.is(303);
        assert_eq!(figure(&app, "gain.fund", COUNTY).await, 102_000_000);
        xu.get("/").await.hides("核实成效");
        lin.get(&entry).await.shows("许向阳 2024-01-18 核实");
        // A word was said about 102; a word more and it holds, another amount and it waits again.
        lin.get(&format!("{entry}/edit")).await.is(200);
        again(&mut lin, &format!("{entry}/edit"), &[("words", "修路的钱到账。")]).await.is(303);
        assert_eq!(figure(&app, "gain.fund", COUNTY).await, 102_000_000);
        lin.get(&format!("{entry}/edit")).await.is(200);
        again(&mut lin, &format!("{entry}/edit"), &[("amount-0", "150")]).await.is(303);
        assert_eq!(figure(&app, "gain.fund", COUNTY).await, 0);
        sound(&app).await;
    }
}

fn outcome_link(body: &str) -> String {
    let (_, tail) = body.split_once("href=\"/outcomes/").expect("a link to an outcome");
    format!("/outcomes/{}", tail.split('"').next().expect("an address"))
}

#[tokio::test]
async fn only_those_of_the_place_say_the_word() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        staff(&app).await;
        let mut lin = browser_of(&app, "cadre").await;
        write(&mut lin, "钱批了。", &[("kind-0", "gain.fund:万元"), ("amount-0", "120")]).await.is(303);
        lin.get("/outcomes").await.is(200);
        let outcome = outcome_link(&lin.page.body());
        lin.get(&outcome).await.is(200).hides("核实无误");
        browser_of(&app, "tangzhuang").await.get(&outcome).await.is(404);
        browser_of(&app, "tangzhuang").await.get("/outcomes").await.is(200).hides("麦田村");
        let mut branch = browser_of(&app, "branch").await;
        branch.get(&outcome).await.is(200);
        let form = branch.page.clone();
        again(&mut branch, &outcome, &[("word", "confirm")]).await.is(303);
        assert_eq!(figure(&app, "gain.fund", COUNTY).await, 120_000_000);
        // Said once: the page that was open before is told so.
        branch.page = form;
        again(&mut branch, &outcome, &[("word", "send_back"), ("why", "迟了"), ("once", "later")])
            .await
            .is(409)
            .shows("不用再核实");
    }
}
