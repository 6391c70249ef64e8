import { describe, expect, it } from "vitest";
import { ImportRefusal, type RefusalCode } from "../../functions/_shared/import/refusal.ts";
import { rejectFile } from "../../functions/_shared/import/rejects.ts";
import { streamOf } from "../../functions/_shared/stream.ts";
import type { LeadField as ImportField } from "../../functions/leads/imports/lead-fields.ts";
import { bytesOf, mapOf, openFile, readAll, stagedRows } from "./reading.ts";

const nothing = mapOf({});
const open = (text: string | Uint8Array[], asked = nothing, saved = nothing) => readAll(text, { asked, saved });
const staged = (text: string | Uint8Array[], asked = nothing, saved = nothing) => stagedRows(text, { asked, saved });

const head = "nom,email,secteur,région";

describe("columns", () => {
  it.each<[ImportField, string[]]>([
    ["firstName", ["Prénom", "PRENOM", "first name", "First_Name", "firstName"]],
    ["company", ["Société", "societe", "Entreprise", "Raison sociale", "Company"]],
    ["phone", ["Téléphone", "Tel.", "N° de téléphone", "Portable", "Mobile", "phone number"]],
    ["city", ["Ville", "Commune", "city"]],
    ["source", ["Source", "Origine"]],
    ["channel", ["Canal", "channel"]],
    ["score", ["Score", "Lead score"]],
    ["price", ["Prix", "Prix (€)", "price"]],
    ["isExclusive", ["Exclusif", "isExclusive", "is_exclusive"]],
    ["notes", ["Notes", "Commentaires", "Remarque"]],
  ])("%s is known as %j", async (field, names) => {
    for (const name of names) {
      const { plan } = await open(`${head},${name}\nMartin,a@b.fr,PV,PACA,x\n`);
      expect(plan.columns.get(field), name).toEqual([4]);
    }
  });

  it.each([
    ["lastName", "Nom de famille,E-mail,Secteur,Région"],
    ["email", "Nom,Courriel,Activité,Région"],
    ["email", "last name,mail,sector,region"],
  ])("required ones are known by several names (%s)", async (_field, header) => {
    const { plan } = await open(`${header}\nMartin,a@b.fr,PV,PACA\n`);
    expect([...plan.columns.keys()].sort()).toEqual(["email", "lastName", "region", "sector"]);
  });

  it("of no meaning are named and left out", async () => {
    const { plan } = await open(`${head},Réf.\nMartin,a@b.fr,PV,PACA,1\n`);
    expect(plan.ignored).toEqual(["Réf."]);
  });

  it("of one field: the first that is filled counts; blanks and dashes fill nothing", async () => {
    const rows = await staged(`${head},mail\nA,a@b.fr,PV,PACA,a2@b.fr\nB,,PV,PACA,b2@b.fr\nC, - ,PV,PACA,c2@b.fr\n`);
    expect(rows.map(({ email }) => email)).toEqual(["a@b.fr", "b2@b.fr", "c2@b.fr"]);
  });

  it("is a list also where its first column is called ID, as files of other formats begin", async () => {
    const { rows } = await readAll("ID;PRENOM;NOM;EMAIL;SECTEUR;REGION\nC;A;B;a@b.fr;PV;PACA\nP;A;B;a@b.fr;PV;PACA\n");
    expect(rows).toHaveLength(2);
  });

  it("of telephones are one list, of which the first two numbers count", async () => {
    const rows = await staged(`${head},mobile,fixe,tél\nA,a@b.fr,PV,PACA,06,01,02\nB,b@b.fr,PV,PACA,,,02\n`);
    expect(rows.map(({ phone, phone2 }) => [phone, phone2])).toEqual([
      ["06", "01"],
      ["02", undefined],
    ]);
  });

  it("of three telephones, two of them the same, are two numbers", async () => {
    const numbers = [
      ["06 39 98 01 12", "+33639980112", "02 99 00 11 22"],
      ["06 39 98 01 12", "", "06.39.98.01.12"],
      ["06 39 98 01 12", "02 99 00 11 22", "0033639980112"],
      ["0639980112", "+41 63 998 01 12", "x"],
    ];
    const rows = await staged(
      `${head},mobile,fixe,tél\n${numbers.map((three) => `A,a@b.fr,PV,PACA,${three.join(",")}\n`).join("")}`,
    );
    expect(rows.map(({ phone, phone2 }) => [phone, phone2])).toEqual([
      ["06 39 98 01 12", "02 99 00 11 22"],
      ["06 39 98 01 12", undefined],
      ["06 39 98 01 12", "02 99 00 11 22"],
      ["0639980112", "+41 63 998 01 12"],
    ]);
  });

  it("are mapped by this run before the supplier's names, and by these before the known ones", async () => {
    const text = "client,nom,email,secteur,région\nA,B,a@b.fr,PV,PACA\n";
    const name = async (asked = nothing, saved = nothing) => (await staged(text, asked, saved))[0]?.last_name;
    expect(await name()).toBe("B");
    expect(await name(nothing, mapOf({ Client: "lastName", Nom: "firstName" }))).toBe("A");
    expect(await name(mapOf({ CLIENT: "lastName" }))).toBe("A");
    expect(await name(mapOf({ nom: "lastName" }), mapOf({ Client: "lastName" }))).toBe("B");
  });

  const proof = "Version consentement,URL du consentement,IP,Consentement le,Destinataires";

  it("of a proof of consent are known, and staged", async () => {
    const [row] = await staged(
      `${head},${proof}\nMartin,a@b.fr,PV,PACA,2026-01,https://e.test,203.0.113.7,10/02/2026,Roy SARL\n`,
    );
    expect(row).toMatchObject({
      ...{ consent_text_version: "2026-01", consent_url: "https://e.test", consent_ip: "203.0.113.7" },
      ...{ consent_at: "10/02/2026", consent_recipients: "Roy SARL" },
    });
  });

  it("of half a proof of consent are left out, and refused if they are asked for", async () => {
    const text = `${head},IP,Consentement le\nMartin,a@b.fr,PV,PACA,203.0.113.7,10/02/2026\n`;
    const { plan } = await open(text);
    expect(plan.ignored).toEqual(["IP", "Consentement le"]);
    expect([...plan.columns.keys()].sort()).toEqual(["email", "lastName", "region", "sector"]);
    await expect(open(text, mapOf({ IP: "consentIp" }))).rejects.toThrow(
      /^La preuve de consentement est incomplète, il manque : version du texte de consentement \(consentTextVersion\), /,
    );
  });

  it("that are required and missing: what was found, and how to map it", async () => {
    await expect(open("Nom du client;Courriel;Secteur\nA;a@b.fr;PV\n")).rejects.toThrow(
      'Il manque : nom (lastName), région (region). Colonnes trouvées : Nom du client, Courriel, Secteur. Indiquez la colonne qui convient, par exemple --map "Nom du client=lastName".',
    );
    await expect(open("nom,secteur,région\nA,PV,PACA\n")).rejects.toThrow(
      "Il manque : e-mail ou téléphone (email, phone).",
    );
  });

  it("that are mapped but not there are said", async () => {
    await expect(open(`${head}\nA,a@b.fr,PV,PACA\n`, mapOf({ Client: "lastName" }))).rejects.toThrow(
      "pas de colonne « client »",
    );
  });
});

