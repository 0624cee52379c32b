//! Server functions for accounts and sessions.

use leptos::prelude::*;

use crate::contract::{AccountView, AppError, CurrentUser};

/// Creates an account, signs in and redirects to the todos.
#[server(prefix = "/bff", endpoint = "sign_up")]
pub async fn sign_up(email: String, password: String, time_zone: Option<String>) -> Result<(), AppError> {
    use crate::server::gateway::{Session, redirect};

    Session::current()?.sign_up(&email, &password, time_zone.as_deref()).await?;
    redirect(None);
    Ok(())
}

/// Signs in and redirects to `next` if that is a page of this site, else to the todos. For a form with the field `draft`, an
/// unsaved title from before the sign-in, the gateway renders the page with the draft instead of a redirect.
#[server(prefix = "/bff", endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String, next: Option<String>, time_zone: Option<String>) -> Result<(), AppError> {
    use crate::server::gateway::{Session, redirect};

    Session::current()?.sign_in(&email, &password, time_zone.as_deref()).await?;
    redirect(next.as_deref());
    Ok(())
}

/// Ends only this session, in the browser and on the server, and redirects to the sign-in page.
#[server(prefix = "/bff", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), AppError> {
    use crate::server::gateway::{Session, redirect};

    Session::current()?.sign_out().await?;
    redirect(Some(super::paths::SIGN_IN));
    Ok(())
}

/// Ends every session of the account. Fails if this session has already ended, because the others may still be valid.
#[server(prefix = "/bff", endpoint = "sign_out_everywhere")]
pub async fn sign_out_everywhere() -> Result<(), AppError> {
    use crate::server::gateway::{Session, redirect};

    Session::current()?.sign_out_everywhere().await?;
    redirect(Some(super::paths::SIGN_IN));
    Ok(())
}

/// Keeps all sessions.
#[server(prefix = "/bff", endpoint = "change_email")]
pub async fn change_email(email: String, password: String) -> Result<(), AppError> {
    use crate::server::gateway::{Session, redirect};

    Session::current()?.change_email(&email, &password).await?;
    redirect(Some(&format!("{}?done=email", super::paths::ACCOUNT)));
    Ok(())
}

/// Ends every other session; this one continues with a new token.
#[server(prefix = "/bff", endpoint = "change_password")]
pub async fn change_password(current_password: String, new_password: String) -> Result<(), AppError> {
    use crate::server::gateway::{Session, redirect};

    Session::current()?.change_password(&current_password, &new_password).await?;
    redirect(Some(&format!("{}?done=password", super::paths::ACCOUNT)));
    Ok(())
}

/// Deletes the account and its data permanently.
#[server(prefix = "/bff", endpoint = "delete_account")]
pub async fn delete_account(password: String) -> Result<(), AppError> {
    use crate::server::gateway::{Session, redirect};

    Session::current()?.delete_account(&password).await?;
    redirect(Some(&format!("{}?done=deleted", super::paths::SIGN_IN)));
    Ok(())
}

/// No sign-in replaces a time zone that is chosen here.
#[server(prefix = "/bff", endpoint = "choose_time_zone")]
pub async fn choose_time_zone(time_zone: String) -> Result<(), AppError> {
    use crate::server::gateway::{Session, redirect};

    Session::current()?.api()?.choose_time_zone(&time_zone).await?;
    redirect(Some(&format!("{}?done=time-zone", super::paths::ACCOUNT)));
    Ok(())
}

/// The account with its settings.
#[server(prefix = "/bff", endpoint = "read_account")]
pub async fn read_account() -> Result<AccountView, AppError> {
    use crate::server::gateway::{Session, set_page_status};

    Session::current()?.account().await.inspect_err(|error| set_page_status(*error))
}

/// The account and the remaining time of the session, which this call does not extend.
#[server(name = ReadCurrentUser, prefix = "/bff", endpoint = "current_user")]
pub async fn current_user() -> Result<CurrentUser, AppError> {
    use crate::server::gateway::{Session, set_page_status};

    Session::current()?.user().await.inspect_err(|error| set_page_status(*error))
}

/// Like [`current_user`], but extends the session.
#[server(prefix = "/bff", endpoint = "stay_signed_in")]
pub async fn stay_signed_in() -> Result<CurrentUser, AppError> {
    use crate::server::gateway::Session;

    Session::current()?.user().await
}
