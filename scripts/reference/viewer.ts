import { readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { resolvePackage } from "../stack/project.ts";

/** Where the viewer is kept as a module, from the project's root. */
export const viewerFile = "functions/_shared/reference-viewer.generated.ts";

/** What the reference page loads of the viewer. */
export const viewerNames = ["swagger-ui.css", "swagger-ui-bundle.js", "favicon-32x32.png"];

/** A file of the viewer, as its package has it. */
export function viewerAsset(name: string): Buffer {
  return readFileSync(join(resolvePackage("swagger-ui-dist/package.json"), "..", name));
}

/** The viewer as a module. Not by static_files of config.toml: those are not there where the CLI bundles with Docker. */
export function viewerModule(): string {
  const { version } = JSON.parse(viewerAsset("package.json").toString()) as { version: string };
  const lines = viewerNames.map(
    (name) => `  "${name}": "${gzipSync(viewerAsset(name), { level: 9 }).toString("base64")}",`,
  );
  return `// swagger-ui-dist ${version} (Apache-2.0, SmartBear Software), gzip in base64; written by npm run reference.
const files: Readonly<Record<string, string>> = {
${lines.join("\n")}
};
export default files;
`;
}
