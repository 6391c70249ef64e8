import { app } from "./app.ts";
import { keepWorkingOnUploads } from "./import-work.ts";

Deno.serve(app.fetch);
keepWorkingOnUploads();
