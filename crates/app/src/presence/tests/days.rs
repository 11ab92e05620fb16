//! Days counted by hand, and the calendar as the office keeps it.

use base::kernel::{Month, Period};

use super::{day, served};
use crate::{
    presence::{
        calendar::Calendar,
        days::{Known, MonthSum, month, year},
        leave::Span,
    },
    testing::{MIGRATIONS, browser_of, databases, world},
};

fn span(since: &str, until: &str) -> Span {
    Span { since: day(since), until: day(until) }
}

/// 2023 has 365 days and 249 working days. On post the whole year:
///
/// - annual leave, Monday 7 to Friday 11 August: 5 days, 5 of them worked;
/// - personal leave, Thursday 28 September to Sunday 8 October: 11 days; of these worked are 28 September and the shifted
///   Saturday 7 and Sunday 8 October: 3;
/// - a trip, Saturday 18 to Wednesday 22 November: 5 days, Monday to Wednesday worked: 3.
///
/// So 16 days of leave (8 worked), 5 days of trip (3 worked), and 365 − 16 − 5 = 344 days in the village.
#[test]
fn the_year_2023_of_one_cadre_counted_by_hand() {
    let posts = [Period::new(day("2022-05-10"), None).expect("ordered")];
    let leaves = [span("2023-08-07", "2023-08-12"), span("2023-09-28", "2023-10-09")];
    let trips = [span("2023-11-18", "2023-11-23")];
    let known = Known {
        posts: &posts,
        leaves: &leaves,
        trips: &trips,
        calendar: Calendar::shipped(),
        today: day("2024-01-18"),
        expected: 20,
    };
    let months = year(2023, &known);
    let sum = MonthSum::sum(months.iter().map(|(_, _, sum)| sum));
    assert_eq!((sum.posted, sum.workdays), (365, Some(249)));
    assert_eq!((sum.leave, sum.leave_workdays), (16, Some(8)));
    assert_eq!((sum.trip, sum.trip_workdays), (5, Some(3)));
    assert_eq!(sum.in_village, 344);
    // October: 31 days, 8 of leave, 23 in the village; working days 19 (of 2023's calendar), two of them on leave.
    let (_, _, october) = &months[9];
    assert_eq!((october.posted, october.workdays, october.leave), (31, Some(19), 8));
    assert_eq!((october.leave_workdays, october.in_village, october.expected), (Some(2), 23, Some(20)));
}

#[test]
fn months_are_measured_whole_and_only_up_to_today() {
    let posts = [Period::new(day("2023-06-03"), None).expect("ordered")];
    let leaves = [span("2024-01-20", "2024-01-26")];
    let known = Known {
        posts: &posts,
        leaves: &leaves,
        trips: &[],
        calendar: Calendar::shipped(),
        today: day("2024-01-18"),
        expected: 20,
    };
    let of = |text: &str| month(Month::parse(text).expect("a month"), &known);
    let (_, june) = of("2023-06");
    assert_eq!((june.posted, june.workdays, june.expected), (28, Some(19), None), "from the third on: 21 − 2");
    let (days, january) = of("2024-01");
    assert_eq!((january.posted, january.leave, january.expected), (18, 0, None), "what is ahead is not counted");
    assert!(days[19].ahead && days[19].mark.zh() == "请假", "but shown");
    let (_, july) = of("2023-07");
    assert_eq!((july.in_village, july.expected), (31, Some(20)));
    let (_, none) = of("2023-05");
    assert_eq!((none.posted, none.expected), (0, None));
}

#[test]
fn a_year_without_calendar_counts_days_and_no_working_days() {
    let posts = [Period::new(day("2020-01-01"), None).expect("ordered")];
    let known = Known {
        posts: &posts,
        leaves: &[],
        trips: &[],
        calendar: Calendar::shipped(),
        today: day("2024-01-18"),
        expected: 20,
    };
    let sum = MonthSum::sum(year(2020, &known).iter().map(|(_, _, sum)| sum));
    assert_eq!((sum.posted, sum.workdays, sum.in_village), (366, None, 366));
}

