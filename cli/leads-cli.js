#!/usr/bin/env node
// Plain JavaScript, so that node itself can start it; everything behind it is TypeScript, which tsx loads.
import { fileURLToPath } from "node:url";
import { register } from "tsx/esm/api";

// By default tsx reads the tsconfig.json of the folder that the command is typed in, which may be anyone's.
register({ tsconfig: fileURLToPath(new URL("../tsconfig.json", import.meta.url)) });
const { main } = await import("./main.ts");
process.exitCode = await main(process.argv);
