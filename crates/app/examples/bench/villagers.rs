//! Villagers at their pages while staff work, and a flood of forms with an honest villager in it.

use std::{
    collections::BTreeMap,
    net::{Ipv4Addr, SocketAddr},
    time::{Duration, Instant},
};

use base::{db::sql, kernel::new_id};
use tokio::net::{TcpSocket, TcpStream};

use super::{
    Options, Outcome,
    load::{ask, get, header, percentiles, request},
    world::World,
};

const VILLAGERS: usize = 64;
const STAFF: usize = 16;
/// How long a villager looks at a page, and a member of staff at theirs.
const LOOKS: Duration = Duration::from_millis(500);
const WORKS: Duration = Duration::from_secs(1);
const STAFF_PAGES: [&str; 4] = ["/", "/postings", "/matters", "/dashboard"];

const ADDRESSES: u8 = 200;
const POSTS_EACH: u32 = 50;
const FLOOD: Duration = Duration::from_secs(60);

pub async fn measure(options: &Options, world: &World) -> Outcome<()> {
    let app = world.open(None).await?;
    let token: String = app.db.read().await?.value(sql("select min(token) from card_token")).await?;
    app.db.close().await;
    // It holds the one writer until it is gone.
    drop(app);
    let cookie = world.sign_in().await?;
    let server = world.serve(options)?;
    let address = server.address.clone();
    let page = format!("/c/{token}");

    println!("\nvillager's page, {VILLAGERS} clients looking {LOOKS:?} at it, while {STAFF} staff work");
    let until = Instant::now() + Duration::from_secs(options.seconds);
    let mut staff = Vec::new();
    for at in 0..STAFF {
        let (address, cookie) = (address.clone(), cookie.clone());
        staff.push(tokio::spawn(async move {
            let mut times = Vec::new();
            tokio::time::sleep(WORKS * u32::try_from(at)? / u32::try_from(STAFF)?).await;
            for path in STAFF_PAGES.iter().cycle().skip(at) {
                if Instant::now() >= until {
                    break;
                }
                let asked = Instant::now();
                get(&address, path, &cookie).await?;
                times.push(asked.elapsed());
                tokio::time::sleep(WORKS).await;
            }
            Outcome::Ok(times)
        }));
    }
    let mut villagers = Vec::new();
    for at in 0..VILLAGERS {
        let (address, request) = (address.clone(), request(&address, &page, ""));
        villagers.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(&address).await?;
            stream.set_nodelay(true)?;
            let mut times = Vec::new();
            tokio::time::sleep(LOOKS * u32::try_from(at)? / u32::try_from(VILLAGERS)?).await;
            while Instant::now() < until {
                let asked = Instant::now();
                ask(&mut stream, &request).await?;
                times.push(asked.elapsed());
                tokio::time::sleep(LOOKS).await;
            }
            Outcome::Ok(times)
        }));
    }
    for (name, tasks) in [("villagers", villagers), ("staff", staff)] {
        let mut times = Vec::new();
        for task in tasks {
            times.extend(task.await??);
        }
        let [median, worst] = percentiles(&mut times);
        println!("  {name:<10} {:>6} pages   median {median:>5.1} ms   99th {worst:>6.1} ms", times.len());
    }
    flood(&address, &page).await?;
    server.stop();
    Ok(())
}

/// A villager's connection from an address of its own, with what the form's page gave.
struct Villager {
    stream: TcpStream,
    host: String,
    path: String,
    cookie: String,
    csrf: String,
}

impl Villager {
    async fn come(server: &str, page: &str, from: Ipv4Addr) -> Outcome<Self> {
        let socket = TcpSocket::new_v4()?;
        socket.bind(SocketAddr::new(from.into(), 0))?;
        let mut stream = socket.connect(server.parse()?).await?;
        stream.set_nodelay(true)?;
        let path = format!("{page}/matter");
        let answer = ask(&mut stream, &request(server, &path, "")).await?;
        let text = String::from_utf8_lossy(&answer.body).into_owned();
        let csrf = text.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let cookie = header(&answer.head, "set-cookie").and_then(|line| line.split(';').next());
        let cookie = cookie.unwrap_or_default().to_owned();
        Ok(Self { stream, host: server.to_owned(), path, cookie, csrf: csrf.ok_or("no form")?.to_owned() })
    }

    async fn raise(&mut self, words: &str) -> Outcome<u16> {
        let edge = "----lianxin";
        let part = |name: &str, value: &str| {
            format!("--{edge}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n")
        };
        let fields = [("csrf", self.csrf.as_str()), ("once", &new_id()), ("words", words)];
        let body: String =
            fields.iter().map(|(name, value)| part(name, value)).collect::<String>() + &format!("--{edge}--\r\n");
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: {host}\r\nOrigin: http://{host}\r\nCookie: {}\r\n\
             Content-Type: multipart/form-data; boundary={edge}\r\nContent-Length: {}\r\n\r\n",
            self.path,
            self.cookie,
            body.len(),
            host = self.host,
        );
        Ok(ask(&mut self.stream, (head + &body).as_bytes()).await?.status)
    }
}

async fn flood(server: &str, page: &str) -> Outcome<()> {
    let posts = u32::from(ADDRESSES) * POSTS_EACH;
    println!("\n{posts} forms from {ADDRESSES} addresses in {FLOOD:?}, and one honest villager");
    let mut tasks = Vec::new();
    let began = Instant::now();
    for at in 1..=ADDRESSES {
        let (server, page) = (server.to_owned(), page.to_owned());
        tasks.push(tokio::spawn(async move {
            let mut seen: BTreeMap<u16, u32> = BTreeMap::new();
            let mut villager = Villager::come(&server, &page, Ipv4Addr::new(127, 0, 1, at)).await?;
            for n in 0..POSTS_EACH {
                let due = began + FLOOD * (n * u32::from(ADDRESSES) + u32::from(at)) / posts;
                tokio::time::sleep_until(due.into()).await;
                *seen
                    .entry(villager.raise(&format!("第 {n} 次：来自 {at} 的同一件事，请尽快处理")).await?)
                    .or_default() += 1;
            }
            Outcome::Ok(seen)
        }));
    }
    let (mut honest, mut served) = (Vec::new(), Vec::new());
    for n in 0..4_u8 {
        tokio::time::sleep_until((began + FLOOD * (u32::from(n) + 1) / 5).into()).await;
        let asked = Instant::now();
        let mut villager = Villager::come(server, page, Ipv4Addr::new(127, 0, 2, n + 1)).await?;
        served.push(villager.raise("二组老井边的水管爆了，水流到路上").await?);
        honest.push(asked.elapsed());
    }
    let mut seen: BTreeMap<u16, u32> = BTreeMap::new();
    for task in tasks {
        for (status, count) in task.await?? {
            *seen.entry(status).or_default() += count;
        }
    }
    println!("  answers {seen:?} in {:.1} s", began.elapsed().as_secs_f64());
    let [_, worst] = percentiles(&mut honest);
    println!("  the honest villager was answered {served:?}, form and post together at most {worst:.0} ms");
    Ok(())
}
