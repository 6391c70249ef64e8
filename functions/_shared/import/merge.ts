import postgres from "postgres";
import type { Feed, Piece } from "./feed.ts";
import type { ImportKind, PieceFunctions } from "./kind.ts";

/** What becomes of a row that is there already; `report` leaves it alone and names it among the refused rows. */
export type OnDuplicate = "skip" | "update" | "report";

// The first piece is small, so that writing begins soon. Checking costs three quarters of what writing does: each piece is a
// little larger than the one before, and whoever writes has never to wait.
const firstRows = 1500;
const growth = 1.25;

/** Merges a staged import, in the transaction of the caller; `staged` is how many rows it has. */
export async function merge(
  sql: postgres.TransactionSql,
  { functions }: ImportKind,
  id: string,
  onDuplicate: OnDuplicate,
  staged: number,
): Promise<void> {
  await sql`set local statement_timeout = 0`;
  await sql`select ${sql(functions.merge)}(${id}, ${onDuplicate}, staged => ${staged})`;
}

/**
 * Stages and merges at once, on two cores: one session takes in and checks the next piece of the file while another writes
 * the last one, all pieces in one transaction. For a file that is read as fast as it comes, since other merges wait, and
 * of which nothing has to be known as a whole. `sql` has to have two connections for this alone.
 */
export async function mergeWhileReading(
  sql: postgres.Sql,
  kind: ImportKind,
  pieces: PieceFunctions,
  id: string,
  onDuplicate: OnDuplicate,
  feed: Feed,
): Promise<void> {
  await sql`select ${sql(kind.functions.stage)}(${id})`;
  try {
    await sql.begin(async (tx) => {
      await writePieces(sql, tx, pieces, id, feed);
      await tx`select ${tx(kind.functions.merge)}(${id}, ${onDuplicate}, inserted => true, staged => ${feed.staged()})`;
    });
  } catch (error) {
    if (!isToReview(error)) throw error;
    await sql.begin((tx) => merge(tx, kind, id, onDuplicate, feed.staged()));
  }
}

async function writePieces(
  sql: postgres.Sql,
  tx: postgres.TransactionSql,
  pieces: PieceFunctions,
  id: string,
  feed: Feed,
): Promise<void> {
  await tx`set local statement_timeout = 0`;
  const [opened] = await tx<{ keysFrom: Date }[]>`select ${tx(pieces.open)}(${id}) as "keysFrom"`;
  const keysFrom = opened?.keysFrom as Date;
  const checked = async (rows: number): Promise<Piece | undefined> =>
    sql.begin(async (side) => {
      await side`set local statement_timeout = 0`;
      const piece = await feed.next(side, (taken) => taken >= rows);
      if (piece) await side`select ${side(pieces.check)}(${id}, ${piece.from}, ${piece.to}, ${keysFrom}, false)`;
      return piece;
    });
  let rows = firstRows;
  let ahead = checked(rows);
  try {
    for (let piece = await ahead; piece; piece = await ahead) {
      rows *= growth;
      ahead = checked(rows);
      // Awaited when this piece is written.
      ahead.catch(() => {});
      await tx`select ${tx(pieces.insert)}(${id}, ${piece.from}, ${piece.to})`;
    }
  } catch (error) {
    // Whoever clears up finds all that has been staged.
    await ahead.catch(() => {});
    throw error;
  }
}

function isToReview(error: unknown): boolean {
  return error instanceof postgres.PostgresError && error.detail === "import_to_review";
}
