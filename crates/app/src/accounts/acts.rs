//! What is done to accounts, by the page of the security administrator or the command line: each act in the caller's
//! transaction, with its rule and its audit line. Secrets never reach the trail.

use base::{
    db::Tx,
    kernel::CountyId,
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::{Value, json};

use super::{
    Actor, Grant, Role, Scope, rules,
    secrets::{new_start_code, start_code_hash},
    store::{self, AccountRow, GrantRow, NewAccount},
};
use crate::{
    app::App,
    people,
    spine::audit::{self, Change, Subject},
};

/// What a new account is asked for.
#[derive(Clone, Debug)]
pub struct Invitation {
    pub county: CountyId,
    pub sign_in_name: String,
    pub display_name: String,
    /// Tells a cadre apart from others of the same name in the county's register.
    pub phone: Option<String>,
    pub grants: Vec<Grant>,
}

/// The person of the register whom a cadre's account belongs to: one's own postings, leave, log and file hang on it.
///
/// Refused where nobody has the name, where several have it and no telephone tells them apart, and where the person has a
/// working account already.
async fn person_of(
    tx: &mut Tx,
    county: CountyId,
    (name, phone): (&str, Option<&str>),
) -> AppResult<(CountyId, String)> {
    let mut rows = people::store::find_named(tx, county, &[name.to_owned()]).await?;
    if let Some(phone) = phone {
        rows.retain(|row| row.phone.as_deref() == Some(phone));
    }
    let person = match (rows.as_slice(), phone) {
        ([row], _) => row,
        ([], Some(_)) => {
            let say = text!("名册里没有叫{name}、用这个手机号的人，请核对。", name = name);
            return Err(Refusal::at("phone", say).into());
        }
        ([], None) => {
            let say =
                text!("干部名册里没有{name}。驻村干部的账号要对应名册里的人，请先由驻村办录入派驻。", name = name);
            return Err(Refusal::at("display", say).into());
        }
        (several, _) => {
            let say = text!("名册里有 {n} 人叫{name}，请填手机号区分。", n = several.len(), name = name);
            return Err(Refusal::at("phone", say).into());
        }
    };
    if store::account_of(tx, &person.id).await?.is_some() {
        let say = text!("{name}已经有账号了；忘了密码的，重置那个账号。", name = name);
        return Err(Refusal::at("display", say).into());
    }
    Ok((person.county_id, person.id.clone()))
}

/// Adds an account and returns its id and the start code, which is shown once and kept nowhere.
pub async fn add(tx: &mut Tx, app: &App, actor: &Actor, invitation: &Invitation) -> AppResult<(String, String)> {
    let name = rules::sign_in_name(&invitation.sign_in_name)?;
    let display = rules::display_name(&invitation.display_name)?;
    let roles: Vec<_> = invitation.grants.iter().map(|grant| grant.role).collect();
    rules::check_roles(&roles)?;
    for grant in &invitation.grants {
        rules::check_grant(grant)?;
    }
    let person = if roles.contains(&Role::Cadre) {
        Some(person_of(tx, invitation.county, (display, invitation.phone.as_deref())).await?)
    } else {
        None
    };
    let account = NewAccount {
        county: invitation.county,
        sign_in_name: &name,
        display_name: display,
        person: person.as_ref().map(|(county, id)| (*county, id.as_str())),
        password_hash: None,
    };
    let id = store::add(tx, &account, actor.at).await.map_err(|error| match error.unique_violation() {
        Some(_) => AppError::from(Refusal::at("name", text!("这个用户名已经有人用了，请换一个。"))),
        None => error.into(),
    })?;
    let code = give_start_code(tx, app, actor, &id).await?;
    for grant in &invitation.grants {
        store::add_grant(tx, &id, grant, actor.today, &actor.account_id).await?;
    }
    let grants: Vec<Value> = invitation.grants.iter().map(shown).collect();
    let person = person.map(|(_, id)| id);
    let after = json!({"sign_in_name": name, "display_name": display, "roles": grants, "person": person});
    note(tx, invitation.county, actor, "account.add", &id, Change::made(after)).await?;
    Ok((id, code))
}

async fn give_start_code(tx: &mut Tx, app: &App, actor: &Actor, id: &str) -> AppResult<String> {
    let code = new_start_code()?;
    let until = actor.at.plus_seconds(rules::START_CODE_SECONDS);
    store::save_start_code(tx, id, &start_code_hash(&app.keys, id, &code), until).await?;
    Ok(code)
}

/// Grants one more role; an account that becomes a cadre's is tied to its person, told apart by `phone` where names meet.
pub async fn grant(
    tx: &mut Tx,
    actor: &Actor,
    account: &AccountRow,
    grant: &Grant,
    phone: Option<&str>,
) -> AppResult<()> {
    rules::check_not_self(&actor.account_id, &account.id)?;
    rules::check_grant(grant)?;
    let held = store::grants(tx, &account.id, actor.today).await?;
    if held.contains(grant) {
        return Err(Refusal::at("role", text!("这个职责已经有了。")).into());
    }
    let roles: Vec<_> = held.iter().map(|one| one.role).chain([grant.role]).collect();
    rules::check_roles(&roles)?;
    if let (Role::Cadre, None, Some(place)) = (grant.role, &account.person_id, grant.division) {
        let (county, id) = person_of(tx, place.county(), (&account.display_name, phone)).await?;
        store::tie(tx, &account.id, county, &id).await?;
    }
    store::add_grant(tx, &account.id, grant, actor.today, &actor.account_id).await?;
    note(tx, account.county_id, actor, "account.grant", &account.id, Change::made(shown(grant))).await
}

/// Ends a role from today on.
pub async fn revoke(tx: &mut Tx, actor: &Actor, account: &AccountRow, grant: &GrantRow) -> AppResult<()> {
    rules::check_not_self(&actor.account_id, &account.id)?;
    if !store::end_grant(tx, &account.id, &grant.id, actor.today).await? {
        return Err(AppError::Conflict(text!("这个职责已经收回。")));
    }
    let before =
        json!({"role": grant.role, "division": grant.division.map(|d| d.to_string()), "unit": grant.unit_name});
    note(tx, account.county_id, actor, "account.revoke", &account.id, Change { before: Some(before), after: None })
        .await
}

/// Stops an account: it cannot sign in, and its sessions end at once.
pub async fn disable(tx: &mut Tx, actor: &Actor, account: &AccountRow, reason: &str) -> AppResult<()> {
    rules::check_not_self(&actor.account_id, &account.id)?;
    store::save_state(tx, &account.id, true).await?;
    store::end_sessions(tx, &account.id).await?;
    let before = json!({"state": account.state(actor.at).code()});
    let change = Change::changed(before, json!({"state": "disabled", "reason": reason}));
    note(tx, account.county_id, actor, "account.disable", &account.id, change).await
}

/// Lets a stopped or locked account work again.
pub async fn enable(tx: &mut Tx, actor: &Actor, account: &AccountRow) -> AppResult<()> {
    rules::check_not_self(&actor.account_id, &account.id)?;
    store::save_state(tx, &account.id, false).await?;
    let before = json!({"state": account.state(actor.at).code()});
    note(
        tx,
        account.county_id,
        actor,
        "account.enable",
        &account.id,
        Change::changed(before, json!({"state": "active"})),
    )
    .await
}

/// A new start code in place of password and second factor; sessions end. Returns the code.
pub async fn reset(tx: &mut Tx, app: &App, actor: &Actor, account: &AccountRow) -> AppResult<String> {
    rules::check_not_self(&actor.account_id, &account.id)?;
    if account.state(actor.at) == rules::AccountState::Disabled {
        return Err(Refusal::whole(text!("账号已停用，请先恢复再重置。")).into());
    }
    let code = give_start_code(tx, app, actor, &account.id).await?;
    store::end_sessions(tx, &account.id).await?;
    note(tx, account.county_id, actor, "account.reset", &account.id, Change::default()).await?;
    Ok(code)
}

/// The account within the scope, or 404.
pub async fn find(conn: &mut base::db::Conn, scope: &Scope, id: &str) -> AppResult<AccountRow> {
    store::find(conn, scope, id).await?.ok_or(AppError::NotFound)
}

fn shown(grant: &Grant) -> Value {
    json!({"role": grant.role.code(), "division": grant.division.map(|code| code.to_string()), "unit": grant.unit_id})
}

/// The audit line of an act on an account.
pub async fn note(
    tx: &mut Tx,
    county: CountyId,
    actor: &Actor,
    action: &'static str,
    account_id: &str,
    change: Change,
) -> AppResult<()> {
    Ok(audit::write(tx, county, actor, action, Subject { kind: "account", id: account_id }, change).await?)
}
