//! For whom and where the viewer may write: their own posts and their team's, or those of a village they keep.

use base::{
    db::Conn,
    html::Choice,
    i18n::Text,
    kernel::{Day, DivisionCode},
    text,
    web::{AppResult, Refusal},
};

use super::super::Credited;
use crate::{
    accounts::Role,
    flows::{self, Post},
    places,
    web::Ctx,
};

/// The choices of a form.
#[derive(Clone, Debug, Default)]
pub struct Desk {
    pub villages: Vec<(DivisionCode, String)>,
    pub posts: Vec<Post>,
    /// The viewer's own file.
    pub own: Option<String>,
}

impl Desk {
    /// The desk for a village, or the viewer's own; `None` where they must first say which village.
    pub async fn open(ctx: &Ctx, conn: &mut Conn, asked: Option<DivisionCode>) -> AppResult<Option<Self>> {
        let viewer = ctx.viewer()?;
        let own = viewer.person_id.clone().filter(|_| viewer.has(Role::Cadre));
        let posts = match &own {
            Some(person) => flows::posts_of(conn, person).await?,
            None => Vec::new(),
        };
        let current = posts.iter().filter(|post| post.period.contains(ctx.today));
        let mut villages: Vec<DivisionCode> =
            current.flat_map(|post| std::iter::once(post.village).chain(post.also.iter().copied())).collect();
        villages.dedup();
        let mut desk = Self { villages: Vec::new(), posts, own };
        match asked {
            Some(village) if !villages.contains(&village) => {
                let kept = viewer.grants.iter().filter(|grant| grant.role == Role::Township);
                let keeps = kept.filter_map(|grant| grant.division).any(|place| place.contains(village));
                let served = desk.posts.iter().any(|post| post.serves(village));
                if !keeps && !served {
                    return Err(base::web::AppError::NotFound);
                }
                villages = vec![village];
            }
            Some(_) | None if villages.is_empty() => return Ok(None),
            Some(_) | None => {}
        }
        for village in villages {
            for post in flows::posts_in(conn, village).await? {
                if !desk.posts.contains(&post) {
                    desk.posts.push(post);
                }
            }
            let name = places::store::find(conn, village).await?.map(|division| division.short());
            desk.villages.push((village, name.unwrap_or_else(|| village.to_string())));
        }
        Ok(Some(desk))
    }

    /// People on post today or within the last year, and the one who stands there already; oneself first.
    #[must_use]
    pub fn people(&self, today: Day, keep: &str) -> Vec<Choice> {
        let recent = |post: &&Post| {
            post.person.1 == keep || post.period.until().is_none_or(|until| today.days_since(until) <= 366)
        };
        let mut people: Vec<(&str, &str)> = Vec::new();
        for post in self.posts.iter().filter(recent) {
            let id = post.person.1.as_str();
            if !people.iter().any(|(known, _)| *known == id) {
                people.push((id, &post.name));
            }
        }
        people.sort_by_key(|(id, _)| self.own.as_deref() != Some(*id));
        people.into_iter().map(|(id, name)| Choice::new(id, Text::data(name))).collect()
    }

    #[must_use]
    pub fn village_choices(&self) -> Vec<Choice> {
        self.villages.iter().map(|(code, name)| Choice::new(code.to_string(), Text::data(name))).collect()
    }

    /// Who it is written for and the village of their post: someone who served that village on that day.
    pub fn credited(
        &self,
        person_id: &str,
        village: DivisionCode,
        day: Day,
    ) -> Result<(Credited, DivisionCode), Refusal> {
        let of_person = || self.posts.iter().filter(|post| post.person.1 == person_id);
        let Some(known) = of_person().next() else {
            return Err(Refusal::at("person", text!("请选这条日志记给谁")));
        };
        let on_post = of_person().find(|post| post.serves(village) && post.period.contains(day));
        if let Some(post) = on_post {
            let who = Credited { person: post.person.clone(), name: post.name.clone(), unit_id: post.unit_id.clone() };
            return Ok((who, post.village));
        }
        let stretch = of_person().find(|post| post.serves(village)).map(|post| match post.period.until() {
            Some(until) => format!("{}—{until}", post.period.from()),
            None => format!("{}—", post.period.from()),
        });
        Err(Refusal::at(
            "day",
            match stretch {
                Some(stretch) => {
                    text!("{name} 这一天不在这个村驻村（{stretch}），请改日期", name = known.name, stretch = stretch)
                }
                None => text!("{name} 没有派驻到这个村，请改村或改记给谁", name = known.name),
            },
        ))
    }
}
