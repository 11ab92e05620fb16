//! The list of postings without a framework of ours: axum, a driver, the same statements, the same page.
//!
//! `lianxin-bare sqlite FILE PAGE.html` or `lianxin-bare postgres URL PAGE.html`; prints the address it listens on.
//! Everything around the rows of PAGE.html is sent as it stands; only the rows are read and written, so that this is
//! less work than any page can be: no session, no permission, no count of links, no language.

use std::{
    error::Error,
    fmt::Write as _,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use axum::{Router, response::Html, routing::get};

/// `store/list.rs`: the page of the list and the count above it.
const LIST: &str = "select p.county_id, p.id, p.person_county, p.person_id, p.person_name, h.gender, h.birth, \
    h.phone, h.education, h.position, h.rank, p.village, v.name as village_name, t.name as township_name, p.role, \
    p.ledger, p.unit_id, u.name as unit_name, p.state, p.since, p.until, p.end_reason, b.number as batch_number \
    from posting p \
    left join person h on h.county_id = p.person_county and h.id = p.person_id \
    left join division v on v.code = p.village and v.until is null \
    left join division t on t.code = (p.village / 1000) * 1000 and t.until is null \
    left join unit u on u.id = p.unit_id \
    left join batch b on b.county_id = p.county_id and b.id = p.batch_id \
    where 1 = 1 and p.county_id = $1 and (p.village between $2 and $3) and p.state = $4 and p.role = $5 \
    order by p.name_key, p.id limit $6 offset $7";
const COUNT: &str = "select count(*) from posting p where 1 = 1 and p.county_id = $1 \
    and (p.village between $2 and $3) and p.state = $4 and p.role = $5";

const COUNTY: i64 = 411_327;
const FIRST: i64 = 411_327_000_000;
const LAST: i64 = 411_327_999_999;
const CONNECTIONS: usize = 8;

/// What a line shows: person, name, village code, village, township, role, ledger, unit, telephone, county, id, since, state.
type Line = [String; 13];

struct Page {
    head: String,
    tail: String,
}

impl Page {
    fn read(path: &str) -> Result<Self, Box<dyn Error>> {
        let text = std::fs::read_to_string(path)?;
        let (head, rest) = text.split_once("<tbody>").ok_or("no table in the page")?;
        let (_, tail) = rest.split_once("</tbody>").ok_or("no table in the page")?;
        Ok(Self { head: format!("{head}<tbody>"), tail: format!("</tbody>{tail}") })
    }

    fn show(&self, total: i64, lines: &[Line]) -> Html<String> {
        let mut out = String::with_capacity(self.head.len() + self.tail.len() + 1_000 * lines.len());
        out.push_str(&self.head);
        for [person, name, code, village, township, role, ledger, unit, phone, county, id, since, state] in lines {
            let [name, village, township, unit] = [name, village, township, unit].map(|text| escaped(text));
            let _ = write!(
                out,
                "<tr>\n  <th scope=\"row\"><a href=\"/people/{county}/{person}\">{name}</a></th>\n  \
                 <td data-label=\"派驻村\"><a href=\"/villages/{code}\">{village}</a> <span class=\"sub\">{township}</span></td>\n  \
                 <td data-label=\"驻村职务\">{role}</td>\n  <td data-label=\"台账\">{ledger}</td>\n  \
                 <td data-label=\"派出单位\">{unit}</td>\n  <td data-label=\"联系电话\">{phone}</td>\n  \
                 <td data-label=\"到岗\"><a href=\"/postings/{county}/{id}\">{since}</a></td>\n  \
                 <td data-label=\"状态\"><span class=\"pill\">{state}</span></td>\n</tr>\n"
            );
        }
        let _ = write!(out, "<!-- {total} -->");
        out.push_str(&self.tail);
        Html(out)
    }
}

fn escaped(text: &str) -> String {
    text.replace('&', "&#38;").replace('<', "&#60;").replace('>', "&#62;").replace('"', "&#34;")
}

fn sqlite(path: &str, page: Page) -> Result<Router, Box<dyn Error>> {
    let mut all = Vec::new();
    for _ in 0..CONNECTIONS {
        let conn = rusqlite::Connection::open_with_flags(path, rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        conn.execute_batch("pragma cache_size=-16000; pragma mmap_size=268435456; pragma temp_store=memory")?;
        all.push(Mutex::new(conn));
    }
    let (all, next) = (Arc::new((all, page)), Arc::new(AtomicUsize::new(0)));
    let handler = move || {
        let (all, turn) = (Arc::clone(&all), next.fetch_add(1, Ordering::Relaxed) % CONNECTIONS);
        async move {
            let work = move || -> rusqlite::Result<Html<String>> {
                let conn = all.0[turn].lock().unwrap_or_else(std::sync::PoisonError::into_inner);
                let total = conn
                    .prepare_cached(COUNT)?
                    .query_row((COUNTY, FIRST, LAST, "on_post", "member"), |row| row.get(0))?;
                let mut list = conn.prepare_cached(LIST)?;
                let rows = list.query_map((COUNTY, FIRST, LAST, "on_post", "member", 50, 0), |row| {
                    let text = |at| row.get::<_, Option<String>>(at).map(Option::unwrap_or_default);
                    let number = |at| row.get::<_, i64>(at).map(|number| number.to_string());
                    Ok([
                        text(3)?,
                        text(4)?,
                        number(11)?,
                        text(12)?,
                        text(13)?,
                        text(14)?,
                        text(15)?,
                        text(17)?,
                        text(7)?,
                        number(0)?,
                        text(1)?,
                        text(19)?,
                        text(18)?,
                    ])
                })?;
                Ok(all.1.show(total, &rows.collect::<rusqlite::Result<Vec<Line>>>()?))
            };
            tokio::task::spawn_blocking(work)
                .await
                .ok()
                .and_then(Result::ok)
                .ok_or(axum::http::StatusCode::INTERNAL_SERVER_ERROR)
        }
    };
    Ok(Router::new().route("/postings", get(handler)))
}

async fn postgres(url: &str, page: Page) -> Result<Router, Box<dyn Error>> {
    let mut all = Vec::new();
    for _ in 0..CONNECTIONS {
        let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await?;
        tokio::spawn(connection);
        let (count, list) = (client.prepare(COUNT).await?, client.prepare(LIST).await?);
        all.push((client, count, list));
    }
    let (all, next) = (Arc::new((all, page)), Arc::new(AtomicUsize::new(0)));
    let handler = move || {
        let (all, turn) = (Arc::clone(&all), next.fetch_add(1, Ordering::Relaxed) % CONNECTIONS);
        async move {
            let (client, count, list) = &all.0[turn];
            let work = async {
                let total = client.query_one(count, &[&COUNTY, &FIRST, &LAST, &"on_post", &"member"]).await?.get(0);
                let rows =
                    client.query(list, &[&COUNTY, &FIRST, &LAST, &"on_post", &"member", &50_i64, &0_i64]).await?;
                let line = |row: &tokio_postgres::Row| -> Line {
                    let text = |at: usize| row.get::<_, Option<String>>(at).unwrap_or_default();
                    let number = |at: usize| row.get::<_, i64>(at).to_string();
                    [
                        text(3),
                        text(4),
                        number(11),
                        text(12),
                        text(13),
                        text(14),
                        text(15),
                        text(17),
                        text(7),
                        number(0),
                        text(1),
                        text(19),
                        text(18),
                    ]
                };
                let lines: Vec<Line> = rows.iter().map(line).collect();
                Ok::<_, tokio_postgres::Error>(all.1.show(total, &lines))
            };
            work.await.map_err(|_| axum::http::StatusCode::INTERNAL_SERVER_ERROR)
        }
    };
    Ok(Router::new().route("/postings", get(handler)))
}

#[tokio::main]
async fn main() -> Result<(), Box<dyn Error>> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [kind, database, page] = arguments.as_slice() else { return Err("sqlite|postgres DATABASE PAGE".into()) };
    let page = Page::read(page)?;
    let router = if kind == "sqlite" { sqlite(database, page)? } else { postgres(database, page).await? };
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    println!("http://{}", listener.local_addr()?);
    Ok(axum::serve(listener, router).await?)
}
