//! Clients that ask for one page as fast as it comes, each over a connection of its own.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use super::Outcome;

/// What the clients saw.
pub struct Load {
    pub per_second: f64,
    pub median_ms: f64,
    /// The 99th percentile.
    pub worst_ms: f64,
    pub bytes: usize,
}

/// What a server said.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: Vec<u8>,
}

impl Answer {
    fn ok(self) -> Outcome<Vec<u8>> {
        match self.status {
            200 => Ok(self.body),
            status => Err(format!("not 200: {status}").into()),
        }
    }
}

/// The body of one answer; anything but 200 is an error.
pub async fn get(address: &str, path: &str, cookie: &str) -> Outcome<Vec<u8>> {
    let mut stream = TcpStream::connect(address).await?;
    ask(&mut stream, &request(address, path, cookie)).await?.ok()
}

pub fn request(address: &str, path: &str, cookie: &str) -> Vec<u8> {
    format!("GET {path} HTTP/1.1\r\nHost: {address}\r\nCookie: {cookie}\r\nAccept: text/html\r\n\r\n").into_bytes()
}

/// What a header says.
pub fn header<'a>(head: &'a str, name: &str) -> Option<&'a str> {
    head.lines()
        .find_map(|line| line.split_once(": ").filter(|(own, _)| own.eq_ignore_ascii_case(name)))
        .map(|(_, value)| value.trim())
}

/// Sends a request over an open connection and reads the whole answer.
pub async fn ask(stream: &mut TcpStream, request: &[u8]) -> Outcome<Answer> {
    stream.write_all(request).await?;
    let mut got = Vec::with_capacity(64 * 1024);
    let head_end = loop {
        if let Some(at) = got.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        if stream.read_buf(&mut got).await? == 0 {
            return Err("the server closed the connection".into());
        }
    };
    let head = String::from_utf8_lossy(&got[..head_end]).into_owned();
    let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).ok_or("no status")?;
    let length = header(&head, "content-length").and_then(|length| length.parse::<usize>().ok());
    match length {
        Some(length) => {
            while got.len() < head_end + length {
                if stream.read_buf(&mut got).await? == 0 {
                    return Err("cut short".into());
                }
            }
        }
        None => {
            while !got.ends_with(b"\r\n0\r\n\r\n") {
                if stream.read_buf(&mut got).await? == 0 {
                    return Err("cut short".into());
                }
            }
        }
    }
    Ok(Answer { status, head, body: got.split_off(head_end) })
}

/// Asks for a page from so many clients at once, each waiting `pause` after an answer; the first fifth of the time warms
/// up and is not counted.
pub async fn run(
    address: &str,
    path: &str,
    cookie: &str,
    (clients, pause): (u32, Duration),
    duration: Duration,
) -> Outcome<Load> {
    let began = Instant::now();
    let (counted_from, until) = (began + duration / 5, began + duration);
    let mut tasks = Vec::new();
    for client in 0..clients {
        let (address, request) = (address.to_owned(), request(address, path, cookie));
        tasks.push(tokio::spawn(async move {
            let mut stream = TcpStream::connect(address).await?;
            stream.set_nodelay(true)?;
            let (mut times, mut bytes) = (Vec::new(), 0);
            // Nobody starts in step with the others.
            tokio::time::sleep(pause * client / clients).await;
            while Instant::now() < until {
                let asked = Instant::now();
                bytes = ask(&mut stream, &request).await?.ok()?.len();
                if asked >= counted_from {
                    times.push(asked.elapsed());
                }
                if !pause.is_zero() {
                    tokio::time::sleep(pause).await;
                }
            }
            Ok::<_, Box<dyn std::error::Error + Send + Sync>>((times, bytes))
        }));
    }
    let (mut times, mut bytes) = (Vec::new(), 0);
    for task in tasks {
        let (own, size) = task.await??;
        times.extend(own);
        bytes = size;
    }
    let seconds = (duration - duration / 5).as_secs_f64();
    let count = u32::try_from(times.len())?;
    let [median_ms, worst_ms] = percentiles(&mut times);
    Ok(Load { per_second: f64::from(count) / seconds, median_ms, worst_ms, bytes })
}

/// The median and the 99th percentile, in milliseconds.
pub fn percentiles(times: &mut [Duration]) -> [f64; 2] {
    times.sort();
    [50, 99].map(|part| times.get(times.len() * part / 100).map_or(0.0, |time| time.as_secs_f64() * 1000.0))
}
