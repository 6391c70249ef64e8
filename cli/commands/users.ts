import { type Command, Option } from "commander";
import { newPassword } from "../../functions/_shared/new-password.ts";
import { note, print, printJson, printTable, Refusal } from "../output.ts";
import { call, connect } from "../rpc.ts";
import { announceTarget, type Target } from "../target.ts";
import { wholeNumber } from "../whole-number.ts";

type User = {
  id: string;
  email: string;
  firstName: string;
  lastName: string;
  role: string | null;
  company: string | null;
  phone: string | null;
  status: string;
  createdAt: string;
  lastSignInAt: string | null;
  emailConfirmedAt: string | null;
  knownSupplier: { id: string; company: string; status: string } | null;
};
type Output = { json?: true };
type ListOptions = Output & { search?: string; role?: string; limit: number; offset: number };
type CreateOptions = Output & {
  role: string;
  password?: string;
  firstName: string;
  lastName: string;
  company?: string;
  phone?: string;
};

const roles = ["admin", "fournisseur", "agent", "acheteur"];

const examples = `
USER is an e-mail, a short id (user-f001) or a uuid. What the admin's users page refuses is refused here as well:
the last active admin can neither be suspended nor get another role.

Examples:
  $ leads-cli users list --role fournisseur --search "agence ads"
  $ leads-cli users create anne@example.fr --role acheteur --password "$PASSWORD" --first-name Anne --last-name Roy --company "Roy SARL"
  $ leads-cli users suspend anne@example.fr
  $ leads-cli users role anne@example.fr agent`;

/** `leads-cli users list|create|suspend|reactivate|role`: the members, by the same SQL as the admin's users page. */
export function register(program: Command): void {
  const users = program.command("users").description("look after the users").addHelpText("after", examples);
  users
    .command("list")
    .description("list the users, newest first")
    .option("--search <text>", "in name, company and e-mail")
    .addOption(
      new Option("--role <role>", "only those with this role; none: accounts without one").choices([...roles, "none"]),
    )
    .option("--limit <n>", "rows at most", wholeNumber(1), 100)
    .option("--offset <n>", "rows to pass over", wholeNumber(0), 0)
    .option("--json", "one JSON array on stdout")
    .action((options: ListOptions, command: Command) => list(announceTarget(command), options));
  users
    .command("create")
    .argument("<email>", "the address that signs in")
    .description("make a user, with a confirmed address")
    .addOption(new Option("--role <role>", "the role").choices(roles).makeOptionMandatory())
    .option("--password <password>", "the password; without it the person gets a mail with a link to choose one")
    .option("--first-name <name>", "first name", "")
    .option("--last-name <name>", "last name", "")
    .option("--company <name>", "company")
    .option("--phone <number>", "telephone")
    .option("--json", "one JSON object on stdout")
    .action((email: string, options: CreateOptions, command: Command) =>
      create(announceTarget(command), email, options),
    );
  change(users, "suspend", "refuse the user from the next request on", "member_suspend");
  change(users, "reactivate", "end a suspension, or accept a supplier who has registered", "member_reactivate");
  users
    .command("role")
    .argument("<user>", "e-mail or id")
    .argument("<role>", roles.join(", "))
    .description("make a role the only one that the user holds")
    .option("--json", "one JSON object on stdout")
    .action(async (id: string, role: string, options: Output, command: Command) => {
      report(await member<User>(announceTarget(command), "member_role", { id, role }), options);
    });
}

/** What is published for all systems alike is told which one is meant. */
function member<Result>(target: Target, name: string, args: Record<string, unknown>): Promise<Result> {
  return call<Result>(target, name, { system: "leads", ...args }, "platform_api");
}

function change(users: Command, name: string, description: string, rpc: string): void {
  users
    .command(name)
    .argument("<user>", "e-mail or id")
    .description(description)
    .option("--json", "one JSON object on stdout")
    .action(async (id: string, options: Output, command: Command) => {
      report(await member<User>(announceTarget(command), rpc, { id }), options);
    });
}

async function list(target: Target, { search, role, limit, offset, json }: ListOptions): Promise<void> {
  const found = await member<User[]>(target, "members", {
    search: search ?? null,
    role_filter: role ?? null,
    page_size: limit,
    page_offset: offset,
  });
  if (json) return printJson(found);
  printTable(
    ["email", "name", "role", "company", "status", "last sign-in", "made", "address proven", "known supplier"],
    found.map((user) => [
      user.email,
      nameOf(user),
      user.role ?? "",
      user.company ?? "",
      user.status,
      user.lastSignInAt ?? "",
      user.createdAt,
      user.emailConfirmedAt ?? "",
      user.knownSupplier?.id ?? "",
    ]),
  );
}

async function create(target: Target, email: string, options: CreateOptions): Promise<void> {
  const { role, password, json, ...names } = options;
  const profile = { ...names };
  const refused = password === undefined ? undefined : newPassword.safeParse(password).error?.issues[0];
  if (refused) throw new Refusal(refused.message);
  await member(target, "member_check", { email, role });
  const client = connect(target);
  const { data, error } = await client.auth.admin.createUser({
    email,
    ...(password === undefined ? {} : { password }),
    email_confirm: true,
    user_metadata: profile,
  });
  if (error || !data.user) throw new Refusal(`cannot make the account ${email}: ${error?.message ?? "no user"}`);
  const userId = data.user.id;
  const user = await member<User>(target, "member_add", { userId, role, profile }).catch(async (reason: unknown) => {
    await client.auth.admin.deleteUser(userId);
    throw reason;
  });
  if (password === undefined) {
    const sent = await client.auth.resetPasswordForEmail(email);
    note(sent.error ? `No mail was sent: ${sent.error.message}` : `A link to choose a password was sent to ${email}.`);
  }
  report(user, { ...(json ? { json } : {}) });
}

function report(user: User, { json }: Output): void {
  if (json) printJson(user);
  else print(`${user.email}: ${user.role}, ${user.status}`);
  const proven = user.emailConfirmedAt
    ? `its address was proven ${user.emailConfirmedAt}`
    : "nobody has proven its address";
  note(`The account was made ${user.createdAt}; ${proven}.`);
}

function nameOf({ firstName, lastName }: User): string {
  return `${firstName} ${lastName}`.trim();
}
