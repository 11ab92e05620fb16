//! Pictures and voice that come with a form: looked at, kept, and not asked for again when the form is refused.

use base::{
    db::{Conn, Tx},
    i18n::Text,
    kernel::CountyId,
    seal::sha256,
    text,
    web::AppResult,
};

use crate::{
    accounts::Actor,
    matters::store::NewFile,
    spine::files::{self, find},
    web::{Ctx, SentFile, Upload},
};

pub const MOST_PICTURES: usize = 9;
const MOST_VOICE: usize = 10 * 1_048_576;

/// What a form brought.
#[derive(Debug, Default)]
pub struct Attached {
    pub kept: Vec<NewFile>,
    fresh: Vec<Fresh>,
}

#[derive(Debug)]
struct Fresh {
    kind: &'static str,
    media: &'static str,
    name: String,
    bytes: Vec<u8>,
}

/// What is wrong, by field.
pub type Wrong = Vec<(&'static str, Text)>;

/// As whom a visitor without an account sends files: only the same browser may name them again.
#[must_use]
pub fn sender(ctx: &Ctx) -> String {
    match ctx.guest_or_viewer() {
        Some(viewer) => viewer.account_id.clone(),
        None => format!("visit-{}", &sha256(ctx.session.csrf.as_bytes())[..24]),
    }
}

/// The kind of sound by its first bytes, with the ending of its name; a declared type says nothing.
#[must_use]
pub fn sound(bytes: &[u8]) -> Option<(&'static str, &'static str)> {
    match bytes {
        [b'#', b'!', b'A', b'M', b'R', ..] => Some(("audio/amr", "amr")),
        [_, _, _, _, b'f', b't', b'y', b'p', ..] => Some(("audio/mp4", "m4a")),
        [b'I', b'D', b'3', ..] => Some(("audio/mpeg", "mp3")),
        [0xFF, second, ..] if second & 0xF6 == 0xF0 => Some(("audio/aac", "aac")),
        [0xFF, second, ..] if second & 0xE0 == 0xE0 => Some(("audio/mpeg", "mp3")),
        [b'O', b'g', b'g', b'S', ..] => Some(("audio/ogg", "ogg")),
        [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'A', b'V', b'E', ..] => Some(("audio/wav", "wav")),
        [0x1A, 0x45, 0xDF, 0xA3, ..] => Some(("audio/webm", "webm")),
        _ => None,
    }
}

/// The types under which voice leaves the house.
#[must_use]
pub fn media_type(stored: &str) -> &'static str {
    ["audio/amr", "audio/mp4", "audio/mpeg", "audio/aac", "audio/ogg", "audio/wav", "audio/webm"]
        .into_iter()
        .find(|known| *known == stored)
        .unwrap_or("application/octet-stream")
}

impl Attached {
    /// What the form brought: fresh files, and by id those that the same sender sent with an earlier try.
    pub async fn read(
        ctx: &Ctx,
        conn: &mut Conn,
        upload: &mut Upload,
        county: CountyId,
        wrong: &mut Wrong,
    ) -> AppResult<Self> {
        let mut attached = Self::default();
        let named: Vec<&str> = upload.form.all("kept").take(MOST_PICTURES + 1).collect();
        for id in files::sent_by(conn, county, &sender(ctx), &named).await? {
            let Some(file) = find(conn, county, &id).await? else { continue };
            let kind = if file.media_type == files::PICTURE { "picture" } else { "voice" };
            attached.kept.push(NewFile { id, kind });
        }
        let sent: Vec<SentFile> = upload.files.drain(..).collect();
        let pictures = sent.iter().filter(|file| file.field == "pictures").count();
        let known = attached.kept.iter().filter(|file| file.kind == "picture").count();
        if pictures + known > MOST_PICTURES {
            wrong.push(("pictures", text!("最多 {most} 张图片", most = MOST_PICTURES)));
            return Ok(attached);
        }
        for file in sent {
            match file.field.as_str() {
                "pictures" => attached.picture(file, wrong).await?,
                "voice" => attached.voice(file, wrong),
                _ => {}
            }
        }
        Ok(attached)
    }

    async fn picture(&mut self, file: SentFile, wrong: &mut Wrong) -> AppResult<()> {
        match files::renew_picture(file.bytes).await? {
            Ok(bytes) => {
                self.fresh.push(Fresh { kind: "picture", media: files::PICTURE, name: String::new(), bytes });
            }
            Err(error) => wrong.push(("pictures", error.say())),
        }
        Ok(())
    }

    fn voice(&mut self, file: SentFile, wrong: &mut Wrong) {
        if file.bytes.len() > MOST_VOICE {
            wrong.push(("voice", text!("录音超过 {n} MB，请录短一些，或直接打电话", n = MOST_VOICE / 1_048_576)));
            return;
        }
        match sound(&file.bytes) {
            Some((media, ending)) => {
                let name = format!("{}.{ending}", base::kernel::new_id());
                self.fresh.push(Fresh { kind: "voice", media, name, bytes: file.bytes });
            }
            None => wrong.push(("voice", text!("这不是能识别的录音；请用手机录音机录一段再传"))),
        }
    }

    /// Whether somebody spoke.
    #[must_use]
    pub fn has_voice(&self) -> bool {
        self.kept.iter().any(|file| file.kind == "voice") || self.fresh.iter().any(|file| file.kind == "voice")
    }

    /// Whether anything came.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.kept.is_empty() && self.fresh.is_empty()
    }

    /// Keeps the fresh ones in the caller's transaction; gives all of them.
    pub async fn keep(self, ctx: &Ctx, tx: &mut Tx, county: CountyId, by: &Actor) -> AppResult<Vec<NewFile>> {
        let by = Actor { account_id: sender(ctx), ..by.clone() };
        let mut all = self.kept;
        for fresh in self.fresh {
            let file = match fresh.kind {
                "picture" => ctx.app.files.keep_picture(tx, county, &fresh.bytes, &by).await?,
                _ => ctx.app.files.keep(tx, county, &fresh.name, fresh.media, &fresh.bytes, &by).await?,
            };
            all.push(NewFile { id: file.id, kind: fresh.kind });
        }
        Ok(all)
    }

    /// Keeps the fresh ones of a form that is refused, so that they need not be sent again.
    pub async fn keep_for_next(self, ctx: &Ctx, county: CountyId, by: &Actor) -> AppResult<Vec<String>> {
        if self.fresh.is_empty() {
            return Ok(self.kept.into_iter().map(|file| file.id).collect());
        }
        // The form's key is not written: it is to be sent again.
        let mut tx = ctx.app.db.begin().await?;
        let files = self.keep(ctx, &mut tx, county, by).await?;
        tx.commit().await?;
        Ok(files.into_iter().map(|file| file.id).collect())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sound_is_known_by_its_first_bytes() {
        for (bytes, ending) in [
            (&b"#!AMR\n"[..], Some("amr")),
            (b"\0\0\0\x18ftypM4A ", Some("m4a")),
            (b"ID3\x04", Some("mp3")),
            (&[0xFF, 0xF1, 0x50], Some("aac")),
            (&[0xFF, 0xFB, 0x90], Some("mp3")),
            (b"OggS", Some("ogg")),
            (b"RIFF\0\0\0\0WAVE", Some("wav")),
            (b"RIFF\0\0\0\0WEBP", None),
            (b"<script>", None),
            (b"MZ\x90", None),
            (b"", None),
        ] {
            assert_eq!(sound(bytes).map(|(_, ending)| ending), ending, "{bytes:?}");
        }
        assert_eq!(media_type("text/html"), "application/octet-stream");
    }
}
