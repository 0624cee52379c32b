-- Sessions that were signed out, each until no token of it can be good any more. The epoch of a user ends all of theirs at once
-- without a row here.
create table ended_sessions (
    user_id text collate "C" not null references users (id) on delete cascade,
    -- The claim of this name, which all tokens of a session share.
    sid text collate "C" not null,
    ends_at bigint not null,
    primary key (user_id, sid)
);

create index ended_sessions_by_end on ended_sessions (ends_at);
