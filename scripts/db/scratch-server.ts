import { chmodSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePort } from "../stack/ports.ts";
import { createCluster, databaseUrl, startPostgres } from "../stack/postgres.ts";
import { createSupervisor } from "../stack/supervisor.ts";

/**
 * A Postgres of its own on a free port, empty and thrown away when `work` is done with it.
 *
 * @param parent the folder that its data is put into, for as long as it lives
 */
export async function withScratchServer<Result>(
  work: (adminUrl: string) => Promise<Result>,
  parent: string = tmpdir(),
): Promise<Result> {
  const dataDir = mkdtempSync(join(parent, "scratch-postgres-"));
  chmodSync(dataDir, 0o755);
  const supervisor = createSupervisor((line) => console.error(line));
  supervisor.removeAtEnd(dataDir);
  try {
    const options = { dataDir, port: await freePort(), ephemeral: true };
    await createCluster(supervisor, options);
    await startPostgres(supervisor, options);
    return await work(databaseUrl(options.port));
  } finally {
    await supervisor.stopAll();
    rmSync(dataDir, { recursive: true, force: true });
  }
}
