import { copyFileSync, existsSync, mkdirSync, readFileSync } from "node:fs";
import { dirname, join, posix } from "node:path";
import { parse } from "smol-toml";
import { projectRoot } from "../../scripts/stack/project.ts";

interface FunctionConfig {
  entrypoint: string;
  import_map: string;
}

/** The functions of config.toml, and where they begin, from the project's root. */
export function deployedFunctions(): { slug: string; entrypoint: string; importMap: string }[] {
  const toml = parse(readFileSync(join(projectRoot, "supabase/config.toml"), "utf8"));
  const fromRoot = (path: string) => posix.join("supabase", path);
  return Object.entries(toml.functions as unknown as Record<string, FunctionConfig>).map(([slug, config]) => ({
    slug,
    entrypoint: fromRoot(config.entrypoint),
    importMap: fromRoot(config.import_map),
  }));
}

// As the Supabase CLI looks for imports: by a pattern, not by a parser.
const imports = [
  /\b(?:import|export)\b[^'"]*?['"](\.{1,2}\/[^'"]+)['"]/g,
  /\bimport\(\s*['"](\.{1,2}\/[^'"]+)['"]\s*\)/g,
];

/** Copies into a folder what `supabase functions deploy` uploads of a function: what its imports lead to, and no more. */
export function uploadFunction(slug: string, folder: string): string {
  const config = deployedFunctions().find((each) => each.slug === slug);
  if (!config) throw new Error(`config.toml has no function ${slug}`);
  const waiting = [config.entrypoint, config.importMap];
  const seen = new Set(waiting);
  for (let path = waiting.pop(); path; path = waiting.pop()) {
    const text = readFileSync(join(projectRoot, path), "utf8");
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    copyFileSync(join(projectRoot, path), join(folder, path));
    if (!path.endsWith(".ts")) continue;
    for (const [, target = ""] of imports.flatMap((pattern) => [...text.matchAll(pattern)])) {
      const next = posix.join(posix.dirname(path), target);
      if (seen.has(next) || !existsSync(join(projectRoot, next))) continue;
      seen.add(next);
      waiting.push(next);
    }
  }
  return join(folder, config.entrypoint);
}
