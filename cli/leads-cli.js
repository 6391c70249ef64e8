#!/usr/bin/env node
// Plain JavaScript, so that node itself can start it; everything behind it is TypeScript, which tsx loads. By require: as
// ES modules, of which kysely alone has hundreds, it takes twice the time and half as much memory again.
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";

// By default tsx reads the tsconfig.json of the folder that the command is typed in, which may be anyone's.
process.env.TSX_TSCONFIG_PATH = fileURLToPath(new URL("../tsconfig.json", import.meta.url));
const { register } = await import("tsx/cjs/api");
register();
const { main } = createRequire(import.meta.url)("./main.ts");
process.exitCode = await main(process.argv);
