//! The problem types of the API: the `type` of problem details (RFC 9457).

use serde::Deserialize;

/// Each has a page at [`ProblemType::path`] that explains it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
pub enum ProblemType {
    MalformedJson,
    MalformedCursor,
    Unauthenticated,
    Forbidden,
    TodoLimitReached,
    NotFound,
    MethodNotAllowed,
    RequestTimeout,
    InTrash,
    PreconditionFailed,
    PayloadTooLarge,
    UriTooLong,
    UnsupportedMediaType,
    Validation,
    RateLimited,
    Internal,
    Unavailable,
}

/// The documentation of a problem type.
#[derive(Debug, PartialEq, Eq)]
pub struct ProblemText {
    /// HTTP status.
    pub status: u16,
    /// The last part of the `type`.
    pub name: &'static str,
    pub title: &'static str,
    pub meaning: &'static str,
    pub remedy: &'static str,
}

impl ProblemType {
    /// By status.
    pub const ALL: [Self; 17] = [
        Self::MalformedJson,
        Self::MalformedCursor,
        Self::Unauthenticated,
        Self::Forbidden,
        Self::TodoLimitReached,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::RequestTimeout,
        Self::InTrash,
        Self::PreconditionFailed,
        Self::PayloadTooLarge,
        Self::UriTooLong,
        Self::UnsupportedMediaType,
        Self::Validation,
        Self::RateLimited,
        Self::Internal,
        Self::Unavailable,
    ];