describe("the form of the file", () => {
  const row = { line: 2, last_name: "Élise; B", email: "a@b.fr", sector: "PV", region: "PACA" };

  it.each([
    ["commas", `${head}\n"Élise; B",a@b.fr,PV,PACA\n`],
    ["semicolons", `nom;email;secteur;région\n"Élise; B";a@b.fr;PV;PACA\n`],
    ["tabs", `nom\temail\tsecteur\trégion\nÉlise; B\ta@b.fr\tPV\tPACA\n`],
    ["a mark before UTF-8", `\ufeffnom;email;secteur;région\n"Élise; B";a@b.fr;PV;PACA\n`],
    ["Windows' line ends", `${head}\r\n"Élise; B",a@b.fr,PV,PACA\r\n`],
    ["old Macintosh's line ends", `${head}\r"Élise; B",a@b.fr,PV,PACA\r`],
    ["no line end at the end", `${head}\n"Élise; B",a@b.fr,PV,PACA`],
    [
      "more commas than semicolons inside quotes",
      `nom;email;secteur;région;"a,b,c,d,e,f,g"\n"Élise; B";a@b.fr;PV;PACA;\n`,
    ],
  ])("%s", async (_what, text) => {
    expect(await staged(text)).toEqual([row]);
  });

  it("is read alike however it is cut into pieces", async () => {
    const bytes = bytesOf(`\ufeff${head}\r\n"Élise; B",a@b.fr,PV,PACA\r\n`);
    for (let at = 1; at < bytes.length; at += 1) {
      expect(await staged([bytes.slice(0, at), bytes.slice(at)]), `cut at ${at}`).toEqual([row]);
    }
  });

  it("lines are those of an editor, over empty lines and line breaks in quotes", async () => {
    const rows = await staged(
      `${head},notes\n\nA,a@b.fr,PV,PACA,"un\ndeux"\n,,,,\n\nB,b@b.fr,PV,PACA,12" x\r\nC,c@b.fr,PV,PACA,"un\r\ndeux"\nD,d@b.fr,PV,PACA,\n`,
    );
    expect(rows.map(({ line, last_name }) => [line, last_name])).toEqual([
      [3, "A"],
      [7, "B"],
      [8, "C"],
      [10, "D"],
    ]);
    expect(rows[0]?.notes).toBe("un\ndeux");
  });

  it("a backslash and a tab in a value survive COPY", async () => {
    expect((await staged(`${head}\n"a\\b\tc",a@b.fr,PV,PACA\n`))[0]?.last_name).toBe("a\\b\tc");
  });

  it("a row with too many cells is marked, one with empty ones or too few is not", async () => {
    const rows = await staged(`${head}\nA,a@b.fr,PV,PACA,oups\nB,b@b.fr,PV,PACA,,\nC,c@b.fr,PV\n`);
    expect(rows.map(({ defect }) => defect)).toEqual(["too_many_cells", undefined, undefined]);
  });

  it("the apostrophe before a formula is not part of the value", async () => {
    expect(
      (await staged(`${head},tel\n'=A,a@b.fr,PV,PACA,'+33 6\n'Ndiaye,b@b.fr,PV,PACA,\n`)).map((r) => [
        r.last_name,
        r.phone,
      ]),
    ).toEqual([
      ["=A", "+33 6"],
      ["'Ndiaye", undefined],
    ]);
  });

  it.each<[string, Uint8Array[] | string, RefusalCode, string]>([
    [
      "a letter that is cut off at the end",
      [bytesOf(`${head}\nÉlise,a@b.fr,PV,PACA\n`), new Uint8Array([0xc3])],
      "unreadable_text",
      "ne sont pas du UTF-8",
    ],
    ["nothing", "", "empty_file", "Ce fichier est vide."],
    ["only a header", `${head}\n\n`, "no_rows", "pas de ligne après l'en-tête"],
    [
      "a quote that is never closed",
      `${head}\nA,a@b.fr,PV,PACA\n"B,b@b.fr\nx\n`,
      "unclosed_quote",
      "Un guillemet ouvert n'est jamais refermé (ligne 3)",
    ],
    ["a header in which a quote is never closed", `"${head}\nA,a@b.fr,PV,PACA\n`, "unclosed_quote", "(ligne 1)"],
    ["a first line without end", "x".repeat(70_000), "line_too_long", "La première ligne ne finit pas"],
  ])("is refused: %s", async (_what, text, code, message) => {
    const refusal = (await open(text).catch((error: unknown) => error)) as ImportRefusal;
    expect(refusal).toBeInstanceOf(ImportRefusal);
    expect(refusal.code).toBe(code);
    expect(refusal.message).toContain(message);
  });
});

