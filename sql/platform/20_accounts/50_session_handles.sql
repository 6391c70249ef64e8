-- A session handle stands for a Supabase session where a client cannot keep tokens and renew them: a page that sends no
-- header at all has it as a cookie. It is worth something only while the session is there, whoever has ended that. The handle itself is nowhere: a row is found by its hash, and what it holds is sealed with
-- the handle, so that nobody who reads this table can act for anyone. Read and written by the functions alone, as the owner.
create table platform.session_handles (
  hash bytea primary key check (octet_length(hash) = 32),
  user_id uuid not null references auth.users (id) on delete cascade,
  -- No reference: who ends a session must not wait for who renews it by the handle, since that one waits for the session.
  session_id uuid not null,
  sealed_session text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
alter table platform.session_handles enable row level security;
create policy select_nobody on platform.session_handles for select to anon, authenticated using (false);
create index session_handles_user on platform.session_handles (user_id);
create index session_handles_expires on platform.session_handles (expires_at);
comment on table platform.session_handles is 'Opaque handles that stand for Supabase sessions; revoked by removing the row.';
comment on column platform.session_handles.hash is 'SHA-256 of the handle.';
comment on column platform.session_handles.sealed_session is 'Access and refresh token, sealed with the handle (functions/_shared/session-handle.ts).';