    /// The path of its page, which is also its `type`.
    #[must_use]
    pub fn path(self) -> String {
        format!("/problems/{}", self.text().name)
    }

    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|problem| problem.text().name == name)
    }

    #[must_use]
    #[expect(clippy::too_many_lines, reason = "it is a table")]
    pub const fn text(self) -> ProblemText {
        match self {
            Self::MalformedJson => ProblemText {
                status: 400,
                name: "malformed-json",
                title: "Malformed JSON",
                meaning: "The body of the request is not JSON: a bracket, a quote or a comma is missing, or it is empty or not UTF-8.",
                remedy: "Let a JSON library write the body. Nothing was changed.",
            },
            Self::MalformedCursor => ProblemText {
                status: 400,
                name: "malformed-cursor",
                title: "Malformed cursor",
                meaning: "The parameter “cursor” is not one that this API gave out.",
                remedy: "Follow the address in the header “Link” as it is, or start again without a cursor.",
            },
            Self::Unauthenticated => ProblemText {
                status: 401,
                name: "unauthenticated",
                title: "Not signed in",
                meaning: "The request has no good token: none at all, one that has expired, one that was ended by signing out or by a new \
                          password, or one that was tampered with. Or, when asking for a token, the e-mail or the password is wrong.",
                remedy: "Get a new token from “POST /api/v1/token” and send it as “Authorization: Bearer …”. “expires_in” says for how many seconds it is good.",
            },
            Self::Forbidden => ProblemText {
                status: 403,
                name: "forbidden",
                title: "Not allowed",
                meaning: "The request is understood and refused. Either a browser asked for a token, which no page may ever hold; or the \
                          password that has to go with a change of e-mail or password, or with deleting the account, is wrong.",
                remedy: "Ask for tokens from a program and not from a page. Or send the account’s current password.",
            },
            Self::TodoLimitReached => ProblemText {
                status: 403,
                name: "todo-limit-reached",
                title: "Too many todos",
                meaning: "The account has as many todos as this server lets one have. Nothing was added.",
                remedy: "Delete some first. Whoever runs the server can allow more, by “MAX_TODOS”.",
            },
            Self::NotFound => ProblemText {
                status: 404,
                name: "not-found",
                title: "Not found",
                meaning: "There is nothing at this address: it never was there, it was deleted, or it belongs to somebody else. The answer \
                          is the same for all three.",
                remedy: "Look at the list for what there is. A deleted todo can be restored as long as it is in the trash.",
            },
            Self::MethodNotAllowed => ProblemText {
                status: 405,
                name: "method-not-allowed",
                title: "Method not allowed",
                meaning: "There is something at this address, but it does not take this method.",
                remedy: "Use one of the methods that the header “Allow” names.",
            },
            Self::RequestTimeout => ProblemText {
                status: 408,
                name: "request-timeout",
                title: "Body too slow",
                meaning: "The body of the request did not come within 10 seconds. Nothing was changed.",
                remedy: "Send it again, and all of it at once.",
            },
            Self::InTrash => ProblemText {
                status: 409,
                name: "in-trash",
                title: "In the trash",
                meaning: "The todo of this id was deleted. Writing to it does not bring it back by accident.",
                remedy: "Restore it, or choose a new id.",
            },
            Self::PreconditionFailed => ProblemText {
                status: 412,
                name: "precondition-failed",
                title: "Precondition failed",
                meaning: "The condition of “If-Match” or “If-None-Match” does not hold: the todo was changed meanwhile, or is there already, \
                          or is not there; or it is one that this operation can’t check. Nothing was changed, so nobody’s work is lost.",
                remedy: "Read the todo again, see what is different, and try with its new version.",
            },
            Self::PayloadTooLarge => ProblemText {
                status: 413,
                name: "payload-too-large",
                title: "Body too large",
                meaning: "The body of the request has more than 64 KiB; with a todo, more than 256 KiB; with many new todos, more than 2 MiB.",
                remedy: "Send less at once.",
            },
            Self::UriTooLong => ProblemText {
                status: 414,
                name: "uri-too-long",
                title: "Address too long",
                meaning: "The path and the query of the request have more than 8 KiB together.",
                remedy: "Use the addresses that this API gave out; none is nearly as long.",
            },
            Self::UnsupportedMediaType => ProblemText {
                status: 415,
                name: "unsupported-media-type",
                title: "Unsupported media type",
                meaning: "The header “Content-Type” is missing or names something else than JSON, or the body is compressed.",
                remedy: "Send “Content-Type: application/json”; PATCH also takes “application/merge-patch+json”.",
            },
            Self::Validation => ProblemText {
                status: 422,
                name: "validation",
                title: "Invalid input",
                meaning: "A member of the body or a parameter of the address breaks a rule, or is not one of those that are documented. \
                          Nothing was changed.",
                remedy: "Look at “errors” in the answer: “pointer” is the place in the body (a JSON pointer), “parameter” a name in the address, \
                         “code” says what is wrong with it.",
            },
            Self::RateLimited => ProblemText {
                status: 429,
                name: "rate-limited",
                title: "Too many requests",
                meaning: "That was too often: too many requests of one user, too many passwords, right or wrong, for one account or from one address, \
                          or too many changes of e-mail from one address.",
                remedy: "Try again after as many seconds as the header “Retry-After” says, and go on more slowly.",
            },
            Self::Internal => ProblemText {
                status: 500,
                name: "internal",
                title: "Internal error",
                meaning: "A fault of the server. What was asked for may be done all the same.",
                remedy: "Tell whoever runs it the “instance” of the answer: the same id is in the log, with the cause.",
            },
            Self::Unavailable => ProblemText {
                status: 503,
                name: "unavailable",
                title: "Unavailable",
                meaning: "The server is too busy, or can’t reach its database. What was asked for may be done all the same.",
                remedy: "Try again after as many seconds as the header “Retry-After” says. A “PUT” with an id of your own can be repeated; \
                         otherwise look first.",
            },
        }
    }
}

impl TryFrom<String> for ProblemType {
    type Error = &'static str;

    fn try_from(path: String) -> Result<Self, Self::Error> {
        Self::ALL.into_iter().find(|problem| problem.path() == path).ok_or("unknown problem type")
    }
}

#[cfg(test)]
mod tests {
    use super::ProblemType;

    #[test]
    fn names_are_unique() {
        for problem in ProblemType::ALL {
            assert_eq!(ProblemType::of_name(problem.text().name), Some(problem));
        }
        assert_eq!(ProblemType::of_name("nope"), None);
    }
}
