import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { unzipped, zipEntries } from "../../../functions/_shared/import/zip.ts";

// ISO's own schema of pain.001.001.09 (build of 2019-02-14). It may not be copied here and no npm package has it; Debian's
// libhbci4j-core-java does, and is fetched once, without being installed.

const debianPackage = "libhbci4j-core-java";
const jar = "usr/share/java/hbci4j-core.jar";
const name = "pain.001.001.09.xsd";
const sha256 = "de038b373e47b0077b1832ddd81f4b2f1eb25d35721f62da1e38b7f5a09fda24";
const kept = fileURLToPath(new URL(`../../../node_modules/.cache/iso20022/${name}`, import.meta.url));
const mostMilliseconds = 60_000;

/** The schema as ISO has published it; undefined where Debian's packages cannot be reached. */
export async function publishedSchema(): Promise<Buffer | undefined> {
  if (!existsSync(kept)) await fetchSchema().catch((error) => console.warn(`ISO's schema was not fetched: ${error}`));
  if (!existsSync(kept)) return undefined;
  const schema = readFileSync(kept);
  if (hashOf(schema) !== sha256) throw new Error(`${kept} is not ISO's schema: remove it`);
  return schema;
}

async function fetchSchema(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "iso20022-"));
  try {
    download(folder);
    const file = readdirSync(folder).find((each) => each.endsWith(".deb")) ?? "";
    execFileSync("dpkg-deb", ["-x", file, "."], { cwd: folder, timeout: mostMilliseconds });
    const schema = await readEntry(readFileSync(join(folder, jar)));
    if (hashOf(schema) !== sha256) throw new Error(`${debianPackage} has another ${name} than the one that is known`);
    mkdirSync(join(kept, ".."), { recursive: true });
    writeFileSync(`${kept}.new`, schema);
    renameSync(`${kept}.new`, kept);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** By the lists of packages that the machine has; where it has none, or old ones, by lists of our own. */
function download(folder: string): void {
  const apt = (...args: string[]) =>
    execFileSync("apt-get", ["-qq", "-o", "APT::Sandbox::User=root", "-o", "Acquire::http::Timeout=10", ...args], {
      cwd: folder,
      timeout: mostMilliseconds,
      stdio: "ignore",
    });
  try {
    apt("download", debianPackage);
  } catch {
    mkdirSync(join(folder, "lists/partial"), { recursive: true });
    mkdirSync(join(folder, "cache/archives/partial"), { recursive: true });
    const own = ["-o", `Dir::State::lists=${folder}/lists`, "-o", `Dir::Cache=${folder}/cache`];
    apt(...own, "-o", "Acquire::Languages=none", "update");
    apt(...own, "download", debianPackage);
  }
}

async function readEntry(archive: Uint8Array): Promise<Buffer> {
  const entry = zipEntries(archive, 100 * archive.length).find((each) => each.name === name);
  if (!entry) throw new Error(`${jar} has no ${name}`);
  const pieces: Uint8Array[] = [];
  for await (const piece of unzipped(archive, entry)) pieces.push(Uint8Array.from(piece));
  return Buffer.concat(pieces);
}

function hashOf(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
