//! What a handover asks of whom: each party has its task until it has confirmed; late ones climb as tasks do.

use base::db::Tx;
use base::web::AppResult;

use super::{
    acts::KIND,
    rules::{Parties, Party, State},
    store::{self, HandoverRow},
};
use crate::{
    accounts::{Actor, Role},
    places,
    spine::{
        staging::Run,
        tasks::{self, TaskDraft},
    },
};

/// Closes what was asked before and asks what the state now needs.
pub async fn ask(tx: &mut Tx, row: &HandoverRow, state: State, parties: &Parties, actor: &Actor) -> AppResult<()> {
    tasks::close_all(tx, row.county_id, (KIND, &row.id), actor).await?;
    let village = places::store::find(tx, row.village).await?.map(|village| village.short()).unwrap_or_default();
    let draft = |kind: &'static str, role: Role, title: String| draft(row, (kind, role, title), actor);
    match state {
        State::Prepared => tasks::open(tx, &start(row, &village, actor), actor.at).await?,
        State::UnderWay { .. } => {
            for party in store::parties(tx, row.county_id, &row.id).await? {
                let (Some(who), None) = (party.party(), party.confirmed_at) else { continue };
                let (task, account) = asked(row, who, parties, &village, &draft);
                tasks::open_for(tx, &task, account, actor.at).await?;
            }
        }
        State::Confirmed { .. } => {
            let title = format!("办结交接：{village}{}，三方已确认", row.old_name);
            tasks::open(tx, &draft("handover_complete", Role::Office, title), actor.at).await?;
        }
        State::Completed { .. } | State::Cancelled { .. } => {}
    }
    Ok(())
}

/// Asks the office to begin, unseen until the run is applied.
pub async fn stage_start(tx: &mut Tx, run: &Run, row: &HandoverRow, actor: &Actor) -> AppResult<()> {
    let village = places::store::find(tx, row.village).await?.map(|village| village.short()).unwrap_or_default();
    Ok(tasks::stage(tx, &start(row, &village, actor), actor.at, run).await?)
}

fn start(row: &HandoverRow, village: &str, actor: &Actor) -> TaskDraft {
    let title = format!("启动交接：{village}{}离任", row.old_name);
    let due = row.leaves_on.plus_days(-row.side_days).max(actor.today);
    TaskDraft { due, ..draft(row, ("handover_start", Role::Office, title), actor) }
}

fn draft(row: &HandoverRow, (kind, role, title): (&'static str, Role, String), actor: &Actor) -> TaskDraft {
    TaskDraft {
        kind,
        title,
        detail: Some(format!("计划 {} 离任", row.leaves_on)),
        link: row.address(),
        role,
        division: row.village,
        due: row.leaves_on.max(actor.today),
        origin_kind: KIND,
        origin_id: row.id.clone(),
    }
}

/// The task of a party and whose it is: the party's own, or the township's where the party cannot sign in.
fn asked<'a>(
    row: &HandoverRow,
    party: Party,
    parties: &'a Parties,
    village: &str,
    draft: &impl Fn(&'static str, Role, String) -> TaskDraft,
) -> (TaskDraft, Option<&'a str>) {
    let old = &row.old_name;
    if !parties.can_sign_in(party) {
        let who = match (party, &row.new_name) {
            (Party::Old, _) => format!("原任{old}"),
            (Party::New, Some(name)) => format!("接任{name}"),
            (Party::New, None) => "接任（未定，乡镇代管）".to_owned(),
            (Party::Branch, _) => "村党支部".to_owned(),
        };
        return (draft(party.task(), Role::Township, format!("代录{village}交接确认：{who}")), None);
    }
    let title = format!("逐项确认交接清单：{village}{old}离任");
    match party {
        Party::Old => (draft(party.task(), Role::Cadre, title), parties.old_account.as_deref()),
        Party::New => (draft(party.task(), Role::Cadre, title), parties.new_account.as_deref()),
        Party::Branch => (draft(party.task(), Role::Branch, title), None),
    }
}
