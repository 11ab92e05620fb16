//! Runs: many items set chunk by chunk on a few threads, joined in order, with progress and a stop.

use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
    sync::{
        atomic::{AtomicBool, AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use typst::foundations::Dict;

use crate::{
    Error,
    join::Joined,
    press::{Press, Template, missing},
};

/// What was printed.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Printed {
    pub pages: usize,
    pub bytes: u64,
    /// Characters that the embedded font lacks. They stand on the paper as an empty box.
    pub missing: BTreeSet<char>,
    /// Items (counted from 0) whose picture could not be read. They are printed without it.
    pub unreadable: Vec<usize>,
}

/// How far a run is, and whether it shall go on. Called and asked between chunks, on the calling thread.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Told how many items of how many are done.
    pub progress: &'a dyn Fn(usize, usize),
    /// Set to true from anywhere: the run ends with [`Error::Stopped`] and writes nothing.
    pub stop: &'a AtomicBool,
}

static NEVER: AtomicBool = AtomicBool::new(false);

impl Watch<'_> {
    /// Tells nobody and never stops.
    #[must_use]
    pub fn none() -> Watch<'static> {
        Watch { progress: &|_, _| {}, stop: &NEVER }
    }
}

/// The inputs of one chunk, and which of its items have an unreadable picture.
pub(crate) struct Chunk {
    pub inputs: Dict,
    pub unreadable: Vec<usize>,
}

/// One run: how many items, how many of them make a chunk, and how a chunk's inputs are made.
pub(crate) struct Run<'a> {
    pub template: Template,
    pub title: &'a str,
    pub items: usize,
    pub chunk: usize,
    /// Every text of the run, for the font that all chunks share.
    pub characters: BTreeSet<char>,
    pub inputs: &'a (dyn Fn(std::ops::Range<usize>) -> Result<Chunk, Error> + Sync),
}

/// Typst nests deeply on long tables; the usual two megabytes are few for an unoptimised build.
const STACK: usize = 32 << 20;
/// More threads than this gain nothing: Typst sets the pages of a chunk in parallel itself.
const THREADS: usize = 2;

struct Made {
    pdf: Vec<u8>,
    missing: BTreeSet<char>,
    unreadable: Vec<usize>,
}

impl Run<'_> {
    pub fn print(mut self, press: &Press, out: &mut dyn Write, watch: &Watch<'_>) -> Result<Printed, Error> {
        if self.items == 0 {
            return Err(Error::Empty);
        }
        for text in [press.text(self.template), press.text(Template::Look)] {
            self.characters.extend(text.chars().filter(|one| !one.is_ascii()));
        }
        self.characters.extend(' '..='~');
        self.characters.retain(|one| !one.is_control());
        let primer: String = self.characters.iter().collect();
        let chunks = self.items.div_ceil(self.chunk);
        let threads = THREADS.min(chunks).min(thread::available_parallelism().map_or(1, usize::from));
        let next = AtomicUsize::new(0);
        let over = AtomicBool::new(false);
        let mut joined = Joined::new(self.title, press.date);
        let mut printed = Printed::default();
        thread::scope(|scope| {
            let (send, made) = mpsc::sync_channel(threads);
            for _ in 0..threads {
                let (send, run, primer, next, over, stop) = (send.clone(), &self, &primer, &next, &over, watch.stop);
                thread::Builder::new().stack_size(STACK).spawn_scoped(scope, move || {
                    while !over.load(Ordering::Relaxed) && !stop.load(Ordering::Relaxed) {
                        let index = next.fetch_add(1, Ordering::Relaxed);
                        if index >= chunks || send.send((index, run.make(press, index, primer))).is_err() {
                            return;
                        }
                    }
                })?;
            }
            drop(send);
            let result = self.gather(&made, &mut joined, &mut printed, watch);
            over.store(true, Ordering::Relaxed);
            result
            // `made` is dropped here: a thread waiting to hand over its chunk ends.
        })?;
        printed.pages = joined.pages();
        printed.bytes = joined.write(out)?;
        Ok(printed)
    }

    fn make(&self, press: &Press, index: usize, primer: &str) -> Result<Made, Error> {
        let first = index * self.chunk;
        let chunk = (self.inputs)(first..self.items.min(first + self.chunk))?;
        let document = press.set(self.template, chunk.inputs, Some(primer))?;
        let mut lacking = BTreeSet::new();
        for page in document.pages().iter().skip(1) {
            missing(&page.frame, &mut lacking);
        }
        let pdf = press.pdf(&document, false)?;
        drop(document);
        comemo::evict(0);
        Ok(Made { pdf, missing: lacking, unreadable: chunk.unreadable })
    }

    fn gather(
        &self,
        made: &mpsc::Receiver<(usize, Result<Made, Error>)>,
        joined: &mut Joined,
        printed: &mut Printed,
        watch: &Watch<'_>,
    ) -> Result<(), Error> {
        let mut early = BTreeMap::new();
        let mut turn = 0;
        while let Ok((index, one)) = made.recv() {
            early.insert(index, one?);
            while let Some(one) = early.remove(&turn) {
                if watch.stop.load(Ordering::Relaxed) {
                    return Err(Error::Stopped);
                }
                joined.add(&one.pdf, 1)?;
                printed.missing.extend(one.missing);
                printed.unreadable.extend(one.unreadable);
                turn += 1;
                (watch.progress)(self.items.min(turn * self.chunk), self.items);
            }
        }
        if turn * self.chunk < self.items { Err(Error::Stopped) } else { Ok(()) }
    }
}

/// A document in one piece, tagged for screen readers.
pub(crate) fn piece(
    press: &Press,
    template: Template,
    inputs: Chunk,
    out: &mut dyn Write,
    watch: &Watch<'_>,
) -> Result<Printed, Error> {
    if watch.stop.load(Ordering::Relaxed) {
        return Err(Error::Stopped);
    }
    let Chunk { inputs, unreadable } = inputs;
    let mut printed = Printed { unreadable, ..Printed::default() };
    let pdf = thread::scope(|scope| {
        let set = || {
            let document = press.set(template, inputs, None)?;
            for page in document.pages() {
                missing(&page.frame, &mut printed.missing);
            }
            printed.pages = document.pages().len();
            press.pdf(&document, true)
        };
        let thread = thread::Builder::new().stack_size(STACK).spawn_scoped(scope, set)?;
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    })?;
    comemo::evict(0);
    if watch.stop.load(Ordering::Relaxed) {
        return Err(Error::Stopped);
    }
    out.write_all(&pdf)?;
    out.flush()?;
    printed.bytes = pdf.len() as u64;
    (watch.progress)(1, 1);
    Ok(printed)
}