describe("the file of refused rows", () => {
  async function refused(text: string, rejects: Record<number, string>) {
    const file = await openFile([bytesOf(text)], { asked: nothing, saved: nothing });
    async function* reasons() {
      for (const [line, reason] of Object.entries(rejects)) yield { line: Number(line), reason };
    }
    let written = "";
    for await (const piece of rejectFile(file, reasons())) written += piece;
    return written;
  }
  const text =
    'Réf;nom;email;secteur;région;tel\n=1+1;A;a;PV;PACA;+33 6\n2;B;b@b.fr;PV;PACA;\n3;"C ""c"";";c;PV;PACA;-1;@x\n';

  it("has the columns as they were, the line and the reason before them, and no formula", async () => {
    expect(await refused(text, { 2: "Mauvais.", 4: "Pire ; bien pire." })).toBe(
      "\ufeffligne;motif;Réf;nom;email;secteur;région;tel\r\n" +
        "2;Mauvais.;'=1+1;A;a;PV;PACA;'+33 6\r\n" +
        `4;"Pire ; bien pire.";3;"C ""c"";";c;PV;PACA;'-1;'@x\r\n`,
    );
  });

  it("can be imported again: its two columns mean nothing, its values are those of the file", async () => {
    const again = await refused(text, { 2: "Mauvais." });
    expect((await open(again)).plan.ignored).toEqual(["Réf"]);
    expect(await staged(again)).toEqual([
      { line: 2, last_name: "A", email: "a", sector: "PV", region: "PACA", phone: "+33 6" },
    ]);
    expect(await refused(again, { 2: "Encore." })).toBe(again.replace("Mauvais.", "Encore."));
  });

  it.each([0, 1, 2])("ends the reading and the query when nobody reads on after %i pieces", async (pieces) => {
    const lines = text.split(/(?<=\n)/);
    const file = await openFile(lines.map(bytesOf), { asked: nothing, saved: nothing });
    let left = 0;
    async function* reasons() {
      left += 1;
      try {
        for (const line of [2, 3, 4]) yield { line, reason: "Mauvais." };
      } finally {
        left -= 1;
      }
    }
    const reader = streamOf(rejectFile(file, reasons()), file.rows).getReader();
    for (let piece = 0; piece < pieces; piece += 1) expect((await reader.read()).done).toBe(false);
    await reader.cancel();
    expect(left).toBe(0);
    expect(await file.rows.next()).toEqual({ done: true, value: undefined });
  });
});
