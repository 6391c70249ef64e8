import { connect, type Socket } from "node:net";
import { type AnswerHead, createAnswerReader } from "./answer-reader.ts";

// A small HTTP client for requests without a body, which are nearly all. Node's own takes an answer's body out of its
// chunks, and Node's server puts it into chunks again; this one passes the bytes on as they are.

/** Receives an answer: `head` once, `body` any number of times, then `end` or `failed`. */
export type AnswerSink = {
  head: (head: AnswerHead) => void;
  /** A part of the body, framed as the head says. Returns false to get no more until `resume`. */
  body: (part: Buffer) => boolean;
  end: () => void;
  /** `unheard`: the service closed an idle connection at that very moment, so that the request may be sent again. */
  failed: (unheard: boolean) => void;
};

/** A request under way. */
export type Exchange = { resume: () => void; abort: () => void };

// Closed here before the service does it.
const idleMs = 15_000;
const idle = new Map<number, Socket[]>();

/** Sends a request without a body to a port of this machine. `head` is its text up to and with the empty line. */
export function exchange(port: number, method: string, head: string, sink: AnswerSink): Exchange {
  const kept = idle.get(port)?.pop();
  const socket = kept ?? connect({ port, host: "127.0.0.1", noDelay: true });
  let heard = false;
  let over = false;
  const reader = createAnswerReader(method, sink.head, (part) => {
    if (!sink.body(part)) socket.pause();
  });

  const finish = (reusable: boolean) => {
    over = true;
    socket.removeAllListeners();
    if (reusable) keep(port, socket);
    else discard(socket);
  };
  const lost = () => {
    finish(false);
    if (reader.endsWithConnection()) sink.end();
    else sink.failed(kept !== undefined && !heard);
  };
  socket.removeAllListeners();
  socket.on("error", lost).on("close", lost);
  socket.on("data", (bytes) => {
    heard = true;
    try {
      reader.read(bytes);
    } catch {
      return lost();
    }
    if (over || !reader.isDone()) return;
    finish(reader.isReusable());
    sink.end();
  });
  socket.setTimeout(0);
  socket.ref();
  socket.write(head, "latin1");
  return { resume: () => over || socket.resume(), abort: () => over || finish(false) };
}

function keep(port: number, socket: Socket): void {
  const others = idle.get(port) ?? [];
  idle.set(port, others);
  others.push(socket);
  const drop = () => {
    const index = others.indexOf(socket);
    if (index >= 0) others.splice(index, 1);
    discard(socket);
  };
  socket.setTimeout(idleMs, drop);
  socket.on("error", drop).on("close", drop).on("data", drop);
  socket.resume();
  // An idle connection must not keep the program alive.
  socket.unref();
}

function discard(socket: Socket): void {
  socket.removeAllListeners();
  socket.on("error", () => undefined);
  socket.destroy();
}
