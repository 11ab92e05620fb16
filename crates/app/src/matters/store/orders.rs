//! Orders of the hotline: which matter has which number, so that an order is one matter however often it comes.

use std::collections::HashMap;

use base::{
    db::{Conn, DbResult, Tx, sql},
    kernel::{CountyId, DivisionCode},
};

use super::{
    super::rules::{Channel, Matter},
    row,
};

/// A matter by the number of its order.
#[derive(Clone, PartialEq, Eq, Debug, sqlx_macros::FromRow)]
pub struct Order {
    pub number: String,
    pub matter_id: String,
    /// The matter's own number.
    pub matter: i64,
    pub words: String,
}

/// The orders among these that are matters of the county already.
pub async fn orders_of(conn: &mut Conn, county: CountyId, numbers: &[&str]) -> DbResult<HashMap<String, Order>> {
    let mut found = HashMap::new();
    for chunk in numbers.chunks(200) {
        let mut query = sql("select o.number, o.matter_id, m.number as matter, m.words from matter_order o \
                             join matter m on m.county_id = o.county_id and m.id = o.matter_id where o.county_id = ");
        query.push_bind(county).push(" and o.number in (");
        for (at, number) in chunk.iter().enumerate() {
            query.push(if at == 0 { "" } else { ", " }).push_bind(*number);
        }
        query.push(")");
        let rows: Vec<Order> = conn.all(query).await?;
        found.extend(rows.into_iter().map(|order| (order.number.clone(), order)));
    }
    Ok(found)
}

/// Ties new matters of the hotline to their orders; an order that is a matter already breaks the key.
pub(super) async fn add_orders(tx: &mut Tx, county: CountyId, matters: impl Iterator<Item = &Matter>) -> DbResult<()> {
    let ours = matters.filter(|matter| matter.channel == Channel::Hotline);
    let row = |matter: &Matter| Some(vec![county.into(), matter.outside_number.as_ref()?.into(), (&matter.id).into()]);
    let rows = ours.filter_map(row).collect();
    tx.run_rows("insert into matter_order (county_id, number, matter_id) values ", rows, "").await.map(drop)
}

/// The matters of a place that are orders of the hotline, in the order in which they came.
pub async fn from_hotline(conn: &mut Conn, place: DivisionCode) -> DbResult<Vec<Matter>> {
    let area = place.area();
    let (first, last) = area.counties();
    let mut query = sql(row::SELECT);
    query.push(" and county_id between ").push_bind(first).push(" and ").push_bind(last);
    query.push(" and village between ").push_bind(area.first).push(" and ").push_bind(area.last);
    query.push(" and channel = 'hotline' and outside_number is not null order by county_id, id");
    conn.all::<row::Row>(query).await?.into_iter().map(row::Row::matter).collect()
}
