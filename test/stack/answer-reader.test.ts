import fc from "fast-check";
import { expect, test } from "vitest";
import { type AnswerHead, createAnswerReader } from "../../scripts/stack/answer-reader.ts";

type Read = { head: AnswerHead | undefined; body: string; done: boolean; reusable: boolean; untilClose: boolean };

/** Gives an answer to a reader in the parts that end at these positions. */
function read(text: string, { method = "GET", cuts = [] as number[] } = {}): Read {
  let head: AnswerHead | undefined;
  let body = "";
  const reader = createAnswerReader(
    method,
    (found) => {
      head = found;
    },
    (part) => {
      body += part.toString("latin1");
    },
  );
  const ends = [...new Set([...cuts, text.length])].sort((a, b) => a - b);
  let begin = 0;
  for (const end of ends) {
    reader.read(Buffer.from(text.slice(begin, end), "latin1"));
    begin = end;
  }
  return {
    head,
    body,
    done: reader.isDone(),
    reusable: reader.isReusable(),
    untilClose: reader.endsWithConnection(),
  };
}

const chunks = "5\r\nhello\r\n6;ext=1\r\n world\r\n0\r\nX-Trailer: t\r\n\r\n";
const chunked = `HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`;
const sized = "HTTP/1.1 201 Créé\r\nContent-Length: 11\r\nLocation: /x\r\n\r\nhello world";

test("an answer in chunks is handed on with its sizes, to the end of its trailers", () => {
  expect(read(chunked)).toEqual({
    head: {
      status: 200,
      headers: ["Content-Type", "text/plain", "Transfer-Encoding", "chunked"],
      chunked: true,
    },
    body: chunks,
    done: true,
    reusable: true,
    untilClose: false,
  });
});

test("an answer with a length ends there", () => {
  const { head, body, done, reusable } = read(sized);
  expect(head).toEqual({ status: 201, headers: ["Content-Length", "11", "Location", "/x"], chunked: false });
  expect({ body, done, reusable }).toEqual({ body: "hello world", done: true, reusable: true });
});

test("however the bytes are cut, the answer is the same", () => {
  for (const text of [chunked, sized]) {
    const whole = read(text);
    fc.assert(
      fc.property(fc.array(fc.nat(text.length)), (cuts) => {
        expect(read(text, { cuts })).toEqual(whole);
      }),
    );
  }
});

test("an answer that lacks its last byte is not done", () => {
  expect(read(chunked.slice(0, -1)).done).toBe(false);
  expect(read(sized.slice(0, -1)).done).toBe(false);
});

test.each([
  ["204", "DELETE", "HTTP/1.1 204 No Content\r\n\r\n"],
  ["304", "GET", "HTTP/1.1 304 Not Modified\r\nContent-Length: 11\r\n\r\n"],
])("an answer %s has no body", (_, method, text) => {
  expect(read(text, { method })).toMatchObject({ body: "", done: true, reusable: true });
});

// A last chunk may come behind it, which is the beginning of nobody's answer.
test("an answer to HEAD has no body, and its connection carries no other", () => {
  const text = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  expect(read(text, { method: "HEAD" })).toMatchObject({ body: "", done: true, reusable: false });
});

test("an answer without a length lasts as long as the connection", () => {
  const answer = read("HTTP/1.1 200 OK\r\n\r\nhello");
  expect(answer).toMatchObject({ body: "hello", done: false, reusable: false, untilClose: true });
});

test("a provisional answer is skipped", () => {
  expect(read(`HTTP/1.1 100 Continue\r\n\r\n${sized}`)).toEqual(read(sized));
});

test("a connection that the service closes, or that holds more than the answer, is not used again", () => {
  expect(read(sized.replace("Location: /x", "Connection: close")).reusable).toBe(false);
  expect(read(`${sized}HTTP/1.1 200 OK`).reusable).toBe(false);
});

test("what is no HTTP is refused", () => {
  expect(() => read("SSH-2.0-x\r\n\r\n")).toThrow("no HTTP");
  expect(() => read(chunked.replace("5\r\nhello", "z\r\nhello"))).toThrow("without a size");
});
