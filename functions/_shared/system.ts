import type * as z from "zod";
import type { Page } from "./paging.ts";
import type { Problem } from "./problem.ts";
import type { Route } from "./route.ts";

/** A business system: one Edge Function, mounted below its slug, and how it speaks. */
export type System = {
  slug: string;
  title: string;
  description: string;
  /** The schema that publishes its views and functions: `public` for the main system, `<slug>_api` for the others. */
  schema: string;
  routes: readonly Route[];
  errors: Errors;
  /** What stands around each answer; without it the answer is what the database says. */
  envelope?: Envelope;
  /** How its lists are paged: by `limit` and `offset` without more, or by `page`, with the total told. */
  paging?: { limit: number; most: number };
  /** Where its health is asked for; `/api/health` by default. */
  health?: string;
  /** Whether a session handle stands for a token in `Authorization`, for clients that keep one token and never renew it. */
  bearerHandles?: boolean;
};

/** How a system's refusals look, for the answer and for the reference. */
type Errors = { body: (problem: Problem, context: Refused) => object; schema: z.ZodType };

/** Of which request a refusal is: its path from the function's root, its id, and when it was refused (ISO 8601, UTC). */
type Refused = { path: string; requestId: string; timestamp: string };

/** What stands before and after a body that is streamed between them, and the same said of a shape. */
export type Envelope = {
  wrap: (answer: Answered) => { head: string; tail: string };
  schema: (response: z.ZodType, route: Route) => z.ZodType;
};

/** An answer that succeeds; `page` is there for the page of a list. `timestamp` is ISO 8601, UTC. */
export type Answered = { route: Route; timestamp: string; page?: Page };
