import type * as z from "zod";
import type { Route } from "../route.ts";
import type { System } from "../system.ts";

/** An endpoint of accounts that a system may have. */
export type AccountEndpoint =
  | "signIn"
  | "refresh"
  | "signOut"
  | "me"
  | "register"
  | "forgotPassword"
  | "resetPassword"
  | "changePassword"
  | "members"
  | "newMember"
  | "memberRole"
  | "suspend"
  | "reactivate"
  | "notifications"
  | "unreadCount"
  | "markAllRead"
  | "markRead"
  | "rateLimits"
  | "rateLimit";

/** A route before a system has given it its path. */
export type Unplaced = Omit<Route, "method" | "path" | "section">;

/** Who somebody is in a system; with what the system itself tells of him (platform.systems.account_details). */
export type Account = {
  id: string;
  email: string;
  firstName: string;
  lastName: string;
  role: string | null;
  company: string | null;
  phone: string | null;
  [detail: string]: unknown;
};

/** A session that has been opened. Where `token` is a session handle there is nothing to renew it with, or for. */
export type Tokens = { token: string; refreshToken?: string; expiresIn: number };

export type Credentials = { identifier: string; password: string };

export type NewAccount = {
  email: string;
  password?: string | undefined;
  firstName: string;
  lastName: string;
  company?: string | null | undefined;
  phone?: string | null | undefined;
  role: string;
};

export type Registration = NewAccount & { password: string };

export type Reset = {
  token?: string | undefined;
  tokenHash?: string | undefined;
  accessToken?: string | undefined;
  password: string;
};

export type ChangedPassword = { currentPassword: string; newPassword: string };

/** The body of an endpoint in a system's own words, and what it says. */
export type Reading<T> = { body: z.ZodObject; read: (body: Record<string, unknown>) => T };

/** A body that says it in the words of all systems. */
export function asItIs<T>(body: z.ZodObject): Reading<T> {
  return { body, read: (given) => given as T };
}

/** How something is answered in a system's own words; without `of` it is answered as the database says it. */
type Shown<T extends unknown[]> = { shape: z.ZodType; of?: (...found: T) => unknown };

/** The accounts of a system: its words for what every system needs. */
export type Accounts = {
  system: Pick<System, "slug" | "paging">;
  /** Method and path of each endpoint that the system has: `POST /api/auth/login`. */
  paths: Partial<Record<AccountEndpoint, string>>;
  /** All roles, for the reference and for what a body may name. */
  roles: readonly string[];
  /** The roles that administer. */
  admins: readonly string[];
  /** The roles that somebody may take by registering. */
  registers?: readonly string[];
  /** By what people sign in; another identifier than an e-mail address is the system's to know (platform.systems.account_named). */
  identifier: "email" | "emailOrOther";
  /** Whether only members get in; by default whoever has an account does, with no role. */
  membersOnly?: boolean;
  /** Whether signing in answers a session handle, for clients that keep one token and never renew it. */
  handles?: boolean;
  /** The chapters of the reference. */
  sections?: Partial<Record<"auth" | "members" | "notifications" | "limits", string>>;
  /** What an endpoint is called in the reference, where the system has a word of its own. */
  summaries?: Partial<Record<AccountEndpoint, string>>;
  /** Bodies of the system's own. */
  reads?: {
    signIn?: Reading<Credentials>;
    register?: Reading<Registration>;
    forgotPassword?: Reading<{ email: string }>;
    resetPassword?: Reading<Reset>;
    changePassword?: Reading<ChangedPassword>;
    newMember?: Reading<NewAccount>;
  };
  /** Answers of the system's own. */
  show?: {
    account?: Shown<[account: Account]>;
    session?: Shown<[tokens: Tokens, account: Account]>;
    member?: Shown<[member: Account]>;
    message?: Shown<[text: string]>;
  };
};

/**
 * Where the links in the mails of a system lead: its front end, by the setting `<SLUG>_SITE_URL`. Auth leads to nowhere that
 * its own list of addresses does not allow, and to the project's site where there is no setting.
 */
export function siteOf(
  { system }: Accounts,
  settings: Readonly<Record<string, string | undefined>>,
): string | undefined {
  return settings[`${system.slug.toUpperCase()}_SITE_URL`] || undefined;
}
