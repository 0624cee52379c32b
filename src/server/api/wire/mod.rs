//! Request and response bodies. None has a member for the owner.

mod account;
mod input;
mod many;
mod todo;

pub use self::{
    account::{AccountBody, AccountDeletion, AccountInput, EmailChange, Export, PasswordChange, TokenBody, TokenRequest},
    input::{TodoInput, WholeTodoInput},
    many::{
        BatchBody, BatchRequest, BatchResult, BulkBody, ChangedBody, CompleteMany, MoveRequest, RestoreRequest, SummaryBody,
        TagChange, UndoRequest,
    },
    todo::{CanonicalUuid, KeptTodoBody, NOT_A_DATE, NOT_A_TAG, TodoBody, TodoUrl},
};
