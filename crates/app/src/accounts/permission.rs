//! What routes ask for, and which roles hold it: the whole table.

use base::{i18n::Text, text};

use super::Role;

/// What a route asks for. The table of roles below is the whole of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Permission {
    /// Anyone, signed in or not.
    Public,
    /// Anyone who is signed in with a working account.
    SignedIn,
    PlacesRead,
    PlacesWrite,
    UnitsRead,
    UnitsWrite,
    PeopleRead,
    PeopleWrite,
    /// A full view of an ID number; each is logged.
    IdNumberRead,
    PostingsRead,
    PostingsWrite,
    /// Names of households and who of them is looked after.
    HouseholdsRead,
    HouseholdsWrite,
    CardsRead,
    CardsWrite,
    LogRead,
    LogWrite,
    /// A word on an outcome that is large enough to wait for one.
    OutcomesConfirm,
    VisitsWrite,
    /// What villagers raised, and how it goes.
    MattersRead,
    /// Enters, takes steps.
    MattersWrite,
    /// Which systems outside may raise matters.
    MattersKeys,
    HandoversRead,
    /// Announces, plans, starts, completes, cancels.
    HandoversWrite,
    /// Confirms as a party, writes lines and visits.
    HandoversSign,
    Import,
    /// Who is away: leave and trips of a place or of a unit's people.
    PresenceRead,
    /// One's own leave, trips and word on a spot check.
    PresenceOwn,
    /// One leave or trip: of one's own, or of those one may see.
    LeaveRead,
    LeaveDecide,
    TripsWrite,
    CalendarWrite,
    SpotChecks,
    StatisticsRead,
    AccountsRead,
    AccountsWrite,
    AuditRead,
    SystemRead,
    ComplaintsAnswer,
    SwitchesWrite,
    SelfCheckRead,
}

impl Permission {
    pub const ALL: [Self; 41] = [
        Self::Public,
        Self::SignedIn,
        Self::PlacesRead,
        Self::PlacesWrite,
        Self::UnitsRead,
        Self::UnitsWrite,
        Self::PeopleRead,
        Self::PeopleWrite,
        Self::IdNumberRead,
        Self::PostingsRead,
        Self::PostingsWrite,
        Self::HouseholdsRead,
        Self::HouseholdsWrite,
        Self::CardsRead,
        Self::CardsWrite,
        Self::LogRead,
        Self::LogWrite,
        Self::OutcomesConfirm,
        Self::VisitsWrite,
        Self::MattersRead,
        Self::MattersWrite,
        Self::MattersKeys,
        Self::HandoversRead,
        Self::HandoversWrite,
        Self::HandoversSign,
        Self::Import,
        Self::PresenceRead,
        Self::PresenceOwn,
        Self::LeaveRead,
        Self::LeaveDecide,
        Self::TripsWrite,
        Self::CalendarWrite,
        Self::SpotChecks,
        Self::StatisticsRead,
        Self::AccountsRead,
        Self::AccountsWrite,
        Self::AuditRead,
        Self::SystemRead,
        Self::ComplaintsAnswer,
        Self::SwitchesWrite,
        Self::SelfCheckRead,
    ];

