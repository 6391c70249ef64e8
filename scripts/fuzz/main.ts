import process from "node:process";

/*
 * npm run fuzz                  every operation, as everybody (api/main.ts)
 * npm run fuzz -- --files       every reader of files (files/main.ts)
 * Each has its own flags: --help, with --files or without.
 */
await import(process.argv.includes("--files") ? "./files/main.ts" : "./api/main.ts");
