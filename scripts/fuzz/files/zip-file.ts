import { deflateRawSync } from "node:zlib";

/** An entry of a zip; what its directory tells of it may be a lie, and its bytes may be those of the first entry. */
export type ZipPart = {
  name: string;
  content: Uint8Array;
  told?: number;
  stored?: boolean;
  shared?: boolean;
  flags?: number;
};

/** A zip of these entries. */
export function zipFile(parts: readonly ZipPart[], comment = ""): Uint8Array {
  const files: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const { name, content, told = content.length, stored = false, shared = false, flags = 0 } of parts) {
    const packed = stored ? content : deflateRawSync(content);
    const path = Buffer.from(name);
    const head = Buffer.alloc(26);
    head.writeUInt16LE(20, 0);
    head.writeUInt16LE(flags, 2);
    head.writeUInt16LE(stored ? 0 : 8, 4);
    head.writeUInt32LE(packed.length, 14);
    head.writeUInt32LE(told, 18);
    head.writeUInt16LE(path.length, 22);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(shared ? 0 : offset, 10);
    directory.push(Buffer.from("PK\x01\x02\x14\0", "latin1"), head, rest.subarray(0, 14), path);
    if (shared) continue;
    files.push(Buffer.from("PK\x03\x04", "latin1"), head, path, Buffer.from(packed));
    offset += 30 + path.length + packed.length;
  }
  const end = Buffer.alloc(22);
  end.write("PK\x05\x06", "latin1");
  end.writeUInt16LE(parts.length & 0xffff, 8);
  end.writeUInt16LE(parts.length & 0xffff, 10);
  end.writeUInt32LE(
    directory.reduce((sum, part) => sum + part.length, 0),
    12,
  );
  end.writeUInt32LE(offset, 16);
  end.writeUInt16LE(comment.length, 20);
  return new Uint8Array(Buffer.concat([...files, ...directory, end, Buffer.from(comment)]));
}
