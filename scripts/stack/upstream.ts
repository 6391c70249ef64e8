import { connect, type Socket } from "node:net";
import type { Readable } from "node:stream";
import { type AnswerHead, createAnswerReader } from "./answer-reader.ts";
import { giveBuffer, takeBuffer } from "./read-buffers.ts";

// A small HTTP client. Node's own takes an answer's body out of its chunks, and Node's server puts it into chunks again;
// this one passes the bytes on as they are, which saves a quarter of the gateway's work on a long answer.

/** A request as it goes out. */
export type Outgoing = {
  method: string;
  /** The text up to and with the empty line. */
  head: string;
  /** Bytes to send behind it; in chunks where the head says so. */
  body?: { bytes: Readable; chunked: boolean } | undefined;
};

/** Receives an answer: `head` once, `body` any number of times, then `end` or `failed`. */
export type AnswerSink = {
  head: (head: AnswerHead) => void;
  /**
   * A part of the body, framed as the head says. Calls `written` when it needs the part no more, whose memory is then
   * used again. Returns false to get no more until `resume`.
   */
  body: (part: Buffer, written: () => void) => boolean;
  end: () => void;
  /** `unheard`: an idle connection was closed at that very moment, so that the service has most likely read nothing. */
  failed: (unheard: boolean) => void;
};

/** A request under way. */
export type Exchange = { resume: () => void; abort: () => void };

// Less than any of the services keeps one, so that none is closed while a request goes out on it.
const idleMs = 4_000;
const idle = new Map<number, Connection[]>();

/** A connection to a service, and who gets what comes on it. */
type Connection = { socket: Socket; receive: (bytes: Buffer, done: () => void) => void };

/** Sends a request to a port of this machine and hands the answer to `sink` as it comes. */
export function exchange(port: number, { method, head, body }: Outgoing, sink: AnswerSink): Exchange {
  const kept = idle.get(port)?.pop();
  const connection = kept ?? openConnection(port);
  const { socket } = connection;
  let heard = false;
  let over = false;
  let sent = body === undefined;
  let written: (() => void) | undefined;
  let stopSending = () => {};
  let refused = false;
  const heardOf = (answer: AnswerHead) => {
    refused = answer.status >= 400;
    sink.head(answer);
  };
  const reader = createAnswerReader(method, heardOf, (part) => {
    const done = written ?? (() => undefined);
    written = undefined;
    if (!sink.body(part, done)) socket.pause();
  });

  const finish = (reusable: boolean) => {
    over = true;
    socket.removeAllListeners();
    stopSending();
    if (reusable) keep(port, connection);
    else discard(socket);
  };
  const lost = () => {
    finish(false);
    if (reader.endsWithConnection()) sink.end();
    else sink.failed(kept !== undefined && !heard);
  };
  socket.removeAllListeners();
  socket.on("error", lost).on("close", lost);
  connection.receive = (bytes, done) => {
    if (over) return done();
    heard = true;
    written = done;
    try {
      reader.read(bytes);
    } catch {
      return lost();
    }
    // What held no part of the body has been read.
    written?.();
    if (over || !reader.isDone()) return;
    // An answer may come before the whole request was sent; what is left of it must not meet the next one. Nor is a
    // connection kept whose service may be about to close it, since it has refused a body without reading it.
    finish(sent && reader.isReusable() && !(body && refused));
    sink.end();
  };
  socket.setTimeout(0);
  socket.ref();
  if (!body) socket.write(head, "latin1");
  else {
    // What of the body came with its head goes out with it: the service need not be woken twice.
    socket.cork();
    setImmediate(() => socket.uncork());
    socket.write(head, "latin1");
    stopSending = sendBody(socket, body.bytes, body.chunked, () => {
      sent = true;
    });
  }
  return { resume: () => over || socket.resume(), abort: () => over || finish(false) };
}

/**
 * Sends a body on as it comes, and returns what stops it: the rest is read all the same, since the caller's next request
 * comes behind it on the same connection.
 */
function sendBody(socket: Socket, bytes: Readable, chunked: boolean, sent: () => void): () => void {
  const send = (part: Buffer) => {
    if (chunked) socket.write(`${part.length.toString(16)}\r\n`);
    const more = socket.write(part);
    if (chunked) socket.write("\r\n");
    if (!more) bytes.pause();
  };
  const end = () => {
    if (chunked) socket.write("0\r\n\r\n");
    sent();
  };
  bytes.on("data", send).on("end", end);
  socket.on("drain", () => bytes.resume());
  return () => void bytes.off("data", send).off("end", end).resume();
}

function openConnection(port: number): Connection {
  const connection: Connection = {
    receive: (_, done) => done(),
    socket: connect({
      ...{ port, host: "127.0.0.1", noDelay: true },
      onread: {
        buffer: takeBuffer,
        callback: (length, buffer) => {
          const whole = buffer as Buffer;
          connection.receive(whole.subarray(0, length), () => giveBuffer(whole));
          return true;
        },
      },
    }),
  };
  return connection;
}

function keep(port: number, connection: Connection): void {
  const { socket } = connection;
  const others = idle.get(port) ?? [];
  idle.set(port, others);
  others.push(connection);
  const drop = () => {
    const index = others.indexOf(connection);
    if (index >= 0) others.splice(index, 1);
    discard(socket);
  };
  connection.receive = (_, done) => {
    done();
    drop();
  };
  socket.setTimeout(idleMs, drop);
  socket.on("error", drop).on("close", drop);
  socket.resume();
  // An idle connection must not keep the program alive.
  socket.unref();
}

function discard(socket: Socket): void {
  socket.removeAllListeners();
  socket.on("error", () => undefined);
  socket.destroy();
}
