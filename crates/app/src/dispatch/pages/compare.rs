//! Two plans of a round side by side: figures, and the villages that they meet differently.

use std::collections::BTreeMap;

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    html::{Address, Cell, CompareRow, Link, Shell, filters},
    i18n::Text,
    text,
    web::{AppError, AppResult},
};

use super::{
    super::{
        rules::{Kept, Makeup, Share},
        store::{PlanRow, Round},
    },
    plan::of,
    show::{percent, plan_name},
    tabs,
};
use crate::web::Ctx;

#[derive(Template)]
#[template(path = "dispatch/comparison.html")]
struct ComparePage {
    shell: Shell,
    sub: Text,
    views: Vec<Link>,
    heads: Vec<Text>,
    figures: Vec<CompareRow>,
    villages: Vec<VillageLine>,
    same: usize,
}

struct VillageLine {
    village: String,
    one: Side,
    other: Side,
}

/// Who meets a village.
struct Side {
    unit: Text,
    people: String,
}

fn side(kept: &Kept, village: &str) -> Side {
    let (unit, people) = kept.met_by(village).unwrap_or_else(|| (text!("派不出"), String::new()));
    Side { unit, people }
}

fn names(kept: &Kept) -> BTreeMap<String, String> {
    let teams = kept.teams.iter().map(|one| (one.village.clone(), one.village_name.clone()));
    let covered = kept.covered.iter().map(|one| (one.village.clone(), one.village_name.clone()));
    let unmet = kept.unmet.iter().map(|one| (one.village.clone(), one.village_name.clone()));
    teams.chain(covered).chain(unmet).collect()
}

fn figures(kept: &Kept, shares: &[Share], most: usize) -> Vec<(Text, String)> {
    let mut rows = vec![
        (text!("得分"), kept.objective.to_string()),
        (text!("上界"), kept.bound.to_string()),
        (text!("差距"), percent(kept.gap())),
        (text!("派出的队"), kept.teams.len().to_string()),
        (text!("派出的人"), kept.assigned().to_string()),
        (text!("兼管的村"), kept.covered.len().to_string()),
        (text!("派不出的村"), kept.unmet.len().to_string()),
        (text!("一个单位最多几队"), most.to_string()),
    ];
    rows.extend(shares.iter().map(|share| (share.label.clone(), format!("{} %", share.percent()))));
    rows
}

pub async fn show(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let mut conn = ctx.read().await?;
    let (round, one): (Round, PlanRow) = of(&ctx, &mut conn, (&county, &id, address.get("one"))).await?;
    let (_, other) = of(&ctx, &mut conn, (&county, &id, address.get("other"))).await?;
    let (a, b) = one.kept.as_ref().zip(other.kept.as_ref()).ok_or(AppError::NotFound)?;
    let pack = ctx.pack(&mut conn, round.county).await?;
    let of_plan = |kept: &Kept| {
        let shares = Makeup::of_plan(kept).shares(pack);
        let mut teams: BTreeMap<&str, usize> = BTreeMap::new();
        for team in &kept.teams {
            *teams.entry(&team.unit).or_default() += 1;
        }
        figures(kept, &shares, teams.into_values().max().unwrap_or(0))
    };
    let pairs = of_plan(a).into_iter().zip(of_plan(b));
    let figures = pairs.map(|((name, left), (_, right))| CompareRow {
        name,
        href: None,
        cells: [left, right].map(|figure| Cell { num: true, ..Cell::text(Text::data(figure)) }).to_vec(),
    });
    let all: BTreeMap<String, String> = names(a).into_iter().chain(names(b)).collect();
    let (mut villages, mut same) = (Vec::new(), 0);
    for (code, village) in all {
        if a.met_by(&code) == b.met_by(&code) {
            same += 1;
        } else {
            villages.push(VillageLine { village, one: side(a, &code), other: side(b, &code) });
        }
    }
    let page = ComparePage {
        shell: ctx.shell(&mut conn, text!("比较两个方案"), Some(round.place)).await?,
        sub: Text::data(round.name.as_str()),
        views: tabs(&round, "comparison"),
        heads: vec![Text::default(), plan_name(&one), plan_name(&other)],
        figures: figures.collect(),
        villages,
        same,
    };
    Ok(ctx.page(&page))
}
