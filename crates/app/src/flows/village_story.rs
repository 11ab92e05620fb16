//! A village's story over capabilities, for its page: each viewer sees the parts that they may read.

use base::{db::Conn, html::Event, kernel::DivisionCode, web::AppResult};

use crate::{accounts::Permission, log, matters, web::Ctx};

/// What happened in a village last, and how its matters stand where the viewer may know.
#[derive(Clone, Debug, Default)]
pub struct VillageStory {
    /// Newest first.
    pub events: Vec<Event>,
    pub matters: Option<matters::Tally>,
    pub reads_log: bool,
}

/// The latest of a village: entries of the log and matters in one line of days.
pub async fn village_story(ctx: &Ctx, conn: &mut Conn, village: DivisionCode, most: i64) -> AppResult<VillageStory> {
    let viewer = ctx.viewer()?;
    let mut story = VillageStory::default();
    let scope = viewer.scope(Permission::LogRead);
    if scope.holds(village) {
        story.reads_log = true;
        story.events = log::timeline(conn, &scope, village, most).await?;
    }
    let scope = viewer.scope(Permission::MattersRead);
    if scope.holds(village) {
        let now = ctx.app.clock.now();
        story.matters = Some(matters::tally(conn, &scope, village, now).await?);
        story.events.extend(matters::timeline(conn, &scope, village, now, most).await?);
    }
    story.events.sort_by(|a, b| b.when.cmp(&a.when));
    story.events.truncate(usize::try_from(most).unwrap_or(0));
    Ok(story)
}
