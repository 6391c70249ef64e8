import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { collectWords } from "../../functions/_shared/import/encoding-guess.ts";
import { highLetters } from "../../functions/_shared/import/encodings.ts";
import { ImportRefusal } from "../../functions/_shared/import/refusal.ts";
import { bytesOf, readAll } from "./reading.ts";

// Encodings that spreadsheets save: what is read is what was written, or the file is refused with the candidates. No name is
// ever read as another one.

/** A text in an encoding of one byte a letter; undefined where it lacks a letter. */
function encoded(text: string, encoding: string): Uint8Array | undefined {
  const letters = highLetters(encoding) as string;
  const bytes = Array.from(text, (letter) => (letter < "\x80" ? letter.charCodeAt(0) : 128 + letters.indexOf(letter)));
  return bytes.some((byte) => byte === 127) ? undefined : Uint8Array.from(bytes);
}

const head = "nom;prenom;email;secteur;region;notes";
const fileOf = (names: readonly string[], header = head) =>
  `${header}\r\n${names.map((name, n) => `${name};x;p${n}@example.com;Isolation;Bretagne;`).join("\r\n")}\r\n`;
const namesRead = async (bytes: Uint8Array | Uint8Array[], encoding?: string) => {
  const { rows, reading } = await readAll(bytes, { encoding });
  return { names: rows.map(({ cells }) => cells[0]), encoding: reading.encoding };
};

const spreadsheets = ["windows-1252", "macintosh", "cp850", "cp437", "windows-1250", "iso-8859-15"];
// Not one of them is a word that the reader knows.
const french = [
  ..."Bérangère,Célestin,Dubœuf,Fréhel,Gaétane,Hégésippe,Anthéaume,Blondéel,Crevècœur,Dénéchère,Estève,Fougère,Guillemèche".split(
    ",",
  ),
  ..."Hémery,Jaurès,Kerdélhué,Lamaîtrie,Maërz,Nérée,Ombrédanne,Pécresse,Quénée,Ribérolles,Sénéchal,Thévenet,Vézère,Wéry".split(
    ",",
  ),
  ..."L'Herbé,D’Ozé,Sainte-Thérézy,Aïssatou,Naïm,Ménière,Béchère,Çaïd,Gonçalvès,Façonnable,Guénolé,Théophanie".split(
    ",",
  ),
];
const capitals = french.map((name) => name.toUpperCase());

describe("a list of French names", () => {
  it.each(spreadsheets)("in %s is read as it was written, or refused", async (encoding) => {
    await fc.assert(
      fc.asyncProperty(
        fc.uniqueArray(fc.constantFrom(...french, ...capitals), { minLength: 1, maxLength: 12 }),
        async (names) => {
          const bytes = encoded(fileOf(names), encoding);
          fc.pre(bytes !== undefined);
          const read = await namesRead(bytes as Uint8Array).catch((error: unknown) => error);
          if (read instanceof ImportRefusal) expect(["encoding_unclear", "unreadable_text"]).toContain(read.code);
          else expect((read as { names: string[] }).names).toEqual(names);
        },
      ),
      { numRuns: 150 },
    );
  });
  it.each(spreadsheets)("in %s is read where there are ten of them in small letters", async (encoding) => {
    const writable = french.filter((name) => encoded(name, encoding) !== undefined);
    for (let at = 0; at + 10 <= writable.length; at += 5) {
      const names = writable.slice(at, at + 10);
      expect((await namesRead(encoded(fileOf(names), encoding) as Uint8Array)).names).toEqual(names);
    }
  });
  it("alone in Windows-1252, in small letters, is read", async () => {
    for (const name of french) {
      const bytes = encoded(fileOf([name]), "windows-1252");
      if (bytes) expect((await namesRead(bytes)).names).toEqual([name]);
    }
  });
});

describe("a list of names of central Europe in windows-1250", () => {
  const polish =
    "Wałęsa,Kępiński,Łukaszewicz,Żak,Jaśkiewicz,Wójcik,Dąbrowska,Zieliński,Gołąb,Piątek,Świątek,Pająk".split(",");
  const czech = "Dvořák,Čapek,Hrdlička,Jiří,Kučera,Růžička,Šťastný,Němec,Novák,Beneš,Černý,Vaněk".split(",");
  const southern = "Kovač,Petrović,Đoković,Horvat,Babić,Jurić,Novačić,Šarić,Božić,Knežević,Ćosić,Vuković".split(",");

  it.each([
    ["Polish", polish],
    ["Czech", czech],
    ["southern Slavic", southern],
  ])("%s", async (_which, names) => {
    expect(await namesRead(encoded(fileOf(names), "windows-1250") as Uint8Array)).toEqual({
      names,
      encoding: "windows-1250",
    });
    await fc.assert(
      fc.asyncProperty(fc.uniqueArray(fc.constantFrom(...names), { minLength: 6 }), async (some) => {
        const read = await namesRead(encoded(fileOf(some), "windows-1250") as Uint8Array).catch(
          (error: unknown) => error,
        );
        if (read instanceof ImportRefusal) expect(read.code).toBe("encoding_unclear");
        else expect((read as { names: string[] }).names).toEqual(some);
      }),
      { numRuns: 100 },
    );
  });
});

