//! Signing up, in and out.

use leptos::prelude::*;

use crate::contract::{AppError, CurrentUser};

/// Makes an account, signs in to it and leads to its todos.
#[server(prefix = "/bff", endpoint = "sign_up")]
pub async fn sign_up(email: String, password: String) -> Result<(), AppError> {
    use crate::server::gateway::{Session, redirect};

    Session::current()?.sign_up(&email, &password).await?;
    redirect(None);
    Ok(())
}

/// Signs in and leads to `next`, if that is a page of ours, or else to the todos. A form may also have a field `draft`, a
/// title that was typed when the session had ended: then the gateway answers with that page at once, and the draft in it.
#[server(prefix = "/bff", endpoint = "sign_in")]
pub async fn sign_in(email: String, password: String, next: Option<String>) -> Result<(), AppError> {
    use crate::server::gateway::{Session, redirect};

    Session::current()?.sign_in(&email, &password).await?;
    redirect(next.as_deref());
    Ok(())
}

/// Ends this session, here and on the server, and leads to the sign-in page. Others go on.
#[server(prefix = "/bff", endpoint = "sign_out")]
pub async fn sign_out() -> Result<(), AppError> {
    use crate::server::gateway::{Session, redirect};

    Session::current()?.sign_out().await?;
    redirect(Some(super::paths::SIGN_IN));
    Ok(())
}

/// Ends every session of the account, or says that this one is over and can't: then another may go on.
#[server(prefix = "/bff", endpoint = "sign_out_everywhere")]
pub async fn sign_out_everywhere() -> Result<(), AppError> {
    use crate::server::gateway::{Session, redirect};

    Session::current()?.sign_out_everywhere().await?;
    redirect(Some(super::paths::SIGN_IN));
    Ok(())
}

/// Gives the account another password. Every other session ends; this one goes on with a new token.
#[server(prefix = "/bff", endpoint = "change_password")]
pub async fn change_password(current_password: String, new_password: String) -> Result<(), AppError> {
    use crate::server::gateway::{Session, redirect};

    Session::current()?.change_password(&current_password, &new_password).await?;
    redirect(Some(&format!("{}?done=password", super::paths::ACCOUNT)));
    Ok(())
}

/// Deletes the account and all that belongs to it, for good.
#[server(prefix = "/bff", endpoint = "delete_account")]
pub async fn delete_account(password: String) -> Result<(), AppError> {
    use crate::server::gateway::{Session, redirect};

    Session::current()?.delete_account(&password).await?;
    redirect(Some(&format!("{}?done=deleted", super::paths::SIGN_IN)));
    Ok(())
}

/// Who is signed in, and for how long yet.
#[server(name = ReadCurrentUser, prefix = "/bff", endpoint = "current_user")]
pub async fn current_user() -> Result<CurrentUser, AppError> {
    use crate::server::gateway::{Session, set_page_status};

    Session::current()?.user().await.inspect_err(|error| set_page_status(*error))
}

/// As [`current_user`]; but this is a use of the session, and keeps it from ending.
#[server(prefix = "/bff", endpoint = "stay_signed_in")]
pub async fn stay_signed_in() -> Result<CurrentUser, AppError> {
    use crate::server::gateway::Session;

    Session::current()?.user().await
}
