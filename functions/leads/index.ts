import { app } from "./app.ts";
import { keepWorkingOnUploads } from "./import-turns.ts";

Deno.serve(app.fetch);
keepWorkingOnUploads();
