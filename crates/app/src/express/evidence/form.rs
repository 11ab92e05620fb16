//! Files that come with a form: looked at, kept, and not asked for again when the form is refused.

use base::{
    db::{Conn, Tx},
    html::Form,
    i18n::Text,
    kernel::CountyId,
    picture::PictureError,
    text,
    web::{AppError, AppResult, Refusal},
};

use crate::{
    accounts::Actor,
    spine::files::{self, Paper},
    web::{Ctx, FormData, SentFile, Upload},
};

/// Files of one form.
const MOST: usize = 9;
/// What the ids of an earlier try of a field are called.
fn kept_name(field: &str) -> String {
    format!("{field}_kept")
}

/// What a form brought: of an earlier try by id, fresh ones as they will be kept.
#[derive(Debug, Default)]
pub struct Evidence {
    field: &'static str,
    kept: Vec<String>,
    pictures: Vec<Vec<u8>>,
    papers: Vec<Paper>,
    wrong: Option<Text>,
}

impl Evidence {
    /// Reads the files of a field; what is wrong with one is said by [`Evidence::keep`].
    pub async fn read(
        conn: &mut Conn,
        upload: &mut Upload,
        field: &'static str,
        county: CountyId,
        by: &Actor,
    ) -> AppResult<Self> {
        let earlier = kept_name(field);
        let named: Vec<&str> = upload.form.all(&earlier).take(MOST + 1).collect();
        let kept = files::sent_by(conn, county, &by.account_id, &named).await?;
        let mut evidence = Self { field, kept, ..Self::default() };
        let sent: Vec<SentFile> = upload.files.drain(..).filter(|file| file.field == field).collect();
        if evidence.kept.len() + sent.len() > MOST {
            evidence.wrong = Some(text!("一次最多 {n} 个文件", n = MOST));
            return Ok(evidence);
        }
        for file in sent {
            if let Err(say) = evidence.take(file).await? {
                evidence.wrong = Some(say);
            }
        }
        Ok(evidence)
    }

    async fn take(&mut self, file: SentFile) -> AppResult<Result<(), Text>> {
        if files::is_paper(&file.bytes) {
            return Ok(files::look_at_paper(file.bytes, &file.name).await?.map(|paper| self.papers.push(paper)));
        }
        Ok(match files::renew_picture(file.bytes).await? {
            Ok(jpeg) => {
                self.pictures.push(jpeg);
                Ok(())
            }
            Err(PictureError::NotAPicture) => {
                Err(text!("“{name}”不是能识别的照片或文件；请传 JPG、PNG、WebP、PDF、.docx 或 .xlsx", name = file.name))
            }
            Err(error) => Err(error.say()),
        })
    }

    /// Keeps the fresh ones in the caller's transaction; gives the ids of all. Refused where one could not be taken.
    pub async fn keep(&self, ctx: &Ctx, tx: &mut Tx, county: CountyId, by: &Actor) -> AppResult<Vec<String>> {
        if let Some(say) = &self.wrong {
            return Err(Refusal::at(self.field, say.clone()).into());
        }
        self.keep_good(ctx, tx, county, by).await
    }

    async fn keep_good(&self, ctx: &Ctx, tx: &mut Tx, county: CountyId, by: &Actor) -> AppResult<Vec<String>> {
        let mut ids = self.kept.clone();
        for jpeg in &self.pictures {
            ids.push(ctx.app.files.keep_picture(tx, county, jpeg, by).await?.id);
        }
        for paper in &self.papers {
            let file = ctx.app.files.keep(tx, county, &paper.name, paper.media_type, &paper.bytes, by).await?;
            ids.push(file.id);
        }
        Ok(ids)
    }

    /// Where the form was refused: keeps what was good, and names it in what was typed.
    pub async fn keep_for_next<T>(
        &self,
        ctx: &Ctx,
        form: &mut FormData,
        county: CountyId,
        (done, by): (&AppResult<T>, &Actor),
    ) -> AppResult<()> {
        if !matches!(done, Err(AppError::Refused(_))) || self.pictures.is_empty() && self.papers.is_empty() {
            return Ok(());
        }
        // The form's key is not written: it is to be sent again.
        let mut tx = ctx.app.db.begin().await?;
        let ids = self.keep_good(ctx, &mut tx, county, by).await?;
        tx.commit().await?;
        let earlier = kept_name(self.field);
        form.0.retain(|(key, _)| *key != earlier);
        form.0.extend(ids.into_iter().map(|id| (earlier.clone(), id)));
        Ok(())
    }

    /// How many files a form brings again by id.
    #[must_use]
    pub fn earlier(form: &Form, field: &str) -> Vec<String> {
        form.values(kept_name(field)).map(str::to_owned).collect()
    }
}
