/** What a service answered, before its body. */
export type AnswerHead = {
  status: number;
  /** Names and values in turn, as they came. */
  headers: string[];
  /** Whether the body comes in chunks. */
  chunked: boolean;
};

/** Finds head, body and end of one HTTP/1.1 answer in the bytes of a connection. */
export type AnswerReader = {
  /** Takes bytes as they come, calls back with what they hold, and keeps none of them. Throws where they are no HTTP. */
  read: (bytes: Buffer) => void;
  /** Whether the answer has been read to its end. */
  isDone: () => boolean;
  /** Whether the connection can carry another request. */
  isReusable: () => boolean;
  /** Whether the body lasts until the connection ends, as neither length nor chunks are said. */
  endsWithConnection: () => boolean;
};

type Framing = "none" | "length" | "chunks" | "connection";

const maxHeadBytes = 256 * 1024;

/** A reader for the answer to one request; `body` gets the bytes as they are, sizes of chunks included. */
export function createAnswerReader(
  method: string,
  onHead: (head: AnswerHead) => void,
  onBody: (part: Buffer) => void,
): AnswerReader {
  let beginning: Buffer | undefined = Buffer.alloc(0);
  let framing: Framing = "none";
  let lengthLeft = 0;
  let done = false;
  let keepAlive = false;
  const chunks = createChunkScanner();

  const readHead = (bytes: Buffer): Buffer | undefined => {
    const all: Buffer = beginning?.length ? Buffer.concat([beginning, bytes]) : bytes;
    const end = all.indexOf("\r\n\r\n");
    if (end < 0) {
      if (all.length > maxHeadBytes) throw new Error("The head of an answer has no end");
      // A copy: the memory of what came is used again for the next read.
      beginning = Buffer.from(all);
      return undefined;
    }
    const rest = all.subarray(end + 4);
    const { status, headers } = parseHead(all.toString("latin1", 0, end));
    // 100 Continue and its like come before the answer proper.
    if (status < 200) {
      beginning = Buffer.alloc(0);
      return readHead(rest);
    }
    beginning = undefined;
    ({ framing, lengthLeft, keepAlive } = readFraming(method, status, headers));
    done = framing === "none" || (framing === "length" && lengthLeft === 0);
    onHead({ status, headers, chunked: framing === "chunks" });
    return rest;
  };

  const readBody = (bytes: Buffer) => {
    let end = bytes.length;
    if (framing === "length") {
      end = Math.min(lengthLeft, bytes.length);
      lengthLeft -= end;
      done = lengthLeft === 0;
    } else if (framing === "chunks") {
      const found = chunks(bytes);
      done = found >= 0;
      if (done) end = found;
    }
    if (end < bytes.length) keepAlive = false;
    if (end > 0) onBody(end === bytes.length ? bytes : bytes.subarray(0, end));
  };

  return {
    read: (bytes) => {
      const body = beginning ? readHead(bytes) : bytes;
      if (body === undefined || body.length === 0) return;
      // Bytes behind the end belong to nobody: something is out of step.
      if (done) keepAlive = false;
      else readBody(body);
    },
    isDone: () => done,
    isReusable: () => done && keepAlive,
    endsWithConnection: () => beginning === undefined && framing === "connection",
  };
}

function parseHead(text: string): { status: number; headers: string[] } {
  const [first = "", ...lines] = text.split("\r\n");
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(first)?.[1]);
  if (!status) throw new Error("The answer is no HTTP");
  const headers: string[] = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon <= 0) throw new Error("The answer has a header without a name");
    headers.push(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  return { status, headers };
}

function readFraming(method: string, status: number, headers: string[]) {
  let framing: Framing = "connection";
  let lengthLeft = 0;
  let keepAlive = true;
  for (let i = 0; i < headers.length; i += 2) {
    const name = (headers[i] as string).toLowerCase();
    const value = headers[i + 1] as string;
    if (name === "transfer-encoding" && /chunked/i.test(value)) framing = "chunks";
    else if (name === "content-length" && framing !== "chunks") {
      framing = "length";
      lengthLeft = Number(value);
    } else if (name === "connection" && /close/i.test(value)) keepAlive = false;
  }
  // PostgREST's server ends an answer to HEAD as if it had a body, with a last chunk that comes later: on a connection that
  // is kept, the next caller's answer would begin with it.
  if (method === "HEAD") keepAlive = false;
  if (method === "HEAD" || status === 204 || status === 304) framing = "none";
  return { framing, lengthLeft, keepAlive: keepAlive && framing !== "connection" };
}

/** Hops from chunk to chunk; returns where the last one ends, or -1 while it is still to come. */
function createChunkScanner(): (bytes: Buffer) => number {
  let left = 0;
  let line = "";
  let isLast = false;
  return (bytes) => {
    let at = 0;
    while (at < bytes.length) {
      if (left > 0) {
        const step = Math.min(left, bytes.length - at);
        left -= step;
        at += step;
        continue;
      }
      const end = bytes.indexOf("\n", at);
      line += bytes.toString("latin1", at, end < 0 ? bytes.length : end);
      if (end < 0) return -1;
      at = end + 1;
      const text = line.trim();
      line = "";
      if (isLast) {
        // Behind the last chunk come further headers, if any, and an empty line.
        if (text === "") return at;
        continue;
      }
      const size = Number.parseInt(text, 16);
      if (!(size >= 0)) throw new Error("The answer has a chunk without a size");
      if (size === 0) isLast = true;
      else left = size + 2;
    }
    return -1;
  };
}
