import postgres from "postgres";

/** What becomes of a row that is a lead already; `report` leaves it alone and names it among the refused rows. */
export type OnDuplicate = "skip" | "update" | "report";

/** In which order a column of dates has day and month, as all of its dates together tell. */
export type DateOrder = "day_first" | "month_first";

/** The rows of a file that lie in `leads.import_rows`. */
export type Staged = { rows: number; lastLine: number; dateOrder: DateOrder | null };

type Piece = { from: number; to: number };

/** Merges a staged import within a transaction. */
export async function merge(sql: postgres.TransactionSql, id: string, onDuplicate: OnDuplicate): Promise<void> {
  await sql`set local statement_timeout = 0`;
  await sql`select leads.merge_import(${id}, ${onDuplicate})`;
}

/**
 * The same, in a transaction of its own, with two sessions on two cores: one checks the next piece of the file while the
 * other writes the last one. `sql` has to have two connections to spare.
 */
export async function mergeSideBySide(
  sql: postgres.Sql,
  id: string,
  onDuplicate: OnDuplicate,
  staged: Staged,
): Promise<void> {
  await sql
    .begin((tx) => mergePieces(sql, tx, id, onDuplicate, staged))
    .catch(async (error: unknown) => {
      if (!isToReview(error)) throw error;
      await sql.begin((tx) => merge(tx, id, onDuplicate));
    });
}

async function mergePieces(
  sql: postgres.Sql,
  tx: postgres.TransactionSql,
  id: string,
  onDuplicate: OnDuplicate,
  { rows, lastLine, dateOrder }: Staged,
): Promise<void> {
  await tx`set local statement_timeout = 0`;
  const [opened] = await tx<{ keysFrom: Date }[]>`select leads.open_merge(${id}) as "keysFrom"`;
  const check = ({ from, to }: Piece) =>
    sql.begin(async (side) => {
      await side`set local statement_timeout = 0`;
      const [row] = await side<{ rows: number }[]>`
        select leads.check_import_piece(${id}, ${from}, ${to}, ${opened?.keysFrom as Date}, ${dateOrder === "month_first"})::int as rows`;
      return row?.rows ?? 0;
    });
  const pieces = piecesOf(lastLine);
  let checked = 0;
  let ahead: Promise<number> | undefined;
  try {
    for (const [at, { from, to }] of pieces.entries()) {
      checked += await (ahead ?? check({ from, to }));
      const next = pieces[at + 1];
      ahead = next && check(next);
      // Awaited in the next round, if there is one.
      ahead?.catch(() => {});
      await tx`select leads.insert_import_piece(${id}, ${from}, ${to})`;
    }
  } catch (error) {
    // Whoever clears up finds all that has been checked.
    await ahead?.catch(() => {});
    throw error;
  }
  // The table is unlogged: a crash of the server empties it.
  if (checked !== rows) throw new Error(`${rows} rows were staged, ${checked} are left`);
  await tx`select leads.merge_import(${id}, ${onDuplicate}, inserted => true)`;
}

const firstLines = 4000;

/** The lines of a file in pieces, the first one small, so that writing begins soon; each has twice the lines of the last. */
function piecesOf(lastLine: number): Piece[] {
  const pieces: Piece[] = [];
  for (let from = 0, size = firstLines; from <= lastLine; from += size / 2) {
    pieces.push({ from, to: from + size - 1 });
    size *= 2;
  }
  return pieces;
}

function isToReview(error: unknown): boolean {
  return error instanceof postgres.PostgresError && error.detail === "import_to_review";
}
