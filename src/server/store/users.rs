//! Accounts and their sessions in SQL.

use async_trait::async_trait;

use super::{
    columns::read,
    database::{Connection, Database, Row},
    error::StoreError,
    sql_store::SqlStore,
    statement::{SESSION, Statement},
    traits::UserStore,
    types::{Account, ChangeEmail, CreateUser, NewUser, Owner, UserChange, UserSummary},
};
use crate::{
    domain::{Email, UnixMillis, UserId},
    server::{mail_address, time_zone::TimeZone},
};

/// The columns read by [`account`].
const ACCOUNT: &str =
    "id, email, token_epoch, password_hash, created_at, password_changed_at, time_zone, todos, completed_todos, list_version";

/// The columns read by [`user_summary`]. The operator sees the number of todos only.
const SUMMARY: &str = "email, created_at, disabled_at, todos";

impl<D: Database> SqlStore<D> {
    /// Migrates the e-mail addresses of older accounts to the normalized form used for look-ups.
    pub async fn respell_emails(&self) -> Result<(), StoreError> {
        // Runs at each start. Addresses in ASCII are already normalized.
        let foreign = Statement::default().text("select id, email from users where length(email) <> octet_length(email)");
        for row in self.database.read(foreign).await? {
            let (user, email): (UserId, String) = (read(&row, "id")?, read(&row, "email")?);
            let Some(respelled) = mail_address::parse(&email).ok().filter(|parsed| parsed.as_str() != email) else { continue };
            let mut respell = Statement::default();
            let (id, respelled) = (respell.bind(user), respell.bind(respelled));
            let text = format!(
                "update users set email = {respelled}
    where id = {id} and not exists (select 1 from users where email = {respelled})"
            );
            if self.database.write(None, respell.text(text)).await?.changed == 0 {
                tracing::warn!(%user, "sign-in to this account fails: another has the same address, with its domain in ASCII");
            }
        }
        Ok(())
    }

    /// Runs a statement on the owner's account; if no row matches, the session was revoked.
    async fn change_account(&self, owner: Owner, statement: Statement) -> Result<(), StoreError> {
        let done = self.database.write(Some(owner.user), statement).await?;
        if done.changed > 0 { Ok(()) } else { Err(StoreError::SessionEnded) }
    }
}

#[async_trait]
impl<D: Database> UserStore for SqlStore<D> {
    async fn create_user(&self, user: NewUser) -> Result<CreateUser, StoreError> {
        let mut statement = Statement::default();
        let (id, email) = (statement.bind(user.id), statement.bind(user.email));
        let (hash, now) = (statement.bind(user.password_hash), statement.bind(user.created_at));
        // The unique index decides between concurrent sign-ups.
        let text = format!(
            "
    insert into users (id, email, password_hash, token_epoch, created_at, password_changed_at)
    values ({id}, {email}, {hash}, 1, {now}, {now})
    on conflict (email) do nothing
    returning token_epoch"
        );
        Ok(match self.database.write(None, statement.text(text)).await?.rows.first() {
            Some(row) => CreateUser::Created(Owner { user: user.id, token_epoch: read(row, "token_epoch")?, session: None }),
            None => CreateUser::EmailTaken,
        })
    }

    async fn find_account(&self, email: &Email) -> Result<Option<Account>, StoreError> {
        let mut statement = Statement::default();
        let email = statement.bind(email.clone());
        let text = format!("select {ACCOUNT} from users where email = {email} and disabled_at is null");
        let row = self.read_one(statement.text(text)).await?;
        Ok(row.as_ref().map(account).transpose()?)
    }

    async fn read_account(&self, owner: Owner) -> Result<Account, StoreError> {
        let statement = Statement::about(owner).text(format!("select {ACCOUNT} from users where {SESSION}"));
        let row = self.read_one(statement).await?;
        Ok(account(&row.ok_or(StoreError::SessionEnded)?)?)
    }

    async fn set_email(&self, owner: Owner, email: Email) -> Result<ChangeEmail, StoreError> {
        // The unique index decides between concurrent changes and sign-ups. After its error Postgres commits nothing.
        let changed = self.database.transact(owner.user, move |transaction: &mut D::Connection| {
            let statement = set_email(owner, email.clone());
            Box::pin(async move {
                match transaction.run(statement).await {
                    Ok(written) => Ok(Some(written.changed)),
                    Err(sqlx::Error::Database(error)) if error.is_unique_violation() => Ok(None),
                    Err(error) => Err(error),
                }
            })
        });
        match changed.await? {
            Some(0) => Err(StoreError::SessionEnded),
            Some(_) => Ok(ChangeEmail::Changed),
            None => Ok(ChangeEmail::EmailTaken),
        }
    }

    async fn choose_time_zone(&self, owner: Owner, time_zone: Option<TimeZone>) -> Result<Account, StoreError> {
        let mut statement = Statement::about(owner);
        let (is_chosen, time_zone) = (statement.bind(time_zone.is_some()), statement.bind(time_zone));
        let text = format!(
            "
    update users set time_zone = {time_zone}, time_zone_chosen = {is_chosen}
    where {SESSION}
    returning {ACCOUNT}"
        );
        let written = self.database.write(Some(owner.user), statement.text(text)).await?;
        Ok(account(written.rows.first().ok_or(StoreError::SessionEnded)?)?)
    }