describe("an encoding", () => {
  const plain = Array.from({ length: 60_000 }, (_, n) => `Martin${n}`);

  it.each(spreadsheets)("is seen where the first accent comes late (%s)", async (encoding) => {
    const names = [...plain, "Célestin", "Thévenet", "Fréhel"];
    const bytes = encoded(fileOf(names), encoding) as Uint8Array;
    const pieces = Array.from({ length: Math.ceil(bytes.length / 65_536) }, (_, n) =>
      bytes.subarray(n * 65_536, (n + 1) * 65_536),
    );
    expect((await namesRead(pieces)).names.slice(-3)).toEqual(names.slice(-3));
  });

  it("that changes in the middle of a file is refused, however late", async () => {
    const windows = encoded(fileOf(["Hélène", ...plain]), "windows-1252") as Uint8Array;
    const mac = encoded("Thévenet;x\r\nBérangère;x\r\nSénéchal;x\r\nFréhel;x\r\n", "macintosh") as Uint8Array;
    const pieces = Array.from({ length: 30 }, (_, n) => windows.subarray(n * 100_000, (n + 1) * 100_000));
    const error = (await namesRead([...pieces, mac]).catch((error: unknown) => error)) as ImportRefusal;
    expect(error.code).toMatch(/^encoding_unclear|unreadable_text$/);
  });

  it("in doubt is refused with what a word reads as in each, and read when it is told", async () => {
    const bytes = encoded(fileOf(["CORRÔT"]), "windows-1252") as Uint8Array;
    const error = (await namesRead(bytes).catch((error: unknown) => error)) as ImportRefusal;
    expect(error.code).toBe("encoding_unclear");
    expect(error.message).toContain("« CORRÔT » en windows-1252");
    expect(error.message).toContain("--encoding ");
    expect((await namesRead(bytes, "ansi")).names).toEqual(["CORRÔT"]);
  });

  it.each([
    ["macintosh", ["mac", "MacRoman", "mac-roman", "x-mac-roman", "Macintosh"]],
    ["cp850", ["cp850", "IBM850", "850", "DOS", "MS-DOS", "oem"]],
    ["cp437", ["cp437", "ibm437", "437"]],
    ["cp858", ["cp858", "IBM00858"]],
    ["windows-1250", ["windows-1250", "cp1250", "1250", "cp-1250"]],
    ["windows-1252", ["windows-1252", "cp1252", "1252", "ANSI", "latin1", "Latin-1", "iso-8859-1", "ISO_8859-1"]],
    ["iso-8859-15", ["iso-8859-15", "latin9", "latin-9"]],
    ["utf-8", ["utf-8", "UTF8", "utf-8-sig", "utf-8-bom"]],
    ["utf-16le", ["utf-16", "UTF-16LE", "unicode"]],
  ])("%s is known by its usual names", async (encoding, names) => {
    for (const name of names) {
      const text = fileOf(["Chloé"]);
      const bytes =
        encoding === "utf-8"
          ? bytesOf(text)
          : encoding === "utf-16le"
            ? new Uint8Array(Buffer.from(text, "utf16le"))
            : (encoded(text, encoding) as Uint8Array);
      expect(await namesRead(bytes, name), name).toEqual({ names: ["Chloé"], encoding });
    }
  });

  it("that lacks a byte of the file is no encoding of it", async () => {
    const bytes = encoded(fileOf(["Lefèvre"]), "macintosh") as Uint8Array;
    await expect(namesRead(bytes, "windows-1252")).rejects.toThrow("WINDOWS-1252");
  });

  it("is the one of the mark before the text, whatever is asked for", async () => {
    expect((await namesRead(bytesOf(`\ufeff${fileOf(["Hélène"])}`), "windows-1252")).names).toEqual(["Hélène"]);
  });
});

describe("UTF-8 that was encoded twice", () => {
  const twice = (text: string) => {
    const windows = highLetters("windows-1252") as string;
    return bytesOf(
      Array.from(bytesOf(text), (byte) => {
        const letter = byte < 128 ? String.fromCharCode(byte) : (windows[byte - 128] as string);
        return letter === "\ufffd" ? String.fromCharCode(byte) : letter;
      }).join(""),
    );
  };

  it("is read as it was meant", async () => {
    const names = ["Élise", "Zoé", "Lefèvre", "D’Ozé", "à Évry – où"];
    expect(await namesRead(twice(fileOf(names)))).toEqual({ names, encoding: "utf-8-twice" });
    expect(await namesRead(twice(fileOf(names)), "utf8 twice")).toEqual({ names, encoding: "utf-8-twice" });
  });
});

it("a long run of letters is gone over once, and is no word", () => {
  const words = new Set<string>();
  const run = new Uint8Array(1024 * 1024).fill(120);
  collectWords(words, Buffer.concat([run, Buffer.from([0xe9, 32, 90, 111, 0xe9, 32])]), { start: true, end: true });
  expect([...words]).toEqual(["Zo\xe9"]);
});
