//! Server functions for accounts and sessions.

use leptos::prelude::*;

use crate::contract::{AppError, CurrentUser};

/// Creates an account, signs in and redirects to the todos.
#[server(prefix = "/bff", endpoint = "sign_up")]
pub async fn sign_up(email: String, password: String) -> Result<(), AppError> {
    use crate::server::gateway::{Session, redirect};

    Session::current()?.sign_up(&email, &password).await?;
    redirect(None);
    Ok(())
}

/// Signs in and redirects to `next` if that is a page of this site, else to the todos. For a form with the field `draft`, an
/// unsaved title from before the sign-in, the gateway renders the page with the draft instead of a redirect.
#[server(prefix = "/bff", endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String, next: Option<String>) -> Result<(), AppError> {
    use crate::server::gateway::{Session, redirect};

    Session::current()?.sign_in(&email, &password).await?;
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
