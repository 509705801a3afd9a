//! The messages of `proto/maglev.proto` as Rust types, and what makes them pleasant to use.
//!
//! Must not know: who sends them and over what.

#![allow(clippy::all, missing_docs)]

tonic::include_proto!("maglev.v1");

use format::page::{PageError, PageView};
use format::record::{RecordView, records};

impl FaultedPage {
    /// The records of this page that the view sees.
    ///
    /// # Errors
    /// When the page's bytes are no page, or name slots it does not have.
    pub fn current_records(&self) -> Result<Vec<RecordView<'_>>, PageError> {
        let page = PageView::parse(&self.page)?;
        self.current_slots
            .iter()
            .map(|slot| page.record(*slot as usize))
            .collect()
    }
}

impl FaultReply {
    /// Calls `each` for every record of the reply: pages first, then the loose ones.
    ///
    /// # Errors
    /// At the first page or record that is damaged.
    pub fn for_each_record<'a>(
        &'a self,
        mut each: impl FnMut(RecordView<'a>),
    ) -> Result<(), PageError> {
        for faulted in &self.pages {
            let page = PageView::parse(&faulted.page)?;
            for slot in &faulted.current_slots {
                each(page.record(*slot as usize)?);
            }
        }
        for record in records(&self.loose) {
            each(record?);
        }
        Ok(())
    }
}