#[tokio::test]
async fn the_office_keeps_the_calendar_and_an_unknown_year_stays_unknown() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        served(&app).await;
        let mut song = browser_of(&app, "office").await;
        song.get("/calendar-days?year=2024").await.is(200).shows("2024 年有 251 个工作日").shows("春节");
        for (day, kind, name, says) in [
            ("2024-04-31", "holiday", "三月三", "请填日期"),
            ("2024-04-11", "", "三月三", "请选这一天怎么算"),
            ("2024-04-11", "holiday", "", "请写明是什么日子"),
            ("2024-04-13", "holiday", "三月三", "本来就休息"),
            ("2024-04-11", "workday", "补课", "本来就上班"),
        ] {
            song.submit("/calendar-days", &[("day", day), ("kind", kind), ("name", name)]).await.is(422).shows(says);
        }
        let own = [("day", "2024-04-11"), ("kind", "holiday"), ("name", "三月三")];
        song.submit("/calendar-days", &own).await.is(303);
        song.follow().await.is(200).shows("2024 年有 250 个工作日").shows("三月三").shows("本县");
        song.submit("/calendar-days/2024-04-11/removal", &[]).await.is(303);
        song.follow().await.is(200).shows("2024 年有 251 个工作日");
        song.submit("/calendar-days/2024-02-04/removal", &[]).await.is(303);
        song.follow().await.is(200).shows("2024 年有 250 个工作日").shows("恢复原样");
        song.get("/calendar-days?year=2027").await.is(200).shows("没有 2027 年的放假安排，不推算工作日");
        song.submit("/calendar-days/years", &[("source", "")]).await.is(422).shows("请写依据");
        song.submit("/calendar-days", &[("day", "2027-01-01"), ("kind", "holiday"), ("name", "元旦")]).await.is(303);
        song.follow().await.shows("没有 2027 年的放假安排");
        song.submit("/calendar-days/years", &[("source", "国办发明电〔2026〕1 号")]).await.is(303);
        song.follow().await.shows("2027 年有 260 个工作日").shows("国办发明电〔2026〕1 号");
        // A township reads it; another county is not touched.
        let mut xu = browser_of(&app, "township").await;
        xu.get("/calendar-days?year=2024").await.is(200).hides("记一个特殊日子");
        let body = format!("csrf={}&once=x&place=411327000000&day=2024-04-11&kind=plain", xu.page.csrf());
        xu.post_raw("/calendar-days", &[], &body).await.is(403);
        browser_of(&app, "elsewhere").await.get("/calendar-days?year=2027").await.shows("没有 2027 年的放假安排");
        let body = format!("csrf={}&once=y&place=411328000000&day=2024-04-11&kind=plain", song.page.csrf());
        song.post_raw("/calendar-days", &[], &body).await.is(404);
    }
}

#[tokio::test]
async fn a_leave_into_a_year_without_calendar_says_so() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let served = served(&app).await;
        let mut tx = app.db.begin().await.expect("a write");
        let longer = base::db::sql("update batch set until = '2028-06-01' where county_id = $1").bind(super::county());
        tx.run(longer).await.expect("a longer term");
        tx.commit().await.expect("written");
        let mut lin = browser_of(&app, "cadre").await;
        lin.get("/leaves/new").await;
        let fields = [("kind", "annual"), ("since", "2027-03-01"), ("last", "2027-03-02")];
        lin.submit("/leaves", &fields).await.is(303);
        lin.follow().await.is(200).shows("2 天（没有该年日历，不算工作日）");
        lin.get("/presence/mine?year=2027").await.is(200).shows("没有 2027 年的放假安排");
        lin.get(&format!("/presence/people/411327/{}/months/2024-01", served.lin)).await.is(200).shows("元旦");
        lin.get(&format!("/presence/people/411327/{}", served.shi)).await.is(404);
    }
}
