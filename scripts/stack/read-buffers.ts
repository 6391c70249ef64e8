// Node gives each read memory of its own, and a long answer is many reads: to collect it again was half of the gateway's
// work. Here the memory goes round.

const bytes = 64 * 1024;
const most = 64;
const free: Buffer[] = [];

/** Memory for one read. */
export function takeBuffer(): Buffer {
  return free.pop() ?? Buffer.allocUnsafeSlow(bytes);
}

/** Takes memory back that nobody uses any more. */
export function giveBuffer(buffer: Buffer): void {
  if (free.length < most) free.push(buffer);
}
