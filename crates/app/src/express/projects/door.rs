//! The open projects of who leaves a post.

use base::word;

use super::{rules::Stage, store};
use crate::{
    accounts::Actor,
    express::events::{self, NewEvent},
    people,
    spine::open_things::{Door, Holder, Later, OpenThing},
};

/// Projects that a holder of a post leads in the village and that are not over.
pub const DOOR: Door = Door { kind: "project", zh: word!("项目"), list, hand_over };

fn list<'a>(conn: &'a mut base::db::Conn, holder: &'a Holder) -> Later<'a, Vec<OpenThing>> {
    Box::pin(async move {
        let Some((_, person)) = &holder.person else { return Ok(Vec::new()) };
        let rows = store::open_with(conn, holder.village, person).await?;
        let thing = |row: store::Line| OpenThing {
            link: Some(format!("/projects/{}/{}", row.county_id, row.id)),
            title: row.name,
            note: Stage::parse(&row.stage).map(|stage| format!("{}，进度 {}%", stage.zh(), row.progress)),
            due: row.due,
            id: row.id,
        };
        Ok(rows.into_iter().map(thing).collect())
    })
}

fn hand_over<'a>(tx: &'a mut base::db::Tx, from: &'a Holder, to: &'a Holder, by: &'a Actor) -> Later<'a, u64> {
    Box::pin(async move {
        let Some((_, person)) = &from.person else { return Ok(0) };
        let open = store::open_with(tx, from.village, person).await?;
        let name = match &to.person {
            Some((county, id)) => people::store::find(tx, *county, id).await?.map(|row| row.name),
            None => None,
        };
        let next = to.person.as_ref().zip(name.as_deref()).map(|((county, id), name)| (*county, id.as_str(), name));
        let moved = store::pass(tx, from.village, person, next).await?;
        let event = NewEvent { act: "hand_over", words: name.as_deref(), ..NewEvent::default() };
        let ids: Vec<&str> = open.iter().map(|row| row.id.as_str()).collect();
        events::add_all(tx, from.village.county(), ("project", &ids), event, by).await?;
        Ok(moved)
    })
}
