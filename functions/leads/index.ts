import { app } from "./app.ts";
import { keepWorkingOnUploads } from "./imports/import-turns.ts";

Deno.serve(app.fetch);
keepWorkingOnUploads();
