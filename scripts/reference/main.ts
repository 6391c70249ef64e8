import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { projectRoot } from "../stack/project.ts";
import { viewerFile, viewerModule } from "./viewer.ts";

/* npm run reference packs the viewer of the reference page, after swagger-ui-dist has changed. */

writeFileSync(join(projectRoot, viewerFile), viewerModule());
console.log(`Written: ${viewerFile}`);
