import { Presets, SingleBar } from "cli-progress";
import type { ImportProgress } from "../../functions/_shared/import/run.ts";
import { io } from "../io.ts";
import { note } from "../output.ts";

/** Shows how far an import is, on stderr: a bar on a terminal, a line now and then in a pipe. */
export type ProgressDisplay = { show: (progress: ImportProgress) => void; stop: () => void };

const linePeriodMs = 5000;

/** A display for a file of `totalBytes`; `now` is in milliseconds. */
export function progressDisplay(totalBytes: number, terminal: boolean, now: () => number = Date.now): ProgressDisplay {
  return terminal ? bar(totalBytes, now) : lines(totalBytes, now);
}

function bar(totalBytes: number, now: () => number): ProgressDisplay {
  const start = now();
  const single = new SingleBar(
    {
      stream: io().stderr,
      format: "{phase} [{bar}] {percentage} % · {rows} rows · {rate} rows/s · {left}",
      hideCursor: true,
      clearOnComplete: true,
      stopOnComplete: false,
    },
    Presets.shades_classic,
  );
  const payload = (progress: ImportProgress) => ({
    phase: progress.phase === "reading" ? "Reading" : "Merging",
    rows: progress.rows.toLocaleString("en"),
    rate: rate(progress, now() - start).toLocaleString("en"),
    left: progress.phase === "reading" ? timeLeft(progress, totalBytes, now() - start) : "a moment more",
  });
  single.start(totalBytes, 0, { phase: "Reading", rows: "0", rate: "0", left: "" });
  return {
    show: (progress) => {
      single.update(progress.bytes, payload(progress));
      // The merge is one statement, during which nothing is drawn.
      if (progress.phase === "merging") single.render();
    },
    stop: () => single.stop(),
  };
}

function lines(totalBytes: number, now: () => number): ProgressDisplay {
  const start = now();
  let last = start;
  return {
    show: (progress) => {
      const at = now();
      if (progress.phase === "reading" && at - last < linePeriodMs) return;
      last = at;
      const rows = progress.rows.toLocaleString("en");
      if (progress.phase === "merging") note(`${rows} rows read, merging them`);
      else {
        const percent = Math.floor((100 * progress.bytes) / totalBytes);
        note(
          `${rows} rows read (${percent} %, ${rate(progress, at - start).toLocaleString("en")} rows/s, ${timeLeft(progress, totalBytes, at - start)})`,
        );
      }
    },
    stop: () => {},
  };
}

function rate({ rows }: ImportProgress, elapsedMs: number): number {
  return elapsedMs > 0 ? Math.round((1000 * rows) / elapsedMs) : 0;
}

function timeLeft({ bytes }: ImportProgress, totalBytes: number, elapsedMs: number): string {
  if (bytes === 0) return "";
  const seconds = Math.round((elapsedMs * (totalBytes - bytes)) / bytes / 1000);
  return `${seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m ${seconds % 60}s`} left`;
}
