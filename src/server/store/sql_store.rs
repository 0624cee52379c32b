//! The SQL store, generic over the database, with its rate limits and readiness check.

use std::time::Duration;

use async_trait::async_trait;

use super::{
    columns::read, database::Database, error::StoreError, migrations, statement::Statement, traits::Store, types::Schema,
};
use crate::domain::UnixMillis;

/// Milliseconds beyond the possible maximum after which a slot's time means that the clock was set back, and the slot restarts.
/// Smaller differences come from concurrent requests and from the clock skew between servers.
const CLOCK_SET_BACK: i64 = 60_000;

pub struct SqlStore<D> {
    pub database: D,
    /// Maximum number of todos per user.
    pub max_todos: u32,
}

impl<D: Database> SqlStore<D> {
    pub async fn read_one(&self, statement: Statement) -> Result<Option<D::Row>, StoreError> {
        Ok(self.database.read(statement).await?.into_iter().next())
    }
}

#[async_trait]
impl<D: Database> Store for SqlStore<D> {
    fn is_shared(&self) -> bool {
        D::IS_SHARED
    }

    async fn take_permit(
        &self,
        slot: i64,
        period: Duration,
        tolerance: Duration,
        now: UnixMillis,
    ) -> Result<Result<(), Duration>, StoreError> {
        let (period, tolerance) = (millis(period), millis(tolerance));
        let mut take = Statement::default();
        let [to, at, by, ahead] = [slot, now.0, period, tolerance].map(|value| take.bind(value));
        let text = format!(
            "
    insert into rate_limits (slot, full_at) values ({to}, {at} + {by})
    on conflict (slot) do update
    set full_at = {by} + case when rate_limits.full_at between {at} and {at} + {ahead} then rate_limits.full_at else {at} end
    where not rate_limits.full_at between {at} + {ahead} + 1 and {at} + {ahead} + {by} + {CLOCK_SET_BACK}
    returning full_at"
        );
        if !self.database.write(None, take.text(text)).await?.rows.is_empty() {
            return Ok(Ok(()));
        }
        let mut find = Statement::default();
        let text = format!("select full_at from rate_limits where slot = {}", find.bind(slot));
        let full_at = match self.read_one(find.text(text)).await? {
            Some(row) => read(&row, "full_at")?,
            // Refunded concurrently: the retry is immediate.
            None => now.0,
        };
        Ok(Err(Duration::from_millis((full_at - now.0 - tolerance).max(0).unsigned_abs())))
    }

    async fn refund_permit(&self, slot: i64, period: Duration) -> Result<(), StoreError> {
        let mut statement = Statement::default();
        let [slot, period] = [slot, millis(period)].map(|value| statement.bind(value));
        let text = format!("update rate_limits set full_at = full_at - {period} where slot = {slot}");
        self.database.write(None, statement.text(text)).await?;
        Ok(())
    }

    async fn ping(&self) -> Result<Schema, StoreError> {
        if !self.database.can_write() {
            return Err(StoreError::Broken);
        }
        let row = self.read_one(Statement::default().text(migrations::LATEST)).await?;
        let applied: Option<i64> = row.map(|row| read(&row, "version")).transpose()?.flatten();
        Ok(if applied >= D::migrations().iter().map(|migration| migration.version).max() {
            Schema::Current
        } else {
            Schema::Outdated
        })
    }

    async fn close(&self) {
        self.database.close().await;
    }
}

fn millis(time: Duration) -> i64 {
    time.as_millis().try_into().unwrap_or(i64::MAX)
}
