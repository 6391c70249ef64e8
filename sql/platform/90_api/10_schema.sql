-- What every system needs is published once, with the system as an argument. A system's own functions ask for it in this
-- schema by `Accept-Profile: platform_api`, and so may a front end.
create schema platform_api;
comment on schema platform_api is 'What the API publishes for all systems alike: accounts, members, notifications, limits.';
grant usage on schema platform_api to anon, authenticated, service_role;
