/** Text as a stream of bytes, made as fast as it is read. Whoever stops reading ends what makes it, and its `source`. */
export function streamOf(pieces: AsyncGenerator<string>, source?: AsyncGenerator<unknown>): ReadableStream<Uint8Array> {
  const encoder = new TextEncoder();
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { value, done } = await pieces.next();
        if (done) controller.close();
        else controller.enqueue(encoder.encode(value));
      },
      async cancel() {
        await pieces.return(undefined);
        // Pieces that nobody has begun to make do not end what they come from.
        await source?.return(undefined);
      },
    },
    { highWaterMark: 0 },
  );
}
