//! Pictures that come with a form: renewed, kept, and not asked for again when the form is refused.

use base::{
    db::Conn,
    kernel::{CountyId, DivisionCode},
    text,
    web::AppResult,
};

use super::read::Wrong;
use crate::{
    spine::files,
    web::{Ctx, SentFile, Upload},
};

pub const MOST_PICTURES: usize = 9;

/// The pictures of a form: files of earlier tries by id, and fresh ones as they will be kept.
#[derive(Debug, Default)]
pub struct Pictures {
    pub ids: Vec<String>,
    pub fresh: Vec<Vec<u8>>,
}

impl Pictures {
    /// What the form brought. Ids are taken where the viewer sent the file, or the entry has it already.
    pub async fn read(
        ctx: &Ctx,
        conn: &mut Conn,
        upload: &mut Upload,
        county: Option<CountyId>,
        known: &[String],
        wrong: &mut Wrong,
    ) -> AppResult<Self> {
        let dropped: Vec<&str> = upload.form.all("drop").collect();
        let named: Vec<&str> = upload.form.all("picture").filter(|id| !dropped.contains(id)).collect();
        let own = match county {
            Some(county) => files::sent_by(conn, county, &ctx.viewer()?.account_id, &named).await?,
            None => Vec::new(),
        };
        let may = |id: &&str| known.iter().any(|kept| kept == id) || own.iter().any(|kept| kept == id);
        let mut ids: Vec<String> = named.iter().copied().filter(may).map(str::to_owned).collect();
        ids.dedup();
        let sent: Vec<SentFile> = upload.files.drain(..).filter(|file| file.field == "pictures").collect();
        let mut pictures = Self { ids, fresh: Vec::new() };
        if pictures.ids.len() + sent.len() > MOST_PICTURES {
            wrong.push(("pictures".into(), text!("最多 {most} 张图片", most = MOST_PICTURES)));
            return Ok(pictures);
        }
        for file in sent {
            match files::renew_picture(file.bytes).await? {
                Ok(jpeg) => pictures.fresh.push(jpeg),
                Err(error) => wrong.push(("pictures".into(), error.say())),
            }
        }
        Ok(pictures)
    }

    /// Keeps the fresh ones in the caller's transaction; gives all ids.
    pub async fn keep(&self, ctx: &Ctx, tx: &mut base::db::Tx, village: DivisionCode) -> AppResult<Vec<String>> {
        let actor = ctx.actor()?;
        let mut ids = self.ids.clone();
        for jpeg in &self.fresh {
            ids.push(ctx.app.files.keep_picture(tx, village.county(), jpeg, &actor).await?.id);
        }
        Ok(ids)
    }

    /// Keeps the fresh ones of a form that is refused, so that they need not be sent again.
    pub async fn keep_for_next(&self, ctx: &Ctx, village: Option<DivisionCode>) -> AppResult<Vec<String>> {
        let (Some(village), false) = (village, self.fresh.is_empty()) else { return Ok(self.ids.clone()) };
        // The form's key is not written: it is to be sent again.
        let mut tx = ctx.app.db.begin().await?;
        let ids = self.keep(ctx, &mut tx, village).await?;
        tx.commit().await?;
        Ok(ids)
    }
}
