//! Kernel values as columns: read as their stored type, then parsed; a value that does not parse is a decode error.

use sqlx::{Database, Decode, Type, error::BoxDynError};

use crate::kernel::{CountyId, Day, DivisionCode, Fen, Instant, Month};

macro_rules! column {
    ($($type:ty as $stored:ty, $v:ident => $parse:expr;)*) => {$(
        impl<DB: Database> Type<DB> for $type where $stored: Type<DB> {
            fn type_info() -> DB::TypeInfo { <$stored as Type<DB>>::type_info() }
            fn compatible(ty: &DB::TypeInfo) -> bool { <$stored as Type<DB>>::compatible(ty) }
        }
        impl<'r, DB: Database> Decode<'r, DB> for $type where $stored: Decode<'r, DB> {
            fn decode(value: DB::ValueRef<'r>) -> Result<Self, BoxDynError> {
                let $v = <$stored as Decode<'r, DB>>::decode(value)?;
                $parse.ok_or_else(|| format!(concat!("not a ", stringify!($type), ": {}"), $v).into())
            }
        }
    )*};
}

column! {
    Day as String, v => Day::parse(&v);
    Month as String, v => Month::parse(&v);
    DivisionCode as i64, v => DivisionCode::from_i64(v);
    CountyId as i64, v => CountyId::from_i64(v);
    Instant as i64, v => Some(Instant(v));
    Fen as i64, v => Some(Fen(v));
}