    async fn detect_time_zone(&self, owner: Owner, time_zone: TimeZone) -> Result<(), StoreError> {
        let mut statement = Statement::about(owner);
        let time_zone = statement.bind(time_zone);
        let text = format!("update users set time_zone = {time_zone} where not time_zone_chosen and {SESSION}");
        self.database.write(Some(owner.user), statement.text(text)).await?;
        Ok(())
    }

    async fn set_password(&self, owner: Owner, hash: String, now: UnixMillis) -> Result<(), StoreError> {
        let mut statement = Statement::about(owner);
        let (hash, now) = (statement.bind(hash), statement.bind(now));
        let text = format!(
            "
    update users set password_hash = {hash}, password_changed_at = {now}, token_epoch = token_epoch + 1
    where {SESSION}"
        );
        self.change_account(owner, statement.text(text)).await
    }

    async fn replace_hash(&self, owner: Owner, old: &str, new: String) -> Result<(), StoreError> {
        let mut statement = Statement::about(owner);
        let (old, new) = (statement.bind(old.to_owned()), statement.bind(new));
        let text = format!("update users set password_hash = {new} where password_hash = {old} and {SESSION}");
        self.database.write(Some(owner.user), statement.text(text)).await?;
        Ok(())
    }

    async fn delete_user(&self, owner: Owner) -> Result<(), StoreError> {
        // Foreign keys cascade to the rest.
        let statement = Statement::about(owner).text(format!("delete from users where {SESSION}"));
        self.change_account(owner, statement).await
    }

    async fn end_session(&self, owner: Owner, ends_at: UnixMillis) -> Result<(), StoreError> {
        let mut statement = Statement::about(owner);
        let ends_at = statement.bind(ends_at);
        let text = format!(
            "
    insert into ended_sessions (user_id, sid, ends_at)
    select id, $3, {ends_at} from users where {SESSION}"
        );
        self.change_account(owner, statement.text(text)).await
    }

    async fn end_sessions(&self, owner: Owner) -> Result<(), StoreError> {
        // Compares the token's epoch, so that an old token can't revoke newer sessions.
        let text = format!("update users set token_epoch = token_epoch + 1 where {SESSION}");
        self.change_account(owner, Statement::about(owner).text(text)).await
    }

    async fn list_users(&self, after: Option<&Email>, limit: u32) -> Result<Vec<UserSummary>, StoreError> {
        let mut statement = Statement::default();
        // The empty string sorts before every e-mail.
        let after = statement.bind(after.map_or("", Email::as_str).to_owned());
        let limit = statement.bind(i64::from(limit));
        let text = format!("select {SUMMARY} from users where email > {after} order by email limit {limit}");
        Ok(self.database.read(statement.text(text)).await?.iter().map(user_summary).collect::<Result<_, _>>()?)
    }

    async fn find_user(&self, email: &Email) -> Result<Option<UserSummary>, StoreError> {
        let mut statement = Statement::default();
        let text = format!("select {SUMMARY} from users where email = {}", statement.bind(email.clone()));
        let row = self.read_one(statement.text(text)).await?;
        Ok(row.as_ref().map(user_summary).transpose()?)
    }

    async fn change_user(&self, email: &Email, change: UserChange, now: UnixMillis) -> Result<bool, StoreError> {
        let mut statement = Statement::default();
        let email = statement.bind(email.clone());
        let end_sessions = "token_epoch = token_epoch + 1";
        let act = match change {
            UserChange::Password(hash) => {
                let (hash, now) = (statement.bind(hash), statement.bind(now));
                format!("update users set password_hash = {hash}, password_changed_at = {now}, {end_sessions}")
            }
            UserChange::SignOut => format!("update users set {end_sessions}"),
            // Revokes the sessions, so that none resumes when the account is enabled again.
            UserChange::Disable => {
                format!("update users set disabled_at = coalesce(disabled_at, {}), {end_sessions}", statement.bind(now))
            }
            UserChange::Enable => "update users set disabled_at = null".to_owned(),
            UserChange::Delete => "delete from users".to_owned(),
        };
        Ok(self.database.write(None, statement.text(format!("{act} where email = {email}"))).await?.changed > 0)
    }

    async fn purge_sessions(&self, before: UnixMillis) -> Result<(), StoreError> {
        let mut statement = Statement::default();
        let text = format!("delete from ended_sessions where ends_at < {}", statement.bind(before));
        self.database.write(None, statement.text(text)).await?;
        Ok(())
    }
}

pub fn set_email(owner: Owner, email: Email) -> Statement {
    let mut statement = Statement::about(owner);
    let text = format!("update users set email = {} where {SESSION}", statement.bind(email));
    statement.text(text)
}

fn account(row: &impl Row) -> Result<Account, sqlx::Error> {
    Ok(Account {
        owner: Owner { user: read(row, "id")?, token_epoch: read(row, "token_epoch")?, session: None },
        email: read(row, "email")?,
        password_hash: read(row, "password_hash")?,
        created_at: read(row, "created_at")?,
        password_changed_at: read(row, "password_changed_at")?,
        time_zone: read::<Option<TimeZone>>(row, "time_zone")?.unwrap_or_default(),
        todos: read(row, "todos")?,
        completed_todos: read(row, "completed_todos")?,
        list_version: read(row, "list_version")?,
    })
}

fn user_summary(row: &impl Row) -> Result<UserSummary, sqlx::Error> {
    Ok(UserSummary {
        email: read(row, "email")?,
        created_at: read(row, "created_at")?,
        disabled_at: read(row, "disabled_at")?,
        todos: read(row, "todos")?,
    })
}
