import { ImportRefusal } from "./refusal.ts";

// What people take for lists and cannot be read here, told by its content, and what they can do.

/** The refusal of a file of another format. */
export function unsupported(message: string): ImportRefusal {
  return new ImportRefusal("unsupported_format", message);
}

const inSpreadsheet = "ouvrez-le dans un tableur et enregistrez-le en .xlsx ou en « CSV UTF-8 ».";
const byCopy = "copiez sa liste dans un tableur et enregistrez-la en .xlsx.";
const askAnew = "demandez la liste en .xlsx ou en CSV.";
const word = `Ce fichier est un document Word : ${byCopy}`;
const numbers = "Ce fichier est un classeur Numbers : « Fichier > Exporter vers » en fait un .xlsx ou un CSV.";
const slides = `Ce fichier est une présentation : ${byCopy}`;
const message = "Ce fichier est un message : enregistrez la liste qui y est jointe, et envoyez-la.";

/** By how the file begins. */
const starts: readonly [RegExp, string][] = [
  [/^%PDF/, `Ce fichier est un PDF : ${askAnew}`],
  [
    /^(\x89PNG|\xff\xd8\xff|GIF8|BM.{4}\0|II\*\0|MM\0\*|RIFF.{4}WEBP|.{4}ftyp(hei|mif|avi)|\s*<svg\b)/s,
    `Ce fichier est une image : ${askAnew}`,
  ],
  [
    /^(Rar!|7z\xbc\xaf|BZh|\xfd7zXZ|\x28\xb5\x2f\xfd)/,
    "Cette archive n'est ni un .zip ni un .gz : envoyez le fichier qu'elle contient.",
  ],
  [/^\s*\{\\rtf/, `Ce fichier est un document RTF : ${byCopy}`],
  // A list whose first column is called ID begins in nearly the same way.
  [/^ID;P[A-Z][^\n]*\n(P;PGeneral|(.*?\n)?[BC];[XY]\d)/s, `Ce fichier est au format SYLK (.slk) : ${inSpreadsheet}`],
  [/^TABLE\s+0,1\s+"/, `Ce fichier est au format DIF : ${inSpreadsheet}`],
  [
    /^BEGIN:VCARD/i,
    "Ce fichier est une carte de visite (.vcf) : importez-la dans un carnet d'adresses, et exportez celui-ci en CSV.",
  ],
  [/^BEGIN:VCALENDAR/i, `Ce fichier est un agenda : ${askAnew}`],
  [
    /^((Return-Path|Received|Delivered-To|Message-ID|DKIM-Signature|MIME-Version|X-[\w-]+): |From: [^\n]*\n(Subject|To|Date|Content-[\w-]+|MIME-Version): )/i,
    message,
  ],
  [/^\s*[[{]\s*(\{\s*)?"[^"\n]*"\s*:/, `Ce fichier est du JSON : ${askAnew}`],
  [/^(SQLite format 3|.{4}Standard (Jet|ACE) DB)/s, `Ce fichier est une base de données : exportez sa liste en CSV.`],
];

/** Refuses a file by its first bytes, one letter a byte; also as `text`, in which no encoding shows. */
export function refuseOther(start: string, text: string): void {
  const other = starts.find(([pattern]) => pattern.test(start) || pattern.test(text));
  if (other) throw unsupported(other[1]);
}

/** By a stream of a file of Office's old kind. */
const streams: readonly [string, string][] = [
  ["WordDocument", word],
  ["PowerPoint Document", slides],
  ["__properties_version1.0", message],
  [
    "EncryptedPackage",
    "Ce classeur est protégé par un mot de passe : enregistrez-le sans mot de passe, et recommencez.",
  ],
];

/** By a part of a zip. */
const parts: readonly [RegExp, string][] = [
  [/^xl\/workbook\.bin$/, "Ce classeur est au format .xlsb : enregistrez-le en .xlsx ou en « CSV UTF-8 »."],
  [/^word\/document\.xml$/, word],
  [/^ppt\/presentation\.xml$/, slides],
  [/^index\/(document\.iwa|calculationengine.*\.iwa)$|^index\.(numbers|apxl)$|^index\.zip$/, numbers],
];

/** The refusal of a file of Office's old kind by its streams; undefined where they tell nothing. */
export function otherByStreams(names: readonly string[]): ImportRefusal | undefined {
  const other = streams.find(([name]) => names.includes(name));
  return other && unsupported(other[1]);
}

/** Refuses a zip by the names of its parts, in lower case. */
export function refuseOtherParts(names: Iterable<string>): void {
  for (const name of names) {
    const other = parts.find(([pattern]) => pattern.test(name));
    if (other) throw unsupported(other[1]);
  }
}
