//! The audit: reads everything a view shows and says what is wrong.

use crate::error::StoreError;
use crate::store::Store;
use crate::symbols::symbol_hash;
use format::record::RecordView;
use format::wellknown::SYMBOL;
use hashbrown::HashSet;

/// Problems beyond this number are not listed.
const PROBLEMS_MAX: usize = 1000;

/// What an audit read, and what is wrong with it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    pub objects: u64,
    pub pages: u64,
    pub symbols: u64,
    /// One sentence each; empty when nothing is wrong. No more than the first thousand.
    pub problems: Vec<String>,
}

impl Report {
    fn problem(&mut self, text: String) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(text);
        }
    }
}

impl Store {
    /// Reads every page, object and symbol at `view` and follows every reference.
    pub fn audit(&self, view: u64) -> Report {
        let mut report = Report {
            pages: self.page_count(),
            ..Report::default()
        };
        for page in 1..=self.page_count() {
            if let Err(error) = self.page_if_there(page) {
                report.problem(error.to_string());
            }
        }
        match self.id_chunks() {
            Ok(chunks) => chunks
                .iter()
                .for_each(|chunk| self.audit_chunk(*chunk, view, &mut report)),
            Err(error) => report.problem(error.to_string()),
        }
        self.audit_symbols(&mut report);
        report
    }

    fn audit_chunk(&self, chunk: u64, view: u64, report: &mut Report) {
        let places = match self.chunk_places(chunk, view) {
            Ok(places) => places,
            Err(error) => return report.problem(error.to_string()),
        };
        for (id, place) in places {
            report.objects += 1;
            let record = match self.record_at(id, &place) {
                Ok(Some(record)) => record,
                Ok(None) => continue,
                Err(error) => {
                    report.problem(format!("object {id}: {error}"));
                    continue;
                }
            };
            match RecordView::parse(&record) {
                Ok(parsed) => {
                    let mut local: Vec<u64> = parsed.references().map(|to| to.0).collect();
                    local.sort_unstable();
                    local.dedup();
                    match self.exist(&local, view) {
                        Ok(there) => local
                            .iter()
                            .zip(there)
                            .filter(|(_, there)| !there)
                            .for_each(|(to, _)| {
                                report.problem(format!(
                                    "object {id} refers to object {to}, which does not exist"
                                ));
                            }),
                        Err(error) => report.problem(error.to_string()),
                    }
                    if id >= self.next_id() {
                        report.problem(format!("object {id} has an id that was never handed out"));
                    }
                }
                Err(error) => report.problem(error.to_string()),
            }
        }
    }

    fn audit_symbols(&self, report: &mut Report) {
        let all = self.symbols.read().expect("no panic while held").all();
        report.symbols = all.len() as u64;
        let mut seen = HashSet::new();
        for (hash, id) in all {
            match self.record(id, u64::MAX) {
                Ok(Some(record)) => match RecordView::parse(&record) {
                    Ok(view) if view.class() != SYMBOL => {
                        report.problem(format!("symbol {id} is not of class Symbol"));
                    }
                    Ok(view) if symbol_hash(view.byte_body()) != hash => {
                        report.problem(format!("symbol {id} stands under a wrong hash"));
                    }
                    Ok(view) if !seen.insert(view.byte_body().to_vec()) => {
                        report.problem(format!(
                            "symbol {id} is a second one of the same characters"
                        ));
                    }
                    Ok(_) => {}
                    Err(error) => report.problem(error.to_string()),
                },
                Ok(None) => report.problem(format!("symbol {id} does not exist")),
                Err(error) => report.problem(format!("symbol {id}: {error}")),
            }
        }
    }

    /// Whether every page, chunk and record can be read; the first problem found. Cheaper than
    /// an audit: it follows no references.
    ///
    /// # Errors
    /// Those of reading.
    pub fn verify_bytes(&self) -> Result<Option<String>, StoreError> {
        for chunk in self.id_chunks()? {
            for (id, place) in self.chunk_places(chunk, u64::MAX)? {
                let Some(record) = self.record_at(id, &place)? else {
                    continue;
                };
                if RecordView::parse(&record)?.id().0 != id {
                    return Ok(Some(format!(
                        "object {id} is not where the object table says"
                    )));
                }
            }
        }
        let symbols = self.symbols.read().expect("no panic while held").all();
        for (_, id) in symbols {
            if !self.exists(id, u64::MAX)? {
                return Ok(Some(format!("symbol {id} does not exist")));
            }
        }
        Ok(None)
    }
}
