import type postgres from "postgres";

/** A connection, or a transaction on one. */
export type Sql = postgres.Sql | postgres.TransactionSql;

interface FactorJson {
  id: string;
  friendly_name: string | null;
  factor_type: string;
  status: "verified" | "unverified";
  created_at: string;
  updated_at: string;
}

/** A user as GoTrue answers it; absent values are left out. */
export interface UserJson {
  id: string;
  aud: string;
  role: string;
  email: string;
  phone: string;
  app_metadata: Record<string, unknown>;
  user_metadata: Record<string, unknown>;
  factors?: FactorJson[];
  banned_until?: string;
  is_anonymous: boolean;
  [field: string]: unknown;
}

// One place says how a user looks, so that a session, GET /user and the admin routes cannot differ.
const userColumns = `
  jsonb_strip_nulls(jsonb_build_object(
    'id', u.id, 'aud', coalesce(u.aud, 'authenticated'), 'role', coalesce(u.role, 'authenticated'),
    'email', coalesce(u.email, ''), 'phone', coalesce(u.phone, ''),
    'email_confirmed_at', u.email_confirmed_at, 'phone_confirmed_at', u.phone_confirmed_at,
    'confirmed_at', u.confirmed_at, 'confirmation_sent_at', u.confirmation_sent_at, 'invited_at', u.invited_at,
    'recovery_sent_at', u.recovery_sent_at, 'new_email', nullif(u.email_change, ''),
    'email_change_sent_at', u.email_change_sent_at, 'reauthentication_sent_at', u.reauthentication_sent_at,
    'last_sign_in_at', u.last_sign_in_at,
    'is_anonymous', u.is_anonymous, 'created_at', u.created_at, 'updated_at', u.updated_at,
    'banned_until', u.banned_until, 'deleted_at', u.deleted_at,
    'factors', (
      select jsonb_agg(jsonb_build_object(
        'id', f.id, 'friendly_name', coalesce(f.friendly_name, ''), 'factor_type', f.factor_type, 'status', f.status,
        'created_at', f.created_at, 'updated_at', f.updated_at) order by f.created_at)
      from auth.mfa_factors f where f.user_id = u.id)
  )) || jsonb_build_object(
    'app_metadata', coalesce(u.raw_app_meta_data, '{}'), 'user_metadata', coalesce(u.raw_user_meta_data, '{}'),
    'identities', coalesce((
      select jsonb_agg(jsonb_build_object(
        'identity_id', i.id, 'id', i.provider_id, 'user_id', i.user_id, 'identity_data', i.identity_data,
        'provider', i.provider, 'email', i.email, 'last_sign_in_at', i.last_sign_in_at,
        'created_at', i.created_at, 'updated_at', i.updated_at) order by i.created_at)
      from auth.identities i where i.user_id = u.id), '[]')
  ) as "user"`;

/** The user with this id, or undefined. */
export async function findUser(sql: Sql, id: string): Promise<UserJson | undefined> {
  const [row] = await sql<{ user: UserJson }[]>`select ${sql.unsafe(userColumns)} from auth.users u where u.id = ${id}`;
  return row?.user;
}

/** One page of users, newest first, and how many there are in all. */
export async function listUsers(
  sql: Sql,
  page: { limit: number; offset: number },
): Promise<{ users: UserJson[]; total: number }> {
  const rows = await sql<{ user: UserJson }[]>`
    select ${sql.unsafe(userColumns)} from auth.users u
    order by u.created_at desc, u.id desc limit ${page.limit} offset ${page.offset}`;
  const [count] = await sql<{ total: number }[]>`select count(*)::int as total from auth.users`;
  return { users: rows.map((row) => row.user), total: count?.total ?? 0 };
}

/** Whether a ban is in force now. */
export function isBanned(user: Pick<UserJson, "banned_until">): boolean {
  return user.banned_until !== undefined && Date.parse(user.banned_until) > Date.now();
}
