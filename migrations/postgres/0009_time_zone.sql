alter table users
    -- The user's, by its IANA name; null until it is known.
    add column time_zone text,
    -- Chosen by the user: no sign-in overwrites it.
    add column time_zone_chosen boolean not null default false;
