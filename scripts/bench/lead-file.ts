import { createWriteStream } from "node:fs";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";

/** The columns of the file, as suppliers name them. */
export const leadColumns = [
  ...["Prénom", "Nom", "E-mail", "Téléphone", "Société", "Secteur", "Région"],
  ...["Ville", "Origine", "Canal", "Score", "Prix (€)", "Exclusif", "Commentaires"],
];

const firstNames = "Jean Marie Luc Sophie Paul Emma Hugo Chloé Louis Aïcha Noémie Étienne".split(" ");
const syllables = "ba be bi bo ca co da de di do fa fe fi ga go la le li lo ma me mi mo na ne ni no ra re".split(" ");
const sectors = ["Énergie Solaire", "isolation", "Pompe à chaleur", "Rénovation", "Assurance", "Finance"];
const regions = ["Île-de-France", "PACA", "Bretagne", "occitanie", "Corse", "Normandie"];
const cities = ["Paris", "Marseille", "Brest", "Toulouse", "Ajaccio", "Caen", "Saint-Denis"];
const channels = ["SEO", "Google Ads", "Facebook Ads", "Affiliation"];
const scores = ["12", "55", "68", "74", "91"];
const prices = ["15,00", "29,90", "35,50", "45"];
const notes = ["", "Maison de 120 m², toiture plein sud", '"Combles perdus ; 80 m²"', "À rappeler après 18 h", ""];
const linesOfPiece = 1000;

/**
 * Writes a file of leads, the same one for the same arguments: 14 columns; of a hundred rows three are invalid and five
 * repeat a person of an earlier row.
 */
export async function writeLeadFile(path: string, rows: number, seed: number): Promise<void> {
  function* pieces(): Generator<string> {
    const random = randomNumbers(seed);
    yield `${leadColumns.join(";")}\r\n`;
    for (let from = 0; from < rows; from += linesOfPiece) {
      const to = Math.min(rows, from + linesOfPiece);
      let text = "";
      for (let row = from; row < to; row += 1) text += `${cellsOf(row, seed, random).join(";")}\r\n`;
      yield text;
    }
  }
  await pipeline(Readable.from(pieces()), createWriteStream(path));
}

function cellsOf(row: number, seed: number, random: () => number): string[] {
  const pick = (values: readonly string[]) => values[Math.floor(random() * values.length)] as string;
  const place = row % 100;
  const person = place >= 95 ? row - 50 : row;
  const lastName = [1, 2, 3, 4].map(() => pick(syllables)).join("");
  return [
    pick(firstNames),
    lastName,
    place === 0 ? "pas d'adresse" : `personne.${person}@bench-${seed}.test`,
    // 7,919 has no divisor in common with 10⁸: each person has a number of his own.
    `06${String((person * 7919) % 100_000_000).padStart(8, "0")}`,
    pick(["", `Atelier ${lastName}`]),
    place === 1 ? "Voyance" : pick(sectors),
    place === 2 ? "" : pick(regions),
    pick(cities),
    "Formulaire web",
    pick(channels),
    pick(scores),
    pick(prices),
    pick(["oui", "non"]),
    pick(notes),
  ];
}

/** Numbers from 0 to 1 that look random and are the same for each seed (mulberry32). */
function randomNumbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
