import { headerKey } from "./fields.ts";
import type { ImportKind } from "./kind.ts";

/** What a column's name says: the field, and how precisely (0 is best). */
export type KnownHeader = { field: string; rank: number };

/** How a kind's columns are told by their names. */
export type Vocabulary = {
  /** The field that a column stands for by its name; undefined where it is not known. */
  recognised: (name: string) => KnownHeader | undefined;
  /** Whether a column's name has a word in common with the names of a field: it may be the one that is looked for. */
  resembles: (name: string, field: string) => boolean;
};

const vocabularies = new WeakMap<ImportKind, Vocabulary>();

/** The vocabulary of a kind, made once. */
export function vocabularyOf(kind: ImportKind): Vocabulary {
  const made = vocabularies.get(kind) ?? vocabulary(kind);
  vocabularies.set(kind, made);
  return made;
}

// What stands around a name, as it is left by headerKey.
const question =
  /^(?:(?:(?:dans|en|a)?quel(?:le)?s?(?:est|sont)?|what(?:s|is|are)|(?:merci(?:de|d)|veuillez|please)?(?:indiqu|precis|saisiss?|entr|renseign|enter|provid)(?:er|ez|ir|e)?)(?:votre|vos|your|le|la|the|l)?|votre|vos|your)?(?<asked>.+?)(?:habitezvous|residezvous|vivezvous|obligatoire|requis|required|facultatif|optional|utc|gmt)?$/;
const place =
  /^(?:user|home|work|business|mailing|billing|other|primary|main|personal|address|adresse|domicile|travail)?(?<name>.+?)(?:travail|domicile|bureau|pro|professionnel|professionnelle|perso|personnel|personnelle|principale?|autre|portable|mobile|work|home|other|primary|main|personal|number|(?:de|du)(?:votre|la)?(?:logement|domicile|habitation|maison|projet))?$/;
const longestName = 120;

function vocabulary({ fields, aliases, words = {} }: ImportKind): Vocabulary {
  const known: ReadonlyMap<string, KnownHeader> = new Map(
    Object.entries(aliases).flatMap(([field, ranks]) =>
      ranks.flatMap((list, rank) =>
        list.split(", ").map((name): [string, KnownHeader] => [headerKey(name), { field, rank }]),
      ),
    ),
  );
  const { owners = [], vague = [], strangers = [] } = words;
  const owner = new RegExp(`^(${owners.join("|") || "(?!)"})(?=.)`);
  const common = new Set(["the", "des", "les", "date", "numero", "code", ...vague]);
  const wordsOf = (text: string) =>
    text
      .split(/[^\p{L}\p{N}]+/u)
      .map(headerKey)
      .filter((word) => word.length >= 3 && !common.has(word));
  return {
    recognised: (name) => {
      if (name.length > longestName) return undefined;
      const key = headerKey(name);
      const asked = part(key, question, "asked");
      const owned = asked.replace(owner, "");
      const found = known.get(key) ?? known.get(asked) ?? known.get(owned);
      if (found) return found;
      const bare = [asked, owned]
        .map((each) => each.replace(/\d+/g, "").replace(/value$/, ""))
        .map((each) => known.get(each) ?? known.get(part(each, place, "name")))
        .find((each) => each && fields[each.field]?.several);
      // « Région » says more than « Address 1 - Region ».
      return bare && { ...bare, rank: bare.rank + 1 };
    },
    resembles: (name, field) => {
      const own = wordsOf(name);
      if (own.some((word) => strangers.includes(word))) return false;
      return (aliases[field] ?? []).some((list) => wordsOf(list).some((word) => own.includes(word)));
    },
  };
}

function part(key: string, pattern: RegExp, group: string): string {
  return pattern.exec(key)?.groups?.[group] ?? key;
}
