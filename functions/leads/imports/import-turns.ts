import { inBackground } from "../../_shared/background.ts";
import { database } from "../../_shared/database.ts";
import { hasSecretKey, secretHeaders, supabaseUrl } from "../../_shared/keys.ts";
import { askDatabase, send } from "../../_shared/postgrest.ts";
import { notFound } from "../../_shared/problem.ts";
import { rpc } from "../../_shared/route.ts";
import { removeFile } from "../../_shared/storage.ts";
import { takeTurn, uploadBucket } from "./import-work.ts";

const lookAgainMs = 60_000;
/** Who follows an import asks again and again. */
const callAgainMs = 5000;
/** A stack that starts has its functions up before its tables. */
const tablesWithin = { attempts: 60, pauseMs: 500 };

/** Where the function calls itself for the next turn: beside the paths that the documents name, and for nobody else. */
export const turnPath = "/imports/turn";

let working: Promise<boolean> | undefined;
let asked = false;
let called = Number.NEGATIVE_INFINITY;

/**
 * Does one turn of work at the uploads that wait; another invocation does the next, since this one may take no more CPU.
 * Asked meanwhile, it is that one that looks once more.
 */
async function workOnUploads(): Promise<void> {
  asked = true;
  if (working) return;
  asked = false;
  working = takeTurn().finally(() => {
    working = undefined;
  });
  if ((await working) || asked) await callWorker();
}

/** Has an invocation of its own take the next turn. Should the call be lost, whoever looks next makes up for it. */
export async function callWorker(): Promise<void> {
  called = performance.now();
  try {
    const answer = await send(`${supabaseUrl()}/functions/v1/leads${turnPath}`, {
      method: "POST",
      headers: secretHeaders(),
    });
    await answer.body?.cancel();
    if (!answer.ok) console.error(`imports: the next turn was answered ${answer.status}`);
  } catch (error) {
    console.error(`imports: ${(error as Error).name} while calling the next turn`);
  }
}

/** Sees to it that an import goes on which somebody follows: a call may have been lost, or an invocation killed. */
export function goOnWith(found: unknown): Promise<unknown> {
  if ((found as { status: string }).status === "processing") goOn();
  return Promise.resolve(found);
}

/** The same for leads-cli: its report, and how much of the file is staged. */
export async function followed(request: Request, id: string): Promise<Response> {
  const answer = await askDatabase(rpc("import_followed"), { id }, request.headers);
  const found = (await answer.json()) as { report: { status: string } } | null;
  if (!found) throw notFound();
  if (found.report.status === "processing") goOn();
  return Response.json(found);
}

function goOn(): void {
  if (performance.now() - called > callAgainMs) inBackground(callWorker());
}

/** Takes a turn for who has the project's secret key; for others there is nothing here. */
export function answerTurn(request: Request): Response {
  if (!hasSecretKey(request.headers)) throw notFound();
  inBackground(workOnUploads());
  return new Response(null, { status: 202 });
}

/**
 * Looks for uploads that nobody works at, now and every minute: a crash leaves them so. Takes away what has been kept
 * long enough.
 */
export function keepWorkingOnUploads(): void {
  const look = () => void workOnUploads().then(removeOutdated);
  void untilTablesAreThere().then(look);
  setInterval(look, lookAgainMs);
}

async function untilTablesAreThere(): Promise<void> {
  for (let attempt = 1; attempt <= tablesWithin.attempts; attempt++) {
    const found = await database()`select from leads.imports limit 0`.then(
      () => true,
      () => false,
    );
    if (found) return;
    await new Promise((resolve) => setTimeout(resolve, tablesWithin.pauseMs));
  }
}

async function removeOutdated(): Promise<void> {
  try {
    const outdated = await database()<{ id: string | null; path: string }[]>`select * from leads.outdated_uploads()`;
    for (const { id, path } of outdated) {
      await removeFile(uploadBucket, path);
      await database()`select leads.forget_upload(${id})`;
    }
  } catch (error) {
    console.error(`imports: ${(error as Error).name} while taking old files away`);
  }
}
