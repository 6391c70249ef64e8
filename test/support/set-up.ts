import { registerEnd } from "./at-end.ts";

// Runs before each test file. The modules that files share are loaded once for all of them, and what they leave behind is
// put away after each.
registerEnd();
