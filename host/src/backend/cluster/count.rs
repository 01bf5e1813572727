//! Counting on the host: the whole collection is read page by page, and nothing of it is kept but the counts.

use std::collections::BTreeMap;

use super::Cluster;
use super::read::{ListQuery, MAX_PAGE};
use crate::call::Call;
use crate::clean::{self, Clean};
use crate::failure::{Failure, Kind};
use crate::gate::Permit;
use crate::projection::Path;

/// The most objects that one count reads.
pub(crate) const MAX_COUNTED: usize = 100_000;

impl Cluster {
    /// Counts the covered objects, grouped by the values at `by`, most frequent first, then by key.
    ///
    /// Gives what is already clean: the values that are counted come from cleaned objects.
    ///
    /// # Errors
    /// `Limit` past [`MAX_COUNTED`] objects; `Invalid`, `Upstream`, `Denied` by the API server.
    pub(crate) async fn count(
        &self,
        permit: Permit,
        call: &Call,
        query: &ListQuery,
        by: &[Path],
    ) -> Result<Clean<Vec<(Vec<String>, u32)>>, Failure> {
        call.bound(async {
            let listing = self.listing(permit, call, query).await?;
            let mut counts = BTreeMap::new();
            if by.is_empty() && listing.permit().is_unconditional() {
                // One object is enough where the server says how many follow, which it does not with a selector.
                let page = self.noting_expiry(listing.page(call, 1, None).await)?;
                if page.continue_token.is_none() || page.remaining.is_some() {
                    let total = page.objects.len() + page.remaining.unwrap_or_default() as usize;
                    return Ok(clean::total(total));
                }
            }
            let mut token = None;
            let mut seen = 0;
            loop {
                let page =
                    self.noting_expiry(listing.page(call, MAX_PAGE, token.as_deref()).await)?;
                seen += page.objects.len();
                if seen > MAX_COUNTED {
                    return Err(Failure::new(
                        Kind::Limit,
                        format!("there are more than {MAX_COUNTED} objects to count"),
                    )
                    .fix("count by namespace or with a selector"));
                }
                clean::count(page.objects, by, &mut counts, |bytes| {
                    call.budget.take_crossing(bytes)
                })?;
                token = page.continue_token;
                if token.is_none() {
                    return Ok(clean::counted(counts));
                }
            }
        })
        .await
    }
}
