-- The application makes every id and every time; the database has no defaults, so that SQLite and Postgres can't differ.
-- Ids are text in the canonical form of RFC 9562. Times are milliseconds since the Unix epoch, UTC.

-- Texts that are compared or sorted have collation "C", which is how SQLite does it; it is also the quickest.

create table users (
    id text collate "C" primary key,
    -- Lower-cased by the application: the two databases fold case differently beyond ASCII.
    email text collate "C" not null constraint users_email_key unique,
    -- PHC string, argon2id.
    password_hash text not null,
    -- A token holds the epoch of its day; raising it ends every session without a session table.
    token_epoch bigint not null,
    created_at bigint not null,
    password_changed_at bigint not null,
    disabled_at bigint
);

create table todos (
    user_id text collate "C" not null references users (id) on delete cascade,
    id text collate "C" not null,
    title text not null,
    completed boolean not null,
    completed_at bigint,
    "order" bigint not null,
    version bigint not null,
    created_at bigint not null,
    updated_at bigint not null,
    -- Deleting is soft, so that it can be undone.
    deleted_at bigint,
    -- Two users may own the same id: nobody learns from a refusal that an id is in use.
    primary key (user_id, id)
);

create index todos_by_place on todos (user_id, deleted_at, "order", id);
