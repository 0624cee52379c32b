//! `holdfast user` while a server runs on the same database.

use std::{
    io::Write,
    process::{Command, Output, Stdio},
};

use crate::support::{ANN, ApiUser, App, BOB, Browser, PASSWORD, request_token};

const NEW_PASSWORD: &str = "a long walk by the sea";

fn run(database_url: &str, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    command.env_clear().env("DATABASE_URL", database_url).arg("user").args(arguments);
    let pipes = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut process = pipes.current_dir(std::env::temp_dir()).spawn().unwrap();
    // A command that reads no input may have exited already.
    let _ = process.stdin.take().unwrap().write_all(input.as_bytes());
    process.wait_with_output().unwrap()
}

/// Runs a command that must succeed. Returns its standard output.
fn succeed(app: &App, arguments: &[&str], input: &str) -> String {
    let output = run(app.database_url(), arguments, input);
    assert_eq!((output.status.code(), String::from_utf8(output.stderr).unwrap().as_str()), (Some(0), ""), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// Runs a command that must fail. Returns its exit code and standard error.
fn fail(app: &App, arguments: &[&str], input: &str) -> (Option<i32>, String) {
    let output = run(app.database_url(), arguments, input);
    assert!(output.stdout.is_empty(), "{arguments:?}");
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn user_list_prints_all_accounts_as_a_table() {
    let app = App::start().await;
    assert_eq!(succeed(&app, &["list"], ""), "CREATED     STATE       TODOS  E-MAIL\n", "a new server has no accounts");
    let ann = ApiUser::signed_up(&app, ANN).await;
    ApiUser::signed_up(&app, BOB).await;
    for title in ["buy milk", "call Bob"] {
        ann.add(title).await;
    }
    succeed(&app, &["disable", BOB], "");
    let lines = [
        "CREATED     STATE       TODOS  E-MAIL",
        "2026-11-21  active          2  ann@example.org",
        "2026-11-21  disabled        0  bob@example.org",
    ];
    assert_eq!(succeed(&app, &["list"], "").lines().collect::<Vec<_>>(), lines);
}

#[tokio::test(flavor = "multi_thread")]
async fn user_create_works_while_sign_up_is_closed() {
    let app = App::with(&[("REGISTRATION", "closed"), ("RATE_LIMITS", "off")]).await;
    let printed = succeed(&app, &["create", " Ann@Example.org "], &format!("{PASSWORD}\n"));
    assert_eq!(printed, "ann@example.org has an account now.\n");
    let mut ann = Browser::without_scripting(&app);
    ann.submit("sign_in", &[("email", ANN), ("password", PASSWORD)]).await;
    assert_eq!(ann.at, "/todos");
}

#[tokio::test(flavor = "multi_thread")]
async fn commands_and_site_accept_the_same_emails() {
    let app = App::start().await;
    let printed = succeed(&app, &["create", "kim@b\u{fc}cher.example"], &format!("{PASSWORD}\n"));
    assert_eq!(printed, "kim@xn--bcher-kva.example has an account now.\n");
    assert_eq!(request_token(&app, "kim@xn--bcher-kva.example", PASSWORD).await.status(), 200);
    ApiUser::signed_up(&app, "eva@xn--bcher-kva.example").await;
    assert!(succeed(&app, &["disable", "eva@b\u{fc}cher.example"], "").contains("is disabled"));
    for address in
        ["kim@example.org.", "<kim@example.org>", "k:im@example.org", "k\u{200b}im@example.org", "kim@exam\u{ad}ple.org"]
    {
        assert_eq!(fail(&app, &["create", address], PASSWORD).0, Some(2), "{address:?}");
        let mut browser = Browser::without_scripting(&app);
        "/sign-up".clone_into(&mut browser.at);
        let page = browser.submit("sign_up", &[("email", address), ("password", PASSWORD)]).await;
        assert_eq!(
            page.texts("#email-error"),
            ["This isn’t an e-mail address. It should look like name@example.org."],
            "{address:?}"
        );
    }
}

///
#[tokio::test(flavor = "multi_thread")]
async fn set_password_command_ends_every_session() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let printed = succeed(&app, &["set-password", ANN], &format!("{NEW_PASSWORD}\r\n"));
    assert_eq!(printed, "ann@example.org has the new password, and is signed out everywhere.\n");
    assert_eq!(ann.call("GET", "/me").await.status(), 401);
    for (password, status) in [(PASSWORD, 401), (NEW_PASSWORD, 200)] {
        assert_eq!(request_token(&app, ANN, password).await.status(), status);
    }
}

///
#[tokio::test(flavor = "multi_thread")]
async fn sign_out_command_ends_every_session_of_one_user() {
    let app = App::start().await;
    let (ann, bob) = (ApiUser::signed_up(&app, ANN).await, ApiUser::signed_up(&app, BOB).await);
    let mut browser = Browser::without_scripting(&app);
    browser.submit("sign_in", &[("email", ANN), ("password", PASSWORD)]).await;
    assert_eq!(succeed(&app, &["sign-out", ANN], ""), "ann@example.org is signed out everywhere.\n");
    assert_eq!((ann.call("GET", "/me").await.status().as_u16(), bob.call("GET", "/me").await.status().as_u16()), (401, 200));
    browser.open("/todos").await;
    assert_eq!(browser.at, "/sign-in?next=/todos");
    assert_eq!(request_token(&app, ANN, PASSWORD).await.status(), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn disabled_account_cannot_sign_in_until_enabled() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    ann.add("buy milk").await;
    let mut browser = Browser::without_scripting(&app);
    browser.submit("sign_in", &[("email", ANN), ("password", PASSWORD)]).await;
    for _ in 0..2 {
        assert_eq!(succeed(&app, &["disable", ANN], ""), "ann@example.org is disabled, and signed out everywhere.\n");
        assert_eq!(ann.call("GET", "/todos").await.status(), 401);
        browser.open("/todos").await;
        assert_eq!(browser.at, "/sign-in?next=/todos");
        assert_eq!(request_token(&app, ANN, PASSWORD).await.status(), 401);
    }
    for _ in 0..2 {
        assert_eq!(succeed(&app, &["enable", ANN], ""), "ann@example.org is enabled.\n");
        assert_eq!(ApiUser::signed_in(&app, ANN).await.titles().await, ["buy milk"]);
    }
    assert_eq!(ann.call("GET", "/todos").await.status(), 401, "revoked tokens stay invalid");
}

#[tokio::test(flavor = "multi_thread")]
async fn delete_command_requires_confirmation() {
    let app = App::start().await;
    let ann = ApiUser::signed_up(&app, ANN).await;
    let (code, printed) = fail(&app, &["delete", ANN], "yes\n");
    assert_eq!(
        (code, printed.as_str()),
        (Some(1), "holdfast: standard input is not a terminal: use --yes to delete without confirmation\n")
    );
    assert_eq!(ann.call("GET", "/me").await.status(), 200);
    assert_eq!(succeed(&app, &["delete", ANN, "--yes"], ""), "ann@example.org is deleted, with all todos.\n");
    assert_eq!(ann.call("GET", "/me").await.status(), 401);
    assert!(ApiUser::signed_up(&app, ANN).await.titles().await.is_empty(), "the e-mail is free again");
}

#[tokio::test(flavor = "multi_thread")]
async fn failed_commands_print_one_sentence() {
    let app = App::start().await;
    ApiUser::signed_up(&app, ANN).await;
    for arguments in
        [&["set-password", BOB][..], &["sign-out", BOB], &["disable", BOB], &["enable", BOB], &["delete", BOB, "--yes"]]
    {
        let (code, printed) = fail(&app, arguments, "");
        let sentence = "holdfast: bob@example.org has no account: `holdfast user list` lists all accounts\n";
        assert_eq!((code, printed.as_str()), (Some(1), sentence), "{arguments:?}");
    }
    for (arguments, input, sentence) in [
        (
            ["create", ANN],
            PASSWORD,
            "ann@example.org has an account already: `holdfast user set-password` gives it another password",
        ),
        (["create", BOB], "", "the password is too short: use at least 8 characters"),
        (["create", BOB], "password1234\n", "the password is easy to guess: use three or four unrelated words"),
        (["set-password", ANN], &"x".repeat(129), "the password is too long: use at most 128 characters"),
    ] {
        let (code, printed) = fail(&app, &arguments, input);
        assert_eq!((code, printed), (Some(1), format!("holdfast: {sentence}\n")), "{arguments:?}");
    }
    assert_eq!(request_token(&app, ANN, PASSWORD).await.status(), 200, "nothing was changed");
}

#[tokio::test(flavor = "multi_thread")]
async fn invalid_arguments_exit_with_code_2() {
    let app = App::start().await;
    for arguments in [
        &[][..],
        &["nope"],
        &["create"],
        &["create", "ann"],
        &["create", ANN, PASSWORD],
        &["set-password", ANN, "--password", PASSWORD],
    ] {
        assert_eq!(fail(&app, arguments, "").0, Some(2), "{arguments:?}");
    }
    let output = run("mysql://db", &["list"], "");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().starts_with("holdfast: DATABASE_URL must be sqlite://PATH"));
}

#[test]
fn commands_do_not_create_a_missing_database() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("typo.db");
    let output = run(&format!("sqlite://{}", path.display()), &["list"], "");
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8(output.stderr).unwrap().contains("there is no such database: set DATABASE_URL"));
    assert!(!path.exists());
}