    /// The name in `routes.txt` and `permissions.txt`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::SignedIn => "signed-in",
            Self::PlacesRead => "places.read",
            Self::PlacesWrite => "places.write",
            Self::UnitsRead => "units.read",
            Self::UnitsWrite => "units.write",
            Self::PeopleRead => "people.read",
            Self::PeopleWrite => "people.write",
            Self::IdNumberRead => "id-number.read",
            Self::PostingsRead => "postings.read",
            Self::PostingsWrite => "postings.write",
            Self::HouseholdsRead => "households.read",
            Self::HouseholdsWrite => "households.write",
            Self::CardsRead => "cards.read",
            Self::CardsWrite => "cards.write",
            Self::LogRead => "log.read",
            Self::LogWrite => "log.write",
            Self::OutcomesConfirm => "outcomes.confirm",
            Self::VisitsWrite => "visits.write",
            Self::MattersRead => "matters.read",
            Self::MattersWrite => "matters.write",
            Self::MattersKeys => "matters.keys",
            Self::HandoversRead => "handovers.read",
            Self::HandoversWrite => "handovers.write",
            Self::HandoversSign => "handovers.sign",
            Self::Import => "import",
            Self::PresenceRead => "presence.read",
            Self::PresenceOwn => "presence.own",
            Self::LeaveRead => "leaves.read",
            Self::LeaveDecide => "leaves.decide",
            Self::TripsWrite => "trips.write",
            Self::CalendarWrite => "workdays.write",
            Self::SpotChecks => "spot-checks",
            Self::StatisticsRead => "statistics.read",
            Self::AccountsRead => "accounts.read",
            Self::AccountsWrite => "accounts.write",
            Self::AuditRead => "audit.read",
            Self::SystemRead => "system.read",
            Self::ComplaintsAnswer => "complaints.answer",
            Self::SwitchesWrite => "switches.write",
            Self::SelfCheckRead => "self-check.read",
        }
    }

    /// What it lets one do, for the page that shows the table.
    #[must_use]
    pub fn label(self) -> Text {
        match self {
            Self::Public => text!("不登录也能看"),
            Self::SignedIn => text!("登录即可"),
            Self::PlacesRead => text!("看区划和村情"),
            Self::PlacesWrite => text!("改区划和村情"),
            Self::UnitsRead => text!("看派出单位"),
            Self::UnitsWrite => text!("改派出单位"),
            Self::PeopleRead => text!("看选派干部"),
            Self::PeopleWrite => text!("改选派干部"),
            Self::IdNumberRead => text!("看完整身份证号（每次留痕）"),
            Self::PostingsRead => text!("看派驻"),
            Self::PostingsWrite => text!("办派驻"),
            Self::HouseholdsRead => text!("看农户名册"),
            Self::HouseholdsWrite => text!("改农户名册"),
            Self::CardsRead => text!("看联心卡和身份牌"),
            Self::CardsWrite => text!("发联心卡、改身份牌"),
            Self::LogRead => text!("看工作日志和调研指导"),
            Self::LogWrite => text!("记工作日志"),
            Self::OutcomesConfirm => text!("核实数量大的成效"),
            Self::VisitsWrite => text!("登记调研指导"),
            Self::MattersRead => text!("看群众事项"),
            Self::MattersWrite => text!("办群众事项"),
            Self::MattersKeys => text!("发外部系统的接入密钥"),
            Self::HandoversRead => text!("看交接"),
            Self::HandoversWrite => text!("安排、办结交接"),
            Self::HandoversSign => text!("逐项确认交接"),
            Self::Import => text!("导入名册"),
            Self::PresenceRead => text!("看在岗、请假、公出"),
            Self::PresenceOwn => text!("办自己的请假、公出"),
            Self::LeaveRead => text!("看一份请假、公出"),
            Self::LeaveDecide => text!("批请假"),
            Self::TripsWrite => text!("记公出"),
            Self::CalendarWrite => text!("改工作日历"),
            Self::SpotChecks => text!("抽村查岗"),
            Self::StatisticsRead => text!("看统计"),
            Self::AccountsRead => text!("看账号"),
            Self::AccountsWrite => text!("建账号、授职责"),
            Self::AuditRead => text!("看审计记录"),
            Self::SystemRead => text!("看系统运行"),
            Self::ComplaintsAnswer => text!("答复减负意见"),
            Self::SwitchesWrite => text!("开、停减负开关"),
            Self::SelfCheckRead => text!("看减负自查"),
        }
    }

    /// The roles that hold it. `Public` and `SignedIn` ask for none.
    #[must_use]
    pub const fn roles(self) -> &'static [Role] {
        use Role::{Auditor, Branch, Cadre, Department, Leader, Mentor, Office, Secadmin, Sysadmin, Township, Unit};
        match self {
            Self::Public | Self::SignedIn => &[],
            Self::PlacesRead => &[Office, Township, Cadre, Unit, Branch, Leader, Mentor, Department],
            Self::PlacesWrite | Self::PostingsWrite | Self::Import | Self::UnitsWrite | Self::PeopleWrite => &[Office],
            Self::UnitsRead => &[Office, Township, Unit, Leader, Department],
            Self::HouseholdsRead | Self::HouseholdsWrite | Self::CardsWrite => &[Office, Township, Cadre, Branch],
            Self::CardsRead => &[Office, Township, Cadre, Unit, Branch, Leader],
            Self::LogWrite => &[Cadre, Township],
            Self::OutcomesConfirm => &[Township, Branch],
            Self::VisitsWrite | Self::MattersWrite => &[Office, Township, Branch, Cadre],
            Self::MattersRead => &[Office, Township, Cadre, Branch, Leader],
            Self::HandoversWrite | Self::MattersKeys => &[Office],
            // The office may write lines, and is told that it confirms for nobody.
            Self::HandoversSign => &[Office, Township, Cadre, Branch],
            Self::PeopleRead | Self::PostingsRead | Self::LogRead | Self::HandoversRead => {
                &[Office, Township, Cadre, Unit, Branch, Leader]
            }
            Self::IdNumberRead => &[Office],
            Self::PresenceRead => &[Office, Township, Unit, Leader],
            Self::PresenceOwn => &[Cadre],
            Self::LeaveRead => &[Office, Township, Cadre, Unit, Leader],
            Self::LeaveDecide => &[Office, Township],
            Self::TripsWrite => &[Office, Township, Cadre],
            Self::CalendarWrite => &[Office],
            Self::SpotChecks => &[Office, Township],
            Self::StatisticsRead => &[Office, Township, Leader, Cadre, Branch],
            Self::AccountsRead | Self::AccountsWrite => &[Secadmin],
            Self::AuditRead => &[Auditor],
            Self::SystemRead => &[Sysadmin],
            Self::ComplaintsAnswer | Self::SwitchesWrite => &[Office],
            // Counts alone, nobody's record: the auditor reads it too.
            Self::SelfCheckRead => &[Office, Leader, Auditor],
        }
    }
}
