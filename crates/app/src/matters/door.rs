//! Matters as open things of whoever leaves a post.

use base::{
    db::{Conn, Tx, sql},
    kernel::Instant,
    word,
};

use super::rules::Stage;
use crate::{
    accounts::Actor,
    spine::{
        open_things::{Door, Holder, Later, OpenThing},
        tasks,
    },
};

/// The matters of the village's cadres in common, and those of the holder's account.
pub const DOOR: Door = Door { kind: "matter", zh: word!("群众事项"), list, hand_over };

fn list<'a>(conn: &'a mut Conn, holder: &'a Holder) -> Later<'a, Vec<OpenThing>> {
    Box::pin(async move {
        let mut query = sql("select id, title, state, due_at from matter where open = 1 and county_id = $1 \
                             and village = $2 and post = 'cadre' and (account_id is null")
        .bind(holder.village.county())
        .bind(holder.village);
        if let Some(account) = &holder.account_id {
            query.push(" or account_id = ").push_bind(account);
        }
        query.push(") order by due_at, id");
        let rows: Vec<(String, String, String, Instant)> = conn.all(query).await?;
        let county = holder.village.county();
        let thing = |(id, title, state, due): (String, String, String, Instant)| OpenThing {
            link: Some(format!("/matters/{county}/{id}")),
            note: Stage::parse(&state).map(|stage| stage.zh().to_owned()),
            due: Some(due.local_day()),
            id,
            title,
        };
        Ok(rows.into_iter().map(thing).collect())
    })
}

/// What is held in common stays with the post; what was given to the account becomes the next holder's, or the post's
/// where the next holder has no account yet. The tasks go along.
fn hand_over<'a>(tx: &'a mut Tx, from: &'a Holder, to: &'a Holder, _by: &'a Actor) -> Later<'a, u64> {
    Box::pin(async move {
        let Some(account) = &from.account_id else { return Ok(0) };
        let update = sql("update matter set account_id = $1, version = version + 1 where open = 1 and county_id = $2 \
                          and village = $3 and post = 'cadre' and account_id = $4")
        .bind(to.account_id.as_ref())
        .bind(from.village.county())
        .bind(from.village)
        .bind(account);
        let moved = tx.run(update).await?;
        tasks::pass(tx, "matter", from, to).await?;
        Ok(moved)
    })
}
