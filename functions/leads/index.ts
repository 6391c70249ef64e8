import { app } from "./app.ts";
import { keepWorkingOnUploads } from "./imports/import-work.ts";

Deno.serve(app.fetch);
keepWorkingOnUploads();
