//! Open things: what somebody still has in hand when they leave a post, from whatever capability.
//!
//! A capability offers a [`Door`]: how its open things of a holder are listed, and how they pass to the next holder
//! within a given transaction. The crossing floor (`flows.rs`) keeps the list of doors; whoever gathers or moves open
//! things is handed that list and knows no capability. Each door moves all of its things in statements whose number
//! does not grow with the things.

use std::pin::Pin;

use base::{
    db::{Conn, DbResult, Tx},
    kernel::{CountyId, Day, DivisionCode},
};

use crate::accounts::Actor;

/// Who holds a post in a village. A post that nobody has taken up yet has neither person nor account.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Holder {
    pub village: DivisionCode,
    pub person: Option<(CountyId, String)>,
    /// The person's working account, where there is one.
    pub account_id: Option<String>,
}

/// One open thing as it stands now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct OpenThing {
    /// The record's id: listed again, it is the same thing.
    pub id: String,
    pub title: String,
    /// Where it stands, in a few words.
    pub note: Option<String>,
    pub due: Option<Day>,
    /// Its own page.
    pub link: Option<String>,
}

/// What a door's functions answer with, later.
pub type Later<'a, T> = Pin<Box<dyn Future<Output = DbResult<T>> + Send + 'a>>;

/// Lists what is open with a holder, in an order that stays.
pub type List = for<'a> fn(&'a mut Conn, &'a Holder) -> Later<'a, Vec<OpenThing>>;

/// Gives everything open from the first holder to the second; returns how many things moved.
pub type HandOver = for<'a> fn(&'a mut Tx, &'a Holder, &'a Holder, &'a Actor) -> Later<'a, u64>;

/// What one capability offers.
#[derive(Clone, Copy)]
pub struct Door {
    /// A short code, stored with the lines.
    pub kind: &'static str,
    /// What its things are called.
    pub zh: &'static str,
    pub list: List,
    pub hand_over: HandOver,
}
